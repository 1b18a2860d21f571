import { randomUUID } from 'node:crypto';
import { createMailLedger } from '../../../src/adapters/postgres/mail-ledger';
import { MAIL_KINDS } from '../../../src/contracts/notice';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

function newEntry() {
  const reference = randomUUID();
  return {
    messageId: `pin.${reference}.1`,
    kind: 'pin' as const,
    accountId: randomUUID(),
    reference,
    validUntilMs: NOW_MS,
  };
}

const rowOf = (id: string) => database.prisma.mailDelivery.findUniqueOrThrow({ where: { id } });

it('The mail ledger keeps an email to somebody who has no account yet', async () => {
  const { accountId: _, ...entry } = newEntry();

  await createMailLedger(database.prisma).begin({ ...entry, kind: 'access-invitation' });

  expect(await rowOf(entry.messageId)).toMatchObject({ kind: 'access-invitation', accountId: null });
});

it.each(MAIL_KINDS)('The mail ledger keeps an email of the kind %s', async (kind) => {
  const isOfAccount = !/^(?:access-invitation$|agent-terminated$|plan-change-|agent-of-record-)/.test(kind);
  const { accountId, ...entry } = newEntry();

  await createMailLedger(database.prisma).begin({ ...entry, kind, ...(isOfAccount && { accountId }) });

  expect(await rowOf(entry.messageId)).toMatchObject({ kind, status: 'pending' });
});

it('The mail ledger opens an entry and counts each attempt', async () => {
  const ledger = createMailLedger(database.prisma);
  const entry = newEntry();

  const first = await ledger.begin(entry);
  const second = await ledger.begin(entry);

  expect([first, second]).toEqual([
    { settled: null, attempt: 1 },
    { settled: null, attempt: 2 },
  ]);
  expect(await ledger.isCurrent(entry.messageId, 1)).toBe(false);
  expect(await ledger.isCurrent(entry.messageId, 2)).toBe(true);
  expect(await rowOf(entry.messageId)).toMatchObject({
    kind: 'pin',
    status: 'pending',
    attempts: 2,
    validUntil: new Date(NOW_MS),
    settledAt: null,
  });
});

it('The mail ledger tells how an entry was settled, and counts no further attempt', async () => {
  const ledger = createMailLedger(database.prisma);
  const entry = newEntry();
  await ledger.begin(entry);
  await ledger.settle(entry.messageId, 'refused', 550);

  const settled = await ledger.begin(entry);

  expect(settled).toEqual({ settled: 'refused', attempt: 1 });
  expect(await ledger.isCurrent(entry.messageId, 1)).toBe(false);
  expect(await rowOf(entry.messageId)).toMatchObject({ status: 'refused', attempts: 1, smtpCode: 550 });
});

it('The mail ledger settles an entry once', async () => {
  const ledger = createMailLedger(database.prisma);
  const entry = newEntry();
  await ledger.begin(entry);
  await ledger.settle(entry.messageId, 'delivered');
  const before = await rowOf(entry.messageId);

  await ledger.settle(entry.messageId, 'delivered');
  await ledger.settle(entry.messageId, 'outdated');

  expect(await rowOf(entry.messageId)).toEqual(before);
});

it('The mail ledger opens one entry for parallel attempts', async () => {
  const ledger = createMailLedger(database.prisma);
  const entry = newEntry();

  await Promise.all(Array.from({ length: 10 }, () => ledger.begin(entry)));

  expect((await rowOf(entry.messageId)).attempts).toBe(10);
});

describe('Emails that an operator has sent again', () => {
  it('A resent email is opened once by each resend number, however often its first attempt is made', async () => {
    const ledger = createMailLedger(database.prisma);
    const entry = newEntry();
    await ledger.begin(entry);
    await ledger.settle(entry.messageId, 'refused', 550);

    const opened = await ledger.begin({ ...entry, again: 1 });
    const open = await rowOf(entry.messageId);
    const retried = await ledger.begin({ ...entry, again: 1 });
    await ledger.settle(entry.messageId, 'delivered');
    const late = await ledger.begin({ ...entry, again: 1 });

    expect([opened, retried, late].map(({ settled }) => settled)).toEqual([null, null, 'delivered']);
    expect(open).toMatchObject({
      status: 'pending',
      attempts: 2,
      settledAt: null,
      smtpCode: null,
      resends: 1,
    });
    expect(await rowOf(entry.messageId)).toMatchObject({ status: 'delivered', attempts: 3, resends: 1 });
  });

  it('A resent email is not opened by the run that sent it first', async () => {
    const ledger = createMailLedger(database.prisma);
    const entry = newEntry();
    await ledger.begin({ ...entry, again: 1 });
    await ledger.settle(entry.messageId, 'delivered');

    expect(await ledger.begin(entry)).toMatchObject({ settled: 'delivered' });
  });

  it('find returns an entry of the mail ledger with its resends, and null for an unknown one', async () => {
    const ledger = createMailLedger(database.prisma);
    const { validUntilMs, ...entry } = newEntry();
    await ledger.begin({ ...entry, validUntilMs, again: 2 });

    expect(await ledger.find(entry.messageId)).toEqual({
      ...entry,
      validUntilMs,
      status: 'pending',
      resends: 2,
      firstTriedAtMs: expect.any(Number),
    });
    expect(await ledger.find('pin.nobody.1')).toBeNull();
  });
});
