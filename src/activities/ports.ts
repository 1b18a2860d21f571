/** What the activities need from the outside. Adapters implement these; tests may too. */
import type { AuditEvent } from '../contracts/audit';
import type { MailKind, MailOutcome, DeliverNoticeInput } from '../contracts/notice';
import type { CommitStagedPasswordInput, RecordWrongGuessInput } from '../contracts/password-reset';
import type { PasswordRotationInput } from '../contracts/password-rotation';
import type { RecordDecisionInput } from '../contracts/plan-change';
import type { AorDecision } from '../domain/agent-of-record';
import type { AgentRecords, StandingDefect } from '../domain/agent-standing';
import type { CredentialStanding } from '../domain/password-rotation';
import type { Escalation, PlanChangeStage, StaffMember } from '../domain/plan-change';
import type { CustomerOnRecord, PlanOffer } from '../domain/plan-change-eligibility';
import type { PlanChangeChannel, PlanChangeRoute } from '../domain/plan-change-routing';
import type { Language, Portal } from '../domain/portal';
import type { ResetRecord } from '../domain/password-reset';
import type { ResetUsage } from '../domain/reset-budget';

/** Whom an email goes to. Personal data: it never leaves the activity. */
export interface Addressee {
  readonly email: string;
  /** Empty for a firm. */
  readonly firstName: string;
  readonly language: Language;
}

/** Somebody whom a portal writes to. */
export interface Recipient extends Addressee {
  /** Absent for somebody who is only invited. */
  readonly accountId?: string | undefined;
  readonly portal: Portal;
  readonly username: string;
}

export interface RecipientDirectory {
  /** The account's recipient, or null when there is no such account. */
  findRecipient(accountId: string): Promise<Recipient | null>;
}

export interface RecordPinInput {
  readonly resetId: string;
  readonly subjectKey: string;
  readonly sequence: number;
  readonly atMs: number;
  /** At most so many PINs in the 24 hours up to `atMs`. */
  readonly pinsPerDay: number;
}

/** The uses of the reset budget (spec.md 4). */
export interface ResetUsageStore {
  /** Uses of the 30 days up to `nowMs`, and the failures since the last success. */
  load(subjectKey: string, nowMs: number): Promise<ResetUsage>;
  /** Counts the PIN unless the day's are used up; says whether it is counted. Parallel calls cannot exceed the limit; the same PIN twice counts once. */
  recordPin(input: RecordPinInput): Promise<boolean>;
  /** Counts the guess; the same one twice counts once. */
  recordWrongGuess(input: RecordWrongGuessInput): Promise<void>;
  /** What one reset used. `token`: the digest of the page's that asks. */
  ofReset(resetId: string, token: string): Promise<ResetRecord>;
  /** A page gave up a reset that had succeeded elsewhere; twice is once. */
  recordLeaving(input: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly token: string;
    readonly atMs: number;
  }): Promise<void>;
  /** Ends the row of consecutive failures; the same success twice counts once. */
  recordSuccess(input: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly atMs: number;
  }): Promise<void>;
}

export interface ChangedPassword {
  readonly setAtMs: number;
  /** The credential it took the place of, when the last days of that one had begun and a `passwordRotation` runs for it. */
  readonly endsRotationOf: string | null;
}

export interface ChangedPasswords {
  /** Null when there is no credential of this id. */
  findChange(credentialId: string): Promise<ChangedPassword | null>;
}

export interface DueCredential {
  readonly credentialId: string;
  readonly accountId: string;
  readonly setAtMs: number;
}

/** The passwords in their last days. */
export interface Rotations {
  /** Current credentials of the portal that were set after `setAfterMs`, until `setUntilMs`, and have no run yet; the oldest first. */
  findDue(query: {
    readonly portal: Portal;
    readonly setAfterMs: number;
    readonly setUntilMs: number;
    readonly limit: number;
  }): Promise<readonly DueCredential[]>;
  /**
   * Marks runs as started; returns the credentials that changed in the meantime.
   * Idempotent: what is written down stays.
   */
  markStarted(credentialIds: readonly string[], atMs: number): Promise<readonly DueCredential[]>;
  standing(credentialId: string): Promise<CredentialStanding>;
  /** Writes down and audits that the owner was reminded; once by credential and reminder. */
  recordReminder(reminder: {
    readonly credentialId: string;
    readonly accountId: string;
    /** Which one of the credential's. */
    readonly reminder: string;
    readonly atMs: number;
  }): Promise<void>;
}

