/** Requests generated from the operations of the OpenAPI document: valid ones, and ones with all kinds of errors. */
import fc from 'fast-check';
import type { Document, Operation } from '../../api/document';
import {
  CONTENT_TYPES,
  HOSTILE_PATHS,
  HOSTILE_QUERIES,
  IDEMPOTENCY_KEYS,
  LANGUAGES,
  MARKER,
  METHODS,
  OTHER_HEADERS,
  STRAY_PATHS,
} from './fuzz-hostile';
import { Fields, Known, mutated, Raw, toJson, valueOf, type Resolve, type Tree } from './fuzz-values';

/** Part of a request's text; known values are looked up when it is sent. */
type Part = string | Known | readonly Part[];

export interface FuzzBody {
  readonly json: Tree;
  /** The change to the bytes of the JSON text. */
  readonly spoil?: { readonly how: keyof typeof spoiling; readonly at: number };
}

export interface FuzzRequest {
  readonly method: string;
  /** Which of the known values: ids and tokens with the same number belong together. */
  readonly pick: number;
  readonly target: Part;
  readonly headers: readonly (readonly [string, Part])[];
  readonly body?: FuzzBody | undefined;
  /** Sent again after its answer. */
  readonly twice: boolean;
}

/** A request as it is sent. */
export interface Outgoing {
  readonly method: string;
  readonly target: string;
  /** Names and values alternate, as in Node's format. */
  readonly headers: readonly string[];
  readonly body?: Buffer | undefined;
}

const spoiling = {
  truncated: (text: string, at: number) => Buffer.from(text.slice(0, at % Math.max(1, text.length))),
  'followed by more': (text: string) => Buffer.from(`${text}{}`),
  'after a byte order mark': (text: string) => Buffer.from(`\ufeff${text}`),
  'with a wrong byte': (text: string, at: number) => {
    const bytes = Buffer.from(text);
    const place = at % Math.max(1, bytes.length);
    return Buffer.concat([bytes.subarray(0, place), Buffer.from([0xc3, 0x28]), bytes.subarray(place)]);
  },
  'in UTF-16': (text: string) => Buffer.from(text, 'utf16le'),
  'in single quotes': (text: string) => Buffer.from(text.replaceAll('"', "'")),
  'with a comment': (text: string) => Buffer.from(`/* ${MARKER} */ ${text}`),
  'with a comma too many': (text: string) => Buffer.from(text.replace(/\}$/, ',}')),
  'with much space': (text: string, at: number) => Buffer.from(text + ' '.repeat((at % 8) * 10_000)),
  'as a form': () => Buffer.from(`email=${MARKER}%40example.com&password=${MARKER}`),
  empty: () => Buffer.alloc(0),
} satisfies Record<string, (text: string, at: number) => Buffer>;

export function toOutgoing(request: FuzzRequest, resolve: Resolve): Outgoing {
  const { method, target, headers, body } = request;
  const text = body && toJson(body.json, resolve);
  const spoil = body?.spoil;
  const bytes =
    text === undefined ? undefined : spoil ? spoiling[spoil.how](text, spoil.at) : Buffer.from(text);
  const sent = headers.flatMap(([name, value]) => [name, written(value, resolve)]);
  return {
    method,
    target: written(target, (known) => encodeURIComponent(resolve(known))),
    headers: [...sent, ...(bytes === undefined ? [] : ['Content-Length', String(bytes.length)])],
    body: bytes,
  };
}

function written(part: Part, resolve: Resolve): string {
  if (typeof part === 'string') return part;
  return part instanceof Known ? resolve(part) : part.map((inner) => written(inner, resolve)).join('');
}

/** Usually the first, to which failures shrink. */
const mostly = <T>(usual: fc.Arbitrary<T>, ...others: readonly fc.Arbitrary<T>[]): fc.Arbitrary<T> =>
  fc.oneof(
    { withCrossShrink: true },
    { arbitrary: usual, weight: others.length * 5 },
    ...others.map((arbitrary) => ({ arbitrary, weight: 1 })),
  );

const word = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

