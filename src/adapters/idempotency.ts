/** Answers to requests that carried an `Idempotency-Key`. Clocks are the database's: several API processes share it. */
import type { IdempotencyStore } from '../api/ports';
import type { PrismaClient } from './generated/client';

interface FoundRow {
  readonly claimed: boolean;
  readonly bodyDigest: string;
  readonly status: number | null;
  readonly answer: string | null;
}

export function createIdempotency(prisma: PrismaClient): IdempotencyStore {
  return {
    async begin(keyDigest, bodyDigest) {
      const found =
        (await claimOrFind(prisma, keyDigest, bodyDigest)) ??
        // Nothing at all: somebody claimed the key at this very moment. The second look sees whose it is.
        (await claimOrFind(prisma, keyDigest, bodyDigest));
      if (found === undefined) return { kind: 'running' };
      if (found.claimed) return { kind: 'claimed' };
      if (found.bodyDigest !== bodyDigest) return { kind: 'other-body' };
      if (found.status === null || found.answer === null) return { kind: 'running' };
      return { kind: 'answered', status: found.status, answer: found.answer };
    },

    async finish(keyDigest, status, answer) {
      await prisma.$executeRaw`
        UPDATE idempotent_requests SET status = ${status}::int, answer = ${answer}
        WHERE key_digest = ${keyDigest} AND status IS NULL`;
    },

    async release(keyDigest) {
      await prisma.$executeRaw`
        DELETE FROM idempotent_requests WHERE key_digest = ${keyDigest} AND status IS NULL`;
    },
  };
}

async function claimOrFind(
  prisma: PrismaClient,
  keyDigest: string,
  bodyDigest: string,
): Promise<FoundRow | undefined> {
  const [found] = await prisma.$queryRaw<FoundRow[]>`
    WITH claim AS (
      INSERT INTO idempotent_requests AS r (key_digest, body_digest) VALUES (${keyDigest}, ${bodyDigest})
      ON CONFLICT (key_digest) DO UPDATE
        SET body_digest = excluded.body_digest, started_at = now(), status = NULL, answer = NULL
        WHERE r.started_at < now() - CASE WHEN r.status IS NULL THEN interval '1 minute' ELSE interval '24 hours' END
      RETURNING true AS claimed, body_digest, status, answer
    )
    SELECT claimed, body_digest AS "bodyDigest", status, answer FROM claim
    UNION ALL
    SELECT false, body_digest, status, answer FROM idempotent_requests
    WHERE key_digest = ${keyDigest} AND NOT EXISTS (SELECT FROM claim)`;
  return found;
}
