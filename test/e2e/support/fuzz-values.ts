/** JSON values generated from the schemas of the OpenAPI document, and their mutations. */
import fc from 'fast-check';
import type { Document, Schema } from '../../api/document';
import { HOSTILE_NAMES, HOSTILE_TEXTS, MARKER } from './fuzz-hostile';

/** A value that exists on the service under test, looked up when the request is sent. */
export class Known {
  constructor(
    readonly kind: string,
    /** The index in a list: two items name two different values. */
    readonly item = 0,
  ) {}
}

/** Inserted into the JSON text unchanged. */
export class Raw {
  constructor(readonly text: string) {}
}

/** An object whose fields may be repeated, and are in any order. */
export class Fields {
  constructor(readonly entries: readonly (readonly [string, Tree])[]) {}
}

export type Tree = Fields | Known | Raw | string | number | boolean | null | readonly Tree[];
export type Resolve = (known: Known) => string;

const isList = (tree: Tree): tree is readonly Tree[] => Array.isArray(tree);

export function toJson(tree: Tree, resolve: Resolve): string {
  if (tree instanceof Known) return JSON.stringify(resolve(tree));
  if (tree instanceof Raw) return tree.text;
  if (isList(tree)) return `[${tree.map((item) => toJson(item, resolve)).join(',')}]`;
  if (tree instanceof Fields) {
    return `{${tree.entries.map(([name, value]) => `${JSON.stringify(name)}:${toJson(value, resolve)}`).join(',')}}`;
  }
  return JSON.stringify(tree);
}

/** The kind of known value for a field: by its schema and name, otherwise by its name alone. */
const KNOWN_FIELDS: Readonly<Record<string, string>> = {
  email: 'email',
  username: 'username',
  password: 'password',
  currentPassword: 'password',
  'ChangePassword.password': 'newPassword',
  'ChoosePassword.password': 'newPassword',
  'RegisterBroker.password': 'newPassword',
  confirmation: 'newPassword',
  'OpenBrokerReset.username': 'brokerUsername',
  'RegisterBroker.username': 'newUsername',
  'RegisterBroker.email': 'newEmail',
  'InviteToRegister.email': 'newEmail',
  'VerifyRegistration.lastName': 'newcomerLastName',
  accessCode: 'accessCode',
  firstName: 'brokerFirstName',
  lastName: 'brokerLastName',
  agentNumber: 'agentNumber',
  'path.agentNumber': 'servingAgentNumber',
  token: 'registrationToken',
  phone: 'phone',
  termsVersion: 'termsVersion',
  questionId: 'questionId',
  answer: 'answer',
  pin: 'pin',
  code: 'code',
  customerId: 'customerId',
  'NewPlanChange.customerId': 'freeCustomerId',
  'Facilitator.number': 'facilitatorNumber',
  planId: 'planId',
  effectiveDate: 'effectiveDate',
  workflowId: 'workflowId',
  messageId: 'messageId',
  cursor: 'cursor',
  portal: 'portal',
  account: 'accountId',
  customer: 'customerId',
};

/** Values that nobody types: these do not get the marker. */
const NOT_TYPED = new Set(['customerId', 'customer', 'cursor', 'termsVersion', 'questionId', 'id']);

/** Keywords that the generator implements, and those that do not restrict values. */
const OBEYED = new Set([
  ...['$ref', 'oneOf', 'type', 'enum', 'properties', 'required', 'additionalProperties'],
  ...['prefixItems', 'minItems', 'maxItems', 'minLength', 'maxLength', 'pattern', 'format'],
]);
const SAYS_NOTHING = new Set(['description', 'example', 'default']);

