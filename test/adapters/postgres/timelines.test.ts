import { randomUUID } from 'node:crypto';
import { createAorCorrections } from '../../../src/adapters/postgres/aor-corrections';
import { createAuditLog } from '../../../src/adapters/postgres/audit-log';
import { createTimelines } from '../../../src/adapters/postgres/timelines';
import type { TimelineRecord } from '../../../src/ports/ops';
import type { AuditEvent } from '../../../src/contracts/audit';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  brokerAccount,
  insertAccount,
  insertAgent,
  insertDecision,
  insertEnrolledCustomer,
  insertPlan,
  insertPlanChange,
  NOW_MS,
} from './records';
import { createBrokerRegistrations } from '../../../src/adapters/postgres/broker-registrations';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertPlan(database.prisma);
});
afterAll(() => database.drop());

const timelines = () => createTimelines(database.prisma);
const ofAccount = async (accountId: string, limit = 100): Promise<readonly TimelineRecord[]> =>
  (await timelines().ofAccount(accountId, { limit })) ?? [];

/** What an event says at so many milliseconds after `NOW_MS`. */
const audit = (afterMs: number, event: Omit<AuditEvent, 'atMs' | 'outcome'> & { outcome?: string }) =>
  createAuditLog(database.prisma).record({ atMs: NOW_MS + afterMs, outcome: 'success', ...event });

interface MailFields {
  readonly id: string;
  readonly kind?: string;
  readonly accountId?: string | null;
  readonly reference?: string;
  readonly status?: string;
  readonly attempts?: number;
  readonly createdAfterMs: number;
  readonly settledAfterMs?: number;
  readonly smtpCode?: number;
}

async function mail({ createdAfterMs, settledAfterMs, ...fields }: MailFields): Promise<void> {
  await database.prisma.mailDelivery.create({
    data: {
      kind: 'pin',
      accountId: null,
      reference: 'r',
      status: 'pending',
      attempts: 1,
      ...fields,
      createdAt: new Date(NOW_MS + createdAfterMs),
      validUntil: new Date(NOW_MS + 1_000_000),
      settledAt: settledAfterMs === undefined ? null : new Date(NOW_MS + settledAfterMs),
    },
  });
}

/** The source, and what tells one from another. */
const sketch = (records: readonly TimelineRecord[] | null): string[] =>
  (records ?? []).map(({ atMs, fact }) => {
    const what = {
      audit: () => (fact.source === 'audit' ? fact.action : ''),
      email: () => (fact.source === 'email' ? `${fact.kind} ${fact.status}` : ''),
      decision: () => (fact.source === 'decision' ? `${fact.outcome} ${fact.role ?? ''}`.trim() : ''),
    }[fact.source]();
    return `${atMs - NOW_MS} ${fact.source}: ${what}`;
  });