/** Requests to one operation. */
export function requestsOf(
  document: Document,
  method: string,
  pattern: string,
  operation: Operation,
): fc.Arbitrary<FuzzRequest> {
  const bodySchema = operation.requestBody?.content['application/json']?.schema;
  const body = bodySchema && valueOf(document, bodySchema);
  return fc.record({
    method: fc.constant(method.toUpperCase()),
    pick: fc.nat(30),
    target: fc
      .tuple(pathsOf(document, pattern, operation), queriesOf(document, operation))
      .map(([path, query]) => [path, query] as const),
    headers: headersOf(operation, { method, takesBody: method === 'post' || body !== undefined }, pattern),
    body: bodiesOf(body, method),
    twice: fc.integer({ min: 0, max: 5 }).map((side) => side === 5),
  });
}

/** The kinds of ids in each path. */
const knownIds = (pattern: string): string => {
  if (pattern.startsWith('/v1/password-resets/')) return 'resetId';
  if (pattern.startsWith('/v1/sign-ins/')) return 'signInId';
  if (pattern.startsWith('/v1/plan-changes/')) return 'planChangeId';
  if (pattern.startsWith('/v1/ops/accounts/')) return 'accountId';
  return 'customerId';
};

function pathsOf(document: Document, pattern: string, operation: Operation): fc.Arbitrary<Part> {
  const parts = pattern.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name === undefined) return fc.constant<Part>(part);
    const schema = operation.parameters!.find((parameter) => parameter.name === name)!.schema;
    const value = valueOf(document, schema, name, 'path').map((tree) =>
      tree instanceof Known ? tree : encoded(tree),
    );
    const existing = name === 'id' ? fc.constant<Part>(new Known(knownIds(pattern))) : value;
    return mostly<Part>(existing, value, word(...HOSTILE_PATHS));
  });
  return fc.tuple(...parts);
}

/** Encoded as by a browser. Half a surrogate pair cannot be encoded; Node refuses a head of more than 16 KiB. */
const encoded = (value: unknown): string =>
  encodeURIComponent(String(value).replaceAll(/\p{Cs}/gu, '\ufffd')).slice(0, 6000);

function queriesOf(document: Document, { parameters = [] }: Operation): fc.Arbitrary<Part> {
  const taken = parameters.filter((parameter) => parameter.in === 'query');
  const given = taken.map(({ name, schema }) =>
    mostly<readonly Part[]>(
      fc.constant([]),
      valueOf(document, schema, name).map((tree) => [
        name,
        '=',
        tree instanceof Known ? tree : encoded(tree),
        '&',
      ]),
    ),
  );
  const asked = fc
    .tuple(...given)
    .map((parts) => (parts.every((part) => part.length === 0) ? '' : ['?', parts]));
  return mostly<Part>(asked, asked, word(...HOSTILE_QUERIES));
}

const bearer = (kind: string): Part => ['Bearer ', new Known(kind)];

const WRONG_AUTHORIZATIONS: readonly Part[] = [
  bearer('unknownToken'),
  bearer('revokedKey'),
  bearer('sessionToken'),
  bearer('resetToken'),
  ...['', 'Bearer', 'Bearer ', `Bearer ${MARKER} ${MARKER}`, `Basic ${MARKER}`, `bearer\t${MARKER}`, MARKER],
  ...[
    `Bearer ${MARKER}\u00ff`,
    `Bearer ${'a'.repeat(4096)}`,
    `Bearer ${'a'.repeat(4097)}`,
    'Bearer =',
    'Bearer é',
  ],
];

type Header = readonly [string, Part];

function headersOf(
  { security }: Operation,
  { method, takesBody }: { readonly method: string; readonly takesBody: boolean },
  pattern = '',
): fc.Arbitrary<readonly Header[]> {
  const none = fc.constant<readonly Header[]>([]);
  const some = (name: string, values: fc.Arbitrary<Part>): fc.Arbitrary<readonly Header[]> =>
    values.map((value) => [[name, value]]);
  const wrong = some('Authorization', fc.constantFrom(...WRONG_AUTHORIZATIONS));
  const others = some('Authorization', fc.constant(bearer('otherKey')));
  const right = credentialsOf(security).map((kind) =>
    kind === 'resetToken' && pattern.startsWith('/v1/sign-ins/') ? 'signInToken' : kind,
  );
  const authorization =
    right.length === 0
      ? mostly(none, wrong)
      : mostly(some('Authorization', fc.constantFrom(...right.map(bearer))), wrong, others, none);
  const key = mostly<Part>(
    fc.uuid(),
    word(...IDEMPOTENCY_KEYS),
    fc.string({ minLength: 1, maxLength: 20 }).map(headerText),
  );
  const groups = [
    authorization,
    takesBody
      ? mostly(
          some('Content-Type', word('application/json')),
          some('Content-Type', word(...CONTENT_TYPES)),
          none,
        )
      : none,
    method === 'post' ? fc.oneof(none, some('Idempotency-Key', key)) : none,
    fc.oneof(none, some('Accept-Language', word(...LANGUAGES))),
    fc.oneof(
      { arbitrary: none, weight: 3 },
      {
        arbitrary: fc.array(fc.constantFrom<Header>(...OTHER_HEADERS), { minLength: 1, maxLength: 3 }),
        weight: 1,
      },
    ),
  ];
  return fc
    .tuple(fc.tuple(...groups), fc.integer({ min: 0, max: 12 }))
    .map(([given, repeated]) => [...given.flat(), ...(given[repeated - 8] ?? [])]);
}

