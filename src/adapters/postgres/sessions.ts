/** Signed-in browsers, stored by the digest of their bearer token. */
import type { Account } from '../../ports/accounts';
import type { SessionStore } from '../../ports/session';
import type { Application } from '../../domain/portal';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { accountColumns } from './accounts';
import { execute, query } from './query';

interface SessionRow extends Account {
  readonly application: Application;
  readonly expiresAtMs: number;
  readonly passwordSetAtMs: number;
  readonly termsVersion: string | null;
}

/**
 * A session is valid only while the password it was opened with is the current one. So signing in with the old password during a
 * reset's commit cannot leave a session behind, whichever comes first. Nor can signing in while the account is being closed: the
 * sign-in locks the account against closing, which then ends this session too.
 */
export function createSessions(prisma: Database): SessionStore {
  return {
    async create(tokenDigest, session) {
      const { accountId, credentialId, application, addressKey, createdAtMs, expiresAtMs } = session;
      await execute(prisma)`
        WITH account AS (
          SELECT id FROM accounts WHERE id = ${accountId}::uuid AND closed_at IS NULL FOR SHARE
        )
        INSERT INTO sessions (token_digest, account_id, credential_id, application, address_key, created_at, expires_at)
        SELECT ${tokenDigest}, id, ${credentialId}::uuid, ${application}, ${addressKey},
               ${timestamp(createdAtMs)}, ${timestamp(expiresAtMs)} FROM account
        ON CONFLICT (token_digest) DO NOTHING`;
    },

    async find(tokenDigest, nowMs) {
      const [row] = await query<SessionRow>(prisma, {
        ...accountColumns,
        application: 'string',
        expiresAtMs: 'number',
        passwordSetAtMs: 'number',
        termsVersion: 'string?',
      })`
        SELECT a.id, a.portal, a.username, a.first_name AS "firstName", a.language, s.application, a.terms_version AS "termsVersion",
               ${epochMs('s.expires_at')} AS "expiresAtMs", ${epochMs('c.set_at')} AS "passwordSetAtMs"
        FROM sessions s
        JOIN accounts a ON a.id = s.account_id AND a.closed_at IS NULL
        JOIN credentials c ON c.id = s.credential_id AND c.retired_at IS NULL
        WHERE s.token_digest = ${tokenDigest} AND s.revoked_at IS NULL AND s.expires_at > ${timestamp(nowMs)}`;
      if (row === undefined) return null;
      const { application, expiresAtMs, passwordSetAtMs, termsVersion, ...account } = row;
      return { account, application, expiresAtMs, passwordSetAtMs, termsVersion };
    },

    async revoke(tokenDigest, nowMs) {
      await execute(prisma)`
        UPDATE sessions SET revoked_at = ${timestamp(nowMs)}
        WHERE token_digest = ${tokenDigest} AND revoked_at IS NULL`;
    },
  };
}
