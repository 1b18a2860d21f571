/**
 * A route as a declaration: method, path, schemas, answers, problems, and one call.
 * `mount.ts` makes Express handlers of it and `openapi.ts` the document, from the same zod schemas.
 */
import type { z } from 'zod';
import type { Language } from '../domain/portal';
import type { LimitName } from './ports';
import type { ProblemCode } from './problems';

/** Which bearer token a call carries: the one of its reset, or the one of a session. */
export type Auth = 'flow-token' | 'session';
export type Method = 'get' | 'post' | 'delete';

/** Schemas of the bodies a route answers with, by status; null: no body. */
export type Responses = Readonly<Record<number, z.ZodType | null>>;

interface RouteFacts {
  readonly method: Method;
  /** OpenAPI style: `/v1/portals/{portal}`. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  /** Budgets of the caller's address that one point is taken from. */
  readonly limits?: readonly LimitName[];
  /** What can go wrong beside what every route of its kind may answer (`commonProblems`). */
  readonly problems: readonly ProblemCode[];
}

export interface RouteRequest<Params, Body, Token> {
  readonly params: Params;
  readonly body: Body;
  readonly token: Token;
  readonly language: Language;
  /** The caller's address, and what it is counted under. */
  readonly address: string;
  readonly addressKey: string;
}

export type Reply<R extends Responses> = {
  [S in keyof R & number]: {
    readonly status: S;
    readonly headers?: Readonly<Record<string, string>>;
  } & (R[S] extends z.ZodType ? { readonly body: z.input<R[S]> } : { readonly body?: undefined });
}[keyof R & number];

export interface Route extends RouteFacts {
  readonly auth?: Auth;
  readonly params?: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly responses: Responses;
  handle(request: RouteRequest<never, never, never>): Promise<Reply<Responses>>;
}

interface TypedRoute<
  P extends z.ZodObject | undefined,
  B extends z.ZodObject | undefined,
  R extends Responses,
  A extends Auth | undefined,
> extends RouteFacts {
  readonly auth?: A;
  readonly params?: P;
  readonly body?: B;
  readonly responses: R;
  handle(
    request: RouteRequest<
      z.output<NonNullable<P>>,
      z.output<NonNullable<B>>,
      A extends Auth ? string : undefined
    >,
  ): Promise<Reply<NoInfer<R>>>;
}

/** Checks a declaration: the request as its schemas give it, the reply as `responses` have it. */
export function defineRoute<
  R extends Responses,
  P extends z.ZodObject | undefined = undefined,
  B extends z.ZodObject | undefined = undefined,
  A extends Auth | undefined = undefined,
>(route: TypedRoute<P, B, R, A>): Route {
  return route as unknown as Route;
}

const EVERYWHERE: readonly ProblemCode[] = ['too_many_requests', 'internal', 'unavailable'];
const WITH_BODY: readonly ProblemCode[] = [
  'malformed_json',
  'payload_too_large',
  'unsupported_media_type',
  'invalid_fields',
  'idempotency_key_reused',
  'request_in_progress',
];

/** Whether limits, tokens and idempotency apply: everything but the service's own pages. */
export const isApiPath = (path: string): boolean => path.startsWith('/v1/');

/** Every problem that a route can answer. */
export function problemsOf(route: Route): ProblemCode[] {
  if (!isApiPath(route.path)) return [...route.problems];
  return [
    ...new Set<ProblemCode>([
      ...(route.auth ? (['unauthorized'] as const) : []),
      ...(route.params ? (['not_found'] as const) : []),
      ...route.problems,
      ...(route.method === 'post' ? WITH_BODY : []),
      ...EVERYWHERE,
    ]),
  ];
}
