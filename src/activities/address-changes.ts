import { addressChangedNotice } from '../contracts/notice';
import type { AccountChanges } from '../ports/accounts';
import type { NoticeStarter } from '../ports/mail';

const PAGE = 100;

/**
 * Starts the notice of each address change that has none yet; returns how many. The database records a change together with the
 * address itself, so the code that changes an address needs no Temporal. Safe to repeat, and to run on several workers at once:
 * each notice is one run.
 */
export async function announceAddressChanges(
  changes: Pick<AccountChanges, 'unannounced' | 'markAnnounced'>,
  notices: NoticeStarter,
  clock: () => number,
): Promise<number> {
  for (let announced = 0; ;) {
    const page = await changes.unannounced(PAGE);
    for (const { accountId, changeId } of page) {
      await notices.start(addressChangedNotice(accountId, changeId, clock()));
    }
    await changes.markAnnounced(
      page.map(({ changeId }) => changeId),
      clock(),
    );
    announced += page.length;
    if (page.length < PAGE) return announced;
  }
}
