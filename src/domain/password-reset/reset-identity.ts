/** What an account's resets are counted under, before it is keyed: the same for its person and for whoever helps them. */
import type { Portal } from '../portal';
import { foldEmail } from '../accounts/text';

export interface ResetAccount {
  readonly id: string;
  readonly portal: Portal;
  readonly email: string;
}

/** Members are known by their address, brokers by their account. */
export const resetIdentity = ({ id, portal, email }: ResetAccount): string =>
  portal === 'member' ? foldEmail(email) : brokerResetIdentity(id);

export const brokerResetIdentity = (accountId: string): string => `account ${accountId}`;
