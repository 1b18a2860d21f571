/** Passwords, as hashes: how a new one replaces the current one. */
import type { ChangedPassword, ChangedPasswords, CredentialStore } from '../../ports/accounts';
import type { PasswordStaging } from '../../ports/password-reset';
import type { PasswordReplacer } from '../../ports/session';
import { epochMs, timestamp } from './epoch';
import { isUniqueViolation } from './database-errors';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { execute, query } from './query';
import { resetStands } from './reset-records';

type Credentials = CredentialStore & ChangedPasswords & PasswordStaging & PasswordReplacer;

/** Each write is one statement: one round trip, and never half done. */
export function createCredentials(prisma: Database): Credentials {
  return {
    async findChange(credentialId) {
      const [change] = await query<ChangedPassword>(prisma, { setAtMs: 'number', endsRotationOf: 'string?' })`
        SELECT ${epochMs('c.set_at')} AS "setAtMs", (
          SELECT id FROM credentials
          WHERE account_id = c.account_id AND retired_at = c.set_at AND rotation_started_at IS NOT NULL LIMIT 1
        ) AS "endsRotationOf"
        FROM credentials c WHERE c.id = ${credentialId}::uuid`;
      return change ?? null;
    },

    async stage({ stagedId, resetId, hash }) {
      await execute(prisma)`
        INSERT INTO staged_passwords (id, reset_id, hash) VALUES (${stagedId}::uuid, ${resetId}::uuid, ${hash})
        ON CONFLICT (id) DO NOTHING`;
    },

    async commitStaged({ resetId, stagedId, accountId, subjectKey, atMs }) {
      // The account's row is locked, so that closing it or correcting its address happens entirely before or after this. The
      // audit event's key lets each staged password through once; everything else depends on that row.
      const [committed] = await retryingCollisions(
        () => query(prisma, { id: 'string' })`
          WITH standing AS (
            SELECT a.id FROM password_resets r JOIN accounts a ON ${resetStands}
            WHERE r.reset_id = ${resetId}::uuid AND a.id = ${accountId}::uuid FOR NO KEY UPDATE OF a
          ), staged AS (
            SELECT s.id, s.hash FROM standing, staged_passwords s
            WHERE s.id = ${stagedId}::uuid AND s.reset_id = ${resetId}::uuid
          ), claim AS (
            INSERT INTO audit_events (key, at, action, outcome, account_id)
            SELECT ${`credential:${stagedId}`}, ${timestamp(atMs)}, 'password-reset', 'success', ${accountId}::uuid FROM staged
            ON CONFLICT (key) DO NOTHING RETURNING account_id
          ), retired AS (
            UPDATE credentials SET retired_at = ${timestamp(atMs)}
            WHERE account_id = (SELECT account_id FROM claim) AND retired_at IS NULL RETURNING id
          ), fresh AS (
            INSERT INTO credentials (id, account_id, hash, set_at, reset_id)
            SELECT staged.id, claim.account_id, staged.hash, ${timestamp(atMs)}, ${resetId}::uuid
            FROM staged, claim, (SELECT count(*) FROM retired) AS after_retiring
            RETURNING id, account_id
          ), ${endSessions(atMs)}, cleared AS (
            DELETE FROM staged_passwords WHERE reset_id = ${resetId}::uuid AND EXISTS (SELECT FROM fresh)
          ), success AS (
            INSERT INTO reset_uses (reset_id, kind, sequence, subject_key, at)
            SELECT ${resetId}::uuid, 'success', 1, ${subjectKey}, ${timestamp(atMs)} FROM fresh
            ON CONFLICT DO NOTHING
          )
          SELECT id FROM fresh`,
      );
      return committed !== undefined || isHeldBy(prisma, accountId, stagedId);
    },

    async replace({ accountId, credentialId, previousCredentialId, hash, atMs, address }) {
      const [result] = await query(prisma, { replaced: 'boolean' })`
        WITH account AS (
          SELECT id FROM accounts WHERE id = ${accountId}::uuid AND closed_at IS NULL FOR NO KEY UPDATE
        ), retired AS (
          UPDATE credentials SET retired_at = ${timestamp(atMs)}
          WHERE id = ${previousCredentialId}::uuid AND account_id = (SELECT id FROM account) AND retired_at IS NULL
          RETURNING account_id
        ), fresh AS (
          INSERT INTO credentials (id, account_id, hash, set_at)
          SELECT ${credentialId}::uuid, account_id, ${hash}, ${timestamp(atMs)} FROM retired
          RETURNING id, account_id
        ), ${endSessions(atMs)}, audited AS (
          INSERT INTO audit_events (key, at, action, outcome, account_id, address)
          SELECT 'password-change:' || id, ${timestamp(atMs)}, 'password-changed', 'success', account_id, ${address}
          FROM fresh
        )
        SELECT EXISTS (SELECT FROM fresh) OR EXISTS (
          SELECT FROM credentials
          WHERE id = ${credentialId}::uuid AND account_id = ${accountId}::uuid AND retired_at IS NULL) AS replaced`;
      return result!.replaced;
    },
  };
}

/** No session outlives the password it was opened with: depends on a row in `fresh`. */
const endSessions = (atMs: number): Prisma.Sql => Prisma.sql`
  ended AS (
    UPDATE sessions SET revoked_at = ${timestamp(atMs)}
    WHERE account_id = (SELECT account_id FROM fresh) AND revoked_at IS NULL
  )`;

/** Whether an earlier run of the same commit already turned the staged password into a credential. */
async function isHeldBy(prisma: Database, accountId: string, credentialId: string): Promise<boolean> {
  const held = await prisma.credential.findFirst({
    where: { id: credentialId, accountId },
    select: { id: true },
  });
  return held !== null;
}

/**
 * Two simultaneous changes of one account collide on its single current password, and the later one fails completely. When
 * repeated, it sees what the earlier one wrote, and whether the reset still stands.
 */
async function retryingCollisions<T>(write: () => Promise<T>, triesLeft = 5): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (triesLeft === 0 || !isUniqueViolation(error)) throw error;
    return retryingCollisions(write, triesLeft - 1);
  }
}
