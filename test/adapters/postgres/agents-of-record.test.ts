import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { createAgentsOfRecord } from '../../../src/adapters/postgres/agents-of-record';
import { createAorDecisions } from '../../../src/adapters/postgres/aor-decisions';
import { Database } from '../../../src/adapters/postgres/database';
import type { AgentsCustomers } from '../../../src/ports/agent-of-record';
import type { GatheredEvidence } from '../../../src/contracts/plan-change';
import type { AgentEvidence, AorDecision } from '../../../src/domain/plan-change/agent-of-record';
import { DAY_MS } from '../../../src/domain/time';
import { beginHistory } from '../../../lab/system/customer-history';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  NOW_MS,
  insertAgent,
  insertCustomer,
  insertEnrolledCustomer,
  insertPlan,
  insertPlanChange,
} from './records';

const [OLD_PLAN, NEW_PLAN] = ['H4513-046-000', 'H4513-052-000'] as const;

const KNOWN_FROM_MS = NOW_MS - DAY_MS;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(database.prisma, planId);
});
afterAll(() => database.drop());

const read = () => createAgentsOfRecord(database.prisma);

/** A customer of one agent until the end of 2025, of nobody until March 2026, and of another from then on. */
async function customerOfTwo() {
  const { prisma } = database;
  const numbers = { first: `f-${randomUUID().slice(0, 8)}`, second: `s-${randomUUID().slice(0, 8)}` };
  const first = await insertAgent(prisma, { agentNumber: numbers.first });
  const second = await insertAgent(prisma, { agentNumber: numbers.second });
  const customerId = await insertCustomer(prisma);
  await beginHistory(prisma, customerId, {
    agentsOfRecord: [
      { from: '2025-02-01', agentKey: first },
      { from: '2026-01-01', agentKey: null },
      { from: '2026-03-01', agentKey: second },
    ],
    enrolments: [
      { from: '2025-02-01', planId: OLD_PLAN },
      { from: '2027-01-01', planId: NEW_PLAN },
    ],
    knownFromMs: KNOWN_FROM_MS,
  });
  return { customerId, first, second, numbers };
}

const days: [day: string, who: 'first' | 'second' | 'nobody', planId: string | null][] = [
  ['2025-01-31', 'nobody', null],
  ['2025-02-01', 'first', OLD_PLAN],
  ['2025-12-31', 'first', OLD_PLAN],
  ['2026-01-01', 'nobody', OLD_PLAN],
  ['2026-02-28', 'nobody', OLD_PLAN],
  ['2026-03-01', 'second', OLD_PLAN],
  ['2026-12-31', 'second', OLD_PLAN],
  ['2027-01-01', 'second', NEW_PLAN],
  ['2099-12-31', 'second', NEW_PLAN],
];

describe('History of a customer', () => {
  it('A customer’s history lists each period in order, with the number of its agent', async () => {
    const { customerId, numbers } = await customerOfTwo();

    expect(await read().ofCustomer(customerId)).toEqual({
      history: [
        { agentNumber: numbers.first, from: '2025-02-01', to: '2025-12-31', knownFromMs: KNOWN_FROM_MS },
        { agentNumber: null, from: '2026-01-01', to: '2026-02-28', knownFromMs: KNOWN_FROM_MS },
        { agentNumber: numbers.second, from: '2026-03-01', to: null, knownFromMs: KNOWN_FROM_MS },
      ],
      decisions: [],
    });
  });

  it.each(days)('A customer’s history on %s names at most one agent: %s', async (day, who) => {
    const { customerId, numbers } = await customerOfTwo();
    const found = await read().ofCustomer(customerId);

    const then = found?.history.filter(({ from, to }) => from <= day && (to === null || day <= to)) ?? [];

    const agents = then.map(({ agentNumber }) => agentNumber).filter((number) => number !== null);
    expect(agents).toEqual(who === 'nobody' ? [] : [numbers[who]]);
  });

  it('A customer’s history is empty if there are no periods, and null for an unknown customer', async () => {
    const customerId = await insertCustomer(database.prisma);

    expect(await read().ofCustomer(customerId)).toEqual({ history: [], decisions: [] });
    expect(await read().ofCustomer('C-none')).toBeNull();
  });
});

