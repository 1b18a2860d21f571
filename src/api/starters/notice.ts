import type { Connection } from '@temporalio/client';
import { passwordChangedNotice, type DeliverNoticeInput } from '../../contracts/notice';
import type { NoticeAnnouncer } from '../ports';
import { callTemporal } from './temporal-calls';

/** Announces changes that the API itself writes. Throws `AppError('unavailable')` when Temporal cannot take it: then nothing is changed. */
export function createNoticeAnnouncer(
  connection: Connection,
  notices: { start(notice: DeliverNoticeInput): Promise<void> },
): NoticeAnnouncer {
  return {
    announcePasswordChanged: ({ accountId, credentialId, atMs }) =>
      callTemporal(connection, () => notices.start(passwordChangedNotice(accountId, credentialId, atMs))),
  };
}
