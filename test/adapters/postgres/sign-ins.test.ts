import { randomUUID } from 'node:crypto';
import { announceNotedChanges } from '../../../src/activities/noted-changes';
import { createAccountChanges } from '../../../src/adapters/postgres/account-changes';
import { createAccounts } from '../../../src/adapters/postgres/accounts';
import { createSessions } from '../../../src/adapters/postgres/sessions';
import { createSignIns } from '../../../src/adapters/postgres/sign-ins';
import type { DeliverNoticeInput } from '../../../src/contracts/notice';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import type { SignInSubject } from '../../../src/ports/sign-in';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, insertCredential, NOW_MS } from './records';

let database: TestDatabase;
let signIns: ReturnType<typeof createSignIns>;
let accountId: string;
let credentialId: string;
beforeAll(async () => {
  database = await createTestDatabase();
  signIns = createSignIns(database.prisma);
});
afterAll(() => database.drop());
beforeEach(async () => {
  accountId = await insertAccount(database.prisma);
  credentialId = await insertCredential(database.prisma, accountId);
});

const turnOn = () => update({ twoStepSince: new Date(NOW_MS) });
const update = (data: object) => database.prisma.account.update({ where: { id: accountId }, data });

async function open(more: Partial<SignInSubject> = {}, atMs = NOW_MS): Promise<string> {
  const signInId = randomUUID();
  const subject = { purpose: 'sign-in', accountId, credentialId, application: 'portal', ...more };
  await signIns.open({ ...(subject as SignInSubject), signInId, pepperId: 'p1', codeDigits: 6, atMs });
  return signInId;
}

const inSession = (sessionDigest: string) => open({ purpose: 'turn-on', sessionDigest });
const stands = async (signInId: string): Promise<boolean | undefined> =>
  (await signIns.find(signInId))?.stands;

describe('What a sign-in was opened for', () => {
  it('A sign-in stands for its account and password, and tells the masked address', async () => {
    await turnOn();
    await update({ email: 'Maria@Example.com' });

    const signInId = await open();
    await open({}, NOW_MS);

    expect(await signIns.find(signInId)).toEqual({
      signInId,
      purpose: 'sign-in',
      accountId,
      credentialId,
      application: 'portal',
      sentTo: 'M***@Example.com',
      pepperId: 'p1',
      codeDigits: 6,
      stands: true,
    });
    expect(await signIns.find(randomUUID())).toBeNull();
  });

  it.each([
    ['the account is closed', () => update({ closedAt: new Date(NOW_MS) })],
    ['its address changed', () => update({ email: 'new@x.com', emailKey: randomUUID() })],
    ['two-step verification was turned off', () => signIns.turnOff({ accountId, atMs: NOW_MS })],
    [
      'the password changed',
      async () => {
        await database.prisma.credential.update({
          where: { id: credentialId },
          data: { retiredAt: new Date(NOW_MS) },
        });
        await insertCredential(database.prisma, accountId);
      },
    ],
  ])('A sign-in no longer stands when %s, and begins no session', async (_what, change) => {
    await turnOn();
    const signInId = await open();
    const sessions = createSessions(database.prisma);
    const session = {
      accountId,
      credentialId,
      application: 'portal',
      addressKey: '192.0.2.7',
      signInId,
    } as const;
    const times = { createdAtMs: NOW_MS, expiresAtMs: NOW_MS + HOUR_MS, idleExpiresAtMs: null };
    const before = await sessions.create('before', { ...session, ...times });
    await database.prisma.session.deleteMany({});

    await change();

    expect(before).toBe(true);
    expect(await stands(signInId)).toBe(false);
    expect(await sessions.create('after', { ...session, ...times })).toBe(false);
    expect(await database.prisma.session.count()).toBe(0);
  });

  it('Opening twice changes nothing; with another password than the current one nothing is opened', async () => {
    const signInId = await open();
    const subject = { purpose: 'turn-on', accountId, sessionDigest: 'other' } as const;
    await signIns.open({ ...subject, signInId, pepperId: 'p2', codeDigits: 8, atMs: NOW_MS });

    expect(await signIns.find(signInId)).toMatchObject({ purpose: 'sign-in', pepperId: 'p1' });
    expect(await signIns.find(await open({ credentialId: randomUUID() }))).toBeNull();
  });

  it('A session finds the newest sign-in that was opened in it', async () => {
    await open({ purpose: 'turn-on', sessionDigest: 'mine' }, NOW_MS - 1);
    const newest = await inSession('mine');
    await inSession('another');

    expect(await signIns.findOfSession('mine')).toMatchObject({
      signInId: newest,
      purpose: 'turn-on',
      stands: true,
    });
    expect(await signIns.findOfSession('none')).toBeNull();
  });

  it('One token begins one session', async () => {
    await turnOn();
    const session = {
      accountId,
      credentialId,
      application: 'portal',
      addressKey: '192.0.2.7',
      idleExpiresAtMs: null,
    } as const;
    const begin = (createdAtMs: number) =>
      createSessions(database.prisma).create('one', {
        ...session,
        createdAtMs,
        expiresAtMs: NOW_MS + HOUR_MS,
      });

    expect([await begin(NOW_MS), await begin(NOW_MS + 1)]).toEqual([true, true]);
    expect(await database.prisma.session.count({ where: { tokenDigest: 'one' } })).toBe(1);
  });
});

