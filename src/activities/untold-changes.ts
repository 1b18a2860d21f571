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
/** By then, the change's run has stopped waiting for it. */
const SETTLED_AFTER_MS = 2 * MINUTE_MS;
const LOOKS_BACK_MS = DAY_MS;

/**
 * Starts the notice of each change that nobody was told about; returns how many. A notice announced in advance gives up after a
 * minute without its change, and an interrupted commit may leave none: if a part hangs at that moment, the change can be written
 * later. Safe to repeat, and to run on several workers at once: an existing run continues, and the ledger knows what was sent.
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
