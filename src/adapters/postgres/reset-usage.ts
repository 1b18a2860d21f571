/** What people used of their reset budgets (spec.md 4): one row per PIN, wrong guess, success or allowance. */
import type { ResetUsageStore } from '../../ports/password-reset';
import { DAY_MS, MINUTE_MS } from '../../domain/time';
import { FAILURES_COUNT_FOR_MS, type ResetUsage } from '../../domain/password-reset/reset-budget';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { execute, query } from './query';

const MONTH_MS = 30 * DAY_MS;
/** A guess whose outcome nobody learnt counts until then. */
const COMPARED_WITHIN_MS = 10 * MINUTE_MS;

/** Rows are keyed by reset, kind and number (for a guess: a hash of its update's id), so every write is idempotent. */
export function createResetUsage(prisma: Database): ResetUsageStore {
  return {
    // Uses later than `nowMs` by another machine's clock count too: a budget errs on the safe side.
    async load(subjectKey, nowMs) {
      const [usage] = await query<ResetUsage>(prisma, {
        pinsAtMs: 'number[]',
        wrongGuessesAtMs: 'number[]',
        consecutiveFailures: 'number',
      })`
        WITH uses AS MATERIALIZED (
          SELECT kind, at, round(extract(epoch FROM at) * 1000)::float8 AS at_ms,
                 at > ${timestamp(nowMs - MONTH_MS)} AS recent
          FROM reset_uses
          WHERE subject_key = ${subjectKey} AND at > ${timestamp(nowMs - FAILURES_COUNT_FOR_MS)}
        ), counting AS (
          SELECT * FROM uses
          WHERE at > coalesce((SELECT max(at) FROM uses WHERE kind = 'allowance'), '-infinity')
        )
        SELECT coalesce(array_agg(at_ms) FILTER (WHERE kind = 'pin' AND recent), '{}') AS "pinsAtMs",
               coalesce(array_agg(at_ms) FILTER (WHERE kind = 'wrong' AND recent), '{}') AS "wrongGuessesAtMs",
               (count(*) FILTER (WHERE kind = 'wrong' AND at > coalesce(
                 (SELECT max(at) FROM uses WHERE kind = 'success'), '-infinity')))::int AS "consecutiveFailures"
        FROM counting`;
      return usage!;
    },

    async recordPin({ resetId, subjectKey, sequence, atMs, pinsPerDay }) {
      const [result] = await query(prisma, { counted: 'boolean' })`
        SELECT count_reset_pin(
          ${resetId}::uuid, ${sequence}::int, ${subjectKey}, ${timestamp(atMs)}, ${timestamp(atMs - DAY_MS)}, ${pinsPerDay}::int
        ) AS counted`;
      return result!.counted;
    },

    async beginGuess({ resetId, subjectKey, guessId, atMs }) {
      const [result] = await query(prisma, { comparing: 'number' })`
        SELECT begin_reset_guess(
          ${resetId}::uuid, hashtext(${guessId}), ${subjectKey}, ${timestamp(atMs)}, ${timestamp(atMs - COMPARED_WITHIN_MS)}
        ) AS comparing`;
      return result!.comparing;
    },

    async endGuess({ resetId, guessId }) {
      await execute(prisma)`
        DELETE FROM reset_uses
        WHERE reset_id = ${resetId}::uuid AND kind = 'guess' AND sequence = hashtext(${guessId})`;
    },

    async recordWrongGuess({ resetId, subjectKey, guessId, atMs }) {
      const sequence = Prisma.sql`hashtext(${guessId})`;
      await record(prisma, { resetId, subjectKey, kind: 'wrong', sequence, atMs });
    },

    async ofReset(resetId, token) {
      const rows = await query<UseRow>(prisma, {
        kind: 'string',
        sequence: 'number',
        atMs: 'number',
        own: 'boolean',
      })`
        SELECT kind, sequence, ${epochMs('at')} AS "atMs", sequence = hashtext(${token}) AS own
        FROM reset_uses WHERE reset_id = ${resetId}::uuid`;
      const ofKind = (wanted: UseRow['kind']): UseRow[] => rows.filter(({ kind }) => kind === wanted);
      return {
        pins: ofKind('pin').map(({ sequence, atMs }) => ({ sequence, atMs })),
        wrongGuessesAtMs: ofKind('wrong').map(({ atMs }) => atMs),
        left: ofKind('left').some(({ own }) => own),
      };
    },

    async recordLeaving({ resetId, subjectKey, token, atMs }) {
      await record(prisma, {
        resetId,
        subjectKey,
        kind: 'left',
        sequence: Prisma.sql`hashtext(${token})`,
        atMs,
      });
    },

    async recordSuccess({ resetId, subjectKey, atMs }) {
      await record(prisma, { resetId, subjectKey, kind: 'success', sequence: Prisma.sql`1`, atMs });
    },
  };
}

interface UseRow {
  readonly kind: 'pin' | 'guess' | 'wrong' | 'success' | 'left';
  readonly sequence: number;
  readonly atMs: number;
  readonly own: boolean;
}

async function record(
  prisma: Database,
  use: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly kind: 'wrong' | 'success' | 'left';
    readonly sequence: Prisma.Sql;
    readonly atMs: number;
  },
): Promise<void> {
  await execute(prisma)`
    INSERT INTO reset_uses (reset_id, kind, sequence, subject_key, at)
    VALUES (${use.resetId}::uuid, ${use.kind}, ${use.sequence}, ${use.subjectKey}, ${timestamp(use.atMs)})
    ON CONFLICT DO NOTHING`;
}
