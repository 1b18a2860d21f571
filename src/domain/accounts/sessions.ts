/**
 * How long a session lasts, and what its owner sees of it (spec.md 3).
 * - It ends after its hours, or earlier after minutes without use.
 * - A use is recorded at most once a minute, so it may end up to a minute early.
 * - Of the address it was opened from, the owner sees the network.
 */
import type { PortalPolicy } from '../portal';
import { MINUTE_MS } from '../time';

/** When a session that is used at `nowMs` ends unless it is used again; null: it does not. */
export function idleExpiryMs(
  { sessionIdleMinutes }: Pick<PortalPolicy, 'sessionIdleMinutes'>,
  nowMs: number,
): number | null {
  return sessionIdleMinutes === null ? null : nowMs + sessionIdleMinutes * MINUTE_MS;
}

/** Whether that time differs enough from the recorded one to be written; the portal's rule may have changed meanwhile. */
export function isDueForRenewal(recordedMs: number | null, nextMs: number | null): boolean {
  return Math.abs((nextMs ?? Infinity) - (recordedMs ?? Infinity)) >= MINUTE_MS;
}

/** `203.0.113.x` of an IPv4 address, `2001:db8:5::/48` of the /64 of an IPv6 address; null if the session has neither. */
export function maskedAddress(addressKey: string | null): string | null {
  if (addressKey === null) return null;
  if (/^[\d.]+$/.test(addressKey)) return addressKey.replace(/\d+$/, 'x');
  const site = /^((?:[\da-f]+:){3})[\da-f]+::\/64$/.exec(addressKey)?.[1];
  return site === undefined ? null : `${site}:/48`;
}
