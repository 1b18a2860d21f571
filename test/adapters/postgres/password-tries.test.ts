import { randomUUID } from 'node:crypto';
import { createPasswordTries } from '../../../src/adapters/postgres/password-tries';
import { createSessions } from '../../../src/adapters/postgres/sessions';
import { tryAllowance } from '../../../src/domain/accounts/password-tries';
import { DAY_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, insertCredential, NOW_MS } from './records';
import { portalPolicies } from '../../support/brand';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const limits = portalPolicies.member.passwordTries;
const stranger = tryAllowance(limits, false);
const known = tryAllowance(limits, true);
const longAgoMs = NOW_MS - 365 * DAY_MS;

const somebody = () => {
  const [tries, who] = [createPasswordTries(database.prisma), `nobody/${randomUUID()}`];
  return {
    tries,
    who,
    take: (nowMs = NOW_MS, allowance = stranger, countsFromMs = longAgoMs) =>
      tries.take(who, allowance, { countsFromMs, nowMs }),
    put: (wrong: number, lastAtMs = NOW_MS) =>
      database.prisma.passwordTry.create({ data: { who, wrong, lastAt: new Date(lastAtMs) } }),
    counted: async () => (await database.prisma.passwordTry.findUnique({ where: { who } }))?.wrong ?? 0,
  };
};

it('A password try is counted if it is allowed, and not if it has to wait', async () => {
  const { take, counted } = somebody();

  for (let i = 0; i < 10; i++) expect(await take()).toEqual({ kind: 'may-try' });
  expect(await take(NOW_MS + 29_999)).toEqual({ kind: 'wait', waitMs: 1 });
  expect(await counted()).toBe(10);
  expect(await take(NOW_MS + 30_000)).toEqual({ kind: 'may-try' });
  expect(await take(NOW_MS + 30_001)).toEqual({ kind: 'wait', waitMs: 59_999 });
});

it('A password try that is free is allowed whichever of two at once comes first', async () => {
  const { take, counted } = somebody();

  expect(await take(NOW_MS + 5)).toEqual({ kind: 'may-try' });
  expect(await take(NOW_MS)).toEqual({ kind: 'may-try' });
  expect(await counted()).toBe(2);
});

it('Password tries at once: exactly ten of a hundred are allowed, and exactly one after the next wait', async () => {
  const { take, counted } = somebody();
  const atOnce = async (nowMs: number): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => take(nowMs)));
    return answers.filter(({ kind }) => kind === 'may-try').length;
  };

  expect(await atOnce(NOW_MS)).toBe(10);
  expect(await atOnce(NOW_MS + 30_000)).toBe(1);
  expect(await counted()).toBe(11);
});

it('Strangers have 90 password tries in a row, and a known address has the last ten of 100', async () => {
  const { take, put, counted } = somebody();
  await put(89, NOW_MS - DAY_MS);

  expect(await take()).toEqual({ kind: 'may-try' });
  expect(await take(NOW_MS + 100 * DAY_MS)).toEqual({ kind: 'locked' });
  for (let i = 0; i < 10; i++) expect(await take(NOW_MS, known)).toEqual({ kind: 'may-try' });
  expect(await take(NOW_MS, known)).toEqual({ kind: 'locked' });
  expect(await counted()).toBe(100);
});

it.each([
  ['at the moment of the new password', NOW_MS, 'locked'],
  ['before the new password', NOW_MS - 1, 'may-try'],
])(
  'The count of wrong tries starts again only after a newer password: last wrong try %s',
  async (_when, lastAtMs, kind) => {
    const { take, put, counted } = somebody();
    await put(95, lastAtMs);

    expect(await take(NOW_MS + 1, stranger, NOW_MS)).toMatchObject({ kind });
    expect(await counted()).toBe(kind === 'may-try' ? 1 : 95);
  },
);

it('A correct password resets the count of wrong tries, and reporting it twice does no harm', async () => {
  const { tries, who, take, put, counted } = somebody();
  await put(90);

  await tries.endRow(who);
  await tries.endRow(who);

  expect(await counted()).toBe(0);
  expect(await take()).toEqual({ kind: 'may-try' });
});

describe('Known addresses', () => {
  const from = async ({ createdAtMs = NOW_MS, addressKey = '192.0.2.7' } = {}) => {
    const accountId = await insertAccount(database.prisma);
    const credentialId = await insertCredential(database.prisma, accountId);
    const session = { accountId, credentialId, application: 'portal', addressKey, createdAtMs } as const;
    const ends = { expiresAtMs: createdAtMs + 1, idleExpiresAtMs: null };
    await createSessions(database.prisma).create(randomUUID(), { ...session, ...ends });
    const tries = createPasswordTries(database.prisma);
    return {
      accountId,
      isKnown: (credential: string | null = credentialId) =>
        tries.isKnownAddress(credential, '192.0.2.7', NOW_MS - 30 * DAY_MS),
    };
  };

  it.each([
    ['is known from which somebody signed in', {}, true],
    ['is known for thirty days', { createdAtMs: NOW_MS - 30 * DAY_MS + 1 }, true],
    ['is not known after thirty days', { createdAtMs: NOW_MS - 30 * DAY_MS }, false],
    ['is not known beside a known one', { addressKey: '192.0.2.8' }, false],
  ])('An address %s', async (_what, session, answer) => {
    expect(await (await from(session)).isKnown()).toBe(answer);
  });

  it('An address is no longer known once there is a new password', async () => {
    const { accountId, isKnown } = await from();
    await database.prisma.credential.updateMany({ where: { accountId }, data: { retiredAt: new Date() } });
    const credentialId = await insertCredential(database.prisma, accountId);

    expect(await isKnown(credentialId)).toBe(false);
  });

  it('An address is never known for an account without a password', async () => {
    expect(await (await from()).isKnown(null)).toBe(false);
  });
});
