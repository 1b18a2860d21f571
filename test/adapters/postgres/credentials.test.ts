import { randomUUID } from 'node:crypto';
import { createAccountClosing } from '../../../src/adapters/postgres/account-closing';
import { createCredentials } from '../../../src/adapters/postgres/credentials';
import { createResetRecords } from '../../../src/adapters/postgres/reset-records';
import { createSessions } from '../../../src/adapters/postgres/sessions';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, insertCredential, NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

/** An account with a password and a session, and a reset of it with a staged new one. */
async function stagedReset() {
  const { prisma } = database;
  const credentials = createCredentials(prisma);
  const accountId = await insertAccount(prisma);
  const oldCredentialId = await insertCredential(prisma, accountId);
  const sessionDigest = randomUUID();
  await createSessions(prisma).create(sessionDigest, {
    accountId,
    credentialId: oldCredentialId,
    application: 'portal',
    addressKey: '192.0.2.7',
    createdAtMs: NOW_MS - 1000,
    expiresAtMs: NOW_MS + 3_600_000,
    idleExpiresAtMs: null,
  });
  const commit = {
    resetId: randomUUID(),
    stagedId: randomUUID(),
    accountId,
    subjectKey: randomUUID(),
    atMs: NOW_MS,
  };
  await createResetRecords(prisma).open({ ...commit, atMs: NOW_MS - 1000 });
  await credentials.stage({ stagedId: commit.stagedId, resetId: commit.resetId, hash: 'new-hash' });
  return { credentials, accountId, oldCredentialId, sessionDigest, commit };
}

const recordsOf = async (accountId: string, resetId: string) => ({
  credentials: await database.prisma.credential.findMany({ where: { accountId }, orderBy: { setAt: 'asc' } }),
  sessions: await database.prisma.session.findMany({ where: { accountId } }),
  staged: await database.prisma.stagedPassword.findMany({ where: { resetId } }),
  uses: await database.prisma.resetUse.findMany({ where: { resetId } }),
  audit: await database.prisma.auditEvent.findMany({ where: { accountId } }),
});

