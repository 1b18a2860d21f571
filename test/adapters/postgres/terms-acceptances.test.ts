import { createAccounts } from '../../../src/adapters/postgres/accounts';
import { createSessions } from '../../../src/adapters/postgres/sessions';
import { createTermsAcceptances } from '../../../src/adapters/postgres/terms-acceptances';
import { until } from '../../support/until';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, insertCredential, NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase()));
afterAll(() => database.drop());

const accept = (accountId: string, version: string, atMs = NOW_MS) =>
  createTermsAcceptances(database.prisma).accept({ accountId, version, atMs, address: '192.0.2.7' });

const acceptedBy = async (id: string) => {
  const { termsVersion, termsAcceptedAt } = await database.prisma.account.findUniqueOrThrow({
    where: { id },
  });
  const events = await database.prisma.auditEvent.findMany({
    where: { accountId: id },
    orderBy: { id: 'asc' },
  });
  return {
    termsVersion,
    termsAcceptedAtMs: termsAcceptedAt?.getTime(),
    events: events.map(({ action, outcome, address, about, at }) =>
      [action, outcome, address, about, at.getTime() - NOW_MS].join(' | '),
    ),
  };
};

/** How many statements wait for a lock. */
async function waiting(): Promise<number> {
  const rows = await database.prisma.$queryRaw<unknown[]>`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  return rows.length;
}

const FIRST = 'terms-accepted | success | 192.0.2.7 | 2026-01 | 0';
const SECOND = 'terms-accepted | success | 192.0.2.7 | 2027-01 after 2026-01 | 5';

it('Each version is kept with its time: the newest in the account, all of them in the audit log', async () => {
  const id = await insertAccount(database.prisma, { portal: 'broker' });

  await accept(id, '2026-01');
  await accept(id, '2027-01', NOW_MS + 5);

  expect(await acceptedBy(id)).toEqual({
    termsVersion: '2027-01',
    termsAcceptedAtMs: NOW_MS + 5,
    events: [FIRST, SECOND],
  });
});

it('Sign-in and session know the accepted version', async () => {
  const accountId = await insertAccount(database.prisma, { portal: 'broker', username: 'asked' });
  const credentialId = await insertCredential(database.prisma, accountId, { setAtMs: NOW_MS });
  const sessions = createSessions(database.prisma);
  await sessions.create('digest', {
    accountId,
    credentialId,
    application: 'portal',
    addressKey: '192.0.2.7',
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 10,
    idleExpiresAtMs: null,
  });

  await accept(accountId, '2027-01');

  expect(await sessions.find('digest', NOW_MS)).toMatchObject({ termsVersion: '2027-01' });
  expect(await createAccounts(database.prisma).findByUsername('broker', 'asked')).toMatchObject({
    termsVersion: '2027-01',
  });
});

it('Accepting the same version again, or twice at once, keeps the first time', async () => {
  const id = await insertAccount(database.prisma, { portal: 'broker' });
  await accept(id, '2026-01');

  const both = await database.prisma.$transaction(async (transaction) => {
    await transaction.$executeRaw`SELECT id FROM accounts WHERE id = ${id}::uuid FOR UPDATE`;
    const started = [1, 2].map(() => accept(id, '2027-01', NOW_MS + 5));
    await until(async () => (await waiting()) === 2);
    return { started };
  });
  await Promise.all(both.started);
  await accept(id, '2027-01', NOW_MS + 9);

  expect(await acceptedBy(id)).toMatchObject({ termsAcceptedAtMs: NOW_MS + 5, events: [FIRST, SECOND] });
});

it('Accepting terms says nothing new of who the person is', async () => {
  const id = await insertAccount(database.prisma, { portal: 'broker' });
  const identity = async () =>
    (await database.prisma.account.findUniqueOrThrow({ where: { id } })).identityVersion;
  const before = await identity();

  await accept(id, '2027-01');

  expect(await identity()).toBe(before);
});
