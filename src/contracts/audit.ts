/** What the audit log records: fixed identifiers, the same everywhere. */

export const AUDIT_ACTIONS = [
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'password-changed',
  'password-reset',
  'username-shown',
  'username-reminded',
  'username-reminder-refused',
  'access-code-accepted',
  'access-code-refused',
  'registered',
  'registration-refused',
  'invitation-issued',
  'reset-opened',
  'proof-accepted',
  'proof-refused',
  'api-key-created',
  'api-key-used',
  'api-key-revoked',
  'reminder-sent',
  'account-closed',
  'account-reopened',
  /** `about` says which kind, how many lines, and the file's digest where nothing can be tried out with it. */
  'roster-imported',
  'plan-change-opened',
  'plan-change-claimed',
  'plan-change-released',
  'plan-change-claim-lapsed',
  'plan-change-referred',
  /** A compliance case: the facilitator is not eligible. Its outcome says what they lack. */
  'plan-change-held',
  'plan-change-facilitator-replaced',
  'plan-change-escalated',
  'plan-change-completed',
  'plan-change-withdrawn',
  'plan-change-abandoned',
  /** What operators look at: which runs (`about` says which were looked for), whose timeline. */
  'runs-listed',
  'timeline-read',
  /** What operators ask for, written before it is done: `about` says which run or email. */
  'run-cancel-requested',
  'email-resend-requested',
  'recovery-allowed',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface AuditEvent {
  /** Written once: an event whose key is there already is left as it is. */
  readonly key?: string;
  readonly atMs: number;
  readonly action: AuditAction;
  /** `success`, or a small word for why not: a problem's code. */
  readonly outcome: string;
  /** Whom it is about, where that is known. */
  readonly accountId?: string;
  /** Which key it was done with, where staff did it. */
  readonly apiKeyId?: string;
  /** Which plan change it is about. */
  readonly planChangeId?: string;
  /** The client's network address, where there is one. */
  readonly address?: string;
  /** What it is about where an id above does not say it: a run, an email, a customer, a search. */
  readonly about?: string;
  /** Why it was done, as typed. */
  readonly reason?: string;
  /** Who ran the command that did it, where it was one. */
  readonly operator?: string;
}
