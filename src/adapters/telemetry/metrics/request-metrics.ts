/**
 * What every process that answers HTTP measures, by Prometheus's conventions: seconds, `_total` for counters, the prefix
 * `tenure_`. Labels come from short fixed lists, so that there are few series and no personal data.
 */
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { RequestObserver } from '../../../ports/request';

export interface RequestMetrics {
  readonly registry: Registry;
  readonly observer: RequestObserver;
}

export function createRequestMetrics(): RequestMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'tenure_http_request_duration_seconds',
    help: 'Requests, by the pattern of their route, until they were answered. Status 499: the caller went away.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  });
  return {
    registry,
    observer: {
      observe(_requestId, handle) {
        handle();
        return ({ method, route, status, ms }) =>
          requests.observe({ method: knownMethod(method), route, status }, ms / 1000);
      },
    },
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']);

/** Other HTTP methods share one label. */
const knownMethod = (method: string): string => (METHODS.has(method) ? method : 'other');
