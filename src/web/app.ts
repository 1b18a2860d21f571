/** The Express application of the pages, in the order in which a request meets it. */
import express, { type Express } from 'express';
import helmet from 'helmet';
import type { WebDeps } from './deps';
import { answerErrors, renderError, renderStart, unknownPage } from './errors';
import { mountPages, mountSession } from './mount';
import type { Page } from './page';
import { brokerPages } from './pages/broker';
import { memberPages } from './pages/member';
import { sameOrigin } from './same-origin';

export const pages: readonly Page[] = [...memberPages, ...brokerPages];

/** Ready to listen. Has no state of its own: start as many as are needed. */
export function createWebApp(deps: WebDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', deps.trustProxy);
  app.set('query parser', false);
  app.enable('case sensitive routing');
  app.enable('strict routing');

  app.use(...deps.requestLog);
  app.use(securityHeaders);
  app.get('/healthz', (_req, res) => void res.json({ status: 'ok' }));
  app.use('/assets', deps.assets.router);
  app.use((_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  if (deps.maintenance) app.use((req, res) => renderError(deps, req, res, 503, 'maintenance'));
  app.use(sameOrigin(deps));
  app.use(express.urlencoded({ extended: false, limit: '32kb', parameterLimit: 50 }));
  app.get('/', (req, res) => renderStart(deps, req, res));
  mountSession(app, deps);
  mountPages(app, pages, deps);
  app.use(unknownPage(deps));
  app.use(answerErrors(deps));
  return app;
}

const securityHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'style-src': ["'self'"],
      'script-src': ["'self'"],
      'img-src': ["'self'"],
      'connect-src': ["'self'"],
      'form-action': ["'self'"],
      'base-uri': ["'none'"],
      'frame-ancestors': ["'none'"],
    },
  },
  referrerPolicy: { policy: 'no-referrer' },
  xFrameOptions: { action: 'deny' },
});
