import { randomUUID } from 'node:crypto';
import { createBrokerDirectory } from '../../../src/adapters/postgres/broker-directory';
import { createBrokerRegistrations } from '../../../src/adapters/postgres/broker-registrations';
import { createInvitations } from '../../../src/adapters/postgres/invitations';
import { foldLastName, foldName } from '../../../src/domain/accounts/names';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { brokerAccount, insertAccount, insertAgent, NOW_MS } from './records';
import { portalPolicies } from '../../support/brand';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const directory = () => createBrokerDirectory(database.prisma);

/** Registers whoever `fields` name. Gives the account. */
async function register(fields: Parameters<typeof brokerAccount>[0]) {
  const account = brokerAccount(fields);
  expect(await createBrokerRegistrations(database.prisma).create(account)).toBe('created');
  return account;
}

async function invite(email: string, expiresAtMs = NOW_MS + 1000) {
  const invitation = {
    id: randomUUID(),
    pepperId: 'test',
    codeDigest: randomUUID(),
    email,
    firstName: 'Olga',
    lastName: "D'Other",
    createdAtMs: NOW_MS,
    expiresAtMs,
    createdBy: randomUUID(),
    address: '192.0.2.7',
  };
  await createInvitations(database.prisma, portalPolicies).issue(invitation);
  return invitation;
}

async function registerOther(email: string, fields: Parameters<typeof brokerAccount>[0] = {}) {
  const { id } = await invite(email);
  return register({
    kind: 'other',
    invitationId: id,
    email,
    firstName: 'Olga',
    lastName: "D'Other",
    ...fields,
  });
}

describe('findAgent', () => {
  it('findAgent returns what a registration is compared with', async () => {
    await insertAgent(database.prisma, {
      agentNumber: 'ab-1',
      lastName: 'Castellanos-Boyd',
      previousLastNames: ['Castellanos'],
      ssnDigest: 'digest-ab1',
      terminatedOn: '2026-12-31',
    });

    expect(await directory().findAgent('AB1')).toEqual({
      agentKey: 'AB1',
      agentNumber: 'ab-1',
      kind: 'agent',
      firstName: 'Dana',
      lastName: 'Castellanos-Boyd',
      email: 'dana@example.com',
      lastNameKeys: ['castellanos boyd', 'castellanos'],
      ssnDigest: 'digest-ab1',
      pepperId: 'test',
      wasWelcomed: true,
      terminatedOn: '2026-12-31',
      principalTerminatedOn: null,
      hasAccount: false,
    });
  });

  it('findAgent tells whether an agent was ever welcomed', async () => {
    const agentKey = await insertAgent(database.prisma, { welcomedOn: null });

    expect(await directory().findAgent(agentKey)).toMatchObject({ wasWelcomed: false, terminatedOn: null });
  });

  it('findAgent gives a corporation’s own number and welcome, with the name and SSN digest of its principal', async () => {
    const principalKey = await insertAgent(database.prisma, {
      lastName: 'Principal',
      previousLastNames: ['Before'],
      ssnDigest: 'digest-principal',
      welcomedOn: null,
      terminatedOn: '2026-05-05',
    });
    const corporation = { kind: 'corporation', principalKey, firstName: '', lastName: 'Firm & Co' } as const;
    const agentKey = await insertAgent(database.prisma, { ...corporation, terminatedOn: '2026-06-06' });

    expect(await directory().findAgent(agentKey)).toMatchObject({
      agentKey,
      kind: 'corporation',
      firstName: 'Dana',
      lastName: 'Principal',
      lastNameKeys: ['principal', 'before'],
      ssnDigest: 'digest-principal',
      wasWelcomed: true,
      terminatedOn: '2026-06-06',
      principalTerminatedOn: '2026-05-05',
    });
  });

  it('findAgent reports an account if the same person has one under another number, but not if a namesake has', async () => {
    const ssnDigest = randomUUID();
    const registered = await insertAgent(database.prisma, { ssnDigest });
    const samePerson = await insertAgent(database.prisma, {
      ssnDigest,
      lastName: 'Boyd',
      previousLastNames: ['Whitfield'],
    });
    const namesake = await insertAgent(database.prisma);
    await register({ agentKey: registered });

    const found = await Promise.all(
      [registered, samePerson, namesake].map((key) => directory().findAgent(key)),
    );

    expect(found.map((agent) => agent?.hasAccount)).toEqual([true, true, false]);
  });

  it('findAgent returns null for an unknown number', async () => {
    expect(await directory().findAgent("A' OR '1'='1")).toBeNull();
  });
});

