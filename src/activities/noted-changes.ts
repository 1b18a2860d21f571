import { addressChangedNotice, twoStepChangedNotice } from '../contracts/notice';
import type { AccountChanges } from '../ports/accounts';
import type { NoticeStarter } from '../ports/mail';

const PAGE = 100;

/**
 * Starts the notice of each change of an address, or of two-step verification, that has none yet; returns how many. The database records
 * it together with the change itself, so the code that makes it needs no Temporal. Safe to repeat, and to run on several workers at once:
 * each notice is one run.
 */
export async function announceNotedChanges(
  changes: Pick<AccountChanges, 'unannounced' | 'markAnnounced'>,
  notices: NoticeStarter,
  clock: () => number,
): Promise<number> {
  for (let announced = 0; ;) {
    const page = await changes.unannounced(PAGE);
    for (const { kind, accountId, changeId } of page) {
      const noticeOf = kind === 'address-changed' ? addressChangedNotice : twoStepChangedNotice;
      await notices.start(noticeOf(accountId, changeId, clock()));
    }
    await changes.markAnnounced(
      page.map(({ changeId }) => changeId),
      clock(),
    );
    announced += page.length;
    if (page.length < PAGE) return announced;
  }
}
