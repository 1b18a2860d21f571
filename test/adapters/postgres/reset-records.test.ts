import { randomUUID } from 'node:crypto';
import { createAccountClosing } from '../../../src/adapters/postgres/account-closing';
import { createBrokerRegistrations } from '../../../src/adapters/postgres/broker-registrations';
import { createResetRecords } from '../../../src/adapters/postgres/reset-records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { brokerAccount, insertAccount, insertAgent, insertCredential, NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function openFor(accountId: string | null): Promise<string> {
  const resetId = randomUUID();
  await createResetRecords(database.prisma).open({ resetId, accountId, atMs: NOW_MS });
  return resetId;
}

const standsFor = async (resetId: string, accountId: string): Promise<boolean> => {
  const records = createResetRecords(database.prisma);
  const [stands, isFor, isForNobody, holder] = await Promise.all([
    records.stands(resetId),
    records.isFor(resetId, accountId),
    records.isFor(resetId, null),
    records.holder(resetId),
  ]);
  expect([isFor, isForNobody, holder?.accountId]).toEqual([stands, false, stands ? accountId : undefined]);
  return stands;
};

const account = (accountId: string) => ({
  update: (data: object) => database.prisma.account.update({ where: { id: accountId }, data }),
});

async function setPassword(accountId: string, resetId: string | null): Promise<void> {
  await database.prisma.credential.updateMany({
    where: { accountId, retiredAt: null },
    data: { retiredAt: new Date(NOW_MS) },
  });
  await database.prisma.credential.create({
    data: { id: randomUUID(), accountId, hash: 'h', setAt: new Date(NOW_MS), resetId },
  });
}

describe('Resets of members', () => {
  const closing = () => createAccountClosing(database.prisma);

  it.each<[string, (accountId: string) => Promise<unknown>]>([
    ['the account is closed', (id) => closing().close(id, NOW_MS, 'ana')],
    [
      'the account is closed and opened again',
      async (id) => {
        await closing().close(id, NOW_MS, 'ana');
        await closing().reopen(id, NOW_MS + 1, 'ana');
      },
    ],
    [
      'a roster corrects the address',
      (id) => account(id).update({ email: 'New@x.com', emailKey: randomUUID() }),
    ],
    [
      'the address is changed and changed back',
      async (id) => {
        const { emailKey } = await account(id).update({});
        await account(id).update({ emailKey: randomUUID() });
        await account(id).update({ emailKey });
      },
    ],
    ['a roster corrects the username', (id) => account(id).update({ usernameKey: randomUUID() })],
    ['the person changes the password', (id) => setPassword(id, null)],
    ['another reset sets the password', (id) => setPassword(id, randomUUID())],
    [
      'the password ends without another',
      (accountId) =>
        database.prisma.credential.updateMany({
          where: { accountId },
          data: { retiredAt: new Date(NOW_MS) },
        }),
    ],
  ])('A member’s reset stands until %s', async (_what, change) => {
    const accountId = await insertAccount(database.prisma);
    await insertCredential(database.prisma, accountId);
    const resetId = await openFor(accountId);
    const before = await standsFor(resetId, accountId);

    await change(accountId);

    expect([before, await standsFor(resetId, accountId)]).toEqual([true, false]);
  });

  it.each<[string, (accountId: string, resetId: string) => Promise<unknown>]>([
    ['this very reset set the password', (id, resetId) => setPassword(id, resetId)],
    ['the address is written in another case', (id) => account(id).update({ email: 'ANA@EXAMPLE.COM' })],
    ['a name is corrected', (id) => account(id).update({ firstName: 'Anna', language: 'en' })],
  ])('A member’s reset still stands when %s', async (_what, change) => {
    const accountId = await insertAccount(database.prisma);
    await insertCredential(database.prisma, accountId);
    const resetId = await openFor(accountId);

    await change(accountId, resetId);

    expect(await standsFor(resetId, accountId)).toBe(true);
  });

  it('A member’s reset for a first password stands until there is a password', async () => {
    const accountId = await insertAccount(database.prisma);
    const resetId = await openFor(accountId);
    const before = await standsFor(resetId, accountId);

    await setPassword(accountId, null);

    expect([before, await standsFor(resetId, accountId)]).toEqual([true, false]);
  });

  it('A member’s reset does not stand if its account was closed before it was opened', async () => {
    const accountId = await insertAccount(database.prisma);
    await closing().close(accountId, NOW_MS, 'ana');

    expect(await standsFor(await openFor(accountId), accountId)).toBe(false);
  });

  it('A member’s reset is for the account it was opened for, and for no other', async () => {
    const [accountId, other] = [await insertAccount(database.prisma), await insertAccount(database.prisma)];
    const records = createResetRecords(database.prisma);
    const resetId = await openFor(accountId);

    expect(await records.isFor(resetId, other)).toBe(false);
    expect(await records.isFor(resetId, null)).toBe(false);
  });

  it('A member’s reset that is opened again keeps what it was first opened for', async () => {
    const accountId = await insertAccount(database.prisma);
    const resetId = await openFor(accountId);
    await setPassword(accountId, null);

    await createResetRecords(database.prisma).open({ resetId, accountId, atMs: NOW_MS });

    expect(await standsFor(resetId, accountId)).toBe(false);
  });
});

