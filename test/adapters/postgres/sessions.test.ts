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

it('A session is found with its account and the date of its password', async () => {
  const { sessions, digest, session } = await signedIn();

  const found = await sessions.find(digest, NOW_MS + 1);

  expect(found).toMatchObject({
    account: { id: session.accountId, portal: 'member', firstName: 'Ana', language: 'es' },
    application: 'portal',
    expiresAtMs: session.expiresAtMs,
    passwordSetAtMs: NOW_MS - 5,
  });
});

it('A session that is created twice stays as it was', async () => {
  const { sessions, digest, session } = await signedIn();

  await sessions.create(digest, { ...session, expiresAtMs: NOW_MS + 2 * HOUR_MS });

  expect((await sessions.find(digest, NOW_MS))?.expiresAtMs).toBe(NOW_MS + HOUR_MS);
});

it.each([
  ['one millisecond before its end', NOW_MS + HOUR_MS - 1, true],
  ['at its end', NOW_MS + HOUR_MS, false],
])('A session is found only before its end: %s', async (_when, nowMs, holds) => {
  const { sessions, digest } = await signedIn();

  expect((await sessions.find(digest, nowMs)) !== null).toBe(holds);
});

it('A session ends once, however often it is revoked', async () => {
  const { sessions, digest } = await signedIn();

  await sessions.revoke(digest, NOW_MS + 1);
  await sessions.revoke(digest, NOW_MS + 9);

  const row = await database.prisma.session.findUniqueOrThrow({ where: { tokenDigest: digest } });
  expect(row.revokedAt).toEqual(new Date(NOW_MS + 1));
  expect(await sessions.find(digest, NOW_MS + 2)).toBeNull();
});

it('A session that was opened with a password replaced meanwhile is not found', async () => {
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

it('A session cannot be opened for a closed account, and is not found after the account is reopened', async () => {
  const { sessions, session } = await signedIn();
  const closing = createAccountClosing(database.prisma);
  await closing.close(session.accountId, NOW_MS + 1, 'ops');

  await sessions.create('after-closing', session);
  await closing.reopen(session.accountId, NOW_MS + 2, 'ops');

  expect(await sessions.find('after-closing', NOW_MS + 3)).toBeNull();
});

it('No session survives when its account is closed while people sign in', async () => {
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
