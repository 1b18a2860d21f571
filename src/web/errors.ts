/** Pages for what is not there, not allowed, or does not work. */
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import { ApiProblem, type Problem } from './api-client';
import type { WebDeps } from './deps';
import { portalOf, type ErrorStatus } from './page';
import { visitorOf } from './visitor';

const OF_REQUESTS: readonly ErrorStatus[] = [413];
const OF_THE_API: readonly ErrorStatus[] = [404, 429, 503];

/** Of a page that is shown again: 429 and 5xx as they are; whatever else is wrong with what was sent, 422. */
export const answerStatus = ({ status }: Problem): number => (status === 429 || status >= 500 ? status : 422);

/** Says what happened, without details, and how to go on. */
export function renderError(
  deps: WebDeps,
  req: Request,
  res: Response,
  status: ErrorStatus,
  text: `${ErrorStatus}` | 'maintenance' = `${status}`,
): void {
  const visitor = visitorOf(req, res, deps);
  const portal = portalOf(req.path);
  const facts = portal && deps.facts.known(portal, visitor.language);
  if (status === 503) res.set('Retry-After', '5');
  res.status(status).type('html').send(deps.views.error({ visitor, portal, facts, text }));
}

/** Where people begin who know only the address: both portals. */
export function renderStart(deps: WebDeps, req: Request, res: Response): void {
  res.type('html').send(deps.views.start(visitorOf(req, res, deps)));
}

export const unknownPage =
  (deps: WebDeps): RequestHandler =>
  (req, res) =>
    renderError(deps, req, res, 404);

export function answerErrors(deps: WebDeps): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const status = statusOf(error);
    // Never the message: it may contain what a person typed.
    if (status === 500) {
      const { name = typeof error, stack = '' } = error as Partial<Error>;
      const frames = stack.split('\n').filter((line) => /^\s+at \S+/.test(line));
      deps.logger.error({ requestId: res.get('x-request-id'), error: name, frames }, 'a page failed');
    }
    if (res.headersSent) next(error);
    else renderError(deps, req, res, status);
  };
}

function statusOf(error: unknown): ErrorStatus {
  const known = (status: number, among: readonly ErrorStatus[], otherwise: ErrorStatus = 500) =>
    among.find((each) => each === status) ?? otherwise;
  if (error instanceof ApiProblem) return known(error.problem.status, OF_THE_API);
  // A path with invalid percent-encoding matches nothing.
  if (error instanceof URIError) return 404;
  const { status } = (error ?? {}) as { readonly status?: unknown };
  // Whatever else Express refuses in a body, its character set or compression, is no form of ours.
  return typeof status === 'number' && status >= 400 && status < 500 ? known(status, OF_REQUESTS, 400) : 500;
}
