/**
 * Limits one attempt at an email.
 * - It heartbeats every few seconds, so a dead worker is noticed soon; the responses tell it when the email is no longer needed.
 * - It ends itself and closes its connection before Temporal times it out, so that two attempts never overlap.
 * - A stopping worker ends it too, once the grace period is over.
 */
import { Context } from '@temporalio/activity';
import type { Attempt } from '../ports/mail';

const HEARTBEAT_MS = 4_000;
/** An attempt ends itself this long before its timeout. */
const HEAD_START_MS = 10_000;

/** The attempt was ended here: by its time limit, or by its worker's shutdown. */
class AttemptEnded extends Error {
  constructor(readonly code: 'ETIMEDOUT' | 'ESHUTDOWN') {
    super(`the attempt was ended (${code})`);
  }
}

/** Starts the time limit and the heartbeats. Call `end` when the attempt is over, whatever its result. */
export function beginAttempt(): Pick<Attempt, 'stop' | 'giveUp'> & { end(): void } {
  const context = Context.current();
  const { startToCloseTimeoutMs } = context.info;
  const stop = new AbortController();
  const giveUp = new AbortController();

  const onCancelled = (): void => {
    if (context.cancellationDetails?.workerShutdown) giveUp.abort(new AttemptEnded('ESHUTDOWN'));
    else stop.abort(context.cancellationSignal.reason);
  };
  if (context.cancellationSignal.aborted) onCancelled();
  else context.cancellationSignal.addEventListener('abort', onCancelled, { once: true });
  const heartbeats = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
  const timer = setTimeout(
    () => giveUp.abort(new AttemptEnded('ETIMEDOUT')),
    Math.max(startToCloseTimeoutMs / 2, startToCloseTimeoutMs - HEAD_START_MS),
  );

  return {
    stop: stop.signal,
    giveUp: giveUp.signal,
    end() {
      clearInterval(heartbeats);
      clearTimeout(timer);
      context.cancellationSignal.removeEventListener('abort', onCancelled);
    },
  };
}
