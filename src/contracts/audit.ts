/** What the audit log records: fixed identifiers, the same everywhere. */

export const AUDIT_ACTIONS = [
  'signed-in',
  'sign-in-refused',
  'signed-out',
  'signed-out-everywhere',
  /** The password was right, or a session asked to turn two-step on: a code goes out. */
  'sign-in-code-requested',
  'sign-in-code-refused',
  'two-step-on',
  'two-step-off',
  /** Not turned off, because the password was wrong. */
  'two-step-refused',
  /** A new version, asked for when signing in. `about` has it, and the one accepted before. */
  'terms-accepted',
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
  /** The last day is over: sessions ended. `about` has the agent. */
  'agent-terminated',
  /** `about` has the kind, the number of lines, and the file's digest unless the digest would allow guessing. */
  'roster-imported',
  'plan-change-opened',
  'plan-change-claimed',
  'plan-change-released',
  'plan-change-claim-lapsed',
  'plan-change-referred',
  /** A compliance case: the facilitator is not eligible. The outcome names what is missing. */
  'plan-change-held',
  'plan-change-facilitator-replaced',
  'plan-change-escalated',
  'plan-change-completed',
  /** The outcome says why: a reversal's reason. `reason` has the note. */
  'plan-change-reversed',
  'agent-of-record-redetermined',
  'plan-change-withdrawn',
  'plan-change-abandoned',
  /** What operators look at: runs (`about` has the search), and a person's timeline. */
  'runs-listed',
  'timeline-read',
  /** What operators request, recorded before it is done: `about` has the run or email. */
  'run-cancel-requested',
  'email-resend-requested',
  'recovery-allowed',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

export interface AuditEvent {
  /** Written once: an event whose key already exists is left unchanged. */
  readonly key?: string;
  readonly atMs: number;
  readonly action: AuditAction;
  /** `success`, or a fixed identifier of the reason: a problem's code. */
  readonly outcome: string;
  /** The person concerned, if known. */
  readonly accountId?: string;
  /** The key it was done with, if staff did it. */
  readonly apiKeyId?: string;
  /** The plan change concerned. */
  readonly planChangeId?: string;
  /** The client's network address, if there is one. */
  readonly address?: string;
  /** The subject if no id above names it: a run, an email, a customer, a search. */
  readonly about?: string;
  /** Why it was done, as typed. */
  readonly reason?: string;
  /** Who ran the command, if a command did it. */
  readonly operator?: string;
}
