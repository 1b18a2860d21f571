import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { Database } from '../../../src/adapters/postgres/database';
import { timestamp } from '../../../src/adapters/postgres/epoch';
import { keepHouse } from '../../../src/adapters/postgres/housekeeping';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, insertCredential, NOW_MS } from './records';
import { portalPolicies } from '../../support/brand';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('keepHouse deletes what is too old, keeps the rest, and finds nothing the second time', async () => {
  const { prisma } = database;
  const accountId = await insertAccount(prisma);
  const credentialId = await insertCredential(prisma, accountId);
  /** One row of each kind, `extraMs` beyond the age at which it goes. */
  const insertRows = async (extraMs: number): Promise<void> => {
    const ago = (ms: number) => new Date(NOW_MS - ms - extraMs);
    const resetId = randomUUID();
    await prisma.stagedPassword.create({
      data: { id: randomUUID(), resetId, hash: 'h', stagedAt: ago(HOUR_MS) },
    });
    await prisma.passwordReset.create({ data: { resetId, openedAt: ago(DAY_MS) } });
    await prisma.signIn.create({
      data: {
        signInId: resetId,
        accountId,
        identityVersion: 0,
        credentialId,
        application: 'portal',
        pepperId: 'p1',
        codeDigits: 6,
        openedAt: ago(DAY_MS),
      },
    });
    await prisma.signInCode.create({ data: { signInId: resetId, sequence: 1, accountId, at: ago(DAY_MS) } });
    const changedAt = ago(7 * DAY_MS);
    for (const announcedAt of [changedAt, null])
      await prisma.twoStepChange.create({
        data: { id: randomUUID(), accountId, email: 'a@x.com', isOn: true, changedAt, announcedAt },
      });
    for (const announcedAt of [changedAt, null])
      await prisma.addressChange.create({
        data: { id: randomUUID(), accountId, formerEmail: 'a@x.com', changedAt, announcedAt },
      });
    await prisma.idempotentRequest.create({
      data: { keyDigest: randomUUID(), bodyDigest: 'b', startedAt: ago(DAY_MS) },
    });
    const expiresAt = ago(30 * DAY_MS);
    await prisma.session.create({
      data: { tokenDigest: randomUUID(), accountId, credentialId, application: 'portal', expiresAt },
    });
    for (const kind of ['pin', 'wrong', 'success'])
      await prisma.resetUse.create({
        data: { resetId, kind, sequence: 1, subjectKey: 's', at: ago(30 * DAY_MS) },
      });
    for (const kind of ['guess', 'left'])
      await prisma.resetUse.create({
        data: { resetId, kind, sequence: 1, subjectKey: 's', at: ago(DAY_MS) },
      });
    await prisma.passwordTry.create({ data: { who: randomUUID(), wrong: 1, lastAt: ago(365 * DAY_MS) } });
    await prisma.rateLimit.create({ data: { key: randomUUID(), points: 1, expire: NOW_MS - extraMs } });
  };
  await insertRows(1);
  await insertRows(0);

  const first = await keepHouse(prisma, portalPolicies, NOW_MS);
  const second = await keepHouse(prisma, portalPolicies, NOW_MS);

  expect(first).toEqual({
    stagedPasswords: 1,
    resets: 1,
    signIns: 1,
    signInCodes: 1,
    addressChanges: 1,
    twoStepChanges: 1,
    idempotentRequests: 1,
    sessions: 1,
    resetPins: 1,
    rateLimits: 1,
    passwordTries: 1,
  });
  expect(second).toEqual({
    stagedPasswords: 0,
    resets: 0,
    signIns: 0,
    signInCodes: 0,
    addressChanges: 0,
    twoStepChanges: 0,
    idempotentRequests: 0,
    sessions: 0,
    resetPins: 0,
    rateLimits: 0,
    passwordTries: 0,
  });
  expect(await prisma.addressChange.count({ where: { announcedAt: null } })).toBe(2);
  expect(await prisma.twoStepChange.count({ where: { announcedAt: null } })).toBe(2);
  const usesLeft = await prisma.resetUse.groupBy({ by: 'kind', _count: true, orderBy: { kind: 'asc' } });
  expect(usesLeft.map(({ kind, _count }) => [kind, _count])).toEqual([
    ['guess', 1],
    ['left', 1],
    ['pin', 1],
    ['success', 2],
    ['wrong', 2],
  ]);
});

it.each(['Pacific/Auckland', 'America/Los_Angeles'])(
  'keepHouse applies the same ages in a session of the time zone %s',
  async (zone) => {
    const inZone = new Database(
      new Pool({ connectionString: database.url, options: `-c TimeZone=${zone}`, max: 1 }),
    );
    const resetId = randomUUID();
    const stage = (minutes: number) => inZone.$executeRaw`
    INSERT INTO staged_passwords (id, reset_id, hash, staged_at)
    VALUES (gen_random_uuid(), ${resetId}::uuid, 'h', ${timestamp(NOW_MS - minutes * 60_000)})`;
    await stage(59);
    await stage(61);

    const { stagedPasswords } = await keepHouse(inZone, portalPolicies, NOW_MS);

    expect(stagedPasswords).toBe(1);
    await inZone.$disconnect();
  },
);
