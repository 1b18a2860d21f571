/**
 * The API process's metrics, by Prometheus's conventions: seconds, `_total` for counters, the prefix `tenure_`.
 * Labels come from short fixed lists, so that there are few series and no personal data.
 */
import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';
import type { PasswordHasher } from '../../../ports/keys';
import type { EndedRequest, RequestLimiter, RequestObserver } from '../../../ports/request';
import { limitSizes } from '../../postgres/rate-limits';

export interface ApiMetrics {
  readonly registry: Registry;
  readonly observer: RequestObserver;
  /** Wraps the hasher and measures its time. */
  timed(hasher: PasswordHasher): PasswordHasher;
  /** Wraps the limiter and counts refusals. */
  counted(limiter: RequestLimiter): RequestLimiter;
}

/** `addDatabaseGauges` adds the gauges read from the database. */
export function createApiMetrics(): ApiMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'tenure_http_request_duration_seconds',
    help: 'Requests, by the pattern of their route, until they were answered. Status 499: the caller went away.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const problems = new Counter({
    name: 'tenure_problems_total',
    help: 'Problems that requests were answered with, by their code.',
    labelNames: ['code'],
    registers,
  });
  const hashing = new Histogram({
    name: 'tenure_password_hash_duration_seconds',
    help: 'Hashing a password, or comparing one, with the wait for a thread of the pool.',
    labelNames: ['operation'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const refusals = new Counter({
    name: 'tenure_limit_refusals_total',
    help: 'Tries that were refused because a budget was used up, by the budget.',
    labelNames: ['budget'],
    registers,
  });
  // Alerts compare with earlier values: a series that starts with its first refusal would hide it.
  for (const budget of Object.keys(limitSizes)) refusals.inc({ budget }, 0);

  const count = ({ method, route, status, ms, problem }: EndedRequest): void => {
    requests.observe({ method: knownMethod(method), route, status }, ms / 1000);
    if (problem !== undefined) problems.inc({ code: problem });
  };

  return {
    registry,
    observer: {
      observe(_requestId, handle) {
        handle();
        return count;
      },
    },
    counted: (limiter) => ({
      ...limiter,
      async take(budget, key, points) {
        const waitMs = await limiter.take(budget, key, points);
        if (waitMs !== null) refusals.inc({ budget });
        return waitMs;
      },
    }),
    timed: (hasher) => {
      const timed = async <T>(operation: 'hash' | 'verify', work: Promise<T>): Promise<T> => {
        const end = hashing.startTimer({ operation });
        try {
          return await work;
        } finally {
          end();
        }
      };
      return {
        hash: (password) => timed('hash', hasher.hash(password)),
        verify: (hash, password) => timed('verify', hasher.verify(hash, password)),
        verifyNobody: (password) => timed('verify', hasher.verifyNobody(password)),
      };
    },
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS']);

/** Other HTTP methods share one label. */
const knownMethod = (method: string): string => (METHODS.has(method) ? method : 'other');
