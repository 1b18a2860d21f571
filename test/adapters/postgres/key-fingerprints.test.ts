import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { createDatabase } from '../../../src/adapters/postgres/database';
import { claimKeyIds, claimKeyIdsOnceReachable } from '../../../src/adapters/postgres/key-fingerprints';
import { ConfigError } from '../../../src/config';
import { freePort } from '../../../lab/stack/ports';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { newPepper } from '../../support/keyring';
import { until } from '../../support/until';

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase()));
afterEach(() => database.prisma.keyFingerprint.deleteMany());
afterAll(() => database.drop());

const claim = (peppers: readonly { id: string; key: Buffer }[], codecKeys?: typeof peppers) =>
  claimKeyIds(database.prisma.pool, { peppers, codecKeys });
const knownIds = async () =>
  (await database.prisma.keyFingerprint.findMany({ orderBy: [{ purpose: 'asc' }, { keyId: 'asc' }] })).map(
    ({ purpose, keyId }) => `${purpose} ${keyId}`,
  );

it('claimKeyIds accepts the same key under the same id any number of times, and a new key beside it', async () => {
  const [k1, k2] = [newPepper('k1'), newPepper('k2')];

  await claim([k1]);
  await claim([k1]);
  await claim([k2, k1], [newPepper('c1')]);

  expect(await knownIds()).toEqual(['codec c1', 'pepper k1', 'pepper k2']);
});

it('claimKeyIds refuses another key under an id that is in use, names the id and says what to do', async () => {
  await claim([newPepper('k1')]);

  const refused = claim([newPepper('k1')]);

  await expect(refused).rejects.toBeInstanceOf(ConfigError);
  await expect(refused).rejects.toThrow(
    /^TENURE_PEPPERS: the id "k1" belongs to another key, .* since \d{4}-\d\d-\d\d\. Put that key back under "k1"\..*TENURE_HOME.*docs\/keys.md/,
  );
});

it('claimKeyIds refuses another codec key under an id in use, and keeps peppers and codec keys apart', async () => {
  const pepper = newPepper('k1');
  await claim([pepper], [newPepper('k1')]);

  const refused = claim([pepper], [newPepper('k1')]);

  await expect(refused).rejects.toThrow(/^TEMPORAL_CODEC_KEYS: the id "k1" belongs to another key/);
});

it('claimKeyIds names every id that it refuses, and then claims none', async () => {
  const [k1, k2, k3] = [newPepper('k1'), newPepper('k2'), newPepper('k3')];
  await claim([k2, k1]);

  const refused = claim([k3, newPepper('k2'), newPepper('k1')]);

  await expect(refused).rejects.toThrow(/"k1"[\s\S]*"k2"/);
  expect(await knownIds()).toEqual(['pepper k1', 'pepper k2']);
});

it('claimKeyIds lets exactly one of twelve simultaneous first starts win, whatever the order of their keys', async () => {
  const shared = ['a', 'b', 'c'].map(newPepper);
  const starts = Array.from({ length: 12 }, (_, index) => [
    newPepper('k1'),
    ...(index % 2 === 0 ? shared : shared.toReversed()),
  ]);

  const results = await Promise.allSettled(starts.map((peppers) => claim(peppers)));

  const errors = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  expect(errors).toHaveLength(11);
  expect(errors.filter((error) => !(error instanceof ConfigError))).toEqual([]);
  const winner = starts[results.findIndex(({ status }) => status === 'fulfilled')]!;
  await claim(winner);
});

it('A key’s fingerprint is not the key, and differs by purpose', async () => {
  const key = randomBytes(32);
  await claim([{ id: 'k1', key }], [{ id: 'k1', key }]);

  const rows = await database.prisma.keyFingerprint.findMany();

  expect(new Set(rows.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  for (const { fingerprint } of rows) {
    expect(fingerprint).toMatch(/^[\w-]{43}$/);
    expect(Buffer.from(fingerprint, 'base64url').equals(key)).toBe(false);
  }
});

describe('claimKeyIdsOnceReachable', () => {
  it('claimKeyIdsOnceReachable waits for a database that is not reachable yet, and reports it once', async () => {
    let isThere = false;
    let asked = 0;
    let away = 0;
    const nobody = createDatabase({
      databaseUrl: `postgresql://nobody@127.0.0.1:${await freePort()}/none`,
      databasePoolSize: 1,
    });
    const late = {
      query: (text: string, values: unknown[]) => {
        asked += 1;
        return (isThere ? database.prisma : nobody).pool.query(text, values);
      },
    } as Pick<Pool, 'query'>;

    const claiming = claimKeyIdsOnceReachable(late, { peppers: [newPepper('k1')] }, () => (away += 1));
    await until(() => asked >= 2);
    isThere = true;
    await claiming;

    expect(away).toBe(1);
    expect(await knownIds()).toEqual(['pepper k1']);
    await nobody.$disconnect();
  });

  it('claimKeyIdsOnceReachable says to migrate a database that is not migrated', async () => {
    const unmigrated = new URL(database.url);
    unmigrated.pathname = '/postgres';
    const other = createDatabase({ databaseUrl: unmigrated.href, databasePoolSize: 1 });

    const refused = claimKeyIdsOnceReachable(other.pool, { peppers: [newPepper('k1')] }, () => undefined);

    await expect(refused).rejects.toThrow('npm run migrate');
    await other.$disconnect();
  });
});
