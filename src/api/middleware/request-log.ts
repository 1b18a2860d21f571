import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

const QUIET = new Set(['/healthz', '/readyz']);

/** Answers `X-Request-Id`: the caller's, when it is a short harmless word, else a new one. */
export function requestId(newId: () => string): RequestHandler {
  return (req, res, next) => {
    const given = req.get('x-request-id');
    res.set('X-Request-Id', given !== undefined && /^[A-Za-z0-9._-]{1,64}$/.test(given) ? given : newId());
    next();
  };
}

/** One line a request: the route's pattern, never the URL, no body, no token, no address. */
export function requestLog(logger: Logger): RequestHandler {
  return (req, res, next) => {
    const startedAt = performance.now();
    res.once('close', () => {
      const route = (req.route as { readonly path: string } | undefined)?.path ?? 'unknown';
      const line = {
        requestId: res.get('x-request-id'),
        method: req.method,
        route,
        // Closed before it was answered: the caller went away.
        status: res.writableFinished ? res.statusCode : 499,
        ms: Math.round((performance.now() - startedAt) * 10) / 10,
      };
      if (QUIET.has(route)) logger.debug(line, 'request');
      else logger.info(line, 'request');
    });
    next();
  };
}