export interface RotationRuns {
  /** Starts the run; false when there is, or was, one of this credential. */
  start(rotation: PasswordRotationInput): Promise<boolean>;
  /** Tells the run that its password was changed; nothing happens when it is over. */
  passwordChanged(credential: { readonly accountId: string; readonly credentialId: string }): Promise<void>;
}

/** Which resets still stand for what they were opened for. */
export interface StandingResets {
  /** Whether the account is open, and neither who its person is nor its password has changed since the reset was opened. */
  stands(resetId: string): Promise<boolean>;
  /** Whose reset it is, while it stands; null for people we do not know. */
  accountOf(resetId: string): Promise<string | null>;
}

export interface CredentialStore {
  /**
   * In one transaction: the staged password becomes the account's credential, the old one history; sessions end; the staged row
   * goes; success and audit event are written. The credential's id is `stagedId`. Idempotent by it. False when the staged
   * password is gone, or the reset no longer stands, and it was never committed.
   */
  commitStaged(input: CommitStagedPasswordInput): Promise<boolean>;
}

/** A change of plan as the database has it. Keys are folded numbers; epoch milliseconds; days `YYYY-MM-DD`. */
export interface PlanChangeRecord {
  readonly planChangeId: string;
  readonly customerId: string;
  readonly channel: PlanChangeChannel;
  readonly route: PlanChangeRoute;
  /** Who facilitates it: an agent's key, or an internal agent's staff key. */
  readonly facilitatorKey: string | null;
  /** As it is written: a claim that is over may still stand here (`stageAt`). */
  readonly stage: PlanChangeStage;
  readonly planId: string | null;
  readonly effectiveOn: string | null;
  readonly openedAtMs: number;
  readonly waitingSinceMs: number;
  readonly claimedBy: string | null;
  readonly claimUntilMs: number | null;
  readonly heldFor: StandingDefect | null;
  /** Since when it is held; null: it is not. */
  readonly heldSinceMs: number | null;
  readonly endedAtMs: number | null;
  readonly outcome: AorDecision['outcome'] | null;
}

/** What the run of a change does to its record. Each is idempotent, and does nothing once somebody has moved the change on. */
export interface PlanChanges {
  find(planChangeId: string): Promise<PlanChangeRecord | null>;
  /** Ends the claim if it is over at `atMs`. */
  putBack(planChangeId: string, atMs: number): Promise<void>;
  /** Unless somebody has it just now, it is held, or it is over. */
  abandon(planChangeId: string, atMs: number): Promise<void>;
  noteEscalation(planChangeId: string, escalation: Escalation, atMs: number): Promise<void>;
  /** A compliance case: noted in the audit log. Not when another facilitator has been put in since. */
  hold(held: {
    readonly planChangeId: string;
    readonly facilitatorKey: string;
    readonly defect: StandingDefect;
    readonly atMs: number;
    readonly apiKeyId: string;
  }): Promise<void>;
}

/** What plan changes are judged by. */
export interface PlanChangeFacts {
  customer(customerId: string): Promise<CustomerOnRecord | null>;
  plan(planId: string): Promise<PlanOffer | null>;
  agent(agentKey: string): Promise<AgentOnRecord | null>;
  staff(staffKey: string): Promise<StaffMember | null>;
  /** Whether the roster says that two numbers are one person: the same SSN digest and the same name. False for what is not on it. */
  isOnePerson(agentKey: string, otherKey: string): Promise<boolean>;
}

export interface AgentOnRecord extends AgentRecords {
  readonly agentKey: string;
  readonly isCallCenter: boolean;
}

export interface AorDecisions {
  /**
   * In one transaction: the decision with its evidence, the enrolment, the history of agents of record, the commission fact, the
   * audit event, and the change is completed. Idempotent by plan change. `moved`: somebody has moved the change since it was looked
   * at, and nothing is recorded.
   */
  record(input: RecordDecisionInput): Promise<'recorded' | 'moved'>;
  /** Null when nothing is recorded for this change. */
  findForMail(planChangeId: string): Promise<DecisionForMail | null>;
}

export interface DecisionForMail {
  readonly customerId: string;
  readonly customer: Addressee;
  readonly planName: string;
  readonly effectiveOn: string;
  readonly outcome: AorDecision['outcome'];
  readonly reason: AorDecision['reason'];
  /** The agent of record from then on, and the one until then. */
  readonly agent: AgentForMail | null;
  readonly previousAgent: AgentForMail | null;
}

