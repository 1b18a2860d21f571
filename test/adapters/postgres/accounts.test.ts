import { randomUUID } from 'node:crypto';
import { createAccounts } from '../../../src/adapters/postgres/accounts';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, insertCredential, NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('findByUsername finds an account regardless of case and surrounding space', async () => {
  const accounts = createAccounts(database.prisma);
  const id = await insertAccount(database.prisma, { username: 'Ana.Ruiz' });
  const credentialId = await insertCredential(database.prisma, id, { hash: 'h', setAtMs: NOW_MS });

  const found = await accounts.findByUsername('member', ' aNA.rUIZ ');

  expect(found).toEqual({
    id,
    portal: 'member',
    username: 'Ana.Ruiz',
    termsVersion: null,
    twoStep: false,
    firstName: 'Ana',
    language: 'es',
    credential: { id: credentialId, hash: 'h', setAtMs: NOW_MS },
  });
});

it('Account lookups keep the portals apart', async () => {
  const accounts = createAccounts(database.prisma);
  const broker = await insertAccount(database.prisma, {
    portal: 'broker',
    username: 'both',
    email: 'both@x.com',
  });

  expect(await accounts.findByUsername('member', 'both')).toBeNull();
  expect(await accounts.findIdByEmail('member', 'both@x.com')).toBeNull();
  expect(await accounts.findIdByEmail('broker', 'both@x.com')).toBe(broker);
});

it('findIdByEmail returns null for an address that several brokers share', async () => {
  const accounts = createAccounts(database.prisma);
  for (const username of ['desk-one', 'desk-two'])
    await insertAccount(database.prisma, { portal: 'broker', username, email: 'office@x.com' });

  expect(await accounts.findIdByEmail('broker', 'office@x.com')).toBeNull();
});

it('findByUsername returns no credential for an account that never had a password', async () => {
  await insertAccount(database.prisma, { username: 'fresh' });

  const found = await createAccounts(database.prisma).findByUsername('member', 'fresh');

  expect(found?.credential).toBeNull();
});

it('findByUsername does not return a retired password as the current one', async () => {
  const id = await insertAccount(database.prisma, { username: 'retired' });
  await insertCredential(database.prisma, id, { retiredAtMs: NOW_MS });

  const found = await createAccounts(database.prisma).findByUsername('member', 'retired');

  expect(found?.credential).toBeNull();
});

it('findIdByEmail finds an account regardless of case and surrounding space', async () => {
  const id = await insertAccount(database.prisma, { email: 'Eva@Example.com' });

  expect(await createAccounts(database.prisma).findIdByEmail('member', '\teVA@example.COM ')).toBe(id);
});

it('findById and findRecipient find an account by its id', async () => {
  const accounts = createAccounts(database.prisma);
  const id = await insertAccount(database.prisma, { username: 'by-id', email: 'by-id@example.com' });

  const account = await accounts.findById(id);
  const recipient = await accounts.findRecipient(id);

  expect(account).toEqual({ id, portal: 'member', username: 'by-id', firstName: 'Ana', language: 'es' });
  expect(recipient).toEqual({
    accountId: id,
    portal: 'member',
    email: 'by-id@example.com',
    firstName: 'Ana',
    username: 'by-id',
    language: 'es',
  });
});

it('Account lookups return null, and an empty password history, for an unknown account', async () => {
  const accounts = createAccounts(database.prisma);

  expect(await accounts.findById(randomUUID())).toBeNull();
  expect(await accounts.findRecipient(randomUUID())).toBeNull();
  expect(await accounts.findByUsername('member', "nobody' OR '1'='1")).toBeNull();
  expect(await accounts.findIdByEmail('member', 'nobody@example.com')).toBeNull();
  expect(await accounts.passwordHistory(randomUUID(), 4)).toEqual([]);
});

it('passwordHistory lists the newest passwords, the current one first', async () => {
  const id = await insertAccount(database.prisma);
  for (const [index, hash] of ['first', 'second', 'third', 'fourth'].entries()) {
    const setAtMs = NOW_MS + index * 1000;
    await insertCredential(database.prisma, id, { hash, setAtMs, retiredAtMs: setAtMs + 1000 });
  }
  // Set on a machine whose clock was behind: current all the same.
  await insertCredential(database.prisma, id, { hash: 'current', setAtMs: NOW_MS - 60_000 });

  const history = await createAccounts(database.prisma).passwordHistory(id, 4);

  expect(history.map(({ hash }) => hash)).toEqual(['current', 'fourth', 'third', 'second']);
});
