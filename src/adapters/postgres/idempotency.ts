/** Answers to requests with an `Idempotency-Key`. Times are the database's, because several API processes share it. */
import { randomUUID } from 'node:crypto';
import type { IdempotencyStore } from '../../ports/request';
import type { Database } from './database';
import { execute, query } from './query';

export function createIdempotency(prisma: Database): IdempotencyStore {
  return {
    async begin(keyDigest, bodyDigest) {
      const newId = randomUUID();
      const found =
        (await claimOrFind(prisma, keyDigest, bodyDigest, newId)) ??
        // No row: another request claimed the key at this moment. The second query sees whose it is.
        (await claimOrFind(prisma, keyDigest, bodyDigest, newId));
      if (found === undefined) return { kind: 'running' };
      const { claimed, operationId, status, answer } = found;
      if (claimed) return { kind: 'claimed', operationId, isRepeated: operationId !== newId };
      if (found.bodyDigest !== bodyDigest) return { kind: 'other-body' };
      if (status === null || answer === null) return { kind: 'running' };
      return { kind: 'answered', status, answer };
    },

    async finish(keyDigest, status, answer) {
      await execute(prisma)`
        UPDATE idempotent_requests SET status = ${status}::int, answer = ${answer}
        WHERE key_digest = ${keyDigest} AND status IS NULL`;
    },

    async release(keyDigest) {
      await execute(prisma)`
        UPDATE idempotent_requests SET released_at = now() WHERE key_digest = ${keyDigest} AND status IS NULL`;
    },

    async forget(keyDigest) {
      await execute(prisma)`
        DELETE FROM idempotent_requests WHERE key_digest = ${keyDigest} AND status IS NULL`;
    },
  };
}

/** A released or lapsed claim can only be taken over with the same body, and continues the previous operation. */
async function claimOrFind(prisma: Database, keyDigest: string, bodyDigest: string, newId: string) {
  const [found] = await query(prisma, {
    claimed: 'boolean',
    bodyDigest: 'string',
    operationId: 'string',
    status: 'number?',
    answer: 'string?',
  })`
    WITH claim AS (
      INSERT INTO idempotent_requests AS r (key_digest, body_digest, operation_id)
      VALUES (${keyDigest}, ${bodyDigest}, ${newId}::uuid)
      ON CONFLICT (key_digest) DO UPDATE
        SET body_digest = excluded.body_digest, started_at = now(), released_at = NULL, status = NULL, answer = NULL,
            operation_id = CASE WHEN r.started_at < now() - interval '24 hours' THEN excluded.operation_id
                                ELSE coalesce(r.operation_id, excluded.operation_id) END
        WHERE r.started_at < now() - interval '24 hours'
           OR r.status IS NULL AND r.body_digest = excluded.body_digest
              AND (r.released_at IS NOT NULL OR r.started_at < now() - interval '1 minute')
      RETURNING true AS claimed, body_digest, operation_id, status, answer
    )
    SELECT claimed, body_digest AS "bodyDigest", operation_id AS "operationId", status, answer FROM claim
    UNION ALL
    SELECT false, body_digest, operation_id, status, answer FROM idempotent_requests
    WHERE key_digest = ${keyDigest} AND NOT EXISTS (SELECT FROM claim)`;
  return found;
}
