/**
 * A catalog of texts: `locales/<language>.json` of a folder, as i18next reads it (JSON v4). A key ends with a plural form where the
 * text depends on `count`: `left_one`, `left_other`, and `left_zero` for none. `{{name}}` is a placeholder.
 */
import type { Language } from '../../domain/portal';
import { isMapping, type Finding, type FolderFile } from './folder-file';

/** By key: `emails.pin.title`. A list has its lines. */
export type Catalog = ReadonlyMap<string, string | readonly string[]>;

/** What every translation of a text has in common. */
export interface TextShape {
  readonly isList: boolean;
  /** Whether it depends on `count`. */
  readonly isPlural: boolean;
  readonly placeholders: ReadonlySet<string>;
}

const NO_SHAPE: TextShape = { isList: false, isPlural: false, placeholders: new Set() };

/** Areas whose keys are ids of portal.yaml: an insurer may have others. That each of those has its text is checked there. */
const HAS_IDS = /^(hours|questions)\.[^.]+$/;

const FORM = /_(zero|one|two|few|many|other)$/;
const PLACEHOLDER = /\{\{-?\s*([^},\s]+)/g;

/** The texts of a catalog's file; what is no text is left out. */
export const catalogOf = (value: unknown): Catalog =>
  new Map(leaves(value).flatMap(([key, text]) => (isText(text) ? [[key, text]] : [])));

/** What the texts of `reference` are like, by key without plural forms. */
export function shapesOf(reference: Catalog): ReadonlyMap<string, TextShape> {
  const shapes = new Map<string, TextShape>();
  for (const [key, text] of reference) {
    const plain = key.replace(FORM, '');
    const isPlural = reference.has(`${plain}_other`);
    const name = isPlural ? plain : key;
    shapes.set(name, {
      isList: typeof text !== 'string',
      isPlural,
      placeholders: new Set([
        ...(shapes.get(name)?.placeholders ?? []),
        ...(isPlural ? ['count'] : []),
        ...placeholdersIn(text),
      ]),
    });
  }
  return shapes;
}

/** `base` with the texts of `over`. A list, or a text with its plural forms, is replaced as a whole. */
export function layCatalogOver(
  base: Catalog,
  over: Catalog,
  shapes: ReadonlyMap<string, TextShape>,
): Catalog {
  const replaced = new Set([...over.keys()].map((key) => nameOf(key, shapes)));
  return new Map([...[...base].filter(([key]) => !replaced.has(nameOf(key, shapes))), ...over]);
}

/** What is wrong with a catalog of `language`, compared with the texts there are. `isComplete`: none of them may be missing. */
export function checkCatalog(
  file: FolderFile,
  language: Language,
  shapes: ReadonlyMap<string, TextShape>,
  isComplete: boolean,
): readonly Finding[] {
  const lineOf = (key: string): number => {
    const path = key.split('.');
    const line = path.map((_, index) => file.lineOf(path.slice(0, path.length - index)));
    return line.find((each) => each !== undefined) ?? 1;
  };
  const found = (key: string, message: string): Finding => ({ file: file.file, line: lineOf(key), message });

  const findings: Finding[] = [];
  const given = new Map<string, Map<string, string | readonly string[]>>();
  for (const [key, text] of leaves(file.value)) {
    const name = nameOf(key, shapes);
    const shape = HAS_IDS.test(name) ? NO_SHAPE : shapes.get(name);
    if (shape === undefined) findings.push(found(key, `${key}: there is no such text; remove it`));
    else if (!isText(text) || (typeof text !== 'string') !== shape.isList)
      findings.push(found(key, `${key}: must be a ${shape.isList ? 'list of texts' : 'text'}`));
    else given.set(name, (given.get(name) ?? new Map<string, string | readonly string[]>()).set(key, text));
  }

  const forms = pluralForms(language);
  const possible = ['zero', ...new Intl.PluralRules(language).resolvedOptions().pluralCategories];
  for (const [name, texts] of given) {
    const { isPlural, placeholders } = shapes.get(name) ?? NO_SHAPE;
    const known = [...placeholders].map(braced).join(', ') || 'none';
    for (const [key, text] of texts) {
      const own = new Set(placeholdersIn(text));
      const form = key === name ? undefined : key.slice(name.length + 1);
      for (const each of own)
        if (!placeholders.has(each))
          findings.push(found(key, `${key}: unknown placeholder ${braced(each)}; known: ${known}`));
      for (const each of placeholders)
        // "1 minute" and "tomorrow" say their number in words.
        if (!own.has(each) && each !== 'count')
          findings.push(found(key, `${key}: the placeholder ${braced(each)} is missing`));
      if (form !== undefined && !possible.includes(form))
        findings.push(
          found(key, `${key}: "${language}" has no such plural form; it has ${[...forms].join(', ')}`),
        );
    }
    // A text without a form takes the place of all forms where a language needs none.
    const missing =
      isPlural && !texts.has(name) ? [...forms].filter((form) => !texts.has(`${name}_${form}`)) : [];
    findings.push(
      ...missing.map((form) =>
        found([...texts.keys()][0] ?? name, `${name}: the plural form ${name}_${form} is missing`),
      ),
    );
  }
  if (isComplete)
    for (const name of shapes.keys())
      if (!given.has(name) && !HAS_IDS.test(name)) findings.push(found(name, `${name}: the text is missing`));
  return findings;
}

/** The plural forms that numbers need: `one` and `other` in English. Those of fractions and millions are left out. */
export function pluralForms(language: Language): ReadonlySet<string> {
  const rules = new Intl.PluralRules(language);
  return new Set(Array.from({ length: 1001 }, (_, count) => rules.select(count)));
}

/** The key of a text without its plural form, if it has several. */
function nameOf(key: string, shapes: ReadonlyMap<string, TextShape>): string {
  const plain = key.replace(FORM, '');
  return shapes.get(plain)?.isPlural ? plain : key;
}

const braced = (name: string): string => `{{${name}}}`;

const placeholdersIn = (text: string | readonly string[]): string[] =>
  [text].flat().flatMap((line) => [...line.matchAll(PLACEHOLDER)].map(([, name = '']) => name));

type Leaf = readonly [key: string, value: unknown];

function leaves(value: unknown, key = '', found: Leaf[] = []): readonly Leaf[] {
  if (!isMapping(value)) found.push([key, value]);
  else
    for (const [name, inner] of Object.entries(value))
      leaves(inner, key === '' ? name : `${key}.${name}`, found);
  return found;
}

const isText = (value: unknown): value is string | readonly string[] =>
  typeof value === 'string' || (Array.isArray(value) && value.every((line) => typeof line === 'string'));
