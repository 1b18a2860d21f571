import { randomUUID } from 'node:crypto';
import { createApiKeys } from '../../../src/adapters/postgres/api-keys';
import type { Scope } from '../../../src/contracts/scopes';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const USE = { scopes: ['accounts'] satisfies Scope[], address: '192.0.2.7' };

const newKey = () => ({
  id: randomUUID(),
  name: 'CRM',
  scopes: ['accounts', 'audit'] satisfies Scope[],
  staffNumber: 'S-17',
  digest: randomUUID(),
  atMs: NOW_MS,
  operator: 'ana',
});
const eventsOf = (apiKeyId: string, action: string) =>
  database.prisma.auditEvent.findMany({ where: { apiKeyId, action }, orderBy: { id: 'asc' } });
const rowOf = (id: string) => database.prisma.apiKey.findUniqueOrThrow({ where: { id } });

it('findByDigest returns the holder of an API key, and audits each use with its address and scope check', async () => {
  const keys = createApiKeys(database.prisma);
  const key = newKey();
  await keys.create(key);

  const holder = await keys.findByDigest(key.digest, NOW_MS + 1000, USE);
  const unfit = await keys.findByDigest(key.digest, NOW_MS + 2000, { ...USE, scopes: ['unit', 'ops'] });

  expect(holder).toEqual({
    id: key.id,
    name: 'CRM',
    scopes: ['accounts', 'audit'],
    staffNumber: 'S-17',
  });
  expect(unfit).toEqual(holder);
  expect(await eventsOf(key.id, 'api-key-used')).toMatchObject([
    { at: new Date(NOW_MS + 1000), outcome: 'success', address: '192.0.2.7', accountId: null },
    { at: new Date(NOW_MS + 2000), outcome: 'scope_missing', address: '192.0.2.7' },
  ]);
});

it('The last use of an API key is noted at most once a minute', async () => {
  const keys = createApiKeys(database.prisma);
  const key = newKey();
  await keys.create(key);
  const usedAt: (number | undefined)[] = [];

  for (const atMs of [NOW_MS, NOW_MS + 60_000, NOW_MS + 60_001]) {
    await keys.findByDigest(key.digest, atMs, USE);
    usedAt.push((await rowOf(key.id)).lastUsedAt?.getTime());
  }

  expect(usedAt).toEqual([NOW_MS, NOW_MS, NOW_MS + 60_001]);
});

it('All of fifty simultaneous uses of an API key are audited', async () => {
  const keys = createApiKeys(database.prisma);
  const key = newKey();
  await keys.create(key);

  const holders = await Promise.all(
    Array.from({ length: 50 }, () => keys.findByDigest(key.digest, NOW_MS, USE)),
  );

  expect(holders.every((holder) => holder?.id === key.id)).toBe(true);
  expect(await eventsOf(key.id, 'api-key-used')).toHaveLength(50);
});

it('An unknown or revoked API key has no holder, and the use of a revoked one is audited', async () => {
  const keys = createApiKeys(database.prisma);
  const key = newKey();
  await keys.create(key);
  await keys.revoke(key.id, NOW_MS, 'ben');

  expect(await keys.findByDigest('unknown', NOW_MS, USE)).toBeNull();
  expect(await keys.findByDigest(key.digest, NOW_MS, USE)).toBeNull();

  expect(await eventsOf(key.id, 'api-key-used')).toMatchObject([{ outcome: 'unauthorized' }]);
  expect((await rowOf(key.id)).lastUsedAt).toBeNull();
});

it('The use of an unknown API key is audited without a key id, once a minute per address', async () => {
  const keys = createApiKeys(database.prisma);
  const fromOthers = { ...USE, address: '2001:db8:1:2::1' };
  const neighbour = { ...USE, address: '2001:db8:1:2::99' };
  const minuteMs = Date.UTC(2026, 10, 23, 8, 0);
  const triedAt = (atMs: number, use: typeof USE) => keys.findByDigest(randomUUID(), atMs, use);

  await Promise.all(Array.from({ length: 20 }, (_, index) => triedAt(minuteMs + index, USE)));
  await triedAt(minuteMs + 59_999, USE);
  await triedAt(minuteMs + 60_000, USE);
  await triedAt(minuteMs, fromOthers);
  await triedAt(minuteMs + 1, neighbour);

  const events = await database.prisma.auditEvent.findMany({
    where: { action: 'api-key-used', apiKeyId: null, at: { gte: new Date(minuteMs) } },
    orderBy: [{ address: 'asc' }, { at: 'asc' }],
  });
  expect(events.map(({ address, outcome }) => `${address} ${outcome}`)).toEqual([
    '192.0.2.7 unauthorized',
    '192.0.2.7 unauthorized',
    '2001:db8:1:2::1 unauthorized',
  ]);
});

it('An API key is created once and revoked once, however often that is requested', async () => {
  const keys = createApiKeys(database.prisma);
  const key = newKey();

  await keys.create(key);
  await keys.create({ ...key, name: 'another' });
  const answers = [await keys.revoke(key.id, NOW_MS, 'ben'), await keys.revoke(key.id, NOW_MS + 1, 'cleo')];

  expect(answers).toEqual(['revoked', 'revoked-before']);
  expect(await rowOf(key.id)).toMatchObject({ name: 'CRM', revokedAt: new Date(NOW_MS) });
  expect(await eventsOf(key.id, 'api-key-created')).toMatchObject([{ operator: 'ana' }]);
  expect(await eventsOf(key.id, 'api-key-revoked')).toMatchObject([{ operator: 'ben' }]);
  expect(await keys.revoke(randomUUID(), NOW_MS, 'ben')).toBe('unknown');
});