describe('findInvitation', () => {
  it('findInvitation finds an invitation by its code until it expires', async () => {
    const { id, codeDigest, email } = await invite('found@example.com');

    const expected = { id, email, firstName: 'Olga', lastName: "D'Other", used: false };
    expect(await directory().findInvitation(codeDigest, NOW_MS + 999)).toEqual(expected);
    expect(await directory().findInvitation(codeDigest, NOW_MS + 1000)).toBeNull();
    expect(await directory().findInvitation('another', NOW_MS)).toBeNull();
  });

  it('findInvitation finds a used invitation as used, and does not find a replaced one', async () => {
    const used = await invite('used@example.com');
    await register({ kind: 'other', invitationId: used.id });
    const replaced = await invite('replaced@example.com');
    const newer = await invite('REPLACED@example.com');

    expect(await directory().findInvitation(used.codeDigest, NOW_MS)).toMatchObject({ used: true });
    expect(await directory().findInvitation(replaced.codeDigest, NOW_MS)).toBeNull();
    expect(await directory().findInvitation(newer.codeDigest, NOW_MS)).toMatchObject({ used: false });
  });
});

describe('findForReset and decoySeed', () => {
  it('findForReset returns current and previous names from the roster, and the two answers in order', async () => {
    const agentKey = await insertAgent(database.prisma, { lastName: 'Núñez', previousLastNames: ['Ruiz'] });
    const account = await register({ agentKey, username: 'Reset.Me' });

    expect(await directory().findForReset(' reset.ME ')).toEqual({
      accountId: account.accountId,
      username: 'Reset.Me',
      firstNameKey: 'dana',
      lastNameKeys: ['nunez', 'ruiz'],
      answers: account.answers,
    });
  });

  it('findForReset gives fold version 1 to answers that are stored without a version', async () => {
    const agentKey = await insertAgent(database.prisma);
    const account = await register({ agentKey, username: 'early.bird' });
    await database.prisma
      .$executeRaw`DELETE FROM security_answers WHERE account_id = ${account.accountId}::uuid`;
    await database.prisma.$executeRaw`
      INSERT INTO security_answers (account_id, position, question_id, salt, stretched)
      VALUES (${account.accountId}::uuid, 1, 'first-pet', 's', 'x')`;

    expect((await directory().findForReset('early.bird'))?.answers).toEqual([
      { questionId: 'first-pet', salt: 's', stretched: 'x', foldVersion: 1 },
    ]);
  });

  it('findForReset returns the principal’s names for a corporation', async () => {
    const principalKey = await insertAgent(database.prisma, { firstName: 'Pía', lastName: 'Principal' });
    const agentKey = await insertAgent(database.prisma, { kind: 'corporation', principalKey, firstName: '' });
    await register({ agentKey, kind: 'corporation', username: 'firm.co' });

    expect(await directory().findForReset('firm.co')).toMatchObject({
      firstNameKey: 'pia',
      lastNameKeys: ['principal'],
    });
  });

  it('findForReset returns the account’s own names for a broker who is no agent', async () => {
    await registerOther('other@example.com', { username: 'no.agent' });

    expect(await directory().findForReset('no.agent')).toMatchObject({
      firstNameKey: 'olga',
      lastNameKeys: ['dother'],
    });
  });

  it('findForReset returns null for an unknown username, and for one that only a member has', async () => {
    await insertAccount(database.prisma, { username: 'just-a-member' });

    expect(await directory().findForReset('just-a-member')).toBeNull();
    expect(await directory().findForReset('nobody')).toBeNull();
  });

  it('findForReset and findUsernameByEmail return null for a closed account', async () => {
    await registerOther('closed@example.com', { username: 'closed.one' });
    await database.prisma.account.updateMany({
      where: { usernameKey: 'closed.one' },
      data: { closedAt: new Date(NOW_MS) },
    });

    expect(await directory().findForReset('closed.one')).toBeNull();
    expect(
      await directory().findUsernameByEmail({
        firstNameKey: 'olga',
        lastNameKey: 'dother',
        emailKey: 'closed@example.com',
      }),
    ).toBeNull();
  });

  it('decoySeed returns the same seed in every process', async () => {
    const [one, another] = [directory(), directory()];
    const seed = await one.decoySeed();

    expect(seed.length).toBeGreaterThan(64);
    expect([await one.decoySeed(), await another.decoySeed()]).toEqual([seed, seed]);
  });
});

