import type { RequestHandler } from 'express';
import { problemOf } from '../answer';
import type { ApiDeps } from '../../deps';
import type { EndedRequest, RequestObserver } from '../../../ports/request';

const QUIET = new Set(['/healthz', '/readyz']);

/** Answers `X-Request-Id`: the caller's if it is short and harmless, otherwise a new one. */
export function requestId(newId: () => string): RequestHandler {
  return (req, res, next) => {
    const given = req.get('x-request-id');
    res.set('X-Request-Id', given !== undefined && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : newId());
    next();
  };
}

/**
 * One line per request: the route's pattern, never the URL, no body, no token, no address; with the ids of the runs that it
 * started or drove. Observers get the same data.
 */
export function requestLog({
  logger,
  observers = [],
  drivenRuns,
}: Pick<ApiDeps, 'logger' | 'observers' | 'drivenRuns'>): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    const id = res.get('x-request-id') ?? '';
    let workflowIds: ReadonlySet<string> = new Set();

    const ends = observed(observers, id, () => {
      if (drivenRuns === undefined) next();
      else workflowIds = drivenRuns.follow(next);
    });

    res.once('close', () => {
      const ended: EndedRequest = {
        method: req.method,
        route: (req.route as { readonly path: string } | undefined)?.path ?? 'unknown',
        // Closed before it was answered: the caller disconnected.
        status: res.writableFinished ? res.statusCode : 499,
        ms: Math.round((performance.now() - startedAt) * 10) / 10,
        problem: problemOf(res),
      };
      for (const end of ends) end(ended);
      const { problem: _problem, ...facts } = ended;
      const line = {
        requestId: id,
        ...facts,
        ...(workflowIds.size > 0 && { workflowIds: [...workflowIds] }),
      };
      if (QUIET.has(ended.route)) logger.debug(line, 'request');
      else logger.info(line, 'request');
    });
  };
}

/** Nests the observers, with `handle` innermost. */
function observed(
  observers: readonly RequestObserver[],
  id: string,
  handle: () => void,
): ((ended: EndedRequest) => void)[] {
  const [observer, ...inner] = observers;
  if (observer === undefined) {
    handle();
    return [];
  }
  let ends: ((ended: EndedRequest) => void)[] = [];
  const end = observer.observe(id, () => {
    ends = observed(inner, id, handle);
  });
  return [end, ...ends];
}
