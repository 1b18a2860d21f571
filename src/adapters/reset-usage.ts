/** What people used of their reset budgets (architecture.md, decision 7): one row a PIN, a wrong guess or a success. */
import type { ResetUsageStore } from '../activities/ports';
import { DAY_MS } from '../domain/portal';
import type { ResetUsage } from '../domain/reset-budget';
import { timestamp } from './epoch';
import type { PrismaClient } from './generated/client';

const MONTH_MS = 30 * DAY_MS;

/** Rows are keyed by reset, kind and number, so every write may be run twice. */
export function createResetUsage(prisma: PrismaClient): ResetUsageStore {
  return {
    // Uses that another machine's clock puts after `nowMs` count too: a budget errs on the safe side.
    async load(subjectKey, nowMs) {
      const [usage] = await prisma.$queryRaw<[ResetUsage]>`
        WITH uses AS MATERIALIZED (
          SELECT kind, at, round(extract(epoch FROM at) * 1000)::float8 AS at_ms,
                 at > ${timestamp(nowMs - MONTH_MS)} AS recent
          FROM reset_uses WHERE subject_key = ${subjectKey}
        )
        SELECT coalesce(array_agg(at_ms) FILTER (WHERE kind = 'pin' AND recent), '{}') AS "pinsAtMs",
               coalesce(array_agg(at_ms) FILTER (WHERE kind = 'wrong' AND recent), '{}') AS "wrongGuessesAtMs",
               (count(*) FILTER (WHERE kind = 'wrong' AND at > coalesce(
                 (SELECT max(at) FROM uses WHERE kind = 'success'), '-infinity')))::int AS "consecutiveFailures"
        FROM uses`;
      return usage;
    },

    async recordPin({ resetId, subjectKey, sequence, atMs, pinsPerDay }) {
      // The lock comes in a statement of its own: the next one then sees what was counted while this one waited.
      const [, [result]] = await prisma.$transaction([
        prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${subjectKey}, 0))`,
        prisma.$queryRaw<[{ counted: boolean }]>`
          WITH counted AS (
            INSERT INTO reset_uses (reset_id, kind, sequence, subject_key, at)
            SELECT ${resetId}::uuid, 'pin', ${sequence}::int, ${subjectKey}, ${timestamp(atMs)}
            WHERE (SELECT count(*) FROM reset_uses WHERE subject_key = ${subjectKey} AND kind = 'pin'
                   AND at > ${timestamp(atMs - DAY_MS)}) < ${pinsPerDay}
            ON CONFLICT DO NOTHING RETURNING 1
          )
          SELECT EXISTS (SELECT FROM counted) OR EXISTS (
            SELECT FROM reset_uses
            WHERE reset_id = ${resetId}::uuid AND kind = 'pin' AND sequence = ${sequence}::int) AS counted`,
      ]);
      return result.counted;
    },

    async recordWrongGuess({ resetId, subjectKey, number, atMs }) {
      await record(prisma, { resetId, subjectKey, kind: 'wrong', sequence: number, atMs });
    },

    async recordSuccess({ resetId, subjectKey, atMs }) {
      await record(prisma, { resetId, subjectKey, kind: 'success', sequence: 1, atMs });
    },
  };
}

async function record(
  prisma: PrismaClient,
  use: {
    readonly resetId: string;
    readonly subjectKey: string;
    readonly kind: 'wrong' | 'success';
    readonly sequence: number;
    readonly atMs: number;
  },
): Promise<void> {
  await prisma.$executeRaw`
    INSERT INTO reset_uses (reset_id, kind, sequence, subject_key, at)
    VALUES (${use.resetId}::uuid, ${use.kind}, ${use.sequence}::int, ${use.subjectKey}, ${timestamp(use.atMs)})
    ON CONFLICT DO NOTHING`;
}
