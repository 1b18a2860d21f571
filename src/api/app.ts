/** The Express application: everything around the routes, in the order in which a request meets it. */
import express, { type Express } from 'express';
import helmet from 'helmet';
import { openApiDocument } from './service/schemas';
import type { ApiDeps } from './deps';
import { answerErrors, unknownRoute } from './http/middleware/errors';
import { createIdempotency } from './http/middleware/idempotency';
import { limitRequests } from './http/middleware/rate-limits';
import { requestId, requestLog } from './http/middleware/request-log';
import { mountRoutes } from './http/mount';
import { createOpenApiDocument, type OpenApiDocument } from './http/openapi';
import { defineRoute, type Route } from './http/route';
import { accessInvitationRoutes } from './access-invitation/routes';
import { agentOfRecordRoutes } from './plan-change/agent-of-record-routes';
import { commissionRoutes } from './plan-change/commission-routes';
import { brokerRegistrationRoutes } from './registration/routes';
import { mountDocs } from './service/docs-routes';
import { opsRoutes } from './ops/routes';
import { passwordChangeRoutes } from './session/password-change-routes';
import { passwordResetRoutes } from './password-reset/routes';
import { correctionRoutes } from './plan-change/correction-routes';
import { reviewRoutes } from './plan-change/review-routes';
import { planChangeMoveRoutes } from './plan-change/move-routes';
import { planChangeRoutes } from './plan-change/routes';
import { portalRoutes } from './portal/routes';
import { rotationRoutes } from './password-rotation/routes';
import { serviceRoutes } from './service/routes';
import { sessionRoutes } from './session/routes';
import { signInRoutes } from './sign-in/routes';
import { usernameReminderRoutes } from './registration/username-reminder-routes';

export type { ApiDeps } from './deps';

/** The HTTP face of Tenure (http-api.md), ready to listen. Starts nothing by itself. */
export function createApp(deps: ApiDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', deps.trustProxy);
  app.set('query parser', false);
  app.enable('case sensitive routing');
  app.enable('strict routing');
  // No answer has a validator that a caller could hold: even `If-None-Match: *` gets all of it, and not a 304.
  Object.defineProperty(app.request, 'fresh', { value: false });

  app.use(requestId(deps.newId));
  app.use(requestLog(deps));
  app.use(
    helmet({
      contentSecurityPolicy: {
        useDefaults: false,
        directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
      },
    }),
  );
  app.use('/v1', (_req, res, next) => {
    res.set('Cache-Control', 'no-store');
    next();
  });
  app.use('/v1', limitRequests(deps));

  mountRoutes(app, createRoutes(deps), deps, createIdempotency(deps));
  mountDocs(app, deps);
  app.use(unknownRoute);
  app.use(answerErrors(deps));
  return app;
}

/** Every route of the document, the document itself among them. */
export function createRoutes(deps: ApiDeps): Route[] {
  // Made when it is first asked for: it takes as long as all the rest of the start, and most processes never need it.
  let document: OpenApiDocument | undefined;
  const routes: Route[] = [
    ...portalRoutes(deps),
    ...passwordResetRoutes(deps),
    ...sessionRoutes(deps),
    ...signInRoutes(deps),
    ...passwordChangeRoutes(deps),
    ...brokerRegistrationRoutes(deps),
    ...usernameReminderRoutes(deps),
    ...accessInvitationRoutes(deps),
    ...rotationRoutes(deps),
    ...planChangeRoutes(deps),
    ...planChangeMoveRoutes(deps),
    ...correctionRoutes(deps),
    ...agentOfRecordRoutes(deps),
    ...commissionRoutes(deps),
    ...reviewRoutes(deps),
    ...opsRoutes(deps),
    ...serviceRoutes(deps),
    defineRoute({
      method: 'get',
      path: '/openapi.json',
      tag: 'Service',
      summary: 'This document',
      responses: { 200: openApiDocument },
      problems: [],
      handle: async () => {
        document ??= createOpenApiDocument(routes, deps.version, deps.texts);
        return { status: 200, body: { ...document } };
      },
    }),
  ];
  return routes;
}
