import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import { FAILURE_TYPES } from '../contracts/failures';
import type {
  CredentialInput,
  EndMoved,
  PasswordRotationActivities,
  SendReminderInput,
} from '../contracts/password-rotation';
import type { PortalPolicies } from '../domain/portal';
import {
  movedCalendar,
  untilReminderHoursMs,
  writingHours,
} from '../domain/password-rotation/rotation-calendar';
import { deliverMail, type Letter, type MailDeliveryDeps } from './mail-delivery';
import type { EmailTemplates } from '../ports/email-templates';
import type { RecipientDirectory } from '../ports/mail';
import type { Rotations } from '../ports/password-rotation';

export interface PasswordRotationDeps extends MailDeliveryDeps {
  readonly rotations: Rotations;
  readonly recipients: RecipientDirectory;
  readonly templates: EmailTemplates;
  readonly policies: PortalPolicies;
}

/** The steps of the `passwordRotation` workflow. */
export function createPasswordRotationActivities(deps: PasswordRotationDeps): PasswordRotationActivities {
  const { rotations, recipients, templates, policies, clock, inTurn } = deps;

  return {
    /** A settled email is not sent again, a duplicate after a crash has the same Message-ID, and a reminder is recorded once. */
    sendReminder: inTurn(async (input) => {
      const { accountId, credentialId } = input;
      const status = await rotations.status(credentialId);
      if (status !== 'current') return { outcome: status };
      const moved = endMoved(input);
      if (moved !== null) return moved;
      const letter = await write(input);
      if (letter === null) return { outcome: 'account-closed' };

      const nowMs = clock();
      const reminder = nameOf(input);
      const entry = {
        messageId: `password-reminder.${credentialId}.${reminder}`,
        kind: 'password-reminder',
        accountId,
        reference: credentialId,
        validUntilMs: sendUntilMs(input, nowMs),
      } as const;
      const request = { entry, askedAtMs: activityInfo().scheduledTimestampMs };
      const outcome = await deliverMail(deps, request, letter, async () =>
        (await rotations.status(credentialId)) === 'current' ? write(input) : null,
      );
      if (outcome === 'delivered') {
        await rotations.recordReminder({ credentialId, accountId, reminder, atMs: nowMs });
      }
      return { outcome };
    }),

    /** Reads only. */
    async credentialStanding(input) {
      const status = await rotations.status(input.credentialId);
      return status === 'current' ? (endMoved(input) ?? status) : status;
    },
  };

  function endMoved({ portal, expiresAtMs, terms }: CredentialInput): EndMoved | null {
    if (portal === undefined || expiresAtMs === undefined) return null;
    const calendar = movedCalendar(policies[portal], { expiresAtMs, terms });
    return calendar === undefined ? null : { outcome: 'end-moved', calendar };
  }

  async function write({ accountId, portal, expiresAtMs, terms }: SendReminderInput): Promise<Letter | null> {
    const recipient = await recipients.findRecipient(accountId);
    if (recipient === null) return null;
    const { timeZone } = terms ?? policies[portal];
    return {
      recipient,
      content: templates.passwordReminder({ recipient, timeZone, expiresAtMs, nowMs: clock() }),
    };
  }

  /**
   * The end of the period in which the email may be handed over. Throws a retryable `OutsideReminderHours` failure, due when the
   * hours begin; if they begin too late, returns the current time.
   */
  function sendUntilMs({ portal, untilMs, terms }: SendReminderInput, nowMs: number): number {
    const waitMs = untilReminderHoursMs(terms ?? writingHours(policies[portal]), nowMs);
    if (waitMs === 0) return untilMs;
    if (nowMs + waitMs >= untilMs) return nowMs;
    throw ApplicationFailure.create({
      type: FAILURE_TYPES.outsideReminderHours,
      message: 'people are written to in the hours of the portal only; it is sent when they begin',
      nextRetryDelay: waitMs,
    });
  }
}

/** `14`, or `14.180` if the end was moved to 180 days: people reminded of the first end are still reminded of the new one. */
const nameOf = ({ daysBefore, moved, terms }: SendReminderInput): string =>
  moved === true ? `${daysBefore}.${terms?.lifetimeDays}` : String(daysBefore);