/** Values that conform to `schema`. Throws for an unknown keyword, so that none is silently ignored. */
export function valueOf(document: Document, schema: Schema, name = '', scope = ''): fc.Arbitrary<Tree> {
  const unknown = Object.keys(schema).filter((keyword) => !OBEYED.has(keyword) && !SAYS_NOTHING.has(keyword));
  if (unknown.length > 0)
    throw new Error(`the fuzzer cannot make values of a schema with ${unknown.join(', ')}`);
  const { $ref, oneOf, example } = schema as { $ref?: string; oneOf?: Schema[]; example?: unknown };
  const enumerated = schema['enum'] as (string | boolean)[] | undefined;
  if ($ref !== undefined) {
    const id = $ref.replace('#/components/schemas/', '');
    return valueOf(document, document.components.schemas[id]!, name, id);
  }
  if (oneOf) return fc.oneof(...oneOf.map((form) => valueOf(document, form, name, scope)));
  if (schema['type'] === 'object') return objectOf(document, schema, scope);
  if (schema['type'] === 'array') return listOf(document, schema);
  const known = KNOWN_FIELDS[`${scope}.${name}`] ?? KNOWN_FIELDS[name];
  return fc.oneof(
    { withCrossShrink: true },
    ...(typeof example === 'string' ? [{ arbitrary: fc.constant(example), weight: 1 }] : []),
    { arbitrary: enumerated ? fc.constantFrom(...enumerated) : textOf(schema, name), weight: 2 },
    ...(known === undefined ? [] : [{ arbitrary: fc.constant(new Known(known)), weight: 9 }]),
  );
}

function objectOf(document: Document, schema: Schema, scope: string): fc.Arbitrary<Fields> {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, Schema>);
  const required = new Set((schema['required'] ?? []) as string[]);
  return fc
    .tuple(
      ...properties.map(([name, of]) => {
        const entry = valueOf(document, of, name, scope).map((value) => [[name, value] as const]);
        return required.has(name) ? entry : fc.oneof(fc.constant([]), entry);
      }),
    )
    .map((entries) => new Fields(entries.flat()));
}

function listOf(document: Document, schema: Schema): fc.Arbitrary<readonly Tree[]> {
  const prefixItems = schema['prefixItems'] as Schema[];
  return fc.tuple(...prefixItems.map((item, at) => valueOf(document, item).map((tree) => asItem(tree, at))));
}

function asItem(tree: Tree, item: number): Tree {
  if (tree instanceof Known) return new Known(tree.kind, item);
  if (!(tree instanceof Fields)) return tree;
  return new Fields(tree.entries.map(([name, value]) => [name, asItem(value, item)] as const));
}

function textOf(schema: Schema, name: string): fc.Arbitrary<string> {
  const { type, format, pattern } = schema as { type: string; format?: string; pattern?: string };
  const { minLength = 0, maxLength = 5000 } = schema as { minLength?: number; maxLength?: number };
  if (type !== 'string') throw new Error(`the fuzzer cannot make values of type ${type}`);
  if (format === 'uuid') return fc.uuid();
  if (format === 'date') return isoDate;
  if (format === 'date-time') return isoTime;
  if (format !== undefined) throw new Error(`the fuzzer cannot make values of format ${format}`);
  const fits = (text: string): boolean => text.length >= minLength && text.length <= maxLength;
  if (pattern !== undefined) {
    const matching = fc.stringMatching(new RegExp(pattern)).filter(fits);
    return name === 'email'
      ? fc.oneof(
          fc.constantFrom('', '+tag', '.ü').map((part) => `${MARKER}${part}@example.com`),
          matching,
        )
      : matching;
  }
  const marked = (text: string): string =>
    (NOT_TYPED.has(name) ? text : MARKER + text).slice(0, maxLength).padEnd(minLength, 'x');
  return fc
    .oneof(
      fc.string({ maxLength: 30 }),
      fc.string({ unit: 'grapheme', maxLength: 30 }),
      fc.string({ unit: 'binary', maxLength: 10 }),
      fc.constantFrom('a'.repeat(maxLength), 'ß'.repeat(maxLength), ' ', "'; --"),
    )
    .map(marked);
}

const dates = fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });
const isoDate = dates.map((date) => date.toISOString().slice(0, 10));
const isoTime = fc
  .tuple(dates, fc.constantFrom('Z', '-05:00', '+23:59'))
  .map(([date, zone]) => date.toISOString().replace('Z', zone));

const nested = (depth: number): Raw => new Raw('['.repeat(depth) + ']'.repeat(depth));
const nestedObjects = (depth: number): Raw => new Raw('{"a":'.repeat(depth) + '1' + '}'.repeat(depth));

