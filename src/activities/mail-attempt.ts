/**
 * How long one attempt at an email goes on.
 * - It says every few seconds that it lives, so a worker that died is missed soon; by the answers it learns that nobody needs it any more.
 * - It ends itself, and its connection, before Temporal gives it up: the next one never begins beside it.
 * - A worker that stops ends it, too, when its grace time is over.
 */
import { Context } from '@temporalio/activity';
import type { Attempt } from '../ports/mail';

const HEARTBEAT_MS = 4_000;
/** So long before it would be given up an attempt ends itself. */
const HEAD_START_MS = 10_000;

/** An attempt that was ended here: by its time, or by the end of its worker. */
class AttemptEnded extends Error {
  constructor(readonly code: 'ETIMEDOUT' | 'ESHUTDOWN') {
    super(`the attempt was ended (${code})`);
  }
}

/** Begins to count and to tell that the attempt lives. Call `end` when it is over, however it ended. */
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
