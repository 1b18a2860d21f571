import { randomUUID } from 'node:crypto';
import { createKeyring } from '../../../src/adapters/keys/keyring';
import { createRecoveryAllowances } from '../../../src/adapters/postgres/recovery-allowances';
import { createResetUsage } from '../../../src/adapters/postgres/reset-usage';
import type { Portal } from '../../../src/domain/portal';
import { DAY_MS } from '../../../src/domain/time';
import { budgetAt, mayBegin } from '../../../src/domain/password-reset/reset-budget';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, NOW_MS } from './records';
import { portalPolicies } from '../../support/brand';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const keyring = createKeyring([
  { id: 'new', key: Buffer.alloc(32, 1) },
  { id: 'old', key: Buffer.alloc(32, 2) },
]);
const limits = portalPolicies.member.resetLimits;

/** An account, and what its person's runs count under, as reset-people.ts has it. */
async function person(portal: Portal) {
  const email = `${randomUUID()}@Example.com`;
  const accountId = await insertAccount(database.prisma, { portal, email });
  const identity = portal === 'member' ? email.toLowerCase() : `account ${accountId}`;
  const usage = createResetUsage(database.prisma);
  const recovery = createRecoveryAllowances(database.prisma, keyring);
  return {
    usage,
    allow: (atMs = NOW_MS) => recovery.allow(accountId, atMs),
    under: (pepperId: string) => {
      const subjectKey = keyring.subjectKey(pepperId, portal, identity);
      return {
        subjectKey,
        fail: (howMany: number, atMs: number) =>
          database.prisma.resetUse.createMany({
            data: Array.from({ length: howMany }, () => ({
              resetId: randomUUID(),
              kind: 'wrong',
              sequence: 1,
              subjectKey,
              at: new Date(atMs),
            })),
          }),
        takePin: (atMs: number) =>
          usage.recordPin({ resetId: randomUUID(), subjectKey, sequence: 1, atMs, pinsPerDay: 3 }),
        mayBegin: async (atMs = NOW_MS + 1) =>
          mayBegin(budgetAt(await usage.load(subjectKey, atMs), limits, atMs)),
      };
    },
  };
}

describe.each(['member', 'broker'] as const)('Recovery allowance of a %s', (portal) => {
  it.each(['new', 'old'])(
    'A recovery allowance lets a person start again after a hundred failures under the pepper "%s"',
    async (id) => {
      const { allow, under } = await person(portal);
      const subject = under(id);
      await subject.fail(100, NOW_MS - 60 * DAY_MS);
      const before = await subject.mayBegin();

      expect(await allow()).toBe(true);

      expect([before, await subject.mayBegin()]).toEqual([false, true]);
    },
  );

  it('A recovery allowance forgives the guesses and the PINs of the day and of the month', async () => {
    const { allow, under, usage } = await person(portal);
    const subject = under('new');
    await subject.fail(20, NOW_MS - 2 * DAY_MS);
    await subject.fail(9, NOW_MS - 1);
    for (let i = 0; i < 3; i++) expect(await subject.takePin(NOW_MS - 1)).toBe(true);
    const oneMore = await subject.takePin(NOW_MS - 1);

    await allow();

    expect(oneMore).toBe(false);
    expect(await usage.load(subject.subjectKey, NOW_MS + 1)).toEqual({
      pinsAtMs: [],
      wrongGuessesAtMs: [],
      consecutiveFailures: 0,
    });
    for (let i = 0; i < 3; i++) expect(await subject.takePin(NOW_MS + 1)).toBe(true);
    expect(await subject.takePin(NOW_MS + 1)).toBe(false);
  });

  it('A recovery allowance given twice forgives nothing that is used after it, and deletes no rows', async () => {
    const { allow, under, usage } = await person(portal);
    const { subjectKey, fail } = under('new');
    await fail(3, NOW_MS - 1);
    await allow();
    await allow();
    await fail(2, NOW_MS + 1);

    expect(await usage.load(subjectKey, NOW_MS + 2)).toMatchObject({ consecutiveFailures: 2 });
    expect(await database.prisma.resetUse.count({ where: { subjectKey, kind: 'wrong' } })).toBe(5);
  });

  it('A recovery allowance forgives what a machine whose clock is ahead has counted', async () => {
    const { allow, under } = await person(portal);
    await under('new').fail(9, NOW_MS + 500);

    await allow(NOW_MS);

    expect(await under('new').mayBegin(NOW_MS + 501)).toBe(true);
  });
});

it('A recovery allowance reaches a member however the email address is written', async () => {
  const accountId = await insertAccount(database.prisma, { email: 'Rene\u0301e@m\u00e9xico.example' });
  const subjectKey = keyring.subjectKey('new', 'member', 'ren\u00e9e@xn--mxico-bsa.example');

  await createRecoveryAllowances(database.prisma, keyring).allow(accountId, NOW_MS);

  expect(await database.prisma.resetUse.count({ where: { subjectKey, kind: 'allowance' } })).toBe(1);
});

it('A recovery allowance is not given to an unknown account', async () => {
  const allowances = () => database.prisma.resetUse.count({ where: { kind: 'allowance' } });
  const before = await allowances();

  expect(await createRecoveryAllowances(database.prisma, keyring).allow(randomUUID(), NOW_MS)).toBe(false);
  expect(await allowances()).toBe(before);
});

it('A recovery allowance of one person leaves others as they are', async () => {
  const [one, other] = [await person('member'), await person('member')];
  await other.under('new').fail(100, NOW_MS - 1);

  await one.allow();

  expect(await other.under('new').mayBegin()).toBe(false);
});
