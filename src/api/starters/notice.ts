import type { Connection } from '@temporalio/client';
import {
  accountRegisteredNotice,
  invitationNotice,
  passwordChangedNotice,
  usernameRemindedNotice,
  type DeliverNoticeInput,
} from '../../contracts/notice';
import type { NoticeAnnouncer } from '../ports';
import { callTemporal } from './temporal-calls';

/** Announces changes that the API itself writes. Throws `AppError('unavailable')` when Temporal cannot take it: then nothing is changed. */
export function createNoticeAnnouncer(
  connection: Connection,
  notices: { start(notice: DeliverNoticeInput): Promise<void> },
): NoticeAnnouncer {
  const announce = (notice: DeliverNoticeInput): Promise<void> =>
    callTemporal(connection, () => notices.start(notice));
  return {
    announcePasswordChanged: ({ accountId, credentialId, atMs }) =>
      announce(passwordChangedNotice(accountId, credentialId, atMs)),
    announceUsernameReminded: ({ accountId, reminderId, atMs }) =>
      announce(usernameRemindedNotice(accountId, reminderId, atMs)),
    announceRegistered: ({ accountId, atMs }) => announce(accountRegisteredNotice(accountId, atMs)),
    announceInvitation: ({ invitationId, atMs, expiresAtMs }) =>
      announce(invitationNotice(invitationId, atMs, expiresAtMs)),
  };
}
