import { randomUUID } from 'node:crypto';
import { createBrokerRegistrations } from '../../../src/adapters/postgres/broker-registrations';
import { createInvitations } from '../../../src/adapters/postgres/invitations';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { brokerAccount, insertAccount, insertAgent, NOW_MS } from './records';
import { portalPolicies } from '../../support/brand';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const create = (...args: Parameters<ReturnType<typeof createBrokerRegistrations>['create']>) =>
  createBrokerRegistrations(database.prisma).create(...args);

const check = (...args: Parameters<ReturnType<typeof createBrokerRegistrations>['check']>) =>
  createBrokerRegistrations(database.prisma).check(...args);

const recordsOf = async (accountId: string) => ({
  account: await database.prisma.account.findUnique({ where: { id: accountId } }),
  credentials: await database.prisma.credential.findMany({ where: { accountId } }),
  answers: await database.prisma.securityAnswer.findMany({
    where: { accountId },
    orderBy: { position: 'asc' },
  }),
  audit: await database.prisma.auditEvent.findMany({ where: { accountId } }),
});

async function issueInvitation(email = `${randomUUID()}@example.com`): Promise<string> {
  const id = randomUUID();
  await createInvitations(database.prisma, portalPolicies).issue({
    id,
    pepperId: 'test',
    codeDigest: randomUUID(),
    email,
    firstName: 'Olga',
    lastName: 'Other',
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 1000,
    createdBy: randomUUID(),
    address: '192.0.2.7',
  });
  return id;
}

describe('Registrations', () => {
  it('A registration writes the account, the password, the answers and an audit event', async () => {
    const agentKey = await insertAgent(database.prisma);
    const account = brokerAccount({ agentKey });

    expect(await create(account)).toBe('created');

    const at = new Date(NOW_MS);
    expect(await recordsOf(account.accountId)).toMatchObject({
      account: {
        portal: 'broker',
        username: account.username,
        usernameKey: account.username.toLowerCase(),
        email: 'Dana@Example.com',
        emailKey: 'dana@example.com',
        firstName: 'Dana',
        lastName: 'Whitfield',
        language: 'en',
        memberId: null,
        brokerKind: 'agent',
        agentKey,
        phone: '+18774540923',
        termsVersion: '2026-01',
        termsAcceptedAt: at,
        createdAt: at,
      },
      credentials: [{ id: account.credentialId, hash: 'hash', setAt: at, retiredAt: null }],
      answers: [
        { position: 1, questionId: 'first-pet', salt: 'salt-1', stretched: 'stretched-1', foldVersion: 2 },
        { position: 2, questionId: 'first-car', salt: 'salt-2', stretched: 'stretched-2', foldVersion: 2 },
      ],
      audit: [
        {
          key: `registered:${account.accountId}`,
          action: 'registered',
          outcome: 'success',
          address: '192.0.2.7',
        },
      ],
    });
  });

  it('A registration keeps the email address as typed, beside its folded key', async () => {
    const email = 'Jose\u0301@correo-m\u00e9xico.example';
    const account = brokerAccount({ agentKey: await insertAgent(database.prisma), email });

    await create(account);

    expect((await recordsOf(account.accountId)).account).toMatchObject({
      email,
      emailKey: 'jos\u00e9@xn--correo-mxico-ieb.example',
    });
  });

  it('A repeated registration changes nothing and is answered the same', async () => {
    const account = brokerAccount({ agentKey: await insertAgent(database.prisma) });
    await create(account);
    const before = await recordsOf(account.accountId);

    expect(await create(account)).toBe('created');

    expect(await recordsOf(account.accountId)).toEqual(before);
  });

  it('A registration may share its email address with another broker, and its username with a member', async () => {
    const [one, other] = [await insertAgent(database.prisma), await insertAgent(database.prisma)];
    await insertAccount(database.prisma, { username: 'dana-both' });

    expect(await create(brokerAccount({ agentKey: one, username: 'Dana-Both' }))).toBe('created');
    expect(await create(brokerAccount({ agentKey: other }))).toBe('created');
  });

  it('A registration is refused and leaves nothing behind if its username is taken, regardless of case', async () => {
    await create(brokerAccount({ agentKey: await insertAgent(database.prisma), username: 'Taken' }));
    const account = brokerAccount({ agentKey: await insertAgent(database.prisma), username: 'tAKEN' });

    expect(await create(account)).toBe('username-taken');

    expect(await recordsOf(account.accountId)).toEqual({
      account: null,
      credentials: [],
      answers: [],
      audit: [],
    });
  });

  it('A registration refused for its username can be tried again with another one and the same invitation', async () => {
    await create(brokerAccount({ agentKey: await insertAgent(database.prisma), username: 'Popular' }));
    const invitationId = await issueInvitation();
    const account = brokerAccount({ kind: 'other', invitationId, username: 'popular' });

    expect(await create(account)).toBe('username-taken');
    expect(await create({ ...account, username: 'popular2' })).toBe('created');
  });
});

