import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import { FAILURE_TYPES } from '../contracts/failures';
import type {
  CorrectionNoticeKind,
  DeliverNoticeInput,
  NoticeActivities,
  PlanChangeNoticeKind,
} from '../contracts/notice';
import { displayInvitationCode } from '../domain/accounts/access-code';
import { unitDay, type PlanChangePolicy } from '../domain/plan-change/deadlines';
import { stageAt, type EscalationKind } from '../domain/plan-change/plan-change';
import { correctionLetter, type CorrectionLettersDeps } from './correction-letters';
import { deliverMail, type Letter, type MailDeliveryDeps } from './mail-delivery';
import type { AccountChanges, ChangedPassword, ChangedPasswords } from '../ports/accounts';
import type { AgentTerminations } from '../ports/agent-terminations';
import type { AorDecisions, DecisionForMail } from '../ports/agent-of-record';
import type { EmailTemplates, PlanChangeCompletedContent } from '../ports/email-templates';
import type { InvitationSource } from '../ports/invitation';
import type { InvitationCodes } from '../ports/keys';
import type { Addressee, Recipient, RecipientDirectory } from '../ports/mail';
import type { RotationRuns } from '../ports/password-rotation';
import type { PlanChanges } from '../ports/plan-change';

export interface NoticeDeps extends MailDeliveryDeps, Pick<CorrectionLettersDeps, 'aorCorrections'> {
  readonly recipients: RecipientDirectory;
  readonly templates: EmailTemplates;
  readonly credentials: ChangedPasswords;
  readonly rotationRuns: Pick<RotationRuns, 'passwordChanged'>;
  readonly accountChanges: Pick<AccountChanges, 'findRegistered' | 'findAddressChange' | 'findTwoStepChange'>;
  readonly invitations: InvitationSource;
  readonly codes: InvitationCodes;
  readonly planChanges: Pick<PlanChanges, 'find'>;
  readonly aorDecisions: Pick<AorDecisions, 'findForMail'>;
  readonly agentTerminations: Pick<AgentTerminations, 'findForMail'>;
  /** Says in which time zone a day begins. */
  readonly planChangePolicy: PlanChangePolicy;
  /** Who is told of terminated agents; null: nobody. */
  readonly compliance: Addressee | null;
  /** The lead of the Dedicated Plan Change unit. */
  readonly unitLead: Addressee;
}

/** A change announced before it is written must appear within this time; after that it counts as never made. */
const ANNOUNCED_FOR_MS = 60_000;

type DecisionNoticeKind = Exclude<
  PlanChangeNoticeKind,
  `plan-change-${EscalationKind}` | CorrectionNoticeKind
>;

const AGENT_CHANGES = {
  'agent-of-record-kept': 'kept',
  'agent-of-record-gained': 'gained',
  'agent-of-record-lost': 'lost',
} as const;

