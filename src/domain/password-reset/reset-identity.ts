/** The unkeyed identity that an account's resets are counted under: the same for its owner and for the helpdesk. */
import type { Portal } from '../portal';
import { foldEmail } from '../accounts/text';

export interface ResetAccount {
  readonly id: string;
  readonly portal: Portal;
  readonly email: string;
}

/** Members are identified by address, brokers by account. */
export const resetIdentity = ({ id, portal, email }: ResetAccount): string =>
  portal === 'member' ? foldEmail(email) : brokerResetIdentity(id);

export const brokerResetIdentity = (accountId: string): string => `account ${accountId}`;
