/** What people read is in brand/, where an insurer can change it. These rules find what is left in code. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync } from '@swc/core';
import { projectRoot } from '../../../lab/stack/project-root';

const ROOMS = [
  ...['activities', 'adapters', 'api', 'cli', 'compose', 'contracts'],
  ...['domain', 'ports', 'web', 'workflows'],
];

/** Texts for programmers and operators, by what they are an argument or a part of. They stay in English. */
const FOR_EXPERTS: Readonly<Record<string, string>> = {
  'a documented value of the API': ':description :example :csv day( typedAnswers(',
  'a part of the OpenAPI document itself': '=description =meaning',
  'what a metric means': ':help .createCounter( .createHistogram(',
  'an error for whoever operates or calls': '…Error(',
  'how a command is called': '=USAGE',
};
const EXPERT_CONTEXTS = new Set(Object.values(FOR_EXPERTS).join(' ').split(' '));

/** As above, where the text stands by itself. */
const FOR_OPERATORS: readonly string[] = [
  // Before there is a brand to tell it in, or while one is written.
  'cli/brand.ts',
  'cli/command.ts',
  'cli/running-stack.ts',
  // Parts of errors about keys.
  'adapters/postgres/key-fingerprints.ts',
  // For Temporal's own pages.
  'adapters/temporal/plan-change-runs.ts',
  // Invented, for pictures and tests.
  'adapters/mail/sample-emails.ts',
];

/** Numbers that are no rule of a portal. */
const OTHER_NUMBERS: readonly string[] = [
  // Of the schedule of the sweep, and of a date's format.
  '1 day',
  '2-digit',
  // A bound of the rules themselves.
  'expected ten days at most',
  '14 days before',
];

interface Literal {
  readonly file: string;
  readonly text: string;
  /** What it is in, from the outside in: calls `.meta(`, properties `:help`, constants `=USAGE`. */
  readonly within: readonly string[];
}

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
function at(node: unknown, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((value, key) => (isNode(value) ? value[key] : undefined), node);
  return typeof found === 'string' ? found : '';
}

function contextOf(node: Node): string[] {
  switch (node['type']) {
    case 'NewExpression':
      return [at(node, 'callee', 'value').endsWith('Error') ? '…Error(' : 'new'];
    case 'CallExpression':
      return [`.${at(node, 'callee', 'property', 'value')}(`, `${at(node, 'callee', 'value')}(`];
    case 'KeyValueProperty':
      return [`:${at(node, 'key', 'value')}`];
    case 'VariableDeclarator':
      return [`=${at(node, 'id', 'value')}`];
    default:
      return [];
  }
}

/** Without comments; `{}` for each value within a text. */
function literalsIn(file: string): Literal[] {
  const code = readFileSync(join(projectRoot, 'src', file), 'utf8');
  const found: Literal[] = [];
  const visit = (value: unknown, within: readonly string[]): void => {
    if (Array.isArray(value)) for (const each of value) visit(each, within);
    if (!isNode(value) || Array.isArray(value)) return;
    if (value['type'] === 'StringLiteral') found.push({ file, text: at(value, 'value'), within });
    if (value['type'] === 'TemplateLiteral') {
      const parts = value['quasis'] as readonly Node[];
      found.push({ file, text: parts.map((part) => at(part, 'cooked')).join('{}'), within });
    }
    for (const inner of Object.values(value)) visit(inner, [...within, ...contextOf(value)]);
  };
  visit(parseSync(code, { syntax: 'typescript', target: 'es2022' }).body, []);
  return found;
}

const literals = ROOMS.flatMap((room) =>
  readdirSync(join(projectRoot, 'src', room), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('generated'))
    .flatMap((name) => literalsIn(join(room, name))),
);

const isForExperts = (within: readonly string[]): boolean => within.some((each) => EXPERT_CONTEXTS.has(each));

const listed = (found: readonly Literal[]): string[] =>
  found.map(({ file, text, within }) => `${file}: ${JSON.stringify(text)} in ${within.slice(-2).join(' ')}`);

/** Two words, the first with a capital letter, the last with a full stop. */
const isSentence = (text: string): boolean => /^\P{L}*\p{Lu}.*\p{L}{2}.*\s.*[.?!]\s*$/su.test(text);

it('No sentence for people is in code', () => {
  const sentences = literals.filter(({ text }) => isSentence(text));

  expect(
    listed(sentences.filter(({ file, within }) => !FOR_OPERATORS.includes(file) && !isForExperts(within))),
  ).toEqual([]);
  // An exception that nothing needs any more is taken out.
  const needed = (is: (literal: Literal) => boolean): boolean => sentences.some(is);
  expect(FOR_OPERATORS.filter((name) => !needed(({ file }) => file === name))).toEqual([]);
  expect([...EXPERT_CONTEXTS].filter((name) => !needed(({ within }) => within.includes(name)))).toEqual([]);
});

it('No phone number and no name of a portal is in code', () => {
  const found = literals.filter(({ text }) =>
    /\d{3}-\d{3}-\d{4}|\b(?:Member|Broker|Agent) Portal\b|\bPortal de\b/i.test(text),
  );

  expect(listed(found)).toEqual([]);
});

it('No number of days, digits or tries is in code', () => {
  const number =
    /\b(?:\d+|two|three|four|five|six|eight|ten)[ -](?:day|digit|character|tr(?:y|ie)|attempt)s?\b/i;
  const found = literals.filter(({ text }) => number.test(text));

  expect(
    listed(found.filter(({ text, within }) => !OTHER_NUMBERS.includes(text) && !isForExperts(within))),
  ).toEqual([]);
  expect(OTHER_NUMBERS.filter((other) => found.every(({ text }) => text !== other))).toEqual([]);
});