/** The step of the `deliverNotice` workflow. */
export function createNoticeActivities(deps: NoticeDeps): NoticeActivities {
  const { recipients, templates, credentials, rotationRuns, invitations, codes, clock } = deps;
  const { accountChanges, planChanges, aorDecisions, unitLead, ledger, inTurn } = deps;
  const { agentTerminations, compliance, planChangePolicy } = deps;

  return {
    /**
     * A settled email is not sent again, and a duplicate after a crash has the same Message-ID. A run that was told about a
     * change twice ended at the first signal.
     */
    sendNotice: inTurn(async (notice) => {
      // Only in runs that an earlier build started. Such a step times out after seconds, and would send concurrently
      // with the next one.
      if (activityInfo().isLocal)
        throw ApplicationFailure.nonRetryable('emails are sent by steps of their own');
      const letter = await write(notice);
      if (letter === 'no-longer-true') {
        // It may have been true at an earlier attempt.
        await ledger.settle(notice.messageId, 'outdated');
        return { outcome: 'outdated' };
      }
      if (letter === 'not-written-yet') {
        if (clock() >= notice.announcedAtMs + ANNOUNCED_FOR_MS) return { outcome: 'outdated' };
        throw ApplicationFailure.create({
          type: FAILURE_TYPES.changeNotWritten,
          // Expected: the notice is announced before the change is written.
          category: ApplicationFailureCategory.BENIGN,
          message: 'what it tells of is not written yet; looking again soon',
        });
      }
      const { messageId, kind, accountId, reference, validUntilMs, again } = notice;
      const entry = { messageId, kind, accountId, reference, validUntilMs, again };
      const request = { entry, askedAtMs: notice.announcedAtMs };
      const rewrite = async (): Promise<Letter | null> => {
        const now = await write(notice);
        return typeof now === 'string' ? null : now;
      };
      return { outcome: await deliverMail(deps, request, letter, rewrite) };
    }),
  };

  async function write(notice: DeliverNoticeInput): Promise<Letter | 'not-written-yet' | 'no-longer-true'> {
    switch (notice.kind) {
      case 'password-changed': {
        const change = await credentials.findChange(notice.reference);
        if (change === null) return 'not-written-yet';
        await tellRotation(notice, change);
        return toOwner(notice, (recipient) =>
          templates.passwordChanged({ recipient, changedAtMs: change.setAtMs }),
        );
      }
      case 'username-reminded':
        return toOwner(notice, (recipient) =>
          templates.usernameReminded({ recipient, remindedAtMs: notice.announcedAtMs }),
        );
      case 'recovery-limit-reached':
        return toOwner(notice, (recipient) =>
          templates.recoveryLimitReached({ recipient, reachedAtMs: notice.announcedAtMs }),
        );
      case 'account-registered': {
        const registered = await accountChanges.findRegistered(notice.reference);
        if (registered === null) return 'not-written-yet';
        return { recipient: registered.recipient, content: templates.accountRegistered(registered) };
      }
      case 'address-changed': {
        const change = await accountChanges.findAddressChange(notice.reference);
        if (change === null) return 'no-longer-true';
        return { recipient: change.recipient, content: templates.addressChanged(change) };
      }
      case 'two-step-changed': {
        const change = await accountChanges.findTwoStepChange(notice.reference);
        if (change === null) return 'no-longer-true';
        return { recipient: change.recipient, content: templates.twoStepChanged(change) };
      }
      case 'access-invitation': {
        const invitation = await invitations.findForMail(notice.reference);
        if (invitation === null) return 'not-written-yet';
        if (!invitation.open) return 'no-longer-true';
        const { recipient, pepperId, expiresAtMs } = invitation;
        const code = displayInvitationCode(codes.invitationCode(pepperId, notice.reference));
        return { recipient, content: templates.invitation({ recipient, code, expiresAtMs }) };
      }
      case 'agent-terminated':
        return ofTermination(notice.reference);
      case 'plan-change-waiting':
      case 'plan-change-overdue':
        return ofWaiting(notice);
      case 'plan-change-held':
      case 'plan-change-still-held':
        return ofHeld(notice);
      case 'plan-change-corrected':
      case 'agent-of-record-corrected':
        return correctionLetter(deps, notice.messageId);
      default:
        return ofDecision(notice.kind, notice.reference);
    }
  }

  async function ofTermination(terminationId: string): Promise<Letter | 'no-longer-true'> {
    const termination = await agentTerminations.findForMail(
      terminationId,
      unitDay(planChangePolicy, clock()),
    );
    if (termination === null || compliance === null) return 'no-longer-true';
    return {
      recipient: compliance,
      content: templates.agentTerminated({ recipient: compliance, ...termination }),
    };
  }

  /** Sent only while the change waits: once it is claimed or over, the lead need not be told. */
  async function ofWaiting({ kind, reference }: DeliverNoticeInput): Promise<Letter | 'no-longer-true'> {
    const change = await planChanges.find(reference);
    if (change === null || stageAt(change, clock()) !== 'queued') return 'no-longer-true';
    const { planChangeId, waitingSinceMs } = change;
    const overdue = kind === 'plan-change-overdue';
    return {
      recipient: unitLead,
      content: templates.planChangeWaiting({ recipient: unitLead, planChangeId, waitingSinceMs, overdue }),
    };
  }

  /** Sent only while the change is held: one resolved meanwhile need not be mentioned. */
  async function ofHeld({ kind, reference }: DeliverNoticeInput): Promise<Letter | 'no-longer-true'> {
    const change = await planChanges.find(reference);
    if (change === null || change.heldFor === null || change.heldSinceMs === null) return 'no-longer-true';
    const { planChangeId, heldSinceMs, heldFor } = change;
    const again = kind === 'plan-change-still-held';
    return {
      recipient: unitLead,
      content: templates.planChangeHeld({ recipient: unitLead, planChangeId, heldSinceMs, heldFor, again }),
    };
  }

  /** The recorded decision, for the customer or one of the agents. */
  async function ofDecision(
    kind: DecisionNoticeKind,
    planChangeId: string,
  ): Promise<Letter | 'no-longer-true'> {
    const decision = await aorDecisions.findForMail(planChangeId);
    if (decision === null) return 'no-longer-true';
    const { customerId, planName, effectiveOn, reason, agent } = decision;
    if (kind === 'plan-change-completed') {
      const recipient = decision.customer;
      const agentOfRecord = agentForCustomer(decision);
      return {
        recipient,
        content: templates.planChangeCompleted({ recipient, planName, effectiveOn, agentOfRecord }),
      };
    }
    const recipient = kind === 'agent-of-record-lost' ? decision.previousAgent : agent;
    if (recipient === null) return 'no-longer-true';
    return {
      recipient,
      content: templates.agentOfRecord({
        recipient,
        customerId,
        change: AGENT_CHANGES[kind],
        reason,
        effectiveOn,
      }),
    };
  }

  /** The run that sends reminders for the replaced password has none left to send. */
  async function tellRotation(
    { accountId }: DeliverNoticeInput,
    { endsRotationOf: credentialId }: ChangedPassword,
  ): Promise<void> {
    if (accountId === undefined || credentialId === null) return;
    await rotationRuns.passwordChanged({ accountId, credentialId });
  }

  async function toOwner(
    { accountId }: DeliverNoticeInput,
    compose: (recipient: Recipient) => Letter['content'],
  ): Promise<Letter | 'no-longer-true'> {
    const recipient = accountId === undefined ? null : await recipients.findRecipient(accountId);
    return recipient === null ? 'no-longer-true' : { recipient, content: compose(recipient) };
  }
}

function agentForCustomer({ outcome, agent }: DecisionForMail): PlanChangeCompletedContent['agentOfRecord'] {
  if (agent === null) return { kind: 'nobody' };
  return { kind: outcome === 'retained' ? 'stays' : 'is-new', name: agent.name };
}