describe('commitStaged', () => {
  it('commitStaged makes the staged password current, retires the old one, ends sessions and audits the reset', async () => {
    const { credentials, accountId, oldCredentialId, commit } = await stagedReset();

    const committed = await credentials.commitStaged(commit);

    const at = new Date(NOW_MS);
    expect(committed).toBe(true);
    expect(await recordsOf(accountId, commit.resetId)).toMatchObject({
      credentials: [
        { id: oldCredentialId, retiredAt: at },
        { id: commit.stagedId, hash: 'new-hash', setAt: at, retiredAt: null },
      ],
      sessions: [{ revokedAt: at }],
      staged: [],
      uses: [{ kind: 'success', subjectKey: commit.subjectKey, at }],
      audit: [{ key: `credential:${commit.stagedId}`, action: 'password-reset', outcome: 'success', at }],
    });
  });

  it('commitStaged changes nothing the second time and returns the same answer', async () => {
    const { credentials, accountId, commit } = await stagedReset();
    await credentials.commitStaged(commit);
    const before = await recordsOf(accountId, commit.resetId);

    const again = await credentials.commitStaged({ ...commit, atMs: NOW_MS + 5000 });

    expect(again).toBe(true);
    expect(await recordsOf(accountId, commit.resetId)).toEqual(before);
  });

  it('commitStaged gives an account that never had a password its first one', async () => {
    const { prisma } = database;
    const accountId = await insertAccount(prisma);
    const credentials = createCredentials(prisma);
    const commit = {
      resetId: randomUUID(),
      stagedId: randomUUID(),
      accountId,
      subjectKey: 's',
      atMs: NOW_MS,
    };
    await createResetRecords(prisma).open(commit);
    await credentials.stage({ stagedId: commit.stagedId, resetId: commit.resetId, hash: 'first' });

    expect(await credentials.commitStaged(commit)).toBe(true);
    expect(await credentials.findChange(commit.stagedId)).toEqual({ setAtMs: NOW_MS, endsRotationOf: null });
  });

  it('commitStaged returns false and writes nothing if the staged password is gone', async () => {
    const { credentials, accountId, commit } = await stagedReset();

    const committed = await credentials.commitStaged({ ...commit, stagedId: randomUUID() });

    expect(committed).toBe(false);
    expect(await recordsOf(accountId, commit.resetId)).toMatchObject({
      credentials: [{ hash: 'old-hash', retiredAt: null }],
      sessions: [{ revokedAt: null }],
      staged: [{ id: commit.stagedId }],
      uses: [],
      audit: [],
    });
  });

  it('commitStaged does not accept a password that was staged for another reset', async () => {
    const { credentials, commit } = await stagedReset();

    expect(await credentials.commitStaged({ ...commit, resetId: randomUUID() })).toBe(false);
  });

  it('commitStaged does not accept an account other than the one the reset was opened for', async () => {
    const { credentials, commit } = await stagedReset();
    const other = await insertAccount(database.prisma);

    expect(await credentials.commitStaged({ ...commit, accountId: other })).toBe(false);
    expect(await recordsOf(other, commit.resetId)).toMatchObject({ credentials: [], audit: [] });
  });

  it('commitStaged accepts another password of the same reset after it committed the first one', async () => {
    const { credentials, accountId, commit } = await stagedReset();
    await credentials.commitStaged(commit);
    const again = { ...commit, stagedId: randomUUID(), atMs: NOW_MS + 1000 };
    await credentials.stage({ stagedId: again.stagedId, resetId: commit.resetId, hash: 'other-hash' });

    const committed = await credentials.commitStaged(again);

    const { credentials: rows } = await recordsOf(accountId, commit.resetId);
    expect(committed).toBe(true);
    expect(rows.filter(({ retiredAt }) => retiredAt === null)).toMatchObject([{ hash: 'other-hash' }]);
  });

  it('commitStaged answers twenty simultaneous commits of one staged password alike, and writes once', async () => {
    const { credentials, accountId, commit } = await stagedReset();

    const answers = await Promise.all(Array.from({ length: 20 }, () => credentials.commitStaged(commit)));

    const { credentials: rows, audit } = await recordsOf(accountId, commit.resetId);
    expect(answers).toEqual(Array(20).fill(true));
    expect(rows).toHaveLength(2);
    expect(audit).toHaveLength(1);
  });

  it('commitStaged lets only one of four simultaneous resets of an account through', async () => {
    const { credentials, accountId, commit } = await stagedReset();
    const others = Array.from({ length: 3 }, () => ({
      ...commit,
      resetId: randomUUID(),
      stagedId: randomUUID(),
    }));
    for (const other of others) {
      await createResetRecords(database.prisma).open(other);
      await credentials.stage({ ...other, hash: 'raced' });
    }

    const answers = await Promise.all([commit, ...others].map((each) => credentials.commitStaged(each)));

    const { credentials: rows } = await recordsOf(accountId, commit.resetId);
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(rows).toHaveLength(2);
    expect(rows.filter(({ retiredAt }) => retiredAt === null)).toHaveLength(1);
  });

  it.each<[string, (account: { accountId: string; oldCredentialId: string }) => Promise<unknown>]>([
    [
      'the account was closed',
      ({ accountId }) => createAccountClosing(database.prisma).close(accountId, NOW_MS, 'ana'),
    ],
    [
      'the address was corrected',
      ({ accountId: id }) =>
        database.prisma.account.update({ where: { id }, data: { emailKey: `${randomUUID()}@x.com` } }),
    ],
    [
      'the password was changed',
      ({ accountId, oldCredentialId }) =>
        createCredentials(database.prisma).replace({
          accountId,
          credentialId: randomUUID(),
          previousCredentialId: oldCredentialId,
          hash: 'changed',
          atMs: NOW_MS,
          address: '192.0.2.7',
        }),
    ],
  ])(
    'commitStaged returns false and writes nothing if %s since the reset was opened',
    async (_what, change) => {
      const reset = await stagedReset();
      await change(reset);
      const before = await recordsOf(reset.accountId, reset.commit.resetId);

      const committed = await reset.credentials.commitStaged(reset.commit);

      expect(committed).toBe(false);
      expect(await recordsOf(reset.accountId, reset.commit.resetId)).toEqual(before);
    },
  );

  it('commitStaged and a simultaneous closing run in turn, and no password is set after the closing', async () => {
    for (let round = 0; round < 5; round++) {
      const { credentials, accountId, oldCredentialId, commit } = await stagedReset();
      const later = { ...commit, atMs: NOW_MS + 1 };

      const [committed] = await Promise.all([
        credentials.commitStaged(later),
        createAccountClosing(database.prisma).close(accountId, NOW_MS, 'ana'),
      ]);

      const { audit } = await recordsOf(accountId, commit.resetId);
      const current = await database.prisma.credential.findFirst({ where: { accountId, retiredAt: null } });
      const inOrder = audit.toSorted((a, b) => Number(a.id - b.id)).map(({ action }) => action);
      expect(inOrder).toEqual(committed ? ['password-reset', 'account-closed'] : ['account-closed']);
      expect(current?.id).toBe(committed ? commit.stagedId : oldCredentialId);
    }
  });
});

