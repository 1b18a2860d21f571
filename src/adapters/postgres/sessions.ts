/** Signed-in browsers, stored by the digest of their bearer token. */
import type { Account } from '../../ports/accounts';
import type { FoundSession, SessionStore, SignIn } from '../../ports/session';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { accountColumns } from './accounts';
import { execute, query } from './query';
import { signInStands } from './sign-ins';

type SessionRow = Account & Omit<FoundSession, 'account'>;

/** An SQL condition on a session `s`: nobody ended it, and no time has. */
const isOpen = (nowMs: number): Prisma.Sql => Prisma.sql`
  s.revoked_at IS NULL AND s.expires_at > ${timestamp(nowMs)}
  AND (s.idle_expires_at IS NULL OR s.idle_expires_at > ${timestamp(nowMs)})`;

/** As it is stored: to the millisecond. */
const storedTime = (ms: number | null): Prisma.Sql =>
  ms === null ? Prisma.sql`NULL::timestamptz` : Prisma.sql`${timestamp(ms)}::timestamptz(3)`;

/**
 * A session is valid only while the password it was opened with is the current one. So signing in with the old password during a
 * reset's commit cannot leave a session behind, whichever comes first. Nor can signing in while the account is being closed: the
 * sign-in locks the account against closing, which then ends this session too.
 */
export function createSessions(prisma: Database): SessionStore {
  return {
    async create(tokenDigest, session) {
      const { accountId, credentialId, application, addressKey, signInId } = session;
      const { createdAtMs, expiresAtMs, idleExpiresAtMs } = session;
      const isStill =
        signInId === undefined
          ? Prisma.sql`a.closed_at IS NULL`
          : Prisma.sql`EXISTS (SELECT FROM sign_ins s WHERE s.sign_in_id = ${signInId}::uuid AND ${signInStands})`;
      const [result] = await query(prisma, { begun: 'boolean' })`
        WITH account AS (
          SELECT a.id FROM accounts a WHERE a.id = ${accountId}::uuid AND ${isStill} FOR SHARE
        ), session AS (
          INSERT INTO sessions (token_digest, account_id, credential_id, application, address_key, created_at,
                                expires_at, idle_expires_at)
          SELECT ${tokenDigest}, id, ${credentialId}::uuid, ${application}, ${addressKey},
                 ${timestamp(createdAtMs)}, ${timestamp(expiresAtMs)}, ${storedTime(idleExpiresAtMs)} FROM account
          ON CONFLICT (token_digest) DO NOTHING
        )
        SELECT EXISTS (SELECT FROM account) AS begun`;
      return result!.begun;
    },

    async find(tokenDigest, nowMs) {
      const [row] = await query<SessionRow>(prisma, {
        ...accountColumns,
        application: 'string',
        addressKey: 'string?',
        createdAtMs: 'number',
        expiresAtMs: 'number',
        idleExpiresAtMs: 'number?',
        passwordSetAtMs: 'number',
        termsVersion: 'string?',
        twoStep: 'boolean',
      })`
        SELECT a.id, a.portal, a.username, a.first_name AS "firstName", a.language, s.application, a.terms_version AS "termsVersion",
               s.address_key AS "addressKey", a.two_step_since IS NOT NULL AS "twoStep", ${epochMs('s.created_at')} AS "createdAtMs",
               ${epochMs('s.expires_at')} AS "expiresAtMs", ${epochMs('s.idle_expires_at')} AS "idleExpiresAtMs", ${epochMs('c.set_at')} AS "passwordSetAtMs"
        FROM sessions s
        JOIN accounts a ON a.id = s.account_id AND a.closed_at IS NULL
        JOIN credentials c ON c.id = s.credential_id AND c.retired_at IS NULL
        WHERE s.token_digest = ${tokenDigest} AND ${isOpen(nowMs)}`;
      if (row === undefined) return null;
      const { id, portal, username, firstName, language, ...session } = row;
      return { ...session, account: { id, portal, username, firstName, language } };
    },

    async renew(tokenDigest, { foundMs, idleExpiresAtMs }) {
      await execute(prisma)`
        UPDATE sessions SET idle_expires_at = ${storedTime(idleExpiresAtMs)}
        WHERE token_digest = ${tokenDigest} AND revoked_at IS NULL
          AND idle_expires_at IS NOT DISTINCT FROM ${storedTime(foundMs)}`;
    },

    async revoke(tokenDigest, nowMs) {
      await execute(prisma)`
        UPDATE sessions SET revoked_at = ${timestamp(nowMs)}
        WHERE token_digest = ${tokenDigest} AND revoked_at IS NULL`;
    },

    async revokeAll(accountId, nowMs) {
      await execute(prisma)`
        UPDATE sessions SET revoked_at = ${timestamp(nowMs)}
        WHERE account_id = ${accountId}::uuid AND revoked_at IS NULL`;
    },

    latest: (accountId, atMost, nowMs) =>
      query<SignIn>(prisma, {
        tokenDigest: 'string',
        application: 'string',
        addressKey: 'string?',
        atMs: 'number',
        ended: 'boolean',
      })`
        SELECT s.token_digest AS "tokenDigest", s.application, s.address_key AS "addressKey",
               ${epochMs('s.created_at')} AS "atMs", NOT (${isOpen(nowMs)} AND c.retired_at IS NULL) AS ended
        FROM sessions s JOIN credentials c ON c.id = s.credential_id
        WHERE s.account_id = ${accountId}::uuid
        ORDER BY s.created_at DESC, s.token_digest LIMIT ${atMost}`,
  };
}
