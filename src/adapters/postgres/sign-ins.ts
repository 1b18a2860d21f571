/** What sign-ins with a code were opened for, the codes of an hour, and the switch of two-step verification (spec.md 3). */
import { maskEmail } from '../../domain/accounts/text';
import { HOUR_MS } from '../../domain/time';
import type { SignInRecord, SignInRecords, TwoStepSwitch } from '../../ports/sign-in';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { execute, query } from './query';

/**
 * An SQL condition on a sign-in `s` and its account `a`: the account is open, with the identity and password of then, and a code is still
 * asked for when signing in.
 */
export const signInStands = Prisma.sql`
  a.id = s.account_id AND a.closed_at IS NULL AND a.identity_version = s.identity_version
  AND (s.application IS NULL OR a.two_step_since IS NOT NULL)
  AND EXISTS (SELECT FROM credentials c WHERE c.id = s.credential_id AND c.retired_at IS NULL)`;

type FoundRow = Omit<SignInRecord, 'sentTo' | 'purpose'> & { readonly email: string };

/** Each method is one statement. */
export function createSignIns(prisma: Database): SignInRecords & TwoStepSwitch {
  async function find(which: Prisma.Sql): Promise<SignInRecord | null> {
    const [row] = await query<FoundRow>(prisma, {
      signInId: 'string',
      accountId: 'string',
      credentialId: 'string',
      application: 'string?',
      email: 'string',
      pepperId: 'string',
      codeDigits: 'number',
      stands: 'boolean',
    })`
      SELECT s.sign_in_id AS "signInId", s.account_id AS "accountId", s.credential_id AS "credentialId", s.application, a.email,
             s.pepper_id AS "pepperId", s.code_digits AS "codeDigits", (${signInStands}) AS stands
      FROM sign_ins s JOIN accounts a ON a.id = s.account_id WHERE ${which}
      ORDER BY s.opened_at DESC, s.sign_in_id LIMIT 1`;
    if (row === undefined) return null;
    const { email, ...record } = row;
    const purpose = record.application === null ? 'turn-on' : 'sign-in';
    return { ...record, purpose, sentTo: maskEmail(email) };
  }

  return {
    find: (signInId) => find(Prisma.sql`s.sign_in_id = ${signInId}::uuid`),

    findOfSession: (sessionDigest) => find(Prisma.sql`s.session_digest = ${sessionDigest}`),

    async open({ signInId, pepperId, codeDigits, atMs, accountId, ...subject }) {
      const [credentialId, application, sessionDigest] =
        subject.purpose === 'sign-in'
          ? [subject.credentialId, subject.application, null]
          : [null, null, subject.sessionDigest];
      await execute(prisma)`
        INSERT INTO sign_ins (sign_in_id, account_id, identity_version, credential_id, application, session_digest, pepper_id,
                              code_digits, opened_at)
        SELECT ${signInId}::uuid, a.id, a.identity_version, c.id, ${application}, ${sessionDigest}, ${pepperId},
               ${codeDigits}::int, ${timestamp(atMs)}
        FROM accounts a JOIN credentials c ON c.account_id = a.id AND c.retired_at IS NULL
        WHERE a.id = ${accountId}::uuid AND a.closed_at IS NULL AND c.id = coalesce(${credentialId}::uuid, c.id)
        ON CONFLICT (sign_in_id) DO NOTHING`;
    },

    async countCode({ signInId, accountId, sequence, atMs, codesPerHour }) {
      const [result] = await query(prisma, { counted: 'boolean' })`
        SELECT count_sign_in_code(
          ${signInId}::uuid, ${sequence}::int, ${accountId}::uuid, ${timestamp(atMs)}, ${timestamp(atMs - HOUR_MS)},
          ${codesPerHour}::int
        ) AS counted`;
      return result!.counted;
    },

    async uncountCode(signInId) {
      await execute(prisma)`DELETE FROM sign_in_codes WHERE sign_in_id = ${signInId}::uuid`;
    },

    async freeAgainAtMs(accountId, codesPerHour, nowMs) {
      const [blocking] = await query(prisma, { atMs: 'number' })`
        SELECT ${epochMs('at')} AS "atMs" FROM sign_in_codes
        WHERE account_id = ${accountId}::uuid AND at > ${timestamp(nowMs - HOUR_MS)}
        ORDER BY at DESC OFFSET ${codesPerHour - 1}::int LIMIT 1`;
      return blocking === undefined ? nowMs : blocking.atMs + HOUR_MS;
    },

    async turnOn({ signInId, atMs, address }) {
      const [result] = await query(prisma, { done: 'boolean' })`
        WITH standing AS (
          SELECT a.id FROM sign_ins s JOIN accounts a ON ${signInStands}
          WHERE s.sign_in_id = ${signInId}::uuid AND s.session_digest IS NOT NULL FOR NO KEY UPDATE OF a
        ), claim AS (
          INSERT INTO audit_events (key, at, action, outcome, account_id, address)
          SELECT ${`two-step-on:${signInId}`}, ${timestamp(atMs)}, 'two-step-on', 'success', id, ${address} FROM standing
          ON CONFLICT (key) DO NOTHING RETURNING account_id
        ), turned AS (
          UPDATE accounts SET two_step_since = coalesce(two_step_since, ${timestamp(atMs)})
          WHERE id = (SELECT account_id FROM claim)
        )
        SELECT EXISTS (SELECT FROM standing) AS done`;
      return result!.done;
    },

    async turnOff({ accountId, atMs, address, apiKeyId, operator, reason }) {
      const [result] = await query(prisma, { done: 'boolean' })`
        WITH turned AS (
          UPDATE accounts SET two_step_since = NULL WHERE id = ${accountId}::uuid RETURNING id
        ), audited AS (
          INSERT INTO audit_events (at, action, outcome, account_id, address, api_key_id, operator, reason)
          SELECT ${timestamp(atMs)}, 'two-step-off', 'success', id, ${address ?? null}, ${apiKeyId ?? null}::uuid,
                 ${operator ?? null}, ${reason ?? null} FROM turned
        )
        SELECT EXISTS (SELECT FROM turned) AS done`;
      return result!.done;
    },
  };
}
