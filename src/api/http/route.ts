/**
 * A route as a declaration: method, path, schemas, answers, problems, and one call. `mount.ts` turns it into Express handlers and
 * `openapi.ts` into the document, from the same zod schemas.
 */
import type { z } from 'zod';
import type { Language } from '../../domain/portal';
import type { Operation } from '../../ports/operation';
import type { Scope } from '../../contracts/scopes';
import type { ApiKeyHolder } from '../../ports/api-key';
import type { LimitName } from '../../ports/request';
import type { CurrentSession } from './middleware/session';
import type { ProblemCode } from './problems';

/** The bearer token of a call: its reset's, a session's, or an API key with any one of these scopes. */
export type Auth = 'flow-token' | 'session' | ApiKeyAuth;
export interface ApiKeyAuth {
  readonly apiKey: readonly Scope[];
}
export type Method = 'get' | 'post' | 'delete';

/** One format, or several that a field distinguishes. */
export type BodySchema = z.ZodObject | z.ZodDiscriminatedUnion;

/** Schemas of the bodies a route answers with, by status; null: no body. */
export type Responses = Readonly<Record<number, z.ZodType | null>>;

interface RouteFacts {
  readonly method: Method;
  /** OpenAPI style: `/v1/portals/{portal}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Budgets of the caller's address; each call takes one point from each. */
  readonly limits?: readonly LimitName[];
  /** What the lines of a CSV are, if 200 may also be one (`CsvReply`). */
  readonly csv?: string;
  /** Problems in addition to those of every route of its kind (`commonProblems`). */
  readonly problems: readonly ProblemCode[];
}

/**
 * What a call's bearer token represents. A flow token is passed on unchecked: the proof that comes with it is counted and audited
 * before the token is checked.
 */
export interface Credentials {
  readonly 'flow-token': { readonly token: string };
  readonly session: { readonly session: CurrentSession };
  readonly 'api-key': { readonly key: ApiKeyHolder };
}
type CredentialOf<A extends Auth | undefined> = A extends ApiKeyAuth
  ? Credentials['api-key']
  : A extends keyof Credentials
    ? Credentials[A]
    : unknown;
export type AnyCredential = Partial<
  Credentials['flow-token'] & Credentials['session'] & Credentials['api-key']
>;

export interface RequestParts<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly language: Language;
  /** The caller's address, and its rate-limit key. */
  readonly address: string;
  readonly addressKey: string;
  /** That key, then those of the surrounding networks, narrowest first. */
  readonly networkKeys: readonly string[];
  /** The source of the ids of everything the request creates, so that it can be repeated safely. */
  readonly operation: Operation;
}

export type Reply<R extends Responses> = {
  [S in keyof R & number]: {
    readonly status: S;
    readonly headers?: Readonly<Record<string, string>>;
    readonly csv?: undefined;
  } & (R[S] extends z.ZodType ? { readonly body: z.input<R[S]> } : { readonly body?: undefined });
}[keyof R & number];

/** What a caller asked for as a CSV. Its first lines are made before the status is sent, so that what fails until then is a problem. */
export interface CsvReply {
  readonly status: 200;
  readonly headers?: Readonly<Record<string, string>>;
  readonly csv: AsyncIterable<string>;
}

export interface Route extends RouteFacts {
  readonly auth?: Auth;
  readonly params?: z.ZodObject;
  /** Each parameter at most once. Others are refused if there is a schema, and ignored otherwise. */
  readonly query?: z.ZodObject;
  readonly body?: BodySchema;
  readonly responses: Responses;
  handle(request: never): Promise<Reply<Responses> | CsvReply>;
}

interface TypedRoute<
  P extends z.ZodObject | undefined,
  Q extends z.ZodObject | undefined,
  B extends BodySchema | undefined,
  R extends Responses,
  A extends Auth | undefined,
> extends RouteFacts {
  readonly auth?: A;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly responses: R;
  handle(
    request: RequestParts<z.output<NonNullable<P>>, z.output<NonNullable<Q>>, z.output<NonNullable<B>>> &
      CredentialOf<A>,
  ): Promise<Reply<NoInfer<R>> | CsvReply>;
}

/** Type-checks a declaration: the request against its schemas, the reply against `responses`. */
export function defineRoute<
  R extends Responses,
  P extends z.ZodObject | undefined = undefined,
  Q extends z.ZodObject | undefined = undefined,
  B extends BodySchema | undefined = undefined,
  A extends Auth | undefined = undefined,
>(route: TypedRoute<P, Q, B, R, A>): Route {
  return route as unknown as Route;
}

const EVERYWHERE: readonly ProblemCode[] = ['too_many_requests', 'internal', 'unavailable'];
const WITH_BODY: readonly ProblemCode[] = [
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
  'invalid_fields',
];
const WITH_KEY: readonly ProblemCode[] = ['idempotency_key_reused', 'request_in_progress'];

export const isApiKeyAuth = (auth: Auth | undefined): auth is ApiKeyAuth => typeof auth === 'object';

/** Whether limits, tokens and idempotency apply: to everything except the service's own pages. */
export const isApiPath = (path: string): boolean => path.startsWith('/v1/');

/** Every POST, if only an empty one, and a DELETE that has a schema for it. */
export const takesBody = ({ method, body }: Pick<Route, 'method' | 'body'>): boolean =>
  method === 'post' || body !== undefined;

/** Every problem that a route can return. */
export function problemsOf(route: Route): ProblemCode[] {
  if (!isApiPath(route.path)) return [...route.problems];
  return [
    ...new Set<ProblemCode>([
      ...(route.auth ? (['unauthorized'] as const) : []),
      ...(isApiKeyAuth(route.auth) ? (['scope_missing'] as const) : []),
      ...(route.params ? (['not_found'] as const) : []),
      ...(route.query ? (['invalid_fields'] as const) : []),
      ...route.problems,
      ...(takesBody(route) ? WITH_BODY : []),
      ...(route.method === 'post' ? WITH_KEY : []),
      ...EVERYWHERE,
    ]),
  ];
}
