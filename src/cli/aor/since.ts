/** The day from which on decisions are read. */
import { CommandError } from '../command';

/** 00:00 UTC of the day, which is not in the future. */
export function startOf(since: string, nowMs: number): number {
  const sinceMs = Date.parse(`${since}T00:00:00Z`);
  if (sinceMs > nowMs)
    throw new CommandError(`${since}, 00:00 UTC, is still to come: nothing can have been decided since.`);
  return sinceMs;
}