describe('Timelines of accounts', () => {
  it('An account’s timeline lists what concerns this account and no other, the newest first', async () => {
    const accountId = await insertAccount(database.prisma);
    const other = await insertAccount(database.prisma);
    await audit(0, { action: 'reset-opened', accountId });
    await mail({
      id: `pin.${accountId}.1`,
      accountId,
      createdAfterMs: 5,
      settledAfterMs: 30,
      status: 'delivered',
    });
    await audit(40, { action: 'proof-accepted', accountId });
    await audit(50, { action: 'password-reset', accountId });
    await mail({
      id: `password-changed.${accountId}`,
      kind: 'password-changed',
      accountId,
      createdAfterMs: 60,
    });
    await audit(20, { action: 'signed-in', accountId: other });
    await mail({ id: `pin.${other}.1`, accountId: other, createdAfterMs: 21 });

    expect(sketch(await ofAccount(accountId))).toEqual([
      '60 email: password-changed pending',
      '50 audit: password-reset',
      '40 audit: proof-accepted',
      '30 email: pin delivered',
      '0 audit: reset-opened',
    ]);
  });

  it('An account’s timeline is null for an unknown account, and empty if nothing happened', async () => {
    expect(await timelines().ofAccount(randomUUID(), { limit: 10 })).toBeNull();
    expect(await ofAccount(await insertAccount(database.prisma))).toEqual([]);
  });

  it('An account’s timeline tells what became of an email, and what an operator did and why', async () => {
    const accountId = await insertAccount(database.prisma);
    const apiKeyId = randomUUID();
    const messageId = `password-changed.${accountId}`;
    await mail({
      id: messageId,
      kind: 'password-changed',
      accountId,
      createdAfterMs: 0,
      settledAfterMs: 10,
      status: 'refused',
      smtpCode: 550,
      attempts: 2,
    });
    await audit(20, {
      action: 'run-cancel-requested',
      accountId,
      apiKeyId,
      about: 'a/run',
      reason: 'Asked for.',
      operator: 'ana',
    });

    const [cancelled, refused] = await ofAccount(accountId);

    expect(cancelled?.fact).toEqual({
      source: 'audit',
      action: 'run-cancel-requested',
      outcome: 'success',
      planChangeId: null,
      apiKeyId,
      about: 'a/run',
      reason: 'Asked for.',
      operator: 'ana',
    });
    expect(refused?.fact).toEqual({
      source: 'email',
      messageId,
      kind: 'password-changed',
      status: 'refused',
      attempts: 2,
      resends: 0,
      smtpCode: 550,
      firstTriedAtMs: NOW_MS,
      validUntilMs: NOW_MS + 1_000_000,
      replaced: false,
    });
  });

  it('An account’s timeline marks a PIN email that was never sent as replaced by a newer one', async () => {
    const accountId = await insertAccount(database.prisma);
    const reference = randomUUID();
    await mail({ id: `pin.${reference}.1`, accountId, reference, createdAfterMs: 0 });
    await mail({ id: `pin.${reference}.2`, accountId, reference, createdAfterMs: 50 });

    const facts = (await ofAccount(accountId)).map(({ fact }) => fact);

    expect(facts).toEqual([
      expect.objectContaining({ messageId: `pin.${reference}.2`, replaced: false }),
      expect.objectContaining({ messageId: `pin.${reference}.1`, replaced: true }),
    ]);
  });

  it('An account’s timeline leaves out who looked at it', async () => {
    const accountId = await insertAccount(database.prisma);
    await audit(0, { action: 'timeline-read', accountId });
    await audit(1, { action: 'runs-listed', accountId });

    expect(await ofAccount(accountId)).toEqual([]);
  });

  it('An account’s timeline comes page by page with each record once, even among records of the same moment', async () => {
    const accountId = await insertAccount(database.prisma);
    for (let n = 0; n < 12; n++) await audit(0, { action: n % 2 ? 'signed-in' : 'signed-out', accountId });
    await mail({ id: `pin.${accountId}.1`, accountId, createdAfterMs: 0 });
    await mail({ id: `pin.${accountId}.2`, accountId, createdAfterMs: -1 });
    const all = await ofAccount(accountId);

    const paged: TimelineRecord[] = [];
    for (;;) {
      const last = paged.at(-1);
      const page = await timelines().ofAccount(accountId, {
        limit: 4,
        after: last && { atMs: last.atMs, id: last.id },
      });
      paged.push(...(page ?? []));
      if ((page ?? []).length < 4) break;
    }

    expect(all).toHaveLength(14);
    expect(paged).toEqual(all);
    // Of one moment, in the order in which they were written: the newest first.
    expect(sketch(all).slice(1, 4)).toEqual([
      '0 audit: signed-in',
      '0 audit: signed-out',
      '0 audit: signed-in',
    ]);
  });
});