describe('Decisions about a customer', () => {
  const standing = { active: true, licensed: true, appointed: true, certified: true };
  const evidenceOf = (
    original: AgentEvidence | null,
    facilitator: AgentEvidence | null,
  ): GatheredEvidence => ({
    channel: 'external-agent-application',
    referred: false,
    original,
    facilitator,
    day: '2026-11-22',
    state: 'TX',
    planYear: 2027,
  });

  async function decide(
    customerId: string,
    evidence: GatheredEvidence,
    effectiveOn: string,
    decision: AorDecision,
  ) {
    const { channel } = evidence;
    const planChangeId = await insertPlanChange(database.prisma, {
      customerId,
      channel,
      stage: 'with-facilitator',
    });
    const planId = effectiveOn < '2027-02-01' ? NEW_PLAN : OLD_PLAN;
    await createAorDecisions(database.prisma).record({
      planChangeId,
      planId,
      effectiveOn,
      staffKey: null,
      apiKeyId: randomUUID(),
      atMs: NOW_MS + Number(effectiveOn.slice(5, 7)),
      evidence,
      decision,
    });
    return planChangeId;
  }

  it('A customer’s decisions come in order, with the evidence, all agent numbers and the commission', async () => {
    const [one, two] = [`o-${randomUUID().slice(0, 8)}`, `t-${randomUUID().slice(0, 8)}`];
    const original = { agentKey: await insertAgent(database.prisma, { agentNumber: one }), standing };
    const other = { agentKey: await insertAgent(database.prisma, { agentNumber: two }), standing };
    const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: original.agentKey });
    const passes = evidenceOf(original, other);
    const stays: GatheredEvidence = { ...evidenceOf(other, other), channel: 'own-agent-application' };
    const first = await decide(customerId, passes, '2027-01-01', {
      outcome: 'transferred',
      reason: 'external-agent-facilitated',
      agentKey: other.agentKey,
      ruleVersion: 2,
      commissionContinues: false,
    });
    const second = await decide(customerId, stays, '2027-02-01', {
      outcome: 'retained',
      reason: 'own-agent-applied',
      agentKey: other.agentKey,
      ruleVersion: 2,
      commissionContinues: true,
    });

    const found = await read().ofCustomer(customerId);

    expect(found?.decisions).toEqual([
      {
        planChangeId: first,
        version: 2,
        wasMadeAgain: false,
        isReversed: false,
        supersededBy: null,
        decidedAtMs: NOW_MS + 1,
        effectiveOn: '2027-01-01',
        evidence: passes,
        outcome: 'transferred',
        reason: 'external-agent-facilitated',
        ruleVersion: 2,
        commissionContinues: false,
        agentNumber: two,
        originalNumber: one,
        facilitatorNumber: two,
      },
      {
        planChangeId: second,
        version: 3,
        wasMadeAgain: false,
        isReversed: false,
        supersededBy: null,
        decidedAtMs: NOW_MS + 2,
        effectiveOn: '2027-02-01',
        evidence: stays,
        outcome: 'retained',
        reason: 'own-agent-applied',
        ruleVersion: 2,
        commissionContinues: true,
        agentNumber: two,
        originalNumber: two,
        facilitatorNumber: two,
      },
    ]);
    expect(found?.history).toEqual([
      { agentNumber: one, from: '2026-01-01', to: '2026-12-31', knownFromMs: NOW_MS + 1 },
      { agentNumber: two, from: '2027-01-01', to: null, knownFromMs: NOW_MS + 1 },
    ]);
  });

  it('A customer’s decision names no agent if there was no agent of record and nobody facilitated', async () => {
    const customerId = await insertEnrolledCustomer(database.prisma);
    await decide(customerId, { ...evidenceOf(null, null), channel: 'field-agent' }, '2027-01-01', {
      outcome: 'none',
      reason: 'no-agent-of-record',
      agentKey: null,
      ruleVersion: 2,
      commissionContinues: false,
    });

    expect((await read().ofCustomer(customerId))?.decisions).toMatchObject([
      {
        agentNumber: null,
        originalNumber: null,
        facilitatorNumber: null,
        commissionContinues: false,
      },
    ]);
  });
});

