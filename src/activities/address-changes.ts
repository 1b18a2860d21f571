import { addressChangedNotice } from '../contracts/notice';
import type { AccountChanges } from '../ports/accounts';
import type { NoticeStarter } from '../ports/mail';

const PAGE = 100;

/**
 * Starts the notice of each change of an address that has none yet; gives how many. The database writes a change down with the address
 * itself, so whoever changed it needs no Temporal. May be run twice, and by several workers at once: a notice is one run.
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
