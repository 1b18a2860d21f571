/** Consecutive wrong passwords (domain/password-tries.ts), one row per account or username they were tried for. */
import type { PasswordTries } from '../../ports/session';
import { mayTry, type TryRow } from '../../domain/accounts/password-tries';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { execute, query } from './query';

export function createPasswordTries(prisma: Database): PasswordTries {
  return {
    async isKnownAddress(credentialId, addressKey, sinceMs) {
      const [answer] = await query(prisma, { known: 'boolean' })`
        SELECT EXISTS (
          SELECT FROM sessions
          WHERE credential_id = ${credentialId}::uuid AND address_key = ${addressKey}
            AND created_at > ${timestamp(sinceMs)}
        ) AS known`;
      return answer!.known;
    },

    async take(who, allowance, { countsFromMs, nowMs }) {
      const { most, waitsMs } = allowance;
      const countsFrom = timestamp(countsFromMs);
      // One statement decides and counts under the row's lock, by the same rule as `mayTry`. Arrays begin at 1.
      const taken = await execute(prisma)`
        INSERT INTO password_tries AS row (who, wrong, last_at) VALUES (${who}, 1, ${timestamp(nowMs)})
        ON CONFLICT (who) DO UPDATE
        SET wrong = CASE WHEN row.last_at < ${countsFrom} THEN 1 ELSE row.wrong + 1 END,
            last_at = greatest(row.last_at, ${timestamp(nowMs)})
        WHERE row.last_at < ${countsFrom}
           OR (row.wrong < ${most}
               AND ((${waitsMs}::float8[])[row.wrong + 1] = 0
                 OR row.last_at + (${waitsMs}::float8[])[row.wrong + 1] * interval '1 millisecond' <= ${timestamp(nowMs)}))`;
      if (taken > 0) return { kind: 'may-try' };
      const [row] = await query<TryRow>(prisma, { wrong: 'number', lastAtMs: 'number' })`
        SELECT wrong, ${epochMs('last_at')} AS "lastAtMs" FROM password_tries WHERE who = ${who}`;
      const answer = row === undefined ? undefined : mayTry(row, allowance, nowMs);
      // Since then a right password has ended the series, or the wait is over: the next try is allowed.
      return answer === undefined || answer.kind === 'may-try' ? { kind: 'wait', waitMs: 1 } : answer;
    },

    async endRow(who) {
      await execute(prisma)`DELETE FROM password_tries WHERE who = ${who}`;
    },
  };
}