describe('One account per person', () => {
  it('A hundred simultaneous registrations of one agent create one account', async () => {
    const agentKey = await insertAgent(database.prisma);
    const accounts = Array.from({ length: 100 }, () => brokerAccount({ agentKey }));

    const answers = await Promise.all(accounts.map((account) => create(account)));

    expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'already-registered')).toHaveLength(99);
    const rows = await database.prisma.account.findMany({ where: { agentKey } });
    expect(rows.map(({ id }) => id)).toEqual([accounts[answers.indexOf('created')]!.accountId]);
    expect(await database.prisma.credential.count({ where: { accountId: rows[0]!.id } })).toBe(1);
  });

  it('A person who registers with the numbers of two companies at once gets one account', async () => {
    const ssnDigest = randomUUID();
    const keys = [
      await insertAgent(database.prisma, { ssnDigest, firstName: 'Zoë', lastName: 'Boyd' }),
      await insertAgent(database.prisma, {
        ssnDigest,
        firstName: 'ZOE',
        lastName: 'Castellanos',
        previousLastNames: ['Boyd'],
      }),
    ];

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => create(brokerAccount({ agentKey: keys[index % 2]! }))),
    );

    expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'already-registered')).toHaveLength(19);
    expect(await database.prisma.account.count({ where: { agentKey: { in: keys } } })).toBe(1);
  });

  it.each([
    ['other digits', {}, {}],
    ['another first name', { ssnDigest: 'same-1' }, { ssnDigest: 'same-1', firstName: 'Dan' }],
    ['no last name in common', { ssnDigest: 'same-2' }, { ssnDigest: 'same-2', lastName: 'Boyd' }],
  ])('Two different people each get an account: %s', async (_what, one, other) => {
    const keys = [await insertAgent(database.prisma, one), await insertAgent(database.prisma, other)];

    const answers = await Promise.all(keys.map((agentKey) => create(brokerAccount({ agentKey }))));

    expect(answers).toEqual(['created', 'created']);
  });

  it('A corporation gets an account of its own beside that of its principal', async () => {
    const ssnDigest = randomUUID();
    const principalKey = await insertAgent(database.prisma, { ssnDigest });
    const corporation = await insertAgent(database.prisma, { kind: 'corporation', principalKey, ssnDigest });

    const answers = await Promise.all([
      create(brokerAccount({ agentKey: principalKey })),
      create(brokerAccount({ agentKey: corporation, kind: 'corporation' })),
      create(brokerAccount({ agentKey: corporation, kind: 'corporation' })),
    ]);

    expect(answers.toSorted()).toEqual(['already-registered', 'created', 'created']);
    expect(answers[0]).toBe('created');
  });

  it('A username that twenty people want at the same moment goes to one of them', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => insertAgent(database.prisma)));

    const answers = await Promise.all(
      keys.map((agentKey, index) =>
        create(brokerAccount({ agentKey, username: index % 2 ? 'Wanted' : 'WANTED' })),
      ),
    );

    expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'username-taken')).toHaveLength(19);
  });
});

describe('A check of what a registration would be answered', () => {
  it('A check says what is in the way, in the order in which a registration does', async () => {
    const taken = brokerAccount({ agentKey: await insertAgent(database.prisma), username: 'Held' });
    await create(taken);
    await database.prisma.account.update({
      where: { id: taken.accountId },
      data: { closedAt: new Date(NOW_MS) },
    });
    const agent = brokerAccount({ agentKey: await insertAgent(database.prisma) });
    const invited = brokerAccount({ kind: 'other', agentKey: null, invitationId: await issueInvitation() });

    expect(await check(agent)).toBeNull();
    expect(await check({ ...agent, username: 'hELD' })).toBe('username-taken');
    expect(await check({ ...taken, username: 'Held' })).toBe('already-registered');
    expect(await check(invited)).toBeNull();
    expect(await check({ ...invited, username: 'held', atMs: NOW_MS + 1000 })).toBe('invitation-over');
    await create(invited);
    expect(await check({ ...invited, username: 'another', atMs: NOW_MS + 1000 })).toBe('already-registered');
    expect(await check(agent)).toBeNull();
  });
});

describe('Invitations', () => {
  it('A registration is refused from the moment its invitation expires', async () => {
    const invitationId = await issueInvitation();
    const { expiresAt } = await database.prisma.accessInvitation.findUniqueOrThrow({
      where: { id: invitationId },
    });
    const atMs = expiresAt.getTime();

    expect(await create(brokerAccount({ kind: 'other', invitationId, atMs }))).toBe('invitation-over');
    expect(await create(brokerAccount({ kind: 'other', invitationId, atMs: atMs - 1 }))).toBe('created');
  });

  it('An invitation is used by exactly one of ten simultaneous registrations', async () => {
    const invitationId = await issueInvitation();
    const accounts = Array.from({ length: 10 }, () => brokerAccount({ kind: 'other', invitationId }));

    const answers = await Promise.all(accounts.map((account) => create(account)));

    expect(answers.filter((answer) => answer === 'created')).toHaveLength(1);
    expect(answers.filter((answer) => answer === 'already-registered')).toHaveLength(9);
    const invitation = await database.prisma.accessInvitation.findUniqueOrThrow({
      where: { id: invitationId },
    });
    expect(invitation.usedAt).toEqual(new Date(NOW_MS));
  });

  it('A registration is refused if a newer invitation replaced the one that it uses', async () => {
    const email = `${randomUUID()}@example.com`;
    const invitationId = await issueInvitation(email);
    await issueInvitation(email);

    expect(await create(brokerAccount({ kind: 'other', invitationId }))).toBe('invitation-over');
  });

  it('An invitation that is used and replaced at the same moment ends up as one of the two, never both', async () => {
    const email = `${randomUUID()}@example.com`;
    const invitationId = await issueInvitation(email);
    const account = brokerAccount({ kind: 'other', invitationId });

    const [answer] = await Promise.all([create(account), issueInvitation(email)]);

    const old = await database.prisma.accessInvitation.findUniqueOrThrow({ where: { id: invitationId } });
    expect([old.usedAt === null, old.replacedAt === null]).toEqual(
      answer === 'created' ? [false, true] : [true, false],
    );
    await issueInvitation(email);
    expect(await create(brokerAccount({ kind: 'other', invitationId }))).toBe(
      answer === 'created' ? 'already-registered' : 'invitation-over',
    );
  });
});
