import { ApplicationFailure, activityInfo } from '@temporalio/activity';
import { FAILURE_TYPES } from '../contracts/failures';
import type { NoticeActivities } from '../contracts/notice';
import { deliverMail, type MailDeliveryDeps } from './mail-delivery';
import type { CredentialDates, EmailTemplates, RecipientDirectory } from './ports';

export interface NoticeDeps extends MailDeliveryDeps {
  readonly recipients: RecipientDirectory;
  readonly templates: EmailTemplates;
  readonly credentials: CredentialDates;
}

/** A change that is announced before it is written has so long to appear; after that it never happened. */
const ANNOUNCED_FOR_MS = 60_000;

/** The step of the `deliverNotice` workflow. */
export function createNoticeActivities(deps: NoticeDeps): NoticeActivities {
  const { recipients, templates, credentials, clock } = deps;

  return {
    /** A settled email is not sent again, and one sent twice after a crash has the same Message-ID. */
    async sendNotice({ messageId, kind, accountId, reference, validUntilMs, announcedAtMs }) {
      const changedAtMs = await credentials.setAtMs(reference);
      if (changedAtMs === null) {
        if (clock() >= announcedAtMs + ANNOUNCED_FOR_MS) return { outcome: 'outdated' };
        throw ApplicationFailure.create({
          type: FAILURE_TYPES.changeNotWritten,
          message: 'what it tells of is not written yet; looking again soon',
        });
      }
      const recipient = await recipients.findRecipient(accountId);
      if (!recipient) return { outcome: 'outdated' };
      const entry = { messageId, kind, accountId, reference, validUntilMs };
      const content = templates.passwordChanged({ recipient, changedAtMs });
      return { outcome: await deliverMail(deps, entry, recipient, content, activityInfo().attempt) };
    },
  };
}
