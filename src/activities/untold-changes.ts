import {
  accountRegisteredNotice,
  invitationNotice,
  passwordChangedNotice,
  type DeliverNoticeInput,
} from '../contracts/notice';
import { DAY_MS, MINUTE_MS } from '../domain/time';
import type { AccountChanges, ToldChange } from '../ports/accounts';
import type { NoticeRestarter } from '../ports/mail';

const PAGE = 100;
/** The run of a change has given up waiting for it by then. */
const SETTLED_AFTER_MS = 2 * MINUTE_MS;
const LOOKS_BACK_MS = DAY_MS;

/**
 * Starts the notice of each change that nobody was told of; gives how many. A notice that was announced gives up after a minute when
 * its change is not there, and a commit that is cut off may leave none: a part that hangs at that moment can make the change come later.
 * May be run twice, and by several workers at once: a run that is there goes on, and the ledger knows what was sent.
 */
export async function announceUntoldChanges(
  changes: Pick<AccountChanges, 'untold'>,
  notices: NoticeRestarter,
  clock: () => number,
): Promise<number> {
  const nowMs = clock();
  const untold = await changes.untold({
    afterMs: nowMs - LOOKS_BACK_MS,
    beforeMs: nowMs - SETTLED_AFTER_MS,
    limit: PAGE,
  });
  for (const change of untold) await notices.restart(noticeOf(change));
  return untold.length;
}

function noticeOf(change: ToldChange): DeliverNoticeInput {
  switch (change.kind) {
    case 'password-changed':
      return passwordChangedNotice(change.accountId, change.credentialId, change.atMs);
    case 'account-registered':
      return accountRegisteredNotice(change.accountId, change.atMs);
    case 'access-invitation':
      return invitationNotice(change.invitationId, change.atMs, change.expiresAtMs);
  }
}
