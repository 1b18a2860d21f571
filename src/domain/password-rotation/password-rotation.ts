/** A rotation's state: which reminder is next, and how it can end (spec.md 6). */
import type { ReminderSlot } from './rotation-calendar';

/** `unlimited`: the portal's passwords no longer expire. */
export type RotationEnding = 'rotated' | 'expired' | 'account-closed' | 'unlimited';

/** The rotation state of a current password, as listed for staff. */
export const ROTATION_STATES = ['due', 'reminded', 'expired'] as const;
export type RotationState = (typeof ROTATION_STATES)[number];

/** The status of a credential: current in an open account, replaced, or in a closed account. */
export type CredentialStatus = 'current' | 'rotated' | 'account-closed';

/**
 * The first reminder from number `from` on that may still go out at `nowMs`, with its number; null if none is left. Reminders
 * missed during an outage are skipped: people get only the newest.
 */
export function nextReminder(
  reminders: readonly ReminderSlot[],
  from: number,
  nowMs: number,
): { readonly number: number; readonly slot: ReminderSlot } | null {
  const number = reminders.findIndex(({ untilMs }, index) => index >= from && nowMs < untilMs);
  const slot = reminders[number];
  return slot === undefined ? null : { number, slot };
}