describe('stage', () => {
  it('Staging a password twice under the same id keeps the first hash', async () => {
    const { credentials, commit } = await stagedReset();

    await credentials.stage({ stagedId: commit.stagedId, resetId: commit.resetId, hash: 'second' });

    const staged = await database.prisma.stagedPassword.findMany({ where: { resetId: commit.resetId } });
    expect(staged).toMatchObject([{ hash: 'new-hash' }]);
  });
});

describe('replace', () => {
  const replacementOf = (accountId: string, previousCredentialId: string) => ({
    accountId,
    credentialId: randomUUID(),
    previousCredentialId,
    hash: 'new-hash',
    atMs: NOW_MS,
    address: '192.0.2.7',
  });

  it('replace makes the new password current, retires the old one, ends all sessions and audits the change', async () => {
    const { credentials, accountId, oldCredentialId } = await stagedReset();
    const replacement = replacementOf(accountId, oldCredentialId);

    const replaced = await credentials.replace(replacement);

    expect(replaced).toBe(true);
    expect(await recordsOf(accountId, randomUUID())).toMatchObject({
      credentials: [
        { id: oldCredentialId, retiredAt: new Date(NOW_MS) },
        { id: replacement.credentialId, retiredAt: null },
      ],
      sessions: [{ revokedAt: new Date(NOW_MS) }],
      audit: [{ action: 'password-changed', outcome: 'success', address: '192.0.2.7' }],
    });
  });

  it('replace changes nothing the second time and returns the same answer', async () => {
    const { credentials, accountId, oldCredentialId } = await stagedReset();
    const replacement = replacementOf(accountId, oldCredentialId);
    await credentials.replace(replacement);
    const before = await recordsOf(accountId, randomUUID());

    const again = await credentials.replace(replacement);

    expect(again).toBe(true);
    expect(await recordsOf(accountId, randomUUID())).toEqual(before);
  });

  it('replace lets only one of ten simultaneous replacements through', async () => {
    const { credentials, accountId, oldCredentialId } = await stagedReset();
    const replacements = Array.from({ length: 10 }, () => replacementOf(accountId, oldCredentialId));

    const answers = await Promise.all(replacements.map((each) => credentials.replace(each)));

    expect(answers.filter(Boolean)).toHaveLength(1);
    expect((await recordsOf(accountId, randomUUID())).credentials).toHaveLength(2);
  });

  it('replace refuses if the account was closed after the current password was checked', async () => {
    const { credentials, accountId, oldCredentialId } = await stagedReset();
    await createAccountClosing(database.prisma).close(accountId, NOW_MS, 'ana');

    expect(await credentials.replace(replacementOf(accountId, oldCredentialId))).toBe(false);
  });

  it('replace refuses if the credential that was checked belongs to somebody else', async () => {
    const { credentials, oldCredentialId } = await stagedReset();
    const stranger = await insertAccount(database.prisma);

    expect(await credentials.replace(replacementOf(stranger, oldCredentialId))).toBe(false);
  });
});

it('findChange returns null for a credential that does not exist', async () => {
  expect(await createCredentials(database.prisma).findChange(randomUUID())).toBeNull();
});

it('findChange tells which rotation a change ends: that of the replaced password, if it had begun', async () => {
  const credentials = createCredentials(database.prisma);
  const accountId = await insertAccount(database.prisma);
  const inLastDays = await insertCredential(database.prisma, accountId, { rotationStartedAtMs: NOW_MS - 1 });
  const changes = [0, 1].map((seconds) => ({
    credentialId: randomUUID(),
    atMs: NOW_MS + seconds * 1000,
    accountId,
    hash: 'new',
    address: '192.0.2.7',
  }));

  await credentials.replace({ ...changes[0]!, previousCredentialId: inLastDays });
  await credentials.replace({ ...changes[1]!, previousCredentialId: changes[0]!.credentialId });

  expect(await credentials.findChange(changes[0]!.credentialId)).toEqual({
    setAtMs: NOW_MS,
    endsRotationOf: inLastDays,
  });
  expect(await credentials.findChange(changes[1]!.credentialId)).toMatchObject({ endsRotationOf: null });
});
