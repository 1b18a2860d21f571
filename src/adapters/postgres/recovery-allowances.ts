/**
 * An allowance by the helpdesk: earlier uses of the reset budget by an account's person no longer count (domain/reset-budget.ts).
 */
import type { RecoveryAllowances } from '../../ports/password-reset';
import { resetIdentity, type ResetAccount } from '../../domain/password-reset/reset-identity';
import { timestamp } from './epoch';
import type { Database } from './database';
import { execute, query } from './query';
import type { Keyring } from '../keys/keyring';

export function createRecoveryAllowances(
  prisma: Database,
  keys: Pick<Keyring, 'ids' | 'subjectKey'>,
): RecoveryAllowances {
  return {
    async allow(accountId, atMs) {
      const [account] = await query<ResetAccount>(prisma, {
        id: 'string',
        portal: 'string',
        email: 'string',
      })`
        SELECT id, portal, email FROM accounts WHERE id = ${accountId}::uuid`;
      if (account === undefined) return false;
      const subjectKeys = keys.ids.map((id) => keys.subjectKey(id, account.portal, resetIdentity(account)));
      // Not before the last use, which another machine's clock may have put slightly ahead of ours.
      await execute(prisma)`
        INSERT INTO reset_uses (reset_id, kind, sequence, subject_key, at)
        SELECT gen_random_uuid(), 'allowance', 1, subject,
               greatest(${timestamp(atMs)}, (SELECT max(at) FROM reset_uses WHERE subject_key = subject))
        FROM unnest(${subjectKeys}::text[]) AS subject`;
      return true;
    },
  };
}
