import type { RequestHandler } from 'express';
import type { WebDeps } from './deps';
import { renderError } from './errors';

/**
 * Forms are taken from these pages alone: `Sec-Fetch-Site` says so, or in older browsers `Origin`. No page of another site can set
 * either of them.
 */
export const sameOrigin =
  (deps: WebDeps): RequestHandler =>
  (req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    const site = req.get('sec-fetch-site');
    const ours =
      site === undefined
        ? req.get('origin') === `${req.protocol}://${req.get('host')}`
        : site === 'same-origin';
    if (ours) next();
    else renderError(deps, req, res, 403);
  };