/** A header may contain Latin-1 without control characters. */
const headerText = (text: string): string => text.replaceAll(/[^\x20-\x7e\xa0-\xff]/g, '?');

/** The kinds of known credentials that this operation accepts. */
const credentialsOf = (security: Operation['security']): string[] =>
  security.flatMap((requirement) =>
    Object.entries(requirement).flatMap(([scheme, scopes]) =>
      scheme === 'apiKey' ? (scopes as string[]).map((scope) => `key:${scope}`) : [scheme],
    ),
  );

function bodiesOf(value: fc.Arbitrary<Tree> | undefined, method: string): fc.Arbitrary<FuzzBody | undefined> {
  const none = fc.constant<FuzzBody | undefined>(undefined);
  const asked: fc.Arbitrary<Tree> = value ?? fc.constant(new Fields([]));
  const whole = asked.map((json): FuzzBody => ({ json }));
  const wrong = mutated(asked).map((json): FuzzBody => ({ json }));
  const spoilt = fc
    .tuple(asked, word(...Object.keys(spoiling)), fc.nat(300))
    .map(([json, how, at]): FuzzBody => ({ json, spoil: { how: how as keyof typeof spoiling, at } }));
  if (value === undefined && method !== 'post') return mostly(none, whole);
  return value === undefined
    ? mostly(none, whole, wrong, spoilt)
    : fc.oneof(
        { withCrossShrink: true },
        { arbitrary: whole, weight: 8 },
        { arbitrary: wrong, weight: 8 },
        { arbitrary: spoilt, weight: 2 },
        { arbitrary: none, weight: 1 },
      );
}

const SOME_ID = '0b8a2f6e-2a54-4d2c-9d0f-6a1b7c3d5e90';

/** Any method, on existing, nearly existing and unknown paths. */
export function strayRequests(document: Document): fc.Arbitrary<FuzzRequest> {
  const paths = Object.keys(document.paths);
  const existing = fc
    .constantFrom(...paths)
    .map((pattern) => pattern.replace('{portal}', 'member').replaceAll(/\{\w+\}/g, SOME_ID));
  const nearly = fc
    .tuple(
      existing,
      fc.nat(30),
      word('/', '//', '%2f', '/.', '/..', '%00', '%ff', ';x', '.json', '#', '\\', '%'),
    )
    .map(([path, at, more]) => (at > path.length ? path + more : path.slice(0, at) + more + path.slice(at)))
    // Node refuses any other beginning.
    .map((path) => (path.startsWith('/') ? path : `/${path}`));
  const elsewhere = fc.oneof(
    word(...STRAY_PATHS),
    fc.webPath().map((path) => `/${path}`),
    fc.string({ maxLength: 20 }).map((text) => `/v1/${encoded(text)}`),
  );
  const caseless = existing.map((path) => path.toUpperCase());
  return fc.record({
    method: word(...METHODS),
    pick: fc.nat(30),
    target: fc
      .tuple(fc.oneof(existing, nearly, elsewhere, caseless), mostly(word(''), word(...HOSTILE_QUERIES)))
      .map(([path, query]): Part => [path, query]),
    headers: headersOf({ security: [{ apiKey: ['ops'] }] } as unknown as Operation, {
      method: 'post',
      takesBody: true,
    }),
    body: fc.oneof(
      fc.constant(undefined),
      fc.jsonValue().map((value) => ({ json: new Raw(JSON.stringify(value)) })),
    ),
    twice: fc.constant(false),
  });
}
