import { randomUUID } from 'node:crypto';
import { endTerminatedAgents } from '../../src/activities/agent-terminations';
import { createAgentTerminations } from '../../src/adapters/postgres/agent-terminations';
import { createMailLedger } from '../../src/adapters/postgres/mail-ledger';
import { createActivities } from '../../src/activities';
import type { TerminatedAgentsPolicy } from '../../src/ports/agent-terminations';
import type { NoticeStarter } from '../../src/ports/mail';
import type { DeliverNoticeInput } from '../../src/contracts/notice';
import { createEmailTemplates } from '../../src/adapters/mail/templates';
import {
  insertAccount,
  insertAgent,
  insertCredential,
  insertEnrolledCustomer,
  insertPlan,
} from '../adapters/postgres/records';
import { createActivityFakes } from '../support/activity-fakes';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { run } from './plan-change-activities';
import { brand } from '../support/brand';

const NOW_MS = Date.UTC(2026, 10, 25, 17);
const TODAY = '2026-11-25';
const [LAST_DAY, PLAN] = ['2026-11-24', 'H4513-046-000'];

let database: TestDatabase;
let notices: DeliverNoticeInput[];
beforeEach(async () => {
  database = await createTestDatabase();
  notices = [];
});
afterEach(() => database.drop());

/** Agent with an account that is signed in. */
async function signedIn(fields: Parameters<typeof insertAgent>[1]) {
  const { prisma } = database;
  const agentKey = await insertAgent(prisma, fields);
  const accountId = await insertAccount(prisma, { portal: 'broker' });
  await prisma.account.update({ where: { id: accountId }, data: { agentKey, brokerKind: 'agent' } });
  await signIn(accountId);
  return { agentKey, accountId };
}

async function signIn(accountId: string): Promise<void> {
  const { prisma } = database;
  const current = await prisma.credential.findFirst({ where: { accountId, retiredAt: null } });
  const credentialId = current?.id ?? (await insertCredential(prisma, accountId));
  await prisma.session.create({
    data: {
      ...{ tokenDigest: randomUUID(), accountId, credentialId, application: 'express-app' },
      expiresAt: new Date(NOW_MS + 3_600_000),
    },
  });
}

const openSessions = (accountId: string) =>
  database.prisma.session.count({ where: { accountId, revokedAt: null } });
const isClosed = async (id: string) =>
  (await database.prisma.account.findUniqueOrThrow({ where: { id } })).closedAt !== null;
const audited = async () =>
  (await database.prisma.auditEvent.findMany({ orderBy: { id: 'asc' } })).map(
    ({ action, accountId, about }) => ({
      action,
      accountId,
      about,
    }),
  );

interface SweepOptions {
  readonly today?: string;
  readonly policy?: TerminatedAgentsPolicy;
  readonly tellsCompliance?: boolean;
  readonly start?: NoticeStarter['start'];
}

const noteStart: NoticeStarter['start'] = async (notice) => void notices.push(notice);

const sweep = ({
  today = TODAY,
  policy = 'sign-out',
  tellsCompliance = true,
  start = noteStart,
}: SweepOptions = {}) =>
  endTerminatedAgents(
    { terminations: createAgentTerminations(database.prisma), notices: { start }, policy, tellsCompliance },
    today,
    () => NOW_MS,
  );

it('The day after the last day the sessions end, once, and the agent may sign in again', async () => {
  const { agentKey, accountId } = await signedIn({ terminatedOn: LAST_DAY });
  const active = await signedIn({});

  await sweep({ today: LAST_DAY });
  const onLastDay = await openSessions(accountId);
  await sweep();
  const after = await openSessions(accountId);
  await signIn(accountId);
  await sweep();

  expect([onLastDay, after, await openSessions(accountId)]).toEqual([1, 0, 1]);
  expect([await openSessions(active.accountId), await isClosed(accountId)]).toEqual([1, false]);
  expect(await audited()).toEqual([{ action: 'agent-terminated', accountId, about: `agent ${agentKey}` }]);
  expect(notices).toHaveLength(1);
});

it('A corporation ends with its principal', async () => {
  const principalKey = await insertAgent(database.prisma, { terminatedOn: LAST_DAY });
  const { accountId } = await signedIn({ kind: 'corporation', principalKey });

  await sweep();

  expect(await openSessions(accountId)).toBe(0);
});