describe('Codes of an hour', () => {
  const count = (signInId: string, sequence: number, atMs = NOW_MS) =>
    signIns.countCode({ signInId, accountId, sequence, atMs, codesPerHour: 5 });

  it('Of twenty codes that are counted at once, five are', async () => {
    const counted = await Promise.all(Array.from({ length: 20 }, () => count(randomUUID(), 1)));

    expect(counted.filter(Boolean)).toHaveLength(5);
  });

  it('A code counts once, for an hour, over all sign-ins, until it is given back', async () => {
    const first = randomUUID();
    for (let again = 0; again < 3; again++) expect(await count(first, 1)).toBe(true);
    for (const sequence of [2, 3, 4, 5]) expect(await count(first, sequence, NOW_MS + MINUTE_MS)).toBe(true);
    const second = randomUUID();

    expect(await count(second, 1, NOW_MS + HOUR_MS - 1)).toBe(false);
    expect(await signIns.freeAgainAtMs(accountId, 5, NOW_MS + 2 * MINUTE_MS)).toBe(NOW_MS + HOUR_MS);
    expect(await count(second, 1, NOW_MS + HOUR_MS)).toBe(true);
    expect(await count(second, 2, NOW_MS + HOUR_MS)).toBe(false);
    await signIns.uncountCode(second);
    expect(await count(second, 1, NOW_MS + HOUR_MS)).toBe(true);
  });

  it('With codes left, another one is free at once', async () => {
    expect(await signIns.freeAgainAtMs(accountId, 5, NOW_MS)).toBe(NOW_MS);
  });
});

describe('The switch', () => {
  const isOn = async (): Promise<boolean | undefined> => {
    const { username } = await database.prisma.account.findUniqueOrThrow({ where: { id: accountId } });
    return (await createAccounts(database.prisma).findByUsername('member', username))?.twoStep;
  };
  const eventsOf = async () =>
    (await database.prisma.auditEvent.findMany({ where: { accountId }, orderBy: { id: 'asc' } })).map(
      ({ action, address, operator, reason }) => [action, address, operator, reason],
    );

  it('A sign-in turns it on once, with its audit event, whatever happens to it later', async () => {
    const signInId = await inSession('mine');
    const change = { signInId, atMs: NOW_MS, address: '192.0.2.7' };
    const before = await isOn();

    expect([await signIns.turnOn(change), await signIns.turnOn(change)]).toEqual([true, true]);
    expect([before, await isOn()]).toEqual([false, true]);
    await signIns.turnOff({ accountId, atMs: NOW_MS, operator: 'ana', reason: 'the mailbox is gone' });
    await signIns.turnOn(change);

    expect(await isOn()).toBe(false);
    expect(await eventsOf()).toEqual([
      ['two-step-on', '192.0.2.7', null, null],
      ['two-step-off', null, 'ana', 'the mailbox is gone'],
    ]);
  });

  it('A sign-in for signing in, or one that no longer stands, turns nothing on', async () => {
    await turnOn();
    const signingIn = await open();
    await signIns.turnOff({ accountId, atMs: NOW_MS });
    const turningOn = await inSession('mine');
    await update({ closedAt: new Date(NOW_MS) });

    const answers = await Promise.all(
      [signingIn, turningOn].map((signInId) =>
        signIns.turnOn({ signInId, atMs: NOW_MS, address: '192.0.2.7' }),
      ),
    );

    expect(answers).toEqual([false, false]);
    expect(await signIns.turnOff({ accountId: randomUUID(), atMs: NOW_MS })).toBe(false);
  });

  it('Each change is told once, to the address of that moment', async () => {
    await update({ email: 'old@x.com' });
    await turnOn();
    await turnOn();
    await signIns.turnOff({ accountId, atMs: NOW_MS });
    await signIns.turnOff({ accountId, atMs: NOW_MS });
    await update({ email: 'new@x.com' });
    const changes = createAccountChanges(database.prisma);
    const told: DeliverNoticeInput[] = [];
    const start = async (notice: DeliverNoticeInput) => void told.push(notice);
    await announceNotedChanges(changes, { start }, () => NOW_MS);

    expect(await announceNotedChanges(changes, { start }, () => NOW_MS)).toBe(0);
    const theirs = told.filter((notice) => notice.accountId === accountId);
    const found = await Promise.all(theirs.map(({ reference }) => changes.findTwoStepChange(reference)));
    expect(theirs.map(({ kind }) => kind)).toEqual(['two-step-changed', 'two-step-changed']);
    expect(found.map((change) => `${change?.isOn} ${change?.recipient.email}`).toSorted()).toEqual([
      'false old@x.com',
      'true old@x.com',
    ]);
    expect(await changes.findTwoStepChange(randomUUID())).toBeNull();
  });
});
