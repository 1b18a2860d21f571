/** Whether the service is alive and ready. */
import { health, readiness } from './schemas';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../http/route';

const TAG = 'Service';
const RETRY_AFTER_SECONDS = '5';

/**
 * `/healthz` checks nothing else; `/readyz` checks every part, each with its own timeout and at most once a second. So neither
 * has a rate limit: counting would cost more than answering, and a load balancer must not get 429.
 */
export function serviceRoutes({ readiness: checks }: Pick<ApiDeps, 'readiness'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/healthz',
      tag: TAG,
      summary: 'Whether this process is alive',
      responses: { 200: health },
      problems: [],
      handle: async () => ({ status: 200, body: { alive: true } }),
    }),

    defineRoute({
      method: 'get',
      path: '/readyz',
      tag: TAG,
      summary: 'Whether everything it needs can be reached',
      responses: { 200: readiness, 503: readiness },
      problems: [],
      handle: async () => {
        const [database, temporal, worker] = await Promise.all([
          checks.database(),
          checks.temporal(),
          checks.worker(),
        ]);
        const body = { ready: database && temporal && worker, database, temporal, worker };
        if (body.ready) return { status: 200, body };
        return { status: 503, headers: { 'retry-after': RETRY_AFTER_SECONDS }, body };
      },
    }),
  ];
}
