import { passwordChangedNotice } from '../contracts/notice';
import type { PasswordResetActivities, SendPinInput } from '../contracts/password-reset';
import type { PortalPolicies } from '../domain/portal';
import { deliverMail, type Letter, type MailDeliveryDeps } from './mail-delivery';
import type { CredentialStore } from '../ports/accounts';
import type { AuditLog } from '../ports/audit';
import type { EmailTemplates } from '../ports/email-templates';
import type { PinSource } from '../ports/keys';
import type { NoticeStarter, Recipient, RecipientDirectory } from '../ports/mail';
import type { ResetUsageStore, StandingResets } from '../ports/password-reset';
import { tellIfUsedUp } from './recovery-limit';

export interface PasswordResetDeps extends MailDeliveryDeps {
  readonly usage: ResetUsageStore;
  readonly standingResets: StandingResets;
  readonly recipients: RecipientDirectory;
  readonly credentials: CredentialStore;
  readonly audit: AuditLog;
  readonly templates: EmailTemplates;
  readonly pins: PinSource;
  readonly policies: PortalPolicies;
  readonly notices: NoticeStarter;
  /** Whether the address still produces this subject key: it may have been changed since the reset was opened. */
  readonly identifies: (recipient: Recipient, pepperId: string, subjectKey: string) => boolean;
}

/** The steps of the `passwordReset` workflow. Each docstring says why a retry is safe. */
export function createPasswordResetActivities(deps: PasswordResetDeps): PasswordResetActivities {
  const {
    usage,
    standingResets,
    recipients,
    credentials,
    audit,
    templates,
    pins,
    policies,
    notices,
    identifies,
    inTurn,
  } = deps;

  return {
    /** The PIN counts once per reset and sequence; a settled email is not sent again; the same PIN has the same Message-ID. */
    sendPin: inTurn(async (input) => {
      const { resetId, subjectKey, sequence, madeAtMs: atMs, pinsPerDay } = input;
      const counted = await usage.recordPin({ resetId, subjectKey, sequence, atMs, pinsPerDay });
      const outcome = counted ? await emailPin(input) : 'over-budget';
      return input.needsNoUsage ? { outcome } : { outcome, usage: await usage.load(subjectKey, atMs) };
    }),

    /** Reads only. */
    loadResetUsage({ subjectKey, nowMs }) {
      return usage.load(subjectKey, nowMs);
    },

    /** A guess counts once per reset and update; the notice has one run per person and day. */
    async recordWrongGuess(input) {
      await usage.recordWrongGuess(input);
      await tellIfUsedUp(deps, input);
    },

    /** The commit is idempotent by the staged password's id, the notice's run by its message id. */
    async commitPassword({ noticeByRun, ...input }) {
      const committed = await credentials.commitStaged(input);
      if (committed && !noticeByRun)
        await notices.start(passwordChangedNotice(input.accountId, input.stagedId, input.atMs));
      return { committed };
    },

    /** The success counts once per reset, and is the key of the audit event. */
    async recordUsernameShown({ resetId, accountId, subjectKey, atMs }) {
      await usage.recordSuccess({ resetId, subjectKey, atMs });
      await audit.record({
        key: `reset:${resetId}`,
        atMs,
        action: 'username-shown',
        outcome: 'shown',
        accountId,
      });
    },
  };

  async function emailPin(
    input: SendPinInput,
  ): Promise<'delivered' | 'refused' | 'outdated' | 'no-recipient'> {
    const { resetId, accountId, sequence, madeAtMs, expiresAtMs } = input;
    const letter = await write(input);
    if (letter === null) return 'no-recipient';
    const entry = {
      messageId: `pin.${resetId}.${sequence}`,
      kind: 'pin',
      accountId,
      reference: resetId,
      validUntilMs: expiresAtMs,
    } as const;
    return deliverMail(deps, { entry, askedAtMs: madeAtMs }, letter, () => write(input));
  }

  async function write(input: SendPinInput): Promise<Letter | null> {
    const { resetId, portal, subjectKey, accountId, pepperId, sequence, madeAtMs, expiresAtMs } = input;
    const digits = input.digits ?? policies[portal].pin?.digits;
    const recipient = accountId === undefined ? null : await recipients.findRecipient(accountId);
    if (!recipient || digits === undefined || !identifies(recipient, pepperId, subjectKey)) return null;
    if (!(await standingResets.stands(resetId))) return null;
    const pin = pins.pin(pepperId, resetId, sequence, digits);
    const content = templates.pin({ recipient, pin, madeAtMs, expiresAtMs, nowMs: deps.clock() });
    return { recipient, content };
  }
}
