import { randomUUID } from 'node:crypto';
import { createAccountClosing } from '../../../src/adapters/postgres/account-closing';
import { createCredentials } from '../../../src/adapters/postgres/credentials';
import { createSessions } from '../../../src/adapters/postgres/sessions';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
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
    idleExpiresAtMs: NOW_MS + 15 * MINUTE_MS,
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
    addressKey: '192.0.2.7',
    createdAtMs: NOW_MS,
    expiresAtMs: session.expiresAtMs,
    idleExpiresAtMs: session.idleExpiresAtMs,
    passwordSetAtMs: NOW_MS - 5,
  });
});

it('A session that is created twice stays as it was', async () => {
  const { sessions, digest, session } = await signedIn();

  await sessions.create(digest, { ...session, expiresAtMs: NOW_MS + 2 * HOUR_MS });

  expect((await sessions.find(digest, NOW_MS))?.expiresAtMs).toBe(NOW_MS + HOUR_MS);
});

it.each([
  ['one millisecond before its end', null, NOW_MS + HOUR_MS - 1, true],
  ['at its end', null, NOW_MS + HOUR_MS, false],
  ['at its end, however much it was used', NOW_MS + 2 * HOUR_MS, NOW_MS + HOUR_MS, false],
  ['one millisecond before it was too long without use', NOW_MS + MINUTE_MS, NOW_MS + MINUTE_MS - 1, true],
  ['when it was too long without use', NOW_MS + MINUTE_MS, NOW_MS + MINUTE_MS, false],
])('A session is found only before its end: %s', async (_when, idleExpiresAtMs, nowMs, holds) => {
  const { sessions, digest, session } = await signedIn();
  await sessions.renew(digest, { foundMs: session.idleExpiresAtMs, idleExpiresAtMs });

  expect((await sessions.find(digest, nowMs)) !== null).toBe(holds);
  expect(await sessions.latest(session.accountId, 10, nowMs)).toMatchObject([{ ended: !holds }]);
});

it('Of parallel uses that found the same time, one moves the end on, and none of an ended session', async () => {
  const { sessions, digest, session } = await signedIn();
  const foundMs = session.idleExpiresAtMs;
  const found = async () => (await sessions.find(digest, NOW_MS))?.idleExpiresAtMs;

  await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      sessions.renew(digest, { foundMs, idleExpiresAtMs: foundMs + MINUTE_MS + index }),
    ),
  );
  const renewed = await found();
  await sessions.renew(digest, { foundMs, idleExpiresAtMs: foundMs + HOUR_MS });

  expect(renewed).toBeGreaterThanOrEqual(foundMs + MINUTE_MS);
  expect(await found()).toBe(renewed);
  await sessions.revoke(digest, NOW_MS + 1);
  await sessions.renew(digest, { foundMs: renewed ?? null, idleExpiresAtMs: null });
  expect(await sessions.find(digest, NOW_MS + 2)).toBeNull();
  expect(await database.prisma.session.findUniqueOrThrow({ where: { tokenDigest: digest } })).toMatchObject({
    idleExpiresAt: new Date(renewed ?? 0),
  });
});

it('All sessions of one account end at once, and nobody else’s', async () => {
  const { sessions, digest, session } = await signedIn();
  const other = await signedIn();
  await sessions.create('second', session);
  await sessions.revoke('second', NOW_MS + 1);

  await sessions.revokeAll(session.accountId, NOW_MS + 2);

  expect(await sessions.find(digest, NOW_MS + 3)).toBeNull();
  expect(await other.sessions.find(other.digest, NOW_MS + 3)).not.toBeNull();
  const second = await database.prisma.session.findUniqueOrThrow({ where: { tokenDigest: 'second' } });
  expect(second.revokedAt).toEqual(new Date(NOW_MS + 1));
});

it('The latest sign-ins of an account are told newest first, with those that ended by a new password', async () => {
  const { sessions, digest, session } = await signedIn();
  await signedIn();
  const addressKey = '2001:db8:0:7::/64';
  const application = 'express-app';
  await sessions.create('later', { ...session, application, addressKey, createdAtMs: NOW_MS + 1 });
  await sessions.revoke('later', NOW_MS + 2);
  const signIns = await sessions.latest(session.accountId, 10, NOW_MS + 3);
  await database.prisma.credential.update({
    where: { id: session.credentialId },
    data: { retiredAt: new Date(NOW_MS + 4) },
  });

  expect(signIns).toEqual([
    { tokenDigest: 'later', application, addressKey, atMs: NOW_MS + 1, ended: true },
    { tokenDigest: digest, application: 'portal', addressKey: '192.0.2.7', atMs: NOW_MS, ended: false },
  ]);
  expect(await sessions.latest(session.accountId, 1, NOW_MS)).toMatchObject([{ tokenDigest: 'later' }]);
  expect(await sessions.latest(session.accountId, 10, NOW_MS + 5)).toMatchObject([{}, { ended: true }]);
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