describe('Forgotten usernames', () => {
  const ofAgent = (firstName: string, lastName: string, agentKey: string) =>
    directory().findUsernameOfAgent({
      firstNameKey: foldName(firstName),
      lastNameKey: foldLastName(lastName),
      agentKey,
    });
  const byEmail = (firstName: string, lastName: string, emailKey: string) =>
    directory().findUsernameByEmail({
      firstNameKey: foldName(firstName),
      lastNameKey: foldLastName(lastName),
      emailKey,
    });

  it('A forgotten username is found by a current or previous name and any agent number of the same person', async () => {
    const ssnDigest = randomUUID();
    const agentKey = await insertAgent(database.prisma, {
      ssnDigest,
      lastName: "O'Hara",
      previousLastNames: ['Boyd'],
    });
    const elsewhere = await insertAgent(database.prisma, { ssnDigest, lastName: 'Boyd' });
    const { accountId, username } = await register({ agentKey });

    const found = { accountId, username };
    expect(await ofAgent('DANA', 'O’Hara', agentKey)).toEqual(found);
    expect(await ofAgent('Dana', 'boyd', agentKey)).toEqual(found);
    expect(await ofAgent('Dana', 'boyd', elsewhere)).toEqual(found);
  });

  it.each([
    ['O’Brien', 'OBRIEN'],
    ['OBRIEN', "O'Brien"],
    ['Smith, Jr.', 'Smith'],
    ['St. John', 'St John'],
  ])('A forgotten username is found with %j in the roster by %j', async (lastName, typed) => {
    const agentKey = await insertAgent(database.prisma, { lastName });
    const { accountId, username } = await register({ agentKey });

    expect(await ofAgent('Dana', typed, agentKey)).toEqual({ accountId, username });
  });

  it('A father’s forgotten username is not found with the agent number of a son who has the same name', async () => {
    const senior = await insertAgent(database.prisma, { firstName: 'Karl', lastName: 'Smith Sr.' });
    const junior = await insertAgent(database.prisma, { firstName: 'Karl', lastName: 'Smith Jr.' });
    const father = await register({ agentKey: senior });

    expect(await ofAgent('Karl', 'Smith', senior)).toMatchObject({ accountId: father.accountId });
    expect(await ofAgent('Karl', 'Smith', junior)).toBeNull();
    expect((await directory().findAgent(junior))?.hasAccount).toBe(false);

    const son = await register({ agentKey: junior });
    expect(await ofAgent('Karl', 'Smith', junior)).toMatchObject({ accountId: son.accountId });
  });

  it('A forgotten username is not found by another name, by another number, or before registration', async () => {
    const agentKey = await insertAgent(database.prisma);
    const unregistered = await insertAgent(database.prisma);
    await register({ agentKey });

    expect(await ofAgent('Dan', 'Whitfield', agentKey)).toBeNull();
    expect(await ofAgent('Dana', 'Whit', agentKey)).toBeNull();
    expect(await ofAgent('Dana', '', agentKey)).toBeNull();
    expect(await ofAgent('Dana', 'Whitfield', unregistered)).toBeNull();
    expect(await ofAgent('Dana', 'Whitfield', 'A000')).toBeNull();
  });

  it('A forgotten username is found by a corporation’s number and its principal’s name', async () => {
    const principalKey = await insertAgent(database.prisma, { firstName: 'Pía', lastName: 'Principal' });
    const agentKey = await insertAgent(database.prisma, {
      kind: 'corporation',
      principalKey,
      lastName: 'Firm & Co',
    });
    const { username } = await register({ agentKey, kind: 'corporation' });

    expect(await ofAgent('Pia', 'Principal', agentKey)).toMatchObject({ username });
    expect(await ofAgent('Dana', 'Firm & Co', agentKey)).toBeNull();
    expect(await ofAgent('Pia', 'Principal', principalKey)).toBeNull();
  });

  it('A non-agent’s forgotten username is found by name and email address, even if others share the address', async () => {
    const one = await registerOther('desk@example.com');
    await registerOther('desk@example.com', { firstName: 'Otto' });
    await register({
      agentKey: await insertAgent(database.prisma),
      email: 'desk@example.com',
      firstName: 'Dana',
    });

    expect(await byEmail('olga', 'D’OTHER', 'desk@example.com')).toEqual({
      accountId: one.accountId,
      username: one.username,
    });
    expect(await byEmail('Olga', "D'Other", 'other-desk@example.com')).toBeNull();
    expect(await byEmail('Dana', 'Whitfield', 'desk@example.com')).toBeNull();
  });

  it('A forgotten username is not found if two people with the same name share an address', async () => {
    await registerOther('twins@example.com');
    await registerOther('twins@example.com');

    expect(await byEmail('Olga', "D'Other", 'twins@example.com')).toBeNull();
  });
});
