/** What each reset was opened for, and whether it still stands (ADR 32). */
import type { StandingResets } from '../../ports/password-reset';
import type { ResetRecords } from '../../ports/password-reset';
import { timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { execute, query } from './query';

/**
 * An SQL condition on a reset `r` and its account `a`: the account is open, and neither its person's identity nor its password
 * has changed since the reset was opened. The password set by this reset itself is no change.
 */
export const resetStands = Prisma.sql`
  a.id = r.account_id AND a.closed_at IS NULL AND a.identity_version = r.identity_version
  AND coalesce(
    (SELECT c.id IS NOT DISTINCT FROM r.credential_id OR c.reset_id IS NOT DISTINCT FROM r.reset_id FROM credentials c
     WHERE c.account_id = a.id AND c.retired_at IS NULL),
    r.credential_id IS NULL)`;

/** Each method is one statement. A reset without a record, opened by an earlier release, does not stand. */
export function createResetRecords(prisma: Database): ResetRecords & StandingResets {
  async function holder(resetId: string): Promise<{ accountId: string; username: string } | null> {
    const [account] = await query(prisma, { accountId: 'string', username: 'string' })`
      SELECT a.id AS "accountId", a.username FROM password_resets r JOIN accounts a ON ${resetStands}
      WHERE r.reset_id = ${resetId}::uuid`;
    return account ?? null;
  }

  return {
    holder,

    accountOf: async (resetId) => (await holder(resetId))?.accountId ?? null,

    stands: async (resetId) => (await holder(resetId)) !== null,

    async open({ resetId, accountId, atMs }) {
      await execute(prisma)`
        INSERT INTO password_resets (reset_id, account_id, identity_version, credential_id, opened_at)
        SELECT ${resetId}::uuid, a.id, a.identity_version, c.id, ${timestamp(atMs)}
        FROM (SELECT ${accountId}::uuid AS id) AS known
        LEFT JOIN accounts a USING (id)
        LEFT JOIN credentials c ON c.account_id = a.id AND c.retired_at IS NULL
        ON CONFLICT (reset_id) DO NOTHING`;
    },

    async isFor(resetId, accountId) {
      const [found] = await query(prisma, { resetId: 'string' })`
        SELECT r.reset_id AS "resetId" FROM password_resets r LEFT JOIN accounts a ON ${resetStands}
        WHERE r.reset_id = ${resetId}::uuid
          AND r.account_id IS NOT DISTINCT FROM ${accountId}::uuid AND a.id IS NOT DISTINCT FROM ${accountId}::uuid`;
      return found !== undefined;
    },

    async takeChoice(resetId, atMost) {
      const taken = await execute(prisma)`
        UPDATE password_resets SET choices = choices + 1 WHERE reset_id = ${resetId}::uuid AND choices < ${atMost}::int`;
      return taken > 0;
    },
  };
}
