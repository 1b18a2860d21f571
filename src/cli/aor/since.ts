/** The day from which on decisions are read, and how fast they are. */
import { CommandError } from '../command';
import type { Say } from '../../ports/texts';

/** 00:00 UTC of the day, which is not in the future. */
export function startOf(since: string, nowMs: number, say: Say): number {
  const sinceMs = Date.parse(`${since}T00:00:00Z`);
  if (sinceMs > nowMs) throw new CommandError(say('commands.aor.future', { day: since }));
  return sinceMs;
}

export const speed = (count: number, seconds: number) => ({
  seconds: seconds.toFixed(1),
  rate: Math.round(count / seconds),
});
