/** The API process's metrics: those of every HTTP process, and what is hashed, refused and limited. */
import { Counter, Histogram } from 'prom-client';
import type { PasswordHasher } from '../../../ports/keys';
import type { RequestLimiter } from '../../../ports/request';
import { limitSizes } from '../../postgres/rate-limits';
import { createRequestMetrics, type RequestMetrics } from './request-metrics';

export interface ApiMetrics extends RequestMetrics {
  /** Wraps the hasher and measures its time. */
  timed(hasher: PasswordHasher): PasswordHasher;
  /** Wraps the limiter and counts refusals. */
  counted(limiter: RequestLimiter): RequestLimiter;
}

export function createApiMetrics(): ApiMetrics {
  const { registry, observer } = createRequestMetrics();
  const registers = [registry];
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

  return {
    registry,
    observer: {
      observe(requestId, handle) {
        const count = observer.observe(requestId, handle);
        return (ended) => {
          count(ended);
          if (ended.problem !== undefined) problems.inc({ code: ended.problem });
        };
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