/** Values that are valid nowhere. */
const hostile: fc.Arbitrary<Tree> = fc.oneof(
  { arbitrary: fc.constantFrom(...HOSTILE_TEXTS), weight: 6 },
  { arbitrary: fc.constantFrom<Tree>(null, true, false, 0, -1, 1.5, [], new Fields([])), weight: 4 },
  {
    arbitrary: fc.constantFrom<Tree>(
      ...['1e400', '-1e400', '-0', '9007199254740993', '1E-400', `1${'0'.repeat(400)}`].map(
        (text) => new Raw(text),
      ),
      ...['NaN', 'Infinity', 'undefined', '0x10', '01', "'x'", '"\t"', '"\\x41"', '"\\ud800"', '"\\u00"'].map(
        (text) => new Raw(text),
      ),
      ...[nested(100), nested(10_000), nestedObjects(100), nestedObjects(5000)],
      new Raw(`[${'0,'.repeat(10_000)}0]`),
    ),
    weight: 3,
  },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 20 }), weight: 2 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => new Raw(JSON.stringify(value))), weight: 1 },
);

type Change = (tree: Tree) => readonly Tree[];
/** A change of an object's fields; other values stay unchanged. */
type FieldsChange = (fields: Fields, index: number) => Fields;

const changes: fc.Arbitrary<{ readonly value?: Change; readonly fields?: FieldsChange }> = fc.oneof(
  { arbitrary: hostile.map((value) => ({ value: () => [value] })), weight: 6 },
  { arbitrary: fc.constant({ value: () => [] }), weight: 3 },
  { arbitrary: fc.constant({ value: (tree: Tree) => [[tree]] }), weight: 2 },
  { arbitrary: fc.constant({ value: (tree: Tree) => [tree, tree] }), weight: 1 },
  {
    arbitrary: fc.tuple(fc.constantFrom(...HOSTILE_NAMES), hostile).map((entry) => ({
      fields: ({ entries }: Fields) => new Fields([...entries, entry]),
    })),
    weight: 3,
  },
  {
    arbitrary: hostile.map((value) => ({
      fields: ({ entries }: Fields, index: number) => {
        const twice = entries[index % entries.length];
        return new Fields(twice === undefined ? entries : [[twice[0], value], ...entries, twice]);
      },
    })),
    weight: 2,
  },
  {
    arbitrary: fc.constantFrom(...HOSTILE_NAMES).map((name) => ({
      fields: ({ entries }: Fields, index: number) =>
        new Fields(entries.map((entry, at) => (at === index % entries.length ? [name, entry[1]] : entry))),
    })),
    weight: 1,
  },
);

/** `tree` with one to three errors. */
export const mutated = (tree: fc.Arbitrary<Tree>): fc.Arbitrary<Tree> =>
  fc
    .tuple(tree, fc.array(fc.tuple(fc.nat(40), changes), { minLength: 1, maxLength: 3 }))
    .map(([start, steps]) =>
      steps.reduce<Tree>((at, [place, { value, fields }]) => {
        const left = { places: place % Math.max(1, count(at)) };
        return changeAt(at, left, (found) => {
          if (value) return value(found);
          return found instanceof Fields && fields ? [fields(found, place)] : [found];
        })[0]!;
      }, start),
    );

const childrenOf = (tree: Tree): readonly Tree[] => {
  if (tree instanceof Fields) return tree.entries.map(([, value]) => value);
  return isList(tree) ? tree : [];
};

const count = (tree: Tree): number => childrenOf(tree).reduce<number>((sum, child) => sum + count(child), 1);

/** Changes value number `left.places` from here on, in reading order; the root may change, but not be removed. */
function changeAt(tree: Tree, left: { places: number }, change: Change, isRoot = true): readonly Tree[] {
  if (left.places === 0) {
    left.places = -1;
    const changed = change(tree);
    return isRoot && changed.length !== 1 ? [null] : changed;
  }
  left.places -= 1;
  const into = (child: Tree): readonly Tree[] =>
    left.places < 0 ? [child] : changeAt(child, left, change, false);
  if (tree instanceof Fields) {
    return [
      new Fields(
        tree.entries.flatMap(([name, value]) => into(value).map((changed) => [name, changed] as const)),
      ),
    ];
  }
  return isList(tree) ? [tree.flatMap(into)] : [tree];
}
