/** The templates of emails and pages in a folder: what can be told to be wrong without an email or a visit. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import * as nunjucks from 'nunjucks';
import type { TextShape } from './catalog';
import type { Finding } from './folder-file';

/** What nunjucks parses a template to. Its types leave this out. */
interface SyntaxNode {
  readonly lineno: number;
  readonly value?: unknown;
  readonly name?: SyntaxNode;
  readonly args?: { readonly children: readonly SyntaxNode[] };
  findAll(type: unknown): readonly SyntaxNode[];
}
const { parser, nodes } = nunjucks as unknown as {
  readonly parser: { parse(source: string): SyntaxNode };
  readonly nodes: Readonly<Record<'FunCall' | 'Filter' | 'Literal', new () => SyntaxNode>>;
};

/** Sources of what is compiled, which a folder may have beside it. */
const SOURCES = ['layout.mjml'];

/** Of emails and of pages. */
export const TEMPLATE_FOLDERS = ['email', 'views'] as const;

/** Findings about `folder`/`name`: files that take no file's place, syntax, unknown texts, and values that are not escaped. */
export function checkTemplates(
  name: (typeof TEMPLATE_FOLDERS)[number],
  folder: string,
  ours: string,
  shapes: ReadonlyMap<string, TextShape>,
): readonly Finding[] {
  const known = filesIn(join(ours, name));
  return filesIn(join(folder, name)).flatMap((each): readonly Finding[] => {
    const file = join(folder, name, each);
    if (!known.includes(each))
      return [{ file, line: 1, message: 'there is no template of this name to take the place of' }];
    return SOURCES.includes(each) ? [] : checkTemplate(file, readFileSync(file, 'utf8'), shapes);
  });
}

/** Their paths in the folder; none if there is no such folder. */
function filesIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function checkTemplate(
  file: string,
  source: string,
  shapes: ReadonlyMap<string, TextShape>,
): readonly Finding[] {
  let root: SyntaxNode;
  try {
    root = parser.parse(source);
  } catch (error) {
    const { message, lineno } = error as { readonly message: string; readonly lineno?: number };
    return [{ file, line: (lineno ?? 0) + 1, message }];
  }
  const found = ({ lineno }: SyntaxNode, message: string): Finding => ({ file, line: lineno + 1, message });
  const texts = root
    .findAll(nodes.FunCall)
    .filter(({ name }) => name?.value === 't')
    .flatMap((call) => {
      const [key] = call.args?.children ?? [];
      if (!(key instanceof nodes.Literal))
        return [found(call, 't(...): the name of a text must be written out')];
      return shapes.has(String(key.value))
        ? []
        : [found(call, `t('${String(key.value)}'): there is no such text`)];
    });
  const unescaped = root
    .findAll(nodes.Filter)
    .filter(({ name }) => name?.value === 'safe')
    .map((filter) => found(filter, '"safe": a value could bring HTML of its own; remove it'));
  return [...texts, ...unescaped];
}
