/** Account lookups for the API and the mail activities. */
import type { Recipient, RecipientDirectory } from '../../ports/mail';
import type { Account, AccountStore, AccountWithCredential, PastPassword } from '../../ports/accounts';
import type { Portal } from '../../domain/portal';
import { foldEmail, foldUsername } from '../../domain/accounts/text';
import { epochMs } from './epoch';
import type { Database } from './database';
import { query, type Columns } from './query';

interface AccountRow extends Account {
  readonly credentialId: string | null;
  readonly hash: string | null;
  readonly setAtMs: number | null;
  readonly termsVersion: string | null;
  readonly twoStep: boolean;
}

export const accountColumns: Columns<Account> = {
  id: 'string',
  portal: 'string',
  username: 'string',
  firstName: 'string',
  language: 'string',
};

/** One statement per query. Each returns null if there is no account; all except `findById` also for a closed one. */
export function createAccounts(prisma: Database): AccountStore & RecipientDirectory {
  return {
    async findById(accountId) {
      const [account] = await query<Account>(prisma, accountColumns)`
        SELECT id, portal, username, first_name AS "firstName", language
        FROM accounts WHERE id = ${accountId}::uuid`;
      return account ?? null;
    },

    async findByUsername(portal: Portal, username: string) {
      const [row] = await query<AccountRow>(prisma, {
        ...accountColumns,
        credentialId: 'string?',
        hash: 'string?',
        setAtMs: 'number?',
        termsVersion: 'string?',
        twoStep: 'boolean',
      })`
        SELECT a.id, a.portal, a.username, a.first_name AS "firstName", a.language, a.terms_version AS "termsVersion",
               a.two_step_since IS NOT NULL AS "twoStep",
               c.id AS "credentialId", c.hash, ${epochMs('c.set_at')} AS "setAtMs"
        FROM accounts a LEFT JOIN credentials c ON c.account_id = a.id AND c.retired_at IS NULL
        WHERE a.portal = ${portal} AND a.username_key = ${foldUsername(username)} AND a.closed_at IS NULL`;
      return row === undefined ? null : withCredential(row);
    },

    async findIdByEmail(portal: Portal, email: string) {
      const [row, other] = await query(prisma, { id: 'string' })`
        SELECT id FROM accounts
        WHERE portal = ${portal} AND email_key = ${foldEmail(email)} AND closed_at IS NULL LIMIT 2`;
      return row === undefined || other !== undefined ? null : row.id;
    },

    passwordHistory: (accountId, length) =>
      query<PastPassword>(prisma, { credentialId: 'string', hash: 'string', resetId: 'string?' })`
        SELECT id AS "credentialId", hash, reset_id AS "resetId" FROM credentials WHERE account_id = ${accountId}::uuid
        ORDER BY (retired_at IS NULL) DESC, set_at DESC, retired_at DESC LIMIT ${length}`,

    async findRecipient(accountId) {
      const [recipient] = await query<Recipient>(prisma, {
        accountId: 'string',
        portal: 'string',
        email: 'string',
        firstName: 'string',
        username: 'string',
        language: 'string',
      })`
        SELECT id AS "accountId", portal, email, first_name AS "firstName", username, language
        FROM accounts WHERE id = ${accountId}::uuid AND closed_at IS NULL`;
      return recipient ?? null;
    },
  };
}

function withCredential({ credentialId, hash, setAtMs, ...account }: AccountRow): AccountWithCredential {
  const credential =
    credentialId !== null && hash !== null && setAtMs !== null ? { id: credentialId, hash, setAtMs } : null;
  return { ...account, credential };
}
