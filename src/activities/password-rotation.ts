import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import { FAILURE_TYPES } from '../contracts/failures';
import type { PasswordRotationActivities, SendReminderInput } from '../contracts/password-rotation';
import type { PortalPolicies } from '../domain/portal';
import { untilReminderHoursMs } from '../domain/rotation-calendar';
import { deliverMail, type Letter, type MailDeliveryDeps } from './mail-delivery';
import type { EmailTemplates, RecipientDirectory, Rotations } from './ports';

export interface PasswordRotationDeps extends MailDeliveryDeps {
  readonly rotations: Rotations;
  readonly recipients: RecipientDirectory;
  readonly templates: EmailTemplates;
  readonly policies: PortalPolicies;
}

/** The steps of the `passwordRotation` workflow. */
export function createPasswordRotationActivities(deps: PasswordRotationDeps): PasswordRotationActivities {
  const { rotations, recipients, templates, policies, clock } = deps;

  return {
    /** A settled email is not sent again, one sent twice after a crash has the same Message-ID, and it is written down once. */
    async sendReminder(input) {
      const { accountId, credentialId, daysBefore } = input;
      const standing = await rotations.standing(credentialId);
      if (standing !== 'current') return { outcome: standing };
      const letter = await write(input);
      if (letter === null) return { outcome: 'account-closed' };

      const nowMs = clock();
      const entry = {
        messageId: `password-reminder.${credentialId}.${daysBefore}`,
        kind: 'password-reminder',
        accountId,
        reference: credentialId,
        validUntilMs: sendUntilMs(input, nowMs),
      } as const;
      const request = { entry, askedAtMs: activityInfo().scheduledTimestampMs };
      const outcome = await deliverMail(deps, request, letter, async () =>
        (await rotations.standing(credentialId)) === 'current' ? write(input) : null,
      );
      if (outcome === 'delivered') {
        await rotations.recordReminder({ credentialId, accountId, daysBefore, atMs: nowMs });
      }
      return { outcome };
    },

    /** Reads only. */
    credentialStanding({ credentialId }) {
      return rotations.standing(credentialId);
    },
  };

  async function write({ accountId, expiresAtMs }: SendReminderInput): Promise<Letter | null> {
    const recipient = await recipients.findRecipient(accountId);
    const content = recipient && templates.passwordReminder({ recipient, expiresAtMs, nowMs: clock() });
    return content && { recipient, content };
  }

  /**
   * Until when the email may be handed over. Throws a retryable `OutsideReminderHours` failure, due when the hours begin; where they
   * begin too late it is over now.
   */
  function sendUntilMs({ portal, untilMs }: SendReminderInput, nowMs: number): number {
    const waitMs = untilReminderHoursMs(policies[portal], nowMs);
    if (waitMs === 0) return untilMs;
    if (nowMs + waitMs >= untilMs) return nowMs;
    throw ApplicationFailure.create({
      type: FAILURE_TYPES.outsideReminderHours,
      message: 'people are written to in the hours of the portal only; it is sent when they begin',
      nextRetryDelay: waitMs,
    });
  }
}
