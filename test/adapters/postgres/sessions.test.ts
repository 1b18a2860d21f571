import { randomUUID } from 'node:crypto';
import { createAccountClosing } from '../../../src/adapters/postgres/account-closing';
import { createCredentials } from '../../../src/adapters/postgres/credentials';
import { createSessions } from '../../../src/adapters/postgres/sessions';
import { HOUR_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, insertCredential, NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function signedIn() {
  const accountId = await insertAccount(database.prisma, {});
  const credentialId = await insertCredential(database.prisma, accountId, { setAtMs: NOW_MS - 5 });
  const sessions = createSessions(database.prisma);
  const digest = randomUUID();
  const session = {
    accountId,
    credentialId,
    application: 'portal' as const,
    addressKey: '192.0.2.7',
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + HOUR_MS,
  };
  await sessions.create(digest, session);
  return { sessions, digest, session };
}

it('finds the session with its account and the date of the password', async () => {
  const { sessions, digest, session } = await signedIn();

  const found = await sessions.find(digest, NOW_MS + 1);

  expect(found).toMatchObject({
    account: { id: session.accountId, portal: 'member', firstName: 'Ana', language: 'es' },
    application: 'portal',
    expiresAtMs: session.expiresAtMs,
    passwordSetAtMs: NOW_MS - 5,
  });
});

it('leaves a session that is created twice as it was', async () => {
  const { sessions, digest, session } = await signedIn();

  await sessions.create(digest, { ...session, expiresAtMs: NOW_MS + 2 * HOUR_MS });

  expect((await sessions.find(digest, NOW_MS))?.expiresAtMs).toBe(NOW_MS + HOUR_MS);
});

it.each([
  ['one millisecond before its end', NOW_MS + HOUR_MS - 1, true],
  ['at its end', NOW_MS + HOUR_MS, false],
])('holds a session to its time: %s', async (_when, nowMs, holds) => {
  const { sessions, digest } = await signedIn();

  expect((await sessions.find(digest, nowMs)) !== null).toBe(holds);
});

it('ends a session once, however often it is revoked', async () => {
  const { sessions, digest } = await signedIn();

  await sessions.revoke(digest, NOW_MS + 1);
  await sessions.revoke(digest, NOW_MS + 9);

  const row = await database.prisma.session.findUniqueOrThrow({ where: { tokenDigest: digest } });
  expect(row.revokedAt).toEqual(new Date(NOW_MS + 1));
  expect(await sessions.find(digest, NOW_MS + 2)).toBeNull();
});

it('does not find a session that was opened with a password replaced meanwhile', async () => {
  const { sessions, session } = await signedIn();
  await createCredentials(database.prisma).replace({
    accountId: session.accountId,
    previousCredentialId: session.credentialId,
    credentialId: randomUUID(),
    hash: 'new',
    atMs: NOW_MS + 1,
    address: '192.0.2.1',
  });

  await sessions.create('too-late', session);

  expect(await sessions.find('too-late', NOW_MS + 2)).toBeNull();
});

it('opens no session of an account that is closed', async () => {
  const { sessions, session } = await signedIn();
  const closing = createAccountClosing(database.prisma);
  await closing.close(session.accountId, NOW_MS + 1, 'ops');

  await sessions.create('after-closing', session);
  await closing.reopen(session.accountId, NOW_MS + 2, 'ops');

  expect(await sessions.find('after-closing', NOW_MS + 3)).toBeNull();
});

it('leaves no session that lives on when an account is closed while people sign in', async () => {
  const { sessions, session } = await signedIn();
  const closing = createAccountClosing(database.prisma);
  const digests = Array.from({ length: 20 }, (_, index) => `racing-${index}`);

  await Promise.all([
    ...digests.slice(0, 10).map((digest) => sessions.create(digest, session)),
    closing.close(session.accountId, NOW_MS + 1, 'ops'),
    ...digests.slice(10).map((digest) => sessions.create(digest, session)),
  ]);
  await closing.reopen(session.accountId, NOW_MS + 2, 'ops');

  const found = await Promise.all(digests.map((digest) => sessions.find(digest, NOW_MS + 3)));
  expect(found.filter((one) => one !== null)).toEqual([]);
});
