import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import { FAILURE_TYPES } from '../contracts/failures';
import type { DeliverNoticeInput, NoticeActivities } from '../contracts/notice';
import { displayInvitationCode } from '../domain/access-code';
import { deliverMail, type MailDeliveryDeps } from './mail-delivery';
import type {
  ChangedPassword,
  ChangedPasswords,
  Email,
  EmailTemplates,
  InvitationCodes,
  InvitationSource,
  Recipient,
  RecipientDirectory,
  RotationRuns,
} from './ports';

export interface NoticeDeps extends MailDeliveryDeps {
  readonly recipients: RecipientDirectory;
  readonly templates: EmailTemplates;
  readonly credentials: ChangedPasswords;
  readonly rotationRuns: Pick<RotationRuns, 'passwordChanged'>;
  readonly invitations: InvitationSource;
  readonly codes: InvitationCodes;
}

/** A change that is announced before it is written has so long to appear; after that it never happened. */
const ANNOUNCED_FOR_MS = 60_000;

interface Letter {
  readonly recipient: Recipient;
  readonly content: Pick<Email, 'subject' | 'text' | 'html'>;
}

/** The step of the `deliverNotice` workflow. */
export function createNoticeActivities(deps: NoticeDeps): NoticeActivities {
  const { recipients, templates, credentials, rotationRuns, invitations, codes, clock } = deps;

  return {
    /**
     * A settled email is not sent again, and one sent twice after a crash has the same Message-ID. A run that was told of a change
     * twice ended at the first time.
     */
    async sendNotice(notice) {
      const letter = await write(notice);
      if (letter === 'no-longer-true') return { outcome: 'outdated' };
      if (letter === 'not-written-yet') {
        if (clock() >= notice.announcedAtMs + ANNOUNCED_FOR_MS) return { outcome: 'outdated' };
        throw ApplicationFailure.create({
          type: FAILURE_TYPES.changeNotWritten,
          message: 'what it tells of is not written yet; looking again soon',
        });
      }
      const { messageId, kind, accountId, reference, validUntilMs } = notice;
      const entry = { messageId, kind, accountId, reference, validUntilMs };
      const { attempt } = activityInfo();
      return { outcome: await deliverMail(deps, entry, letter.recipient, letter.content, attempt) };
    },
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
      case 'access-invitation': {
        const invitation = await invitations.findForMail(notice.reference);
        if (invitation === null) return 'not-written-yet';
        if (!invitation.open) return 'no-longer-true';
        const { recipient, pepperId, expiresAtMs } = invitation;
        const code = displayInvitationCode(codes.invitationCode(pepperId, notice.reference));
        return { recipient, content: templates.invitation({ recipient, code, expiresAtMs }) };
      }
    }
  }

  /** The run that reminds of the replaced password has nothing to remind of any more. */
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
