/** A YAML or JSON file of a brand's folder, and on which line each of its values is. */
import { readFileSync } from 'node:fs';
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';

/** What is wrong with a folder, and where. `line` is 1 for a file as a whole. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

export type Path = readonly PropertyKey[];

export interface FolderFile {
  readonly file: string;
  /** `{}` for an empty file, and for one that is no YAML. */
  readonly value: unknown;
  /** What makes it no YAML. */
  readonly findings: readonly Finding[];
  /** The line of what is at `path`, or of the list's entry that lacks it; undefined: this file says nothing of it. */
  readonly lineOf: (path: Path) => number | undefined;
}

export function readFolderFile(file: string): FolderFile {
  const text = readFileSync(file, 'utf8');
  const value = file.endsWith('.json') ? readJson(text) : undefined;
  if (value === undefined) return parseWithLines(file, text);
  let parsed: FolderFile | undefined;
  return {
    file,
    value,
    findings: [],
    lineOf: (path) => (parsed ??= parseWithLines(file, text)).lineOf(path),
  };
}

/** A hundred times as fast as with lines, which only a finding needs; undefined: not JSON, or with a key twice. */
function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text) ?? {};
    const keys = text.match(/"(?:[^"\\]|\\.)*"\s*:/g) ?? [];
    return keys.length === countKeys(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const countKeys = (value: unknown): number =>
  typeof value !== 'object' || value === null
    ? 0
    : Object.values(value).reduce<number>(
        (sum, each) => sum + countKeys(each),
        Array.isArray(value) ? 0 : Object.keys(value).length,
      );

function parseWithLines(file: string, text: string): FolderFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number): number => lines.linePos(offset).line;
  const lineOfNode = (node: unknown): number | undefined =>
    isNode(node) && node.range ? lineAt(node.range[0]) : undefined;
  const findings = [...document.errors, ...document.warnings].map(({ pos: [at], message }) => ({
    file,
    line: lineAt(at),
    message,
  }));
  return {
    file,
    value: findings.length > 0 ? {} : (document.toJS() ?? {}),
    findings,
    lineOf(path) {
      let [node, at, isListed]: [unknown, unknown, boolean] = [document.contents, document.contents, false];
      for (const step of path) {
        if (isAlias(node)) node = node.resolve(document);
        const pair = isMap(node) && node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
        const item = isSeq(node) && node.items[Number(step)];
        if (!pair && !item) return isListed ? lineOfNode(at) : undefined;
        [node, at] = pair ? [pair.value, pair.key] : [item, item];
        isListed ||= !pair;
      }
      return lineOfNode(at);
    },
  };
}

/** `base` with what `over` says: key by key, and a list as a whole. */
export function layOver(base: unknown, over: unknown): unknown {
  if (!isMapping(base) || !isMapping(over)) return over;
  const laid = Object.entries(over).map(([key, value]): [string, unknown] => [
    key,
    Object.hasOwn(base, key) ? layOver(base[key], value) : value,
  ]);
  return { ...base, ...Object.fromEntries(laid) };
}

export const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
