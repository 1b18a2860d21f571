import { randomUUID } from 'node:crypto';
import { createAccounts } from '../../src/adapters/postgres/accounts';
import { createSessions } from '../../src/adapters/postgres/sessions';
import { createKeyring } from '../../src/adapters/keys/keyring';
import { accountCommand } from '../../src/cli/account';
import { NOW_MS, insertAccount, insertCredential } from '../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

async function run(...args: string[]) {
  let out = '';
  let err = '';
  const code = await accountCommand(
    args,
    {
      DATABASE_URL: database.url,
      TENURE_OPERATOR: 'ana',
      TENURE_PEPPERS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    },
    { out: (text) => (out += text), err: (text) => (err += text) },
    NOW_MS,
  );
  return { code, out, err };
}

async function signedIn() {
  const accountId = await insertAccount(database.prisma, { username: `leaver-${randomUUID().slice(0, 8)}` });
  const credentialId = await insertCredential(database.prisma, accountId);
  const token = randomUUID();
  await createSessions(database.prisma).create(token, {
    accountId,
    credentialId,
    application: 'portal',
    addressKey: '192.0.2.7',
    createdAtMs: NOW_MS,
    expiresAtMs: NOW_MS + 60_000,
    idleExpiresAtMs: null,
  });
  const { username, email } = await database.prisma.account.findUniqueOrThrow({ where: { id: accountId } });
  /** Who can be found: to sign in, to reset, to be written to, by the session. */
  const found = async (): Promise<boolean[]> =>
    (
      await Promise.all([
        createAccounts(database.prisma).findByUsername('member', username),
        createAccounts(database.prisma).findIdByEmail('member', email),
        createAccounts(database.prisma).findRecipient(accountId),
        createSessions(database.prisma).find(token, NOW_MS + 1),
      ])
    ).map((one) => one !== null);
  return { accountId, found };
}

const eventsOf = async (accountId: string): Promise<string[]> =>
  (await database.prisma.auditEvent.findMany({ where: { accountId }, orderBy: { id: 'asc' } })).map(
    ({ action, outcome, operator }) => `${action}: ${outcome}, by ${operator}`,
  );

it('Closing an account ends its sessions and hides it from sign-in, reset and email', async () => {
  const { accountId, found } = await signedIn();
  const before = await found();

  const { code, out } = await run('close', accountId);

  expect(before).toEqual([true, true, true, true]);
  expect({ code, out }).toEqual({ code: 0, out: `Account ${accountId} is closed.\n` });
  expect(await found()).toEqual([false, false, false, false]);
  expect(await eventsOf(accountId)).toEqual(['account-closed: success, by ana']);
});

it('Reopening an account restores sign-in, reset and email, but not its earlier sessions', async () => {
  const { accountId, found } = await signedIn();
  await run('close', accountId);

  const { code, out } = await run('reopen', accountId);

  expect({ code, out }).toEqual({ code: 0, out: `Account ${accountId} is open again.\n` });
  expect(await found()).toEqual([true, true, true, false]);
  expect(await eventsOf(accountId)).toEqual([
    'account-closed: success, by ana',
    'account-reopened: success, by ana',
  ]);
});

it('Closing or reopening an account a second time changes nothing', async () => {
  const { accountId } = await signedIn();

  const outs = [
    await run('reopen', accountId),
    await run('close', accountId),
    await run('close', accountId),
  ].map(({ code, out }) => `${code} ${out.replace(accountId, 'X')}`);

  expect(outs).toEqual([
    '0 Account X was not closed.\n',
    '0 Account X is closed.\n',
    '0 Account X was closed before.\n',
  ]);
  expect(await eventsOf(accountId)).toEqual(['account-closed: success, by ana']);
});

it('account allow-recovery lets a person reset the password again and audits the operator and the reason', async () => {
  const { accountId } = await signedIn();

  const { code, out } = await run('allow-recovery', accountId, '--reason', 'a stranger used the tries up');

  expect({ code, out }).toEqual({
    code: 0,
    out: `The person of account ${accountId} may reset the password again.\n`,
  });
  expect(await database.prisma.auditEvent.findFirst({ where: { accountId } })).toMatchObject({
    action: 'recovery-allowed',
    outcome: 'success',
    operator: 'ana',
    reason: 'a stranger used the tries up',
  });
  const { email } = await database.prisma.account.findUniqueOrThrow({ where: { id: accountId } });
  const keyring = createKeyring([{ id: 'k1', key: Buffer.alloc(32, 7) }]);
  const subjectKey = keyring.subjectKey('k1', 'member', email);
  expect(await database.prisma.resetUse.findMany({ where: { subjectKey } })).toMatchObject([
    { kind: 'allowance' },
  ]);
});

it('account two-step-off turns it off, audits the operator and the reason, and notes the change for the owner', async () => {
  const { accountId } = await signedIn();
  await database.prisma.account.update({
    where: { id: accountId },
    data: { twoStepSince: new Date(NOW_MS) },
  });

  const { code, out } = await run('two-step-off', accountId, '--reason', 'the mailbox is gone');

  expect({ code, out }).toEqual({ code: 0, out: `Two-step verification of account ${accountId} is off.\n` });
  expect(await database.prisma.account.findUnique({ where: { id: accountId } })).toMatchObject({
    twoStepSince: null,
  });
  expect(await database.prisma.auditEvent.findFirst({ where: { accountId } })).toMatchObject({
    action: 'two-step-off',
    outcome: 'success',
    operator: 'ana',
    reason: 'the mailbox is gone',
  });
  const noted = await database.prisma.twoStepChange.findMany({
    where: { accountId },
    orderBy: { isOn: 'desc' },
  });
  expect(noted.map(({ isOn }) => isOn)).toEqual([true, false]);
});

it.each([
  [[], /^Usage:/],
  [['two-step-off', randomUUID()], /^Usage:/],
  [['two-step-off', 'a1b2c3d4-0000-4000-8000-000000000000', '--reason', 'x'], /^There is no account a1b2/],
  [['allow-recovery'], /^Usage:/],
  [['allow-recovery', randomUUID()], /^Usage:/],
  [['allow-recovery', randomUUID(), '--reason'], /^Usage:/],
  [['allow-recovery', randomUUID(), '--reason', ' '], /^--reason takes a text of 1 to 500 characters/],
  [['allow-recovery', 'a1b2c3d4-0000-4000-8000-000000000000', '--reason', 'x'], /^There is no account a1b2/],
  [['close'], /^Usage:/],
  [['end', randomUUID()], /^Usage:/],
  [['close', 'dana.reed'], /^"dana.reed" is not the id of an account/],
  [['close', 'a1b2c3d4-0000-4000-8000-000000000000'], /^There is no account a1b2c3d4/],
])('The account command explains what is wrong with %j', async (args, message) => {
  const { code, out, err } = await run(...args);

  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toMatch(message);
});
