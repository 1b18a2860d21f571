/** Creates Express handlers from the table of routes. */
import type { Express, Request, RequestHandler } from 'express';
import { languageOf, sendAnswer, type Answer } from './answer';
import type { ApiDeps } from '../deps';
import { fieldErrors, jsonPointer } from './field-errors';
import { credentialOf } from './middleware/credential';
import { jsonBody, readBody } from './middleware/json-body';
import type { Idempotency } from './middleware/idempotency';
import { takeLimits } from './middleware/rate-limits';
import { operationOf, type Operation } from '../../ports/operation';
import { AppError } from './problems';
import { noBody } from './fields';
import {
  isApiPath,
  takesBody,
  type AnyCredential,
  type CsvReply,
  type Method,
  type Reply,
  type RequestParts,
  type Responses,
  type Route,
} from './route';

type ParsedRequest = Omit<RequestParts<unknown, unknown, unknown>, 'operation'> & AnyCredential;

/** Mounts every route, and 405 with `Allow` for the other methods of its path. */
export function mountRoutes(
  app: Express,
  routes: readonly Route[],
  deps: ApiDeps,
  idempotency: Idempotency,
): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const atPath = routes.filter((route) => route.path === path);
    const mounted = app.route(path.replaceAll(/\{(\w+)\}/g, ':$1'));
    for (const route of atPath) {
      const readers = takesBody(route) ? [readBody] : [];
      mounted[route.method](...readers, handlerOf(route, deps, idempotency));
    }
    mounted.all(methodNotAllowed(atPath.map(({ method }) => method)));
  }
}

/** Answers 405 with the allowed methods. */
export function methodNotAllowed(methods: readonly Method[]): RequestHandler {
  const allow = methods.flatMap((method) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()]));
  return () => {
    throw new AppError('method_not_allowed', { allow });
  };
}

function handlerOf(route: Route, deps: ApiDeps, idempotency: Idempotency): RequestHandler {
  return async (req, res) => {
    // On a dual-stack socket, use the plain address of an IPv4 caller.
    const address = (req.ip ?? '').replace(/^::ffff:(?=\d+\.)/, '');
    const params = parseParams(route, req);
    const request: ParsedRequest = {
      params,
      ...(await credentialOf(deps, route.auth, req, address)),
      query: parseQuery(route, req),
      body: parseBody(route, req),
      language: languageOf(req, deps.texts),
      address,
      addressKey: deps.addressKey(address),
      networkKeys: deps.networkKeys(address),
    };

    const run = async (operation: Operation): Promise<Answer> => {
      await takeLimits(deps.limiter, route.limits ?? [], request.addressKey);
      return toAnswer(route, await route.handle({ ...request, operation } as never));
    };

    const caller = { name: callerOf(deps, request), body: request.body };
    const answer = await (route.method === 'post'
      ? idempotency(req, caller, run)
      : run(operationOf(deps.newId())));
    await sendAnswer(res, answer);
  };
}

/** The owner of the `Idempotency-Key`: the credential's holder, at any address; without a credential, the address. */
function callerOf({ digests }: ApiDeps, { key, session, token, addressKey }: ParsedRequest): string {
  if (key !== undefined) return `key ${key.id}`;
  if (session !== undefined) return `token ${session.tokenDigest}`;
  return token === undefined ? `address ${addressKey}` : `token ${digests.tokenDigest(token)}`;
}

/** A path that does not match its schema is not found. */
function parseParams(route: Route, req: Request): unknown {
  const parsed = route.params?.safeParse(req.params);
  if (parsed?.success === false) throw new AppError('not_found');
  return parsed?.data;
}

function parseQuery({ query }: Route, req: Request): unknown {
  if (!query) return undefined;
  const given = new URLSearchParams(req.url.split('?')[1] ?? '');
  const twice = [...new Set(given.keys())].filter((name) => given.getAll(name).length > 1);
  const values = Object.fromEntries(given);
  const parsed = query.safeParse(values);
  const errors = [
    ...twice.map((name) => ({ pointer: jsonPointer([name]), code: 'duplicate_field' }) as const),
    ...(parsed.success ? [] : fieldErrors(parsed.error.issues, values)),
  ].map((error) => ({ ...error, pointer: `query:${error.pointer.slice(1)}` }));
  if (errors.length > 0) throw new AppError('invalid_fields', { errors });
  return parsed.data;
}

function parseBody(route: Route, req: Request): unknown {
  if (!takesBody(route)) return undefined;
  const body = jsonBody(req, { mayBeEmpty: route.body === undefined });
  const parsed = (route.body ?? noBody).safeParse(body);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_fields', { errors: fieldErrors(parsed.error.issues, body) });
}

/** The schema determines what is sent: extra fields are stripped, and a body that does not match is a bug. */
function toAnswer(route: Route, reply: Reply<Responses> | CsvReply): Answer {
  if (reply.csv !== undefined) {
    const headers = { 'content-type': 'text/csv; charset=utf-8; header=present', ...reply.headers };
    return { status: reply.status, headers, csv: reply.csv };
  }
  const schema = route.responses[reply.status];
  const noContent = { status: reply.status, headers: reply.headers ?? {} };
  if (!schema) return noContent;
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    ...(isApiPath(route.path) && { vary: 'Accept-Language' }),
    ...reply.headers,
  };
  return { ...noContent, headers, body: schema.parse(reply.body) };
}
