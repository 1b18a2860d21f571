/** What emails say. */
import type { AorDecision } from '../domain/plan-change/agent-of-record';
import type { EffectiveDates, StandingDefect } from '../domain/plan-change/agent-standing';
import type { ConcernedAgent } from '../domain/plan-change/concerned-agents';
import type { ReversalReason } from '../domain/plan-change/corrections';
import type { SignInPurpose } from '../domain/sign-in/sign-in';
import type { TerminationForMail } from './agent-terminations';
import type { Addressee, Recipient, WrittenEmail } from './mail';

export interface PinEmailContent {
  readonly recipient: Recipient;
  readonly pin: string;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

/** A code for signing in, or for turning two-step verification on. */
export interface SignInCodeContent {
  readonly recipient: Recipient;
  readonly purpose: SignInPurpose;
  readonly code: string;
  readonly madeAtMs: number;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

export interface TwoStepChangedContent {
  readonly recipient: Recipient;
  readonly isOn: boolean;
  readonly changedAtMs: number;
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
  /** IANA name: days and dates are in this time zone. */
  readonly timeZone: string;
  readonly expiresAtMs: number;
  readonly nowMs: number;
}

/** To a customer whose plan change was completed. */
export interface PlanChangeCompletedContent {
  readonly recipient: Addressee;
  readonly planName: string;
  /** `YYYY-MM-DD`: when the new plan takes effect. */
  readonly effectiveOn: string;
  readonly agentOfRecord:
    { readonly kind: 'stays' | 'is-new'; readonly name: string } | { readonly kind: 'nobody' };
}

/** To an agent whose customer changed plans: the agent who stays, becomes or is no longer agent of record. */
export interface AgentOfRecordContent {
  readonly recipient: Addressee;
  /** The customer by number: the agent's own records have the name. */
  readonly customerId: string;
  readonly change: 'kept' | 'gained' | 'lost';
  readonly reason: AorDecision['reason'];
  /** `YYYY-MM-DD`: when the new plan, and with it the change of the agent of record, takes effect. */
  readonly effectiveOn: string;
}

/** Why a completed plan change was corrected. `replaced`: a later one for the same date took its place, which corrects nothing else. */
export type CorrectionCause = ReversalReason | 'determined-again' | 'replaced';

/** To a customer whose completed plan change was corrected: what had been told, and what holds now. */
export interface PlanChangeCorrectedContent {
  readonly recipient: Addressee;
  readonly cause: Exclude<CorrectionCause, 'replaced'>;
  /** What the change was for. */
  readonly planName: string;
  readonly effectiveOn: string;
  /** What holds from its effective date on; null: no plan, or nobody. */
  readonly plans: readonly NamedPeriod[];
  readonly agents: readonly NamedPeriod[];
}
export type NamedPeriod = EffectiveDates & { readonly name: string | null };

/** To an agent whom a correction concerns: what had been told, and what holds now. */
export interface AgentOfRecordCorrectedContent extends Pick<ConcernedAgent, 'told' | 'now' | 'from'> {
  readonly recipient: Addressee;
  readonly customerId: string;
  readonly cause: CorrectionCause;
  readonly effectiveOn: string;
  /** On which the agent is agent of record, as it is known now. */
  readonly days: readonly EffectiveDates[];
}

/** To the lead of the Dedicated Plan Change unit. */
export interface PlanChangeWaitingContent {
  readonly recipient: Addressee;
  readonly planChangeId: string;
  readonly waitingSinceMs: number;
  /** Whether it has waited for more than a day, not just for longer than the minutes allowed. */
  readonly overdue: boolean;
}

/** To the lead of the Dedicated Plan Change unit, about a compliance case. */
export interface PlanChangeHeldContent {
  readonly recipient: Addressee;
  readonly planChangeId: string;
  readonly heldSinceMs: number;
  readonly heldFor: StandingDefect;
  /** Whether the lead was told about it before. */
  readonly again: boolean;
}

/** To compliance, about an agent whose last day is over. */
export interface AgentTerminatedContent extends TerminationForMail {
  readonly recipient: Addressee;
}

/** Subject and bodies of each kind of email, in the recipient's language. */
export interface EmailTemplates {
  pin(content: PinEmailContent): WrittenEmail;
  signInCode(content: SignInCodeContent): WrittenEmail;
  twoStepChanged(content: TwoStepChangedContent): WrittenEmail;
  passwordChanged(content: PasswordChangedContent): WrittenEmail;
  usernameReminded(content: UsernameRemindedContent): WrittenEmail;
  recoveryLimitReached(content: RecoveryLimitContent): WrittenEmail;
  accountRegistered(content: AccountRegisteredContent): WrittenEmail;
  addressChanged(content: AddressChangedContent): WrittenEmail;
  invitation(content: InvitationContent): WrittenEmail;
  passwordReminder(content: PasswordReminderContent): WrittenEmail;
  planChangeCompleted(content: PlanChangeCompletedContent): WrittenEmail;
  agentOfRecord(content: AgentOfRecordContent): WrittenEmail;
  planChangeCorrected(content: PlanChangeCorrectedContent): WrittenEmail;
  agentOfRecordCorrected(content: AgentOfRecordCorrectedContent): WrittenEmail;
  planChangeWaiting(content: PlanChangeWaitingContent): WrittenEmail;
  agentTerminated(content: AgentTerminatedContent): WrittenEmail;
  planChangeHeld(content: PlanChangeHeldContent): WrittenEmail;
}
