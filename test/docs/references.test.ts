/** References in documents, comments and tests resolve: links, sections of the spec, decisions, files and run details. */
import { existsSync, readdirSync } from 'node:fs';
import { join, posix } from 'node:path';
import { projectRoot } from '../../lab/stack/project-root';
import { readProjectFile as read } from '../ops/image';
import { anchorsOf, headingsOf } from './headings';

function filesUnder(folder: string, endings: readonly string[]): string[] {
  return readdirSync(join(projectRoot, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name))
    .filter((name) => endings.some((ending) => name.endsWith(ending)) && !name.includes('/generated/'));
}

const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'],
  ...filesUnder('docs', ['.md']),
];
const sources = ['src', 'test', 'prisma', 'lab', 'scripts', 'ops'].flatMap((folder) =>
  filesUnder(folder, ['.ts', '.mjs', '.sql', '.prisma', '.yml']),
);
const everything = [...documents, ...sources].filter((path) => path !== 'test/docs/references.test.ts');

/** `file: match` of each place in `paths` that matches and does not hold. */
function misses(
  paths: readonly string[],
  pattern: RegExp,
  holds: (path: string, ...groups: string[]) => boolean,
): string[] {
  const found = paths.flatMap((path) =>
    [...read(path).matchAll(pattern)].map(([match, ...groups]) => ({ path, match, groups })),
  );
  expect(found.length).toBeGreaterThan(0);
  return found
    .filter(({ path, groups }) => !holds(path, ...groups))
    .map(({ path, match }) => `${path}: ${match}`);
}

it('Links in documents lead to an existing file and heading', () => {
  const leads = (from: string, link: string): boolean => {
    const [file = '', anchor] = link.split('#');
    const path = file === '' ? from : posix.join(posix.dirname(from), file);
    if (!existsSync(join(projectRoot, path))) return false;
    return anchor === undefined || !path.endsWith('.md') || anchorsOf(path).includes(anchor);
  };

  expect(misses(documents, /\]\((?!https?:|mailto:)([^)\s]+)\)/g, leads)).toEqual([]);
});

it('References to sections and rules of spec.md exist', () => {
  const sections = headingsOf('docs/spec.md').map((heading) => /^(\w+)\./.exec(heading)?.[1]);
  const rules = read('docs/spec.md').split(/^## /m);
  const isThere = (_path: string, section: string, rule?: string): boolean => {
    if (!sections.includes(section)) return false;
    const text = rules.find((one) => one.startsWith(`${section}.`)) ?? '';
    return rule === undefined || new RegExp(`^${rule}\\. `, 'm').test(text);
  };

  expect(misses(everything, /spec\.md (\d+b?)(?:\.(\d+))?/g, isThere)).toEqual([]);
});

it('Headings that comments refer to exist', () => {
  const isThere = (_path: string, document: string, heading: string): boolean =>
    headingsOf(document.startsWith('docs/') ? document : `docs/${document}`).includes(heading);

  expect(misses(sources, /\b((?:docs\/)?[a-z-]+\.md),? "([^"]+)"/g, isThere)).toEqual([]);
  expect(everything.filter((path) => /architecture\.md, decision/.test(read(path)))).toEqual([]);
});

it('Decision records that are referred to exist', () => {
  const numbers = readdirSync(join(projectRoot, 'docs/adr')).map((name) => Number(name.slice(0, 4)));

  expect(misses(everything, /ADR (\d+)/g, (_path, number) => numbers.includes(Number(number)))).toEqual([]);
});

it('Files named in documents exist', () => {
  const isThere = (_path: string, file: string): boolean => existsSync(join(projectRoot, file));

  expect(misses(documents, /`((?:src|test|prisma|lab|scripts|ops|tools|docs)\/[\w./-]+)`/g, isThere)).toEqual(
    [],
  );
});

it('Run details quoted in documents are written by a workflow', () => {
  const workflows = filesUnder('src/workflows', ['.ts']).map(read).join('\n');
  const isWritten = (_path: string, label: string, value: string): boolean =>
    workflows.includes(`'${label}'`) && workflows.includes(`'${value}'`);

  expect(misses(documents, /details say `([^`:]+): ([^`]+)`/g, isWritten)).toEqual([]);
});
