/**
 * An id of a pepper or of a codec key belongs to one key permanently (ADR 35). The first process or command that uses an id
 * stores a fingerprint of its key in the database; from then on another key under that id is refused.
 */
import { hkdfSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientBase } from 'pg';
import { ConfigError, type NamedKey } from '../../config';
import { isDatabaseAway } from './database-errors';

type Purpose = 'pepper' | 'codec';
type Queryable = Pick<ClientBase, 'query'>;

export interface UsedKeys {
  readonly peppers: readonly NamedKey[];
  readonly codecKeys?: readonly NamedKey[] | undefined;
}

interface KnownKey {
  readonly purpose: Purpose;
  readonly key_id: string;
  readonly fingerprint: string;
  readonly first_used_at: Date;
}

const SETTINGS: Readonly<Record<Purpose, string>> = {
  pepper: 'TENURE_PEPPERS',
  codec: 'TEMPORAL_CODEC_KEYS',
};
const ASK_AGAIN_MS = 500;

/**
 * Throws `ConfigError` naming each id that belongs to another key, and writes nothing then. Otherwise every id belongs to its key
 * afterwards. Two processes may do this at once: of two keys under a new id the first one wins.
 */
export async function claimKeyIds(database: Queryable, keys: UsedKeys): Promise<void> {
  const fingerprints = [
    ...(keys.codecKeys ?? []).map((key) => fingerprintOf('codec', key)),
    ...keys.peppers.map((key) => fingerprintOf('pepper', key)),
    // Always in the same order, so that two processes cannot deadlock.
  ].toSorted((a, b) => (a.purpose + a.id < b.purpose + b.id ? -1 : 1));
  const columns = [
    fingerprints.map(({ purpose }) => purpose),
    fingerprints.map(({ id }) => id),
    fingerprints.map(({ fingerprint }) => fingerprint),
  ];
  const refuseOthers = async (): Promise<void> => {
    const { rows } = await database.query<KnownKey>(
      `SELECT known.* FROM key_fingerprints known
       JOIN unnest($1::text[], $2::text[], $3::text[]) AS used (purpose, key_id, fingerprint) USING (purpose, key_id)
       WHERE known.fingerprint <> used.fingerprint ORDER BY known.purpose, known.key_id`,
      columns,
    );
    if (rows.length > 0) throw new ConfigError(rows.map(describeRefusal).join('\n'));
  };

  await refuseOthers();
  await database.query(
    `INSERT INTO key_fingerprints (purpose, key_id, fingerprint)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
    columns,
  );
  // Another process may have been first.
  await refuseOthers();
}

/** Like `claimKeyIds`, for a process that may start before its database: waits for it, and calls `onAway` once. */
export async function claimKeyIdsOnceReachable(
  database: Queryable,
  keys: UsedKeys,
  onAway: () => void,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await claimKeyIds(database, keys);
    } catch (error) {
      if (isUnmigrated(error))
        throw new ConfigError('The database lacks the tables of this version: run npm run migrate first.');
      if (!isDatabaseAway(error)) throw error;
      if (tries === 1) onAway();
      await sleep(ASK_AGAIN_MS);
    }
  }
}

/** A one-way derivation with a separate label: it reveals nothing about the key or about anything derived from it. */
function fingerprintOf(purpose: Purpose, { id, key }: NamedKey) {
  const fingerprint = Buffer.from(hkdfSync('sha256', key, '', `tenure/fingerprint/${purpose}`, 32));
  return { purpose, id, fingerprint: fingerprint.toString('base64url') };
}

function describeRefusal({ purpose, key_id: id, first_used_at: firstUsedAt }: KnownKey): string {
  const since = firstUsedAt.toISOString().slice(0, 10);
  const kept = purpose === 'pepper' ? ' npm start keeps its own in the file peppers of TENURE_HOME.' : '';
  return (
    `${SETTINGS[purpose]}: the id "${id}" belongs to another key, with which this database has been used since ${since}. ` +
    `Put that key back under "${id}".${kept} A new key needs an id that was never used, and goes before it; ` +
    'where the other key is lost, give only the new one (docs/keys.md).'
  );
}

const isUnmigrated = (error: unknown): boolean => (error as { code?: unknown } | null)?.code === '42P01';