describe('Timelines of agents and customers', () => {
  let [keeper, winner]: string[] = [];
  let customerId: string;
  let planChangeId: string;

  beforeAll(async () => {
    const { prisma } = database;
    [keeper, winner] = [await insertAgent(prisma), await insertAgent(prisma)];
    customerId = await insertEnrolledCustomer(prisma, { agentKey: keeper ?? null });
    planChangeId = await insertPlanChange(prisma, { customerId, stage: 'completed' });
    await insertDecision(prisma, {
      planChangeId,
      customerId,
      decidedAtMs: NOW_MS + 10,
      decision: {
        outcome: 'transferred',
        reason: 'external-agent-facilitated',
        agentKey: winner ?? null,
        ruleVersion: 1,
      },
      evidence: { original: { agentKey: keeper } },
    });
    await audit(0, { action: 'plan-change-opened', planChangeId });
    await audit(10, { action: 'plan-change-completed', planChangeId });
    for (const [index, kind] of [
      'plan-change-completed',
      'agent-of-record-gained',
      'agent-of-record-lost',
    ].entries())
      await mail({
        id: `${kind}.${planChangeId}`,
        kind,
        reference: planChangeId,
        createdAfterMs: 20 + index,
      });
    for (const [index, kind] of ['plan-change-held', 'plan-change-still-held'].entries())
      await mail({
        id: `${kind}.${planChangeId}.${NOW_MS}.${index}`,
        kind,
        reference: planChangeId,
        createdAfterMs: 3 + index,
      });
  });

  const accountOf = async (agentKey: string | undefined): Promise<string> => {
    const account = brokerAccount({ agentKey: agentKey ?? null });
    await createBrokerRegistrations(database.prisma).create(account);
    return account.accountId;
  };

  it('An agent’s timeline shows the decisions that concern the agent, with the email to the agent', async () => {
    const [before, after] = [await accountOf(keeper), await accountOf(winner)];

    expect(sketch(await ofAccount(before))).toEqual([
      '22 email: agent-of-record-lost pending',
      '10 decision: transferred lost',
      '0 audit: registered',
    ]);
    expect(sketch(await ofAccount(after))).toEqual([
      '21 email: agent-of-record-gained pending',
      '10 decision: transferred gained',
      '0 audit: registered',
    ]);
  });

  it('An agent’s timeline shows the email to this agent about a correction, and a customer’s all of them', async () => {
    const { prisma } = database;
    const agentKey = await insertAgent(prisma);
    const customer = await insertEnrolledCustomer(prisma, { agentKey });
    const change = await insertPlanChange(prisma, { customerId: customer, stage: 'completed' });
    const decision = { outcome: 'retained', reason: 'unit-completed', agentKey } as const;
    await insertDecision(prisma, {
      planChangeId: change,
      customerId: customer,
      decidedAtMs: NOW_MS,
      decision,
      evidence: { original: { agentKey } },
    });
    const correctionId = randomUUID();
    await createAorCorrections(prisma).request({
      ...{ correctionId, planChangeId: change, customerId: customer, kind: 'redetermination', reason: null },
      ...{ note: 'A late roster.', apiKeyId: randomUUID(), staffKey: null, atMs: NOW_MS },
    });
    for (const key of [agentKey, keeper])
      await mail({
        id: `agent-of-record-corrected.${correctionId}.${key}`,
        kind: 'agent-of-record-corrected',
        reference: change,
        createdAfterMs: 30,
      });

    const isEmail = (line: string): boolean => line.includes('email');
    const ofAgent = sketch(await ofAccount(await accountOf(agentKey)));
    const ofCustomer = sketch(await timelines().ofCustomer(customer, { limit: 100 }));

    expect(ofAgent.filter(isEmail)).toEqual(['30 email: agent-of-record-corrected pending']);
    expect(ofCustomer.filter(isEmail)).toHaveLength(2);
  });

  it('A customer’s timeline shows the plan changes with their decisions and emails', async () => {
    const records = await timelines().ofCustomer(customerId, { limit: 100 });

    expect(sketch(records)).toEqual([
      '22 email: agent-of-record-lost pending',
      '21 email: agent-of-record-gained pending',
      '20 email: plan-change-completed pending',
      '10 decision: transferred',
      '10 audit: plan-change-completed',
      '4 email: plan-change-still-held pending',
      '3 email: plan-change-held pending',
      '0 audit: plan-change-opened',
    ]);
    expect(records?.[3]?.fact).toMatchObject({
      customerId,
      planChangeId,
      effectiveOn: '2027-01-01',
      role: null,
    });
  });

  it('A customer’s timeline is null for an unknown customer', async () => {
    expect(await timelines().ofCustomer('C-nobody', { limit: 10 })).toBeNull();
  });
});
