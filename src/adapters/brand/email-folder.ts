/** The templates of emails in a folder: what can be told to be wrong without an email. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

/** Findings about `folder`/email: files that take no file's place, syntax, unknown texts, and values that are not escaped. */
export function checkEmailFolder(
  folder: string,
  ours: string,
  shapes: ReadonlyMap<string, TextShape>,
): readonly Finding[] {
  const path = join(folder, 'email');
  if (!existsSync(path)) return [];
  const known = readdirSync(join(ours, 'email'));
  return readdirSync(path).flatMap((name): readonly Finding[] => {
    const file = join(path, name);
    if (!known.includes(name))
      return [{ file, line: 1, message: 'there is no template of this name to take the place of' }];
    return SOURCES.includes(name) ? [] : checkTemplate(file, readFileSync(file, 'utf8'), shapes);
  });
}

export function checkTemplate(
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
    .map((filter) => found(filter, '"safe": a value could bring HTML of its own into the email; remove it'));
  return [...texts, ...unescaped];
}
