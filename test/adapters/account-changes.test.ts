import { announceAddressChanges } from '../../src/activities/address-changes';
import { createAccountChanges } from '../../src/adapters/account-changes';
import { createBrokerRegistrations } from '../../src/adapters/broker-registrations';
import type { DeliverNoticeInput } from '../../src/contracts/notice';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { brokerAccount, insertAccount, insertAgent, NOW_MS } from './records';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const moveTo = (id: string, email: string) =>
  database.prisma.account.update({ where: { id }, data: { email, emailKey: email.toLowerCase() } });

describe('a changed address', () => {
  it('is written down with the address before, whoever changes it', async () => {
    const accountId = await insertAccount(database.prisma, { email: 'Old@x.com' });

    await moveTo(accountId, 'new@x.com');

    const changes = createAccountChanges(database.prisma);
    const [change] = await changes.unannounced(10);
    expect(change).toMatchObject({ accountId });
    expect(await changes.findAddressChange(change!.changeId)).toMatchObject({
      recipient: { portal: 'member', email: 'Old@x.com', firstName: 'Ana', language: 'es' },
      changedAtMs: change!.changedAtMs,
    });
  });

  it.each([
    ['it is written in another case', { email: 'OLD@X.com' }],
    ['it is folded in another way', { emailKey: 'old@x.com ' }],
    ['something else changes', { firstName: 'Anna' }],
  ])('is none when %s', async (_what, data) => {
    const id = await insertAccount(database.prisma, { email: 'old@x.com' });

    await database.prisma.account.update({ where: { id }, data });

    expect(await createAccountChanges(database.prisma).unannounced(10)).toEqual([]);
  });

  it('is told for both members when their addresses are swapped in two steps, as an import does', async () => {
    const [a, b] = [
      await insertAccount(database.prisma, { email: 'a@x.com' }),
      await insertAccount(database.prisma, { email: 'b@x.com' }),
    ];
    for (const id of [a, b])
      await database.prisma.account.update({ where: { id }, data: { emailKey: `given up by ${id}` } });

    await moveTo(a, 'b@x.com');
    await moveTo(b, 'a@x.com');

    const changes = createAccountChanges(database.prisma);
    const told = await Promise.all(
      (await changes.unannounced(10)).map(async ({ accountId, changeId }) => {
        const change = await changes.findAddressChange(changeId);
        return [accountId, change?.recipient.email];
      }),
    );
    expect(told).toEqual([
      [a, 'a@x.com'],
      [b, 'b@x.com'],
    ]);
  });

  it('starts one notice, however often it is looked at, also when a worker stops in between', async () => {
    const changes = createAccountChanges(database.prisma);
    const accounts = await Promise.all(Array.from({ length: 101 }, () => insertAccount(database.prisma)));
    for (const id of accounts) await moveTo(id, `${id}@new.com`);
    const started: DeliverNoticeInput[] = [];
    const notices = { start: async (notice: DeliverNoticeInput) => void started.push(notice) };
    const stopping = { ...changes, markAnnounced: () => Promise.reject(new Error('stopped')) };

    await expect(announceAddressChanges(stopping, notices, () => NOW_MS)).rejects.toThrow('stopped');
    const announced = await announceAddressChanges(changes, notices, () => NOW_MS);
    const again = await announceAddressChanges(changes, notices, () => NOW_MS);

    expect([announced, again]).toEqual([101, 0]);
    expect(new Set(started.map(({ messageId }) => messageId)).size).toBe(101);
    expect(new Set(started.map(({ accountId }) => accountId))).toEqual(new Set(accounts));
  });
});

describe('a registration', () => {
  it('is told at the address of the roster, not the one that was typed', async () => {
    const agentKey = await insertAgent(database.prisma, { agentNumber: 'AB-123' });
    const broker = brokerAccount({ agentKey, email: 'thief@x.com', language: 'es' });
    await createBrokerRegistrations(database.prisma).create(broker);

    const registered = await createAccountChanges(database.prisma).findRegistered(broker.accountId);

    expect(registered).toMatchObject({
      recipient: { portal: 'broker', email: 'dana@example.com', firstName: 'Dana', language: 'es' },
      agentNumber: 'AB-123',
      registeredAtMs: NOW_MS,
    });
  });

  it('of a corporation greets its principal at the corporation’s address', async () => {
    const principalKey = await insertAgent(database.prisma, { firstName: 'Petra' });
    const agentKey = await insertAgent(database.prisma, {
      kind: 'corporation',
      principalKey,
      firstName: '',
      agentNumber: 'CORP-1',
    });
    const broker = brokerAccount({ agentKey, kind: 'corporation' });
    await createBrokerRegistrations(database.prisma).create(broker);

    const registered = await createAccountChanges(database.prisma).findRegistered(broker.accountId);

    expect(registered).toMatchObject({ recipient: { firstName: 'Petra' }, agentNumber: 'CORP-1' });
  });

  it('is not there yet before it is written', async () => {
    const changes = createAccountChanges(database.prisma);

    expect(await changes.findRegistered(brokerAccount().accountId)).toBeNull();
    expect(await changes.findAddressChange(brokerAccount().accountId)).toBeNull();
  });
});