export interface AgentForMail extends Addressee {
  /** As customers read it: first and last name, or a firm's. */
  readonly name: string;
}

export interface AuditLog {
  /** Appends an event; one with a `key` that is there already is left as it is. */
  record(event: AuditEvent): Promise<void>;
}

export interface RegisteredAccount {
  /** At the roster's address, whatever the account's is. */
  readonly recipient: Recipient;
  readonly agentNumber: string;
  readonly registeredAtMs: number;
}

export interface ChangedAddress {
  readonly changeId: string;
  readonly accountId: string;
  readonly changedAtMs: number;
}

/** A change that its owner is to be told of by email. */
export type ToldChange =
  | {
      readonly kind: 'password-changed';
      readonly accountId: string;
      readonly credentialId: string;
      readonly atMs: number;
    }
  | { readonly kind: 'account-registered'; readonly accountId: string; readonly atMs: number }
  | {
      readonly kind: 'access-invitation';
      readonly invitationId: string;
      readonly atMs: number;
      readonly expiresAtMs: number;
    };

/** What is told to the address that was on record before. */
export interface AccountChanges {
  /** Null while there is no such account, and for one that is no agent's. */
  findRegistered(accountId: string): Promise<RegisteredAccount | null>;
  /** The recipient at the former address; null when there is no such change. */
  findAddressChange(
    changeId: string,
  ): Promise<{ readonly recipient: Recipient; readonly changedAtMs: number } | null>;
  /** Changes whose notice was not started yet, the oldest first. */
  unannounced(limit: number): Promise<readonly ChangedAddress[]>;
  markAnnounced(changeIds: readonly string[], atMs: number): Promise<void>;
  /** Changes after `afterMs` and before `beforeMs` that have no email in the ledger, the oldest first: its run never began, or gave up too early. */
  untold(query: {
    readonly afterMs: number;
    readonly beforeMs: number;
    readonly limit: number;
  }): Promise<readonly ToldChange[]>;
}

export interface InvitationForMail {
  readonly recipient: Recipient;
  readonly pepperId: string;
  readonly expiresAtMs: number;
  /** Neither used nor replaced. */
  readonly open: boolean;
}

export interface InvitationSource {
  /** Null when there is none of this id. The recipient has the broker portal's first language, and no account. */
  findForMail(invitationId: string): Promise<InvitationForMail | null>;
}

export interface InvitationCodes {
  /** The access code of an invitation, as it is compared. */
  invitationCode(pepperId: string, invitationId: string): string;
}

export interface LedgerEntry {
  readonly messageId: string;
  readonly kind: MailKind;
  readonly accountId?: string | undefined;
  /** Id of what the message is about: a reset, a credential, an invitation. */
  readonly reference: string;
  readonly validUntilMs: number;
  /** Counts how often an operator has it sent again: a higher number opens a settled entry once more. */
  readonly again?: number | undefined;
}

/** The send ledger: one row an email, whatever became of it. */
export interface MailLedger {
  /**
   * Opens the entry when it is new, or sent again for the first time, and counts one more attempt, unless it is settled: tells how it
   * was, or null, and the number of the last attempt.
   */
  begin(entry: LedgerEntry): Promise<{ readonly settled: MailOutcome | null; readonly attempt: number }>;
  /** Whether this attempt is still the last one, at an entry that is not settled. */
  isCurrent(messageId: string, attempt: number): Promise<boolean>;
  settle(messageId: string, outcome: MailOutcome, smtpCode?: number): Promise<void>;
}

export interface Email {
  readonly messageId: string;
  readonly to: string;
  readonly language: Language;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** `refused` is for good (SMTP 5xx), `withdrawn` was not handed over because it was no longer due; anything that may pass is thrown. */
export type SendResult =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'withdrawn' }
  | { readonly kind: 'refused'; readonly smtpCode: number };

/** What ends an attempt at an email, and what is asked again once there is a connection for it. */
export interface Attempt {
  /** Nobody needs the email any more: it is taken back unless the mail server has it already. */
  readonly stop: AbortSignal;
  /** The attempt is over, wherever it stands. */
  readonly giveUp: AbortSignal;
  /** The email as it is to be handed over now; null: not any more. Asked when a connection is ready for it. */
  renew(email: Email): Promise<Email | null>;
  /** Asked when the mail server is ready for the message itself. */
  isDue(): boolean;
}

export interface Mailer {
  /** Rejects with the reason of the signal that ended the attempt; its connection is closed then. */
  send(email: Email, attempt: Attempt): Promise<SendResult>;
}

