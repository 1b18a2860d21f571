/** One password's last days, as a run sees them: which reminder is next, and how it can end (spec.md 6). */
import type { ReminderSlot } from './rotation-calendar';

/** `unlimited`: the portal's passwords end no more. */
export type RotationEnding = 'rotated' | 'expired' | 'account-closed' | 'unlimited';

/** Where a current password stands on its way to its end, as staff list them. */
export const ROTATION_STATES = ['due', 'reminded', 'expired'] as const;
export type RotationState = (typeof ROTATION_STATES)[number];

/** What is true of a credential: the current one of an open account, replaced, or of a closed account. */
export type CredentialStanding = 'current' | 'rotated' | 'account-closed';

/**
 * The first reminder from number `from` on that may still go out at `nowMs`, with its number; null when none is left. Those whose
 * time went by while nobody looked are left out: after an outage of days people get the newest, and no more.
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
