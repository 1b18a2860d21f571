import {
  addressKey,
  createRequestLimiter,
  limitSizes,
  networkKeys,
  withoutAddressLimits,
} from '../../../src/adapters/postgres/rate-limits';
import type { GuessKind, GuessLevel } from '../../../src/ports/request';
import { createTestDatabase, type TestDatabase } from '../../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const threeAMinute = { ...limitSizes, proofs: { points: 3, perSeconds: 60 } };
/** As another API process would have it: nothing in memory, the same table. */
const limiter = (sizes = threeAMinute) => createRequestLimiter(database.prisma.pool, sizes);

it('The request limiter refuses what exceeds the budget, and says for how long', async () => {
  const limits = limiter();
  const begunAt = Date.now();
  const taken = [await limits.take('proofs', 'a'), await limits.take('proofs', 'a', 2)];

  const waitMs = await limits.take('proofs', 'a');

  expect(taken).toEqual([null, null]);
  expect(waitMs).toBeGreaterThanOrEqual(60_000 - (Date.now() - begunAt));
  expect(waitMs).toBeLessThanOrEqual(60_000);
});

it('The request limiter counts across processes and restarts', async () => {
  for (let i = 0; i < 3; i++) expect(await limiter().take('proofs', 'b')).toBeNull();

  expect(await limiter().take('proofs', 'b')).not.toBeNull();
});

it('The request limiter lets exactly the budget through under parallel requests', async () => {
  const limiters = [limiter(), limiter()];

  const waits = await Promise.all(
    Array.from({ length: 40 }, (_, i) => limiters[i % 2]!.take('proofs', 'parallel')),
  );

  expect(waits.filter((wait) => wait === null)).toHaveLength(3);
});

it('The request limiter keeps keys and budgets apart', async () => {
  for (let i = 0; i < 3; i++) await limiter().take('proofs', 'c');

  expect(await limiter().take('proofs', 'd')).toBeNull();
  expect(await limiter().take('sign-ins', 'c')).toBeNull();
});

it('giveBack returns a point to the budget', async () => {
  const limits = createRequestLimiter(database.prisma.pool, {
    ...limitSizes,
    'wrong-passwords': { points: 1, perSeconds: 60 },
  });
  await limits.take('wrong-passwords', 'f');

  await limits.giveBack('wrong-passwords', 'f');

  expect(await limits.take('wrong-passwords', 'f')).toBeNull();
  expect(await limits.take('wrong-passwords', 'f')).not.toBeNull();
});

it('The request limiter begins a new window when the old one is over', async () => {
  const limits = limiter({ ...limitSizes, proofs: { points: 1, perSeconds: 3600 } });
  await limits.take('proofs', 'g');
  expect(await limits.take('proofs', 'g')).not.toBeNull();

  const now = Date.now;
  const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000);
  const taken = await limits.take('proofs', 'g').finally(() => clock.mockRestore());

  expect(taken).toBeNull();
});

it.each([
  ['192.0.2.7', ['192.0.2.7', '192.0.2.0/24']],
  ['::ffff:192.0.2.7', ['192.0.2.7', '192.0.2.0/24']],
  ['2001:db8:1:2ab3:4:5:6:7', ['2001:db8:1:2ab3::/64', '2001:db8:1:2a00::/56', '2001:db8:1::/48']],
  ['2001:db8::1', ['2001:db8:0:0::/64', '2001:db8:0:0::/56', '2001:db8:0::/48']],
  ['unknown', ['no-address']],
])('networkKeys lists the networks around the address %s', (ip, keys) => {
  expect(networkKeys(ip)).toEqual(keys);
});

describe('Budgets for wrong guesses', () => {
  const sizeOf = (kind: GuessKind, level: GuessLevel) => limitSizes[`wrong-${kind}-${level}`];

  it.each(['passwords', 'proofs', 'access-codes', 'usernames'] as const)(
    'Wrong guesses at %s slow an address before its network, a network before its site, and everybody last',
    (kind) => {
      const [address, network, site, everybody] = (['address', 'network', 'site', 'global'] as const).map(
        (level) => sizeOf(kind, level).points,
      );

      expect([network, site]).toEqual([address! * 3, address! * 9]);
      // So many addresses have to guess before everybody is slowed; eighteen could in an attack that was seen.
      expect(everybody! / address!).toBeGreaterThanOrEqual(100);
      expect(everybody! / network!).toBeGreaterThan(30);
    },
  );
});

it('The request limiter throws if the database cannot answer', async () => {
  const broken = await createTestDatabase();
  const limits = createRequestLimiter(broken.prisma.pool);
  await broken.drop();

  await expect(limits.take('proofs', 'h')).rejects.toThrow('Cannot use a pool after calling end');
});

it('withoutAddressLimits still counts access-code tries at one number, and no longer counts proofs', async () => {
  const limits = withoutAddressLimits(limiter());
  for (let i = 0; i < 5; i++) expect(await limits.take('access-codes', 'off')).toBeNull();
  for (let i = 0; i < 5; i++) expect(await limits.take('proofs', 'off')).toBeNull();

  expect(await limits.take('access-codes', 'off')).toBeGreaterThan(86_000_000);

  await limits.giveBack('access-codes', 'off');
  await limits.giveBack('access-codes', 'off');
  expect(await limits.take('access-codes', 'off')).toBeNull();
});

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['::FFFF:192.0.2.7', '192.0.2.7'],
  ['0:0:0:0:0:ffff:c000:207', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:db8:0:0:ffff::', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  ['::1.2.3.4', '0:0:0:0::/64'],
  ['', 'no-address'],
  ['unknown', 'no-address'],
  ['192.0.2.7:4711', 'no-address'],
  ['2001:db8::1::2', 'no-address'],
  ["'; DROP TABLE rate_limits", 'no-address'],
])('addressKey counts the address %s under %s', (ip, key) => {
  expect(addressKey(ip)).toBe(key);
});