describe('Book of business', () => {
  const onDay = (agentKey: string, day: string) => read().customersOf({ agentKey, day, limit: 100 });

  it.each(days)(
    'An agent’s book of business on %s lists the customers of that day, in the plan of that day: %s',
    async (day, who, planId) => {
      const { customerId, first, second, numbers } = await customerOfTwo();

      const books = { first: await onDay(first, day), second: await onDay(second, day) };

      for (const agent of ['first', 'second'] as const) {
        const since = agent === 'first' ? '2025-02-01' : '2026-03-01';
        expect(books[agent]).toEqual({
          agentNumber: numbers[agent],
          customers: agent === who ? [{ customerId, since, sinceMs: Date.parse(since), planId }] : [],
        });
      }
    },
  );

  it('An agent’s book of business lists a customer who is enrolled in no plan that day', async () => {
    const agentKey = await insertAgent(database.prisma);
    const customerId = await insertCustomer(database.prisma);
    await beginHistory(database.prisma, customerId, { agentsOfRecord: [{ agentKey, from: '2026-01-01' }] });

    expect(await onDay(agentKey, '2026-11-22')).toMatchObject({ customers: [{ customerId, planId: null }] });
  });

  it('An agent’s book of business is empty for an agent without customers, and null for an unknown agent', async () => {
    const agentKey = await insertAgent(database.prisma, { agentNumber: 'lone-1' });

    expect(await onDay(agentKey, '2026-11-22')).toEqual({ agentNumber: 'lone-1', customers: [] });
    expect(await onDay('A-none', '2026-11-22')).toBeNull();
  });

  it.each(['UTC', 'Pacific/Auckland', 'America/Los_Angeles'])(
    'An agent’s book of business continues where a page ended, even within one day, in the time zone %s',
    async (timeZone) => {
      const agentKey = await insertAgent(database.prisma);
      const other = await insertAgent(database.prisma);
      const made: string[] = [];
      for (const from of ['2026-03-01', ...Array.from({ length: 7 }, () => '2026-02-01'), '2026-01-01']) {
        made.push(await insertEnrolledCustomer(database.prisma, { agentKey, from }));
        await insertEnrolledCustomer(database.prisma, { agentKey: other, from });
        await insertEnrolledCustomer(database.prisma, { agentKey, from: '2027-01-01' });
      }
      const inZone = new Database(
        new Pool({ connectionString: database.url, options: `-c TimeZone=${timeZone}`, max: 1 }),
      );

      const seen: AgentsCustomers['customers'][number][] = [];
      while (seen.length <= made.length) {
        const last = seen.at(-1);
        const after = last && { atMs: last.sinceMs, customerId: last.customerId };
        const query = { agentKey, day: '2026-11-22', after, limit: 3 };
        const page = await createAgentsOfRecord(inZone).customersOf(query);
        if (page === null || page.customers.length === 0) break;
        seen.push(...page.customers);
      }
      await inZone.$disconnect();

      expect(seen.map(({ customerId }) => customerId).toSorted()).toEqual(made.toSorted());
      expect(seen.map(({ since }) => since)).toEqual(seen.map(({ since }) => since).toSorted());
      expect((await onDay(agentKey, '2026-11-22'))?.customers).toEqual(seen);
    },
  );
});
