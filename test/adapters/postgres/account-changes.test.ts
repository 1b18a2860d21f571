import { randomUUID } from 'node:crypto';
import { announceNotedChanges } from '../../../src/activities/noted-changes';
import { announceUntoldChanges } from '../../../src/activities/untold-changes';
import { createAccountChanges } from '../../../src/adapters/postgres/account-changes';
import { createBrokerRegistrations } from '../../../src/adapters/postgres/broker-registrations';
import { createMailLedger } from '../../../src/adapters/postgres/mail-ledger';
import { passwordChangedNotice, type DeliverNoticeInput, type MailKind } from '../../../src/contracts/notice';
import { DAY_MS, MINUTE_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { brokerAccount, insertAccount, insertAgent, insertCredential, NOW_MS } from './records';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const moveTo = (id: string, email: string) =>
  database.prisma.account.update({ where: { id }, data: { email, emailKey: email.toLowerCase() } });

describe('Address changes', () => {
  it('An address change is recorded with the former address, whoever makes it', async () => {
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
  ])('An address change is not recorded when %s', async (_what, data) => {
    const id = await insertAccount(database.prisma, { email: 'old@x.com' });

    await database.prisma.account.update({ where: { id }, data });

    expect(await createAccountChanges(database.prisma).unannounced(10)).toEqual([]);
  });

  it('An address change is recorded for both members when an import swaps their addresses in two steps', async () => {
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

  it('An address change leads to one notice, however often it is found, even if a worker stops in between', async () => {
    const changes = createAccountChanges(database.prisma);
    const accounts = await Promise.all(Array.from({ length: 101 }, () => insertAccount(database.prisma)));
    for (const id of accounts) await moveTo(id, `${id}@new.com`);
    const started: DeliverNoticeInput[] = [];
    const notices = { start: async (notice: DeliverNoticeInput) => void started.push(notice) };
    const stopping = { ...changes, markAnnounced: () => Promise.reject(new Error('stopped')) };

    await expect(announceNotedChanges(stopping, notices, () => NOW_MS)).rejects.toThrow('stopped');
    const announced = await announceNotedChanges(changes, notices, () => NOW_MS);
    const again = await announceNotedChanges(changes, notices, () => NOW_MS);

    expect([announced, again]).toEqual([101, 0]);
    expect(new Set(started.map(({ messageId }) => messageId)).size).toBe(101);
    expect(new Set(started.map(({ accountId }) => accountId))).toEqual(new Set(accounts));
  });
});

describe('Registration notices', () => {
  it('A registration notice goes to the address on the roster, not to the one that was typed', async () => {
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

  it('A corporation’s registration notice greets its principal and gives the corporation’s number', async () => {
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

  it('findRegistered and findAddressChange return null before anything is recorded', async () => {
    const changes = createAccountChanges(database.prisma);

    expect(await changes.findRegistered(brokerAccount().accountId)).toBeNull();
    expect(await changes.findAddressChange(brokerAccount().accountId)).toBeNull();
  });
});

describe('Changes without a notice', () => {
  const BEFORE = NOW_MS - 10 * MINUTE_MS;
  const query = { afterMs: NOW_MS - DAY_MS, beforeMs: NOW_MS - 2 * MINUTE_MS, limit: 10 };
  const untold = () => createAccountChanges(database.prisma).untold(query);
  const emailOf = (id: string, kind: MailKind, accountId?: string) =>
    createMailLedger(database.prisma).begin({
      messageId: `${kind}.${id}`,
      kind,
      reference: id,
      accountId,
      validUntilMs: NOW_MS + DAY_MS,
    });

  async function changedAt(setAtMs: number): Promise<{ accountId: string; credentialId: string }> {
    const accountId = await insertAccount(database.prisma);
    const earlier = { setAtMs: setAtMs - DAY_MS, retiredAtMs: setAtMs };
    await insertCredential(database.prisma, accountId, earlier);
    return { accountId, credentialId: await insertCredential(database.prisma, accountId, { setAtMs }) };
  }

  it('untold lists a password that replaced another one and has no email in the ledger', async () => {
    const { accountId, credentialId } = await changedAt(BEFORE);
    const told = await changedAt(BEFORE);
    await emailOf(told.credentialId, 'password-changed', told.accountId);

    expect(await untold()).toEqual([
      {
        kind: 'password-changed',
        accountId,
        credentialId,
        atMs: BEFORE,
        invitationId: null,
        expiresAtMs: null,
      },
    ]);
  });

  it.each([
    ['is younger than a notice waits for its change', () => changedAt(NOW_MS - MINUTE_MS)],
    ['is older than a day', () => changedAt(NOW_MS - DAY_MS - 1)],
    [
      'is the first password of an account',
      async () =>
        insertCredential(database.prisma, await insertAccount(database.prisma), { setAtMs: BEFORE }),
    ],
    [
      'is of an account that is closed',
      async () => {
        const { accountId } = await changedAt(BEFORE);
        await database.prisma.account.update({
          where: { id: accountId },
          data: { closedAt: new Date(NOW_MS) },
        });
      },
    ],
  ])('untold does not list a password that %s', async (_what, given) => {
    await given();

    expect(await untold()).toEqual([]);
  });

  it('untold lists the first password of an account if a reset set it', async () => {
    const accountId = await insertAccount(database.prisma);
    const credentialId = await insertCredential(database.prisma, accountId, { setAtMs: BEFORE });
    await database.prisma.credential.update({ where: { id: credentialId }, data: { resetId: randomUUID() } });

    expect(await untold()).toMatchObject([{ kind: 'password-changed', credentialId }]);
  });

  it('untold lists a registration under an agent’s number until its email is in the ledger, and no other one', async () => {
    const agentKey = await insertAgent(database.prisma);
    const [agent, other] = [brokerAccount({ agentKey }), brokerAccount({ kind: 'other' })];
    for (const broker of [agent, other]) await createBrokerRegistrations(database.prisma).create(broker);
    const { accountId } = agent;
    await database.prisma.account.updateMany({ data: { createdAt: new Date(BEFORE) } });

    expect(await untold()).toMatchObject([{ kind: 'account-registered', accountId, atMs: BEFORE }]);
    await emailOf(accountId, 'account-registered', accountId);
    expect(await untold()).toEqual([]);
  });

  it('untold lists an open invitation until its email is in the ledger, and neither a replaced nor a used one', async () => {
    const invite = async (fields: object = {}) => {
      const id = randomUUID();
      const data = {
        id,
        email: `${id}@x.com`,
        emailKey: `${id}@x.com`,
        firstName: 'Noor',
        lastName: 'Haddad',
        pepperId: 'p',
        codeDigest: id,
        createdBy: randomUUID(),
        createdAt: new Date(BEFORE),
        expiresAt: new Date(NOW_MS + DAY_MS),
        ...fields,
      };
      await database.prisma.accessInvitation.create({ data });
      return id;
    };
    const invitationId = await invite();
    await invite({ replacedAt: new Date(NOW_MS) });
    await invite({ usedAt: new Date(NOW_MS) });

    expect(await untold()).toMatchObject([
      { kind: 'access-invitation', invitationId, expiresAtMs: NOW_MS + DAY_MS },
    ]);
    await emailOf(invitationId, 'access-invitation');
    expect(await untold()).toEqual([]);
  });

  it('announceUntoldChanges restarts the same notice for a change each time it finds the change', async () => {
    const { accountId, credentialId } = await changedAt(BEFORE);
    const started: DeliverNoticeInput[] = [];
    const notices = { restart: async (notice: DeliverNoticeInput) => void started.push(notice) };
    const changes = createAccountChanges(database.prisma);

    const counts = [
      await announceUntoldChanges(changes, notices, () => NOW_MS),
      await announceUntoldChanges(changes, notices, () => NOW_MS),
    ];

    const notice = passwordChangedNotice(accountId, credentialId, BEFORE);
    expect(counts).toEqual([1, 1]);
    expect(started).toEqual([notice, notice]);
  });
});