export interface PinEmailContent {
  readonly recipient: Recipient;
  readonly pin: string;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

export interface PasswordChangedContent {
  readonly recipient: Recipient;
  readonly changedAtMs: number;
}

export interface UsernameRemindedContent {
  readonly recipient: Recipient;
  readonly remindedAtMs: number;
}

export interface RecoveryLimitContent {
  readonly recipient: Recipient;
  readonly reachedAtMs: number;
}

export interface AccountRegisteredContent {
  readonly recipient: Recipient;
  /** As the roster writes it. */
  readonly agentNumber: string;
  readonly registeredAtMs: number;
}

export interface AddressChangedContent {
  readonly recipient: Recipient;
  readonly changedAtMs: number;
}

export interface InvitationContent {
  readonly recipient: Recipient;
  /** As it is printed. */
  readonly code: string;
  readonly expiresAtMs: number;
}

export interface PasswordReminderContent {
  readonly recipient: Recipient;
  /** IANA name: days and dates are counted there. */
  readonly timeZone: string;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

/** To a customer whose plan change was completed. */
export interface PlanChangeCompletedContent {
  readonly recipient: Addressee;
  readonly planName: string;
  /** `YYYY-MM-DD`: from when on the new plan counts. */
  readonly effectiveOn: string;
  readonly agentOfRecord:
    { readonly kind: 'stays' | 'is-new'; readonly name: string } | { readonly kind: 'nobody' };
}

/** To an agent whose customer changed plans: who stays agent of record, becomes it, or is it no longer. */
export interface AgentOfRecordContent {
  readonly recipient: Addressee;
  /** The customer by number: whose name it is stands in the agent's own books. */
  readonly customerId: string;
  readonly change: 'kept' | 'gained' | 'lost';
  readonly reason: AorDecision['reason'];
  /** `YYYY-MM-DD`: from when on the new plan counts, and with it the change of the agent of record. */
  readonly effectiveOn: string;
}

/** To the lead of the Dedicated Plan Change unit. */
export interface PlanChangeWaitingContent {
  readonly recipient: Addressee;
  readonly planChangeId: string;
  readonly waitingSinceMs: number;
  /** Whether it has waited for more than a day, not just for more minutes than it should. */
  readonly overdue: boolean;
}

/** To the lead of the Dedicated Plan Change unit, of a compliance case. */
export interface PlanChangeHeldContent {
  readonly recipient: Addressee;
  readonly planChangeId: string;
  readonly heldSinceMs: number;
  readonly heldFor: StandingDefect;
  /** Whether the lead was told of it before. */
  readonly again: boolean;
}

/** Subject and bodies of each kind of email, in the recipient's language. */
export interface EmailTemplates {
  pin(content: PinEmailContent): Pick<Email, 'subject' | 'text' | 'html'>;
  passwordChanged(content: PasswordChangedContent): Pick<Email, 'subject' | 'text' | 'html'>;
  usernameReminded(content: UsernameRemindedContent): Pick<Email, 'subject' | 'text' | 'html'>;
  recoveryLimitReached(content: RecoveryLimitContent): Pick<Email, 'subject' | 'text' | 'html'>;
  accountRegistered(content: AccountRegisteredContent): Pick<Email, 'subject' | 'text' | 'html'>;
  addressChanged(content: AddressChangedContent): Pick<Email, 'subject' | 'text' | 'html'>;
  invitation(content: InvitationContent): Pick<Email, 'subject' | 'text' | 'html'>;
  passwordReminder(content: PasswordReminderContent): Pick<Email, 'subject' | 'text' | 'html'>;
  planChangeCompleted(content: PlanChangeCompletedContent): Pick<Email, 'subject' | 'text' | 'html'>;
  agentOfRecord(content: AgentOfRecordContent): Pick<Email, 'subject' | 'text' | 'html'>;
  planChangeWaiting(content: PlanChangeWaitingContent): Pick<Email, 'subject' | 'text' | 'html'>;
  planChangeHeld(content: PlanChangeHeldContent): Pick<Email, 'subject' | 'text' | 'html'>;
}

export interface PinSource {
  /** The PIN that this pepper gives this reset, with its leading zeros. */
  pin(pepperId: string, resetId: string, sequence: number, digits: number): string;
}

export interface NoticeStarter {
  /** Starts the run that carries the message; one that is there already is left alone. */
  start(notice: DeliverNoticeInput): Promise<void>;
}