it('The setting closes the account too, and an account that an operator reopens stays open', async () => {
  const { accountId } = await signedIn({ terminatedOn: LAST_DAY });

  await sweep({ policy: 'close' });
  const closed = await isClosed(accountId);
  await database.prisma.account.update({ where: { id: accountId }, data: { closedAt: null } });
  await sweep({ policy: 'close' });

  expect([closed, await isClosed(accountId), await openSessions(accountId)]).toEqual([true, false, 0]);
  expect((await audited()).map(({ action }) => action)).toEqual(['account-closed', 'agent-terminated']);
});

it('A worker that ends after closing the account, or before the email is started, leaves the rest to the next one', async () => {
  const { accountId } = await signedIn({ terminatedOn: LAST_DAY });
  await database.prisma.account.update({ where: { id: accountId }, data: { closedAt: new Date(NOW_MS) } });
  const fails = async (): Promise<void> => {
    throw new Error('Temporal is away');
  };

  await expect(sweep({ policy: 'close', start: fails })).rejects.toThrow('Temporal is away');
  await sweep({ policy: 'close' });

  expect((await audited()).map(({ action }) => action)).toEqual(['agent-terminated']);
  expect(await openSessions(accountId)).toBe(0);
  expect(notices).toHaveLength(1);
});

it('Two workers at once carry a termination out once, and the email has one id', async () => {
  const { accountId } = await signedIn({ terminatedOn: LAST_DAY });

  await Promise.all([sweep({ policy: 'close' }), sweep({ policy: 'close' }), sweep({ policy: 'close' })]);

  expect((await audited()).map(({ action }) => action).toSorted()).toEqual([
    'account-closed',
    'agent-terminated',
  ]);
  expect(await openSessions(accountId)).toBe(0);
  expect(new Set(notices.map(({ messageId }) => messageId)).size).toBe(1);
});

it('An agent of record without an account is told to compliance, and one who never had either is not', async () => {
  await insertPlan(database.prisma, PLAN);
  const agentKey = await insertAgent(database.prisma, { terminatedOn: LAST_DAY });
  await insertAgent(database.prisma, { terminatedOn: LAST_DAY });
  await insertEnrolledCustomer(database.prisma, { agentKey });

  await sweep();

  expect(await audited()).toEqual([
    { action: 'agent-terminated', accountId: null, about: `agent ${agentKey}` },
  ]);
  expect(notices).toHaveLength(1);
});

it('Without an address of compliance no email is started, not later either', async () => {
  await signedIn({ terminatedOn: LAST_DAY });

  await sweep({ tellsCompliance: false });
  await sweep();

  expect(notices).toEqual([]);
  expect(await audited()).toHaveLength(1);
});

it('A last day that is taken back and set again is another termination', async () => {
  const { agentKey } = await signedIn({ terminatedOn: '2026-10-01' });
  await sweep();
  await database.prisma.agent.update({ where: { agentKey }, data: { terminatedOn: null } });
  await sweep();
  await database.prisma.agent.update({ where: { agentKey }, data: { terminatedOn: new Date(LAST_DAY) } });
  await sweep();

  expect(new Set(notices.map(({ messageId }) => messageId)).size).toBe(2);
});

it.each([
  ['en', 'agent A-77 was terminated', 'November 24, 2026', 'Customers with this agent of record: 2'],
  [
    'es',
    'el agente A-77 fue dado de baja',
    '24 de noviembre de 2026',
    'Clientes con este agente de registro: 2',
  ],
] as const)(
  'The email (%s) has the number, the last day and how many customers, and is sent once',
  async (language, ...parts) => {
    await insertPlan(database.prisma, PLAN);
    const agentKey = await insertAgent(database.prisma, { agentNumber: 'A-77', terminatedOn: LAST_DAY });
    const customers = [
      await insertEnrolledCustomer(database.prisma, { agentKey }),
      await insertEnrolledCustomer(database.prisma, { agentKey }),
    ];
    await sweep();
    const fakes = createActivityFakes();
    fakes.clock = () => NOW_MS;
    const { sendNotice } = createActivities({
      ...fakes.deps,
      agentTerminations: createAgentTerminations(database.prisma),
      compliance: { email: 'rules@example.com', firstName: '', language },
      ledger: createMailLedger(database.prisma),
      templates: createEmailTemplates(brand),
    });

    const outcomes = [await run(sendNotice, notices[0]), await run(sendNotice, notices[0])];

    expect(outcomes).toEqual([{ outcome: 'delivered' }, { outcome: 'delivered' }]);
    expect(fakes.sent).toMatchObject([{ to: 'rules@example.com', language }]);
    const told = `${fakes.sent[0]!.subject}\n${fakes.sent[0]!.text}`;
    for (const part of [...parts, 'GET /v1/agents/A-77/customers']) expect(told).toContain(part);
    for (const customer of customers) expect(told).not.toContain(customer);
  },
);
