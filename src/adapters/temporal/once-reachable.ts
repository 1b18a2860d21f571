/** Waiting for a Temporal that is away. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isGrpcServiceError, ServiceError } from '@temporalio/client';

const ASK_AGAIN_MS = 500;
const SAY_AGAIN_MS = 60_000;
/** gRPC: DEADLINE_EXCEEDED, UNAVAILABLE. */
const AWAY: ReadonlySet<number> = new Set([4, 14]);

/**
 * The result of `work`, which is done again for as long as it fails because Temporal is away. Calls `onAway` with the reason at
 * once, and every minute. Throws any other error.
 */
export async function onceTemporalAnswers<T>(
  work: () => Promise<T>,
  onAway: (reason: unknown) => void,
): Promise<T> {
  for (let saidAtMs = -Infinity; ;) {
    try {
      return await work();
    } catch (error) {
      if (!isTemporalAway(error)) throw error;
      if (performance.now() - saidAtMs >= SAY_AGAIN_MS) {
        saidAtMs = performance.now();
        onAway(error);
      }
      await sleep(ASK_AGAIN_MS);
    }
  }
}

function isTemporalAway(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && AWAY.has(cause.code);
}
