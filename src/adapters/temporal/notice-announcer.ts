import type { Connection } from '@temporalio/client';
import {
  accountRegisteredNotice,
  invitationNotice,
  passwordChangedNotice,
  usernameRemindedNotice,
  type DeliverNoticeInput,
} from '../../contracts/notice';
import type { NoticeAnnouncer, NoticeRestarter, NoticeStarter } from '../../ports/mail';
import { callTemporal } from './calls';

/** Starts the notices of changes that the API itself writes. Throws `UnavailableError` if Temporal is unavailable: then nothing is changed. */
export function createNoticeAnnouncer(
  connection: Connection,
  notices: NoticeStarter & NoticeRestarter,
): NoticeAnnouncer {
  const announce = (notice: DeliverNoticeInput, isRepeated = false): Promise<void> =>
    callTemporal(connection, () => (isRepeated ? notices.restart(notice) : notices.start(notice)));
  return {
    announcePasswordChanged: ({ accountId, credentialId, atMs, isRepeated }) =>
      announce(passwordChangedNotice(accountId, credentialId, atMs), isRepeated),
    announceUsernameReminded: ({ accountId, reminderId, atMs }) =>
      announce(usernameRemindedNotice(accountId, reminderId, atMs)),
    announceRegistered: ({ accountId, atMs, isRepeated }) =>
      announce(accountRegisteredNotice(accountId, atMs), isRepeated),
    announceInvitation: ({ invitationId, atMs, expiresAtMs, isRepeated }) =>
      announce(invitationNotice(invitationId, atMs, expiresAtMs), isRepeated),
  };
}
