import { randomUUID } from 'node:crypto';
import { createAuditLog } from '../../../src/adapters/postgres/audit-log';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

it('The audit log appends an event', async () => {
  const accountId = randomUUID();
  const apiKeyId = randomUUID();

  await createAuditLog(database.prisma).record({
    atMs: NOW_MS,
    action: 'signed-in',
    outcome: 'success',
    accountId,
    apiKeyId,
    address: '2001:db8::1',
  });

  const events = await database.prisma.auditEvent.findMany({ where: { accountId } });
  expect(events).toMatchObject([
    {
      at: new Date(NOW_MS),
      action: 'signed-in',
      outcome: 'success',
      key: null,
      accountId,
      apiKeyId,
      address: '2001:db8::1',
    },
  ]);
});

it('The audit log leaves an event unchanged when another one with the same key is recorded', async () => {
  const log = createAuditLog(database.prisma);
  const event = { key: randomUUID(), atMs: NOW_MS, action: 'username-shown', outcome: 'shown' } as const;

  await log.record(event);
  await log.record({ ...event, outcome: 'another' });

  const events = await database.prisma.auditEvent.findMany({ where: { key: event.key } });
  expect(events).toMatchObject([{ outcome: 'shown', accountId: null, apiKeyId: null, address: null }]);
});

it.each([
  ['UPDATE', "UPDATE audit_events SET outcome = 'forged'"],
  ['DELETE', 'DELETE FROM audit_events'],
  ['TRUNCATE', 'TRUNCATE audit_events'],
])('The audit log refuses %s', async (operation, statement) => {
  await createAuditLog(database.prisma).record({ atMs: NOW_MS, action: 'signed-out', outcome: 'success' });
  const before = await database.prisma.auditEvent.findMany();

  const change = database.prisma.$executeRawUnsafe(statement);

  await expect(change).rejects.toThrow(`audit_events is append-only: ${operation} refused`);
  expect(await database.prisma.auditEvent.findMany()).toEqual(before);
});
