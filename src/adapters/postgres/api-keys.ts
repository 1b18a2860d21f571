/**
 * Keys of back-office systems and representatives, stored as digests. Every use is audited, also of a revoked key; use of an
 * unknown key once a minute for each address, so that a flood of guesses cannot fill the log.
 */
import type { ApiKeyHolder, ApiKeys } from '../../ports/api-key';
import { MINUTE_MS } from '../../domain/time';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { execute, query, type Columns } from './query';
import { addressKey } from './rate-limits';

export interface NewApiKey extends ApiKeyHolder {
  readonly digest: string;
  readonly atMs: number;
  /** The person who creates it, for the audit log. */
  readonly operator: string;
}

export interface ListedApiKey extends ApiKeyHolder {
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
  readonly revokedAtMs: number | null;
}

/** Operations on keys for operators. */
export interface ApiKeyRecords {
  /** Writes it and the audit event; idempotent by id. */
  create(key: NewApiKey): Promise<void>;
  /** Oldest first, including revoked ones. */
  list(): Promise<readonly ListedApiKey[]>;
  /** Whether the key exists, and whether this call revoked it. */
  revoke(id: string, atMs: number, operator: string): Promise<'revoked' | 'revoked-before' | 'unknown'>;
}

interface FoundKey extends ApiKeyHolder {
  readonly revoked: boolean;
}

const holderColumns: Columns<ApiKeyHolder> = {
  id: 'string',
  name: 'string',
  scopes: 'string[]',
  staffNumber: 'string?',
};

export function createApiKeys(prisma: Database): ApiKeys & ApiKeyRecords {
  return {
    async findByDigest(tokenDigest, nowMs, { scopes, address }) {
      // The time of last use is for operators: a minute's precision saves a write for each request.
      const [key] = await query<FoundKey>(prisma, { ...holderColumns, revoked: 'boolean' })`
        WITH key AS (
          SELECT id, name, scopes, staff_number, revoked_at IS NOT NULL AS revoked FROM api_keys WHERE digest = ${tokenDigest}
        ), noted AS (
          UPDATE api_keys SET last_used_at = ${timestamp(nowMs)}
          WHERE digest = ${tokenDigest} AND revoked_at IS NULL
            AND (last_used_at IS NULL OR last_used_at < ${timestamp(nowMs - MINUTE_MS)})
        ), audited AS (
          INSERT INTO audit_events (at, action, outcome, api_key_id, address)
          SELECT ${timestamp(nowMs)}, 'api-key-used',
                 CASE WHEN revoked THEN 'unauthorized' WHEN scopes && ${[...scopes]}::text[] THEN 'success' ELSE 'scope_missing' END,
                 id, ${address}
          FROM key
        ), unknown AS (
          INSERT INTO audit_events (key, at, action, outcome, address)
          SELECT ${`api-key-unknown:${addressKey(address)}:${Math.floor(nowMs / MINUTE_MS)}`}, ${timestamp(nowMs)},
                 'api-key-used', 'unauthorized', ${address}
          WHERE NOT EXISTS (SELECT FROM key) ON CONFLICT (key) DO NOTHING
        )
        SELECT id, name, scopes, staff_number AS "staffNumber", revoked FROM key`;
      if (key === undefined || key.revoked) return null;
      const { revoked: _, ...holder } = key;
      return holder;
    },

    async create({ id, name, scopes, staffNumber, digest, atMs, operator }) {
      await execute(prisma)`
        WITH fresh AS (
          INSERT INTO api_keys (id, name, scopes, staff_number, digest, created_at)
          VALUES (${id}::uuid, ${name}, ${[...scopes]}::text[], ${staffNumber}, ${digest}, ${timestamp(atMs)})
          ON CONFLICT (id) DO NOTHING RETURNING id
        )
        INSERT INTO audit_events (key, at, action, outcome, api_key_id, operator)
        SELECT 'api-key-created:' || id, ${timestamp(atMs)}, 'api-key-created', 'success', id, ${operator} FROM fresh`;
    },

    list: () => query<ListedApiKey>(prisma, {
      ...holderColumns,
      createdAtMs: 'number',
      lastUsedAtMs: 'number?',
      revokedAtMs: 'number?',
    })`
      SELECT id, name, scopes, staff_number AS "staffNumber", ${epochMs('created_at')} AS "createdAtMs",
             ${epochMs('last_used_at')} AS "lastUsedAtMs", ${epochMs('revoked_at')} AS "revokedAtMs"
      FROM api_keys ORDER BY created_at, id`,

    async revoke(id, atMs, operator) {
      const [answer] = await query(prisma, { known: 'boolean', revoked: 'boolean' })`
        WITH ended AS (
          UPDATE api_keys SET revoked_at = ${timestamp(atMs)} WHERE id = ${id}::uuid AND revoked_at IS NULL RETURNING id
        ), audited AS (
          INSERT INTO audit_events (key, at, action, outcome, api_key_id, operator)
          SELECT 'api-key-revoked:' || id, ${timestamp(atMs)}, 'api-key-revoked', 'success', id, ${operator} FROM ended
        )
        SELECT EXISTS (SELECT FROM api_keys WHERE id = ${id}::uuid) AS known, EXISTS (SELECT FROM ended) AS revoked`;
      if (!answer!.known) return 'unknown';
      return answer!.revoked ? 'revoked' : 'revoked-before';
    },
  };
}
