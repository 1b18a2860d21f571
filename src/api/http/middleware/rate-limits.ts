import type { RequestHandler } from 'express';
import type { ApiDeps } from '../../deps';
import type { LimitName, RequestLimiter } from '../../../ports/request';
import { AppError } from '../problems';

/** Counts every call by its address. */
export function limitRequests({
  limiter,
  addressKey,
}: Pick<ApiDeps, 'limiter' | 'addressKey'>): RequestHandler {
  return async (req, _res, next) => {
    await takeLimits(limiter, ['requests'], addressKey(req.ip ?? ''));
    next();
  };
}

/** Takes one point for `key` from each budget. Throws `AppError('too_many_requests')` if one is empty. */
export async function takeLimits(
  limiter: Pick<RequestLimiter, 'take'>,
  budgets: readonly LimitName[],
  key: string,
): Promise<void> {
  for (const budget of budgets) {
    const waitMs = await limiter.take(budget, key);
    if (waitMs !== null) throw tooManyRequests(waitMs);
  }
}

/** `waitMs` becomes `Retry-After`, rounded up to whole seconds. */
export function tooManyRequests(waitMs: number): AppError {
  return new AppError('too_many_requests', { retryAfterSeconds: waitMs / 1000 });
}