it('A reset of an unknown person matches no account, and a reset without a record matches nothing at all', async () => {
  const records = createResetRecords(database.prisma);
  const [unknown, unrecorded, accountId] = [
    await openFor(null),
    randomUUID(),
    await insertAccount(database.prisma),
  ];

  expect(await records.holder(unknown)).toBeNull();
  expect(await records.isFor(unknown, null)).toBe(true);
  expect(await records.isFor(unknown, accountId)).toBe(false);
  expect(await records.isFor(unrecorded, null)).toBe(false);
  expect(await records.isFor(unrecorded, accountId)).toBe(false);
});

describe('Resets of brokers', () => {
  async function register(agentKey: string | null, kind: 'agent' | 'corporation' | 'other'): Promise<string> {
    const broker = brokerAccount({ agentKey, kind });
    await createBrokerRegistrations(database.prisma).create(broker);
    return broker.accountId;
  }
  const updateAgent = (agentKey: string, data: object) =>
    database.prisma.agent.update({ where: { agentKey }, data });

  it.each<[string, (keys: { agentKey: string; accountId: string }) => Promise<unknown>]>([
    [
      'the roster gives another last name',
      ({ agentKey }) => updateAgent(agentKey, { lastNameKeys: ['other'] }),
    ],
    [
      'the roster gives another first name',
      ({ agentKey }) => updateAgent(agentKey, { firstNameKey: 'dora' }),
    ],
    [
      'the account is given to another agent',
      async ({ accountId }) => account(accountId).update({ agentKey: await insertAgent(database.prisma) }),
    ],
    [
      'a security answer is changed',
      ({ accountId }) =>
        database.prisma.securityAnswer.updateMany({
          where: { accountId },
          data: { salt: 's', stretched: 't' },
        }),
    ],
    [
      'the account is closed',
      ({ accountId }) => createAccountClosing(database.prisma).close(accountId, NOW_MS, 'ana'),
    ],
  ])('A broker’s reset stands until %s', async (_what, change) => {
    const agentKey = await insertAgent(database.prisma);
    const accountId = await register(agentKey, 'agent');
    const resetId = await openFor(accountId);
    const before = await standsFor(resetId, accountId);

    await change({ agentKey, accountId });

    expect([before, await standsFor(resetId, accountId)]).toEqual([true, false]);
  });

  it.each([
    ['first name', { firstName: 'Dora' }],
    ['last name', { lastName: 'Other' }],
    ['username', { usernameKey: 'other.name' }],
  ])('The reset of a broker on no roster stands until the account has another %s', async (_what, data) => {
    const accountId = await register(null, 'other');
    const resetId = await openFor(accountId);
    const before = await standsFor(resetId, accountId);

    await account(accountId).update(data);

    expect([before, await standsFor(resetId, accountId)]).toEqual([true, false]);
  });

  it('A corporation’s reset stands until its principal has another name or another principal takes over', async () => {
    const [principalKey, nextKey] = [await insertAgent(database.prisma), await insertAgent(database.prisma)];
    const agentKey = await insertAgent(database.prisma, { kind: 'corporation', principalKey });
    const accountId = await register(agentKey, 'corporation');
    const first = await openFor(accountId);
    await updateAgent(nextKey, { lastNameKeys: ['somebody else'] });
    const afterOther = await standsFor(first, accountId);
    await updateAgent(principalKey, { lastNameKeys: ['other'] });
    const afterName = await standsFor(first, accountId);
    const second = await openFor(accountId);

    await updateAgent(agentKey, { principalKey: nextKey });

    expect([afterOther, afterName, await standsFor(second, accountId)]).toEqual([true, false, false]);
  });

  it('A broker’s reset still stands when the roster changes details that identify nobody', async () => {
    const agentKey = await insertAgent(database.prisma);
    const accountId = await register(agentKey, 'agent');
    const resetId = await openFor(accountId);

    await updateAgent(agentKey, { company: 'Sterling Life', email: 'other@example.com' });

    expect(await standsFor(resetId, accountId)).toBe(true);
  });
});

describe('takeChoice', () => {
  it('takeChoice allows exactly five passwords of one reset, however many come at once', async () => {
    const resetId = await openFor(await insertAccount(database.prisma));
    const records = createResetRecords(database.prisma);

    const taken = await Promise.all(Array.from({ length: 20 }, () => records.takeChoice(resetId, 5)));

    expect(taken.filter(Boolean)).toHaveLength(5);
    expect(await records.takeChoice(resetId, 5)).toBe(false);
  });

  it('takeChoice allows no password for a reset without a record', async () => {
    expect(await createResetRecords(database.prisma).takeChoice(randomUUID(), 5)).toBe(false);
  });
});
