import { randomUUID } from 'node:crypto';
import { createAorDecisions } from '../../../src/adapters/postgres/aor-decisions';
import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import type { GatheredEvidence, RecordDecisionInput } from '../../../src/contracts/plan-change';
import { decideAgentOfRecord, type AgentEvidence } from '../../../src/domain/plan-change/agent-of-record';
import { HOUR_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  NOW_MS,
  insertAgent,
  insertCustomer,
  insertEnrolledCustomer,
  insertPlan,
  insertPlanChange,
  insertAccount,
  insertStaff,
} from './records';

const [OLD_PLAN, NEW_PLAN] = ['H4513-046-000', 'H4513-052-000'] as const;
const FROM = '2027-01-01';
const apiKeyId = randomUUID();
const by = { apiKeyId, address: '192.0.2.7', atMs: NOW_MS };

let database: TestDatabase;
let original: string;
let facilitator: string;
beforeAll(async () => {
  database = await createTestDatabase();
  for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(database.prisma, planId);
  original = await insertAgent(database.prisma, { agentNumber: 'A100' });
  facilitator = await insertAgent(database.prisma, { agentNumber: 'A200' });
  for (const staffNumber of ['S1', 'S2']) await insertStaff(database.prisma, { staffNumber });
  for (const staffNumber of ['S7', 'S8'])
    await insertStaff(database.prisma, { staffNumber, role: 'field-agent' });
});
afterAll(() => database.drop());

const record = (input: RecordDecisionInput) => createAorDecisions(database.prisma).record(input);
const desk = () => createPlanChanges(database.prisma);

const eligible = (agentKey: string): AgentEvidence => ({
  agentKey,
  standing: { active: true, licensed: true, appointed: true, certified: true },
});
const terminated = (agentKey: string): AgentEvidence => ({
  agentKey,
  standing: { ...eligible(agentKey).standing, active: false },
});

interface ReadyFields {
  readonly channel?: GatheredEvidence['channel'];
  readonly original?: AgentEvidence;
  readonly facilitator?: AgentEvidence;
  /** A new one of `original`, unless told otherwise. */
  readonly customerId?: string;
}

/** A change that is ready to be completed, and what it is to be completed with. The rule decides. */
async function ready(fields: ReadyFields = {}) {
  const { channel = 'plan-change-line', original: had = null, facilitator: facilitates = null } = fields;
  const isUnits = channel === 'plan-change-line';
  const agentKey = had?.agentKey ?? null;
  const customerId = fields.customerId ?? (await insertEnrolledCustomer(database.prisma, { agentKey }));
  const planChangeId = await insertPlanChange(database.prisma, {
    customerId,
    channel,
    stage: isUnits ? 'claimed' : 'with-facilitator',
    facilitatorKey: channel === 'field-agent' ? 'S7' : (facilitates?.agentKey ?? null),
  });
  const evidence: GatheredEvidence = {
    channel,
    referred: false,
    original: had,
    facilitator: facilitates,
    day: '2026-11-22',
    state: 'TX',
    planYear: 2027,
  };
  const answer = decideAgentOfRecord(evidence);
  if (answer.kind !== 'decided') throw new Error(`the rule decides nothing: ${answer.kind}`);
  const input: RecordDecisionInput = {
    planChangeId,
    planId: NEW_PLAN,
    effectiveOn: FROM,
    staffKey: isUnits ? 'S1' : null,
    apiKeyId,
    atMs: NOW_MS,
    evidence,
    decision: answer.decision,
  };
  return { customerId, planChangeId, input };
}

/** All that stands of a customer's change. */
async function recordsOf({ customerId, planChangeId }: { customerId: string; planChangeId: string }) {
  const { prisma } = database;
  return {
    change: await prisma.planChange.findUnique({ where: { id: planChangeId } }),
    decisions: await prisma.aorDecision.findMany({ where: { customerId } }),
    commission: await prisma.commissionFact.findMany({ where: { customerId } }),
    enrolments: await prisma.enrolment.findMany({ where: { customerId }, orderBy: { validFrom: 'asc' } }),
    agents: await prisma.agentOfRecord.findMany({ where: { customerId }, orderBy: { validFrom: 'asc' } }),
    audit: await prisma.auditEvent.findMany({ where: { planChangeId } }),
  };
}

const began = { validFrom: new Date('2026-01-01'), validTo: null };
const ended = { validFrom: new Date('2026-01-01'), validTo: new Date('2026-12-31') };
const begins = { validFrom: new Date(FROM), validTo: null };

describe('Recording a decision', () => {
  const cases = [
    {
      what: 'the agent of record stays, and the commission continues',
      given: () => ({ original: eligible(original) }),
      decision: () => ({ outcome: 'retained', reason: 'unit-completed', agentKey: original }),
      continues: true,
      agents: () => [{ agentKey: original, ...began }],
    },
    {
      what: 'it passes to the external agent',
      given: () => ({
        channel: 'external-agent-application' as const,
        original: eligible(original),
        facilitator: eligible(facilitator),
      }),
      decision: () => ({
        outcome: 'transferred',
        reason: 'external-agent-facilitated',
        agentKey: facilitator,
      }),
      continues: false,
      agents: () => [
        { agentKey: original, ...ended },
        { agentKey: facilitator, ...begins },
      ],
    },
    {
      what: 'it passes to a call center’s agency where there was nobody',
      given: () => ({ channel: 'external-call-center' as const, facilitator: eligible(facilitator) }),
      decision: () => ({
        outcome: 'transferred',
        reason: 'call-center-facilitated',
        agentKey: facilitator,
      }),
      continues: null,
      agents: () => [
        { agentKey: null, ...ended },
        { agentKey: facilitator, ...begins },
      ],
    },
    {
      what: 'it ends with an agent who is not eligible',
      given: () => ({ original: terminated(original) }),
      decision: () => ({ outcome: 'ended', reason: 'agent-terminated', agentKey: null }),
      continues: false,
      agents: () => [
        { agentKey: original, ...ended },
        { agentKey: null, ...begins },
      ],
    },
    {
      what: 'there was nobody, and there is nobody',
      given: () => ({}),
      decision: () => ({ outcome: 'none', reason: 'no-agent-of-record', agentKey: null }),
      continues: null,
      agents: () => [{ agentKey: null, ...began }],
    },
  ];

  it.each(cases)(
    'Recording a decision writes all its records: $what',
    async ({ given, decision, continues, agents }) => {
      const change = await ready(given());
      const { customerId, planChangeId, input } = change;
      const before = await recordsOf(change);

      expect(await record(input)).toBe('recorded');

      const after = await recordsOf(change);
      const previousAgentKey = input.evidence.original?.agentKey ?? null;
      const effectiveOn = new Date(FROM);
      const at = new Date(NOW_MS);
      expect(after.change).toEqual({
        ...before.change,
        stage: 'completed',
        planId: NEW_PLAN,
        effectiveOn,
        endedAt: at,
        claimUntil: null,
      });
      expect(after.decisions).toEqual([
        {
          planChangeId,
          customerId,
          decidedAt: at,
          ...decision(),
          previousAgentKey,
          effectiveOn,
          ruleVersion: 2,
          evidence: input.evidence,
          completedBy: input.staffKey,
          apiKeyId,
        },
      ]);
      expect(after.commission).toEqual(
        continues === null
          ? []
          : [{ planChangeId, customerId, agentKey: previousAgentKey, continues, effectiveOn }],
      );
      expect(after.enrolments).toMatchObject([
        { planId: OLD_PLAN, ...ended },
        { planId: NEW_PLAN, ...begins },
      ]);
      expect(after.agents).toEqual(agents().map((period) => expect.objectContaining(period)));
      expect(after.audit).toMatchObject([
        {
          key: `plan-change-completed:${planChangeId}`,
          action: 'plan-change-completed',
          at,
          outcome: 'success',
          apiKeyId,
          address: null,
          accountId: null,
        },
      ]);
    },
  );

  it.each(cases)('Recording a decision twice has the same effect as once: $what', async ({ given }) => {
    const change = await ready(given());
    await record(change.input);
    const once = await recordsOf(change);

    expect(await record(change.input)).toBe('recorded');
    expect(await record({ ...change.input, atMs: NOW_MS + 2 * HOUR_MS })).toBe('recorded');

    expect(await recordsOf(change)).toEqual(once);
  });

  it.each(cases)(
    'Recording a decision ten times at once has the same effect as once: $what',
    async ({ given }) => {
      const change = await ready(given());

      const answers = await Promise.all(Array.from({ length: 10 }, () => record(change.input)));

      expect(new Set(answers)).toEqual(new Set(['recorded']));
      const { decisions, commission, enrolments, agents, audit } = await recordsOf(change);
      const isTransferOrEnd = ['transferred', 'ended'].includes(change.input.decision.outcome);
      expect([decisions, enrolments, audit].map(({ length }) => length)).toEqual([1, 2, 1]);
      expect(commission).toHaveLength(change.input.evidence.original === null ? 0 : 1);
      expect(agents).toHaveLength(isTransferOrEnd ? 2 : 1);
    },
  );

  it('Recording a decision begins a history of agents of record if the customer has none', async () => {
    const customerId = await insertCustomer(database.prisma);
    await database.prisma.enrolment.create({ data: { customerId, planId: OLD_PLAN, ...began } });
    const change = await ready({
      customerId,
      channel: 'external-agent-application',
      facilitator: eligible(facilitator),
    });

    await record(change.input);

    expect((await recordsOf(change)).agents).toMatchObject([{ agentKey: facilitator, ...begins }]);
  });

  it('Recording a later decision continues the customer’s history, and changes no other customer’s records', async () => {
    const other = await ready({ original: eligible(original) });
    const first = await ready({ original: eligible(original) });
    const { customerId } = first;
    const others = await recordsOf(other);
    await record(first.input);
    const second = await ready({
      customerId,
      channel: 'external-agent-application',
      original: eligible(original),
      facilitator: eligible(facilitator),
    });

    expect(await record({ ...second.input, planId: OLD_PLAN, effectiveOn: '2027-03-01' })).toBe('recorded');

    const { enrolments, agents, decisions } = await recordsOf(second);
    expect(enrolments).toMatchObject([
      { planId: OLD_PLAN, ...ended },
      { planId: NEW_PLAN, validFrom: new Date(FROM), validTo: new Date('2027-02-28') },
      { planId: OLD_PLAN, validFrom: new Date('2027-03-01'), validTo: null },
    ]);
    expect(agents).toMatchObject([
      { agentKey: original, validFrom: new Date('2026-01-01'), validTo: new Date('2027-02-28') },
      { agentKey: facilitator, validFrom: new Date('2027-03-01'), validTo: null },
    ]);
    expect(decisions).toHaveLength(2);
    expect(await recordsOf(other)).toEqual(others);
  });
});

describe('Decisions about a change that was moved in the meantime', () => {
  const claimUntilMs = NOW_MS + HOUR_MS;
  const system = { role: 'system', staffKey: null } as const;
  const claimant = { role: 'plan-change-representative', staffKey: 'S1' } as const;
  const withdrawn = { ...by, reason: 'changed their mind', caller: system };
  const units = () => ready({ original: eligible(original) });
  const externals = () =>
    ready({ channel: 'external-agent-application', facilitator: eligible(facilitator) });
  const internals = () => ready({ channel: 'field-agent', original: eligible(original) });

  it.each([
    ['released', units, (id: string) => desk().release(id, { ...by, staffKey: 'S1' })],
    [
      'claimed by another',
      units,
      async (id: string) => {
        await desk().release(id, { ...by, staffKey: 'S1' });
        await desk().claim(id, { ...by, staffKey: 'S2', claimUntilMs });
      },
    ],
    ['withdrawn', units, (id: string) => desk().withdraw(id, { ...withdrawn, caller: claimant })],
    ['withdrawn', externals, (id: string) => desk().withdraw(id, withdrawn)],
    [
      'held',
      externals,
      async (id: string) => {
        const facilitatorKey = (await desk().find(id))?.facilitatorKey ?? '';
        await desk().hold({ ...by, planChangeId: id, facilitatorKey, defect: 'not-licensed' });
      },
    ],
    ['abandoned', externals, (id: string) => desk().abandon(id, NOW_MS)],
    ['referred to the unit', internals, (id: string) => desk().refer(id, { ...by, caller: system })],
  ])(
    'A decision is not recorded, and nothing is written, if the change was %s in the meantime',
    async (_what, make, move) => {
      const change = await make();
      await move(change.planChangeId);
      const before = await recordsOf(change);

      expect(await record(change.input)).toBe('moved');

      expect(await recordsOf(change)).toEqual(before);
    },
  );

  it.each([
    ['a moment before the end of the claim', claimUntilMs - 1, 'recorded'],
    ['at the end of the claim', claimUntilMs, 'moved'],
  ])(
    'A decision about a claimed change is recorded only before the claim ends: %s',
    async (_when, atMs, answer) => {
      const change = await units();

      expect(await record({ ...change.input, atMs })).toBe(answer);

      expect((await recordsOf(change)).change).toMatchObject({
        stage: answer === 'moved' ? 'claimed' : 'completed',
      });
    },
  );

  it.each([
    ['another internal agent', 'S8', 'moved'],
    ['the internal agent', 'S7', 'recorded'],
    ['a representative of the unit', 'S1', 'moved'],
    ['somebody who is on the roster no longer', 'S9', 'moved'],
    ['a system that takes applications in', null, 'recorded'],
  ])(
    'A decision about an internal agent’s change is recorded only for that agent or an intake system: %s',
    async (_who, staffKey, answer) => {
      const change = await internals();

      expect(await record({ ...change.input, staffKey })).toBe(answer);
    },
  );

  it('A decision about an unknown change is not recorded', async () => {
    const change = await units();

    expect(await record({ ...change.input, planChangeId: randomUUID() })).toBe('moved');

    expect(await recordsOf(change)).toMatchObject({ decisions: [], audit: [] });
  });

  it.each(Array.from({ length: 5 }, (_, n) => n))(
    'A change that is withdrawn and completed at the same moment ends in one of the two ways, never both (%i)',
    async () => {
      const change = await units();
      const { planChangeId, input } = change;

      const [answer, isWithdrawn] = await Promise.all([
        record(input),
        desk().withdraw(planChangeId, { ...withdrawn, caller: claimant }),
      ]);

      expect([answer, isWithdrawn]).toEqual(isWithdrawn ? ['moved', true] : ['recorded', false]);
      const { change: row, decisions, enrolments, audit } = await recordsOf(change);
      expect(row).toMatchObject({ stage: isWithdrawn ? 'withdrawn' : 'completed' });
      expect([decisions.length, enrolments.length, audit.length]).toEqual(
        isWithdrawn ? [0, 1, 1] : [1, 2, 1],
      );
    },
  );
});

describe('Decisions that cannot be recorded', () => {
  const transfer = () =>
    ready({
      channel: 'external-agent-application',
      original: eligible(original),
      facilitator: eligible(facilitator),
    });

  it.each([
    ['a plan that is on no roster', { planId: 'H0000-000-000' }],
    ['a date before the enrolment', { effectiveOn: '2025-12-01' }],
    ['the day on which the enrolment begins', { effectiveOn: '2026-01-01' }],
  ])(
    'A decision that cannot be recorded writes nothing and leaves the change open: %s',
    async (_what, fields) => {
      const change = await transfer();
      const before = await recordsOf(change);

      await expect(record({ ...change.input, ...fields })).rejects.toThrow();

      expect(await recordsOf(change)).toEqual(before);
      expect(before.change).toMatchObject({ stage: 'with-facilitator', endedAt: null });
      expect(await record(change.input)).toBe('recorded');
    },
  );

  it('A decision for an agent on no roster writes nothing, though the agent’s period is written last', async () => {
    const change = await transfer();
    const before = await recordsOf(change);
    const { decision } = change.input;

    await expect(
      record({ ...change.input, decision: { ...decision, agentKey: 'A-none' } }),
    ).rejects.toThrow();

    expect(await recordsOf(change)).toEqual(before);
  });

  it('A decision that contradicts itself writes nothing', async () => {
    const change = await ready({ original: eligible(original) });
    const before = await recordsOf(change);
    const { decision } = change.input;

    await expect(
      record({ ...change.input, decision: { ...decision, agentKey: facilitator } }),
    ).rejects.toThrow('aor_decisions_agent_check');

    expect(await recordsOf(change)).toEqual(before);
  });
});

describe('Database constraints on decisions', () => {
  const query = (text: string, values: readonly unknown[] = []) =>
    database.prisma.pool.query(text, [...values]);
  const add = async (columns: Record<string, unknown>) => {
    const customer_id = await insertCustomer(database.prisma);
    const plan_change_id = await insertPlanChange(database.prisma, {
      customerId: customer_id,
      stage: 'completed',
    });
    const row = {
      plan_change_id,
      customer_id,
      decided_at: new Date(),
      effective_on: FROM,
      rule_version: 1,
      evidence: '{}',
      api_key_id: apiKeyId,
      ...columns,
    };
    const names = Object.keys(row);
    const places = names.map((_, n) => `$${n + 1}`);
    return query(`INSERT INTO aor_decisions (${names.join()}) VALUES (${places.join()})`, Object.values(row));
  };
  const retained = { outcome: 'retained', reason: 'unit-completed' };
  const transferred = { outcome: 'transferred', reason: 'external-agent-facilitated' };
  const over = { outcome: 'ended', reason: 'agent-terminated' };
  const none = { outcome: 'none', reason: 'no-agent-of-record' };

  it.each([
    ['kept by another agent', { ...retained, agent_key: 'A200', previous_agent_key: 'A100' }],
    ['kept by nobody', retained],
    ['kept by one who had it not', { ...retained, agent_key: 'A100' }],
    ['passed to who had it', { ...transferred, agent_key: 'A100', previous_agent_key: 'A100' }],
    ['passed to nobody', { ...transferred, previous_agent_key: 'A100' }],
    ['ended for nobody', over],
    ['ended, and there is one', { ...over, agent_key: 'A200', previous_agent_key: 'A100' }],
    ['nobody, where there was one', { ...none, previous_agent_key: 'A100' }],
    ['nobody, and there is one', { ...none, agent_key: 'A100' }],
  ])(
    'The database refuses agents that do not match the outcome of a decision: %s',
    async (_what, columns) => {
      await expect(add(columns)).rejects.toMatchObject({ constraint: 'aor_decisions_agent_check' });
    },
  );

  it.each([
    ['retained', 'external-agent-facilitated'],
    ['retained', 'agent-terminated'],
    ['transferred', 'unit-completed'],
    ['ended', 'call-center-facilitated'],
    ['none', 'unit-completed'],
    ['kept', 'unit-completed'],
  ])(
    'The database refuses a reason that does not match the outcome of a decision: %s, %s',
    async (outcome, reason) => {
      const agents: Record<string, Record<string, unknown>> = {
        retained: { agent_key: 'A100', previous_agent_key: 'A100' },
        transferred: { agent_key: 'A200', previous_agent_key: 'A100' },
        ended: { previous_agent_key: 'A100' },
      };

      await expect(add({ outcome, reason, ...agents[outcome] })).rejects.toMatchObject({
        constraint: 'aor_decisions_outcome_check',
      });
    },
  );

  it.each([
    ['aor_decisions', 'UPDATE', 'UPDATE aor_decisions SET rule_version = 2 WHERE plan_change_id = $1'],
    ['aor_decisions', 'UPDATE', "UPDATE aor_decisions SET evidence = '{}' WHERE plan_change_id = $1"],
    ['aor_decisions', 'DELETE', 'DELETE FROM aor_decisions WHERE plan_change_id = $1'],
    ['commission_facts', 'UPDATE', 'UPDATE commission_facts SET continues = false WHERE plan_change_id = $1'],
    ['commission_facts', 'DELETE', 'DELETE FROM commission_facts WHERE plan_change_id = $1'],
  ])(
    'The database refuses to change a recorded decision: %s, %s (%s)',
    async (table, operation, statement) => {
      const change = await ready({ original: eligible(original) });
      await record(change.input);
      const before = await recordsOf(change);

      await expect(query(statement, [change.planChangeId])).rejects.toThrow(
        `${table} is append-only: ${operation} refused`,
      );
      expect(await recordsOf(change)).toEqual(before);
    },
  );

  it.each(['commission_facts', 'aor_decisions CASCADE', 'plan_changes CASCADE'])(
    'The database refuses to truncate %s',
    async (tables) => {
      await expect(query(`TRUNCATE ${tables}`)).rejects.toThrow('is append-only: TRUNCATE refused');
    },
  );

  it('The database refuses to delete or reopen a change about which a decision is recorded', async () => {
    const change = await ready({ original: eligible(original) });
    await record(change.input);

    await expect(
      query('DELETE FROM plan_changes WHERE id = $1', [change.planChangeId]),
    ).rejects.toMatchObject({ constraint: 'aor_decisions_plan_change_id_fkey' });
    await expect(
      query("UPDATE plan_changes SET stage = 'queued', ended_at = NULL WHERE id = $1", [change.planChangeId]),
    ).rejects.toThrow('plan_changes is append-only: UPDATE refused');
  });
});

describe('Emails about a decision', () => {
  const find = (planChangeId: string) => createAorDecisions(database.prisma).findForMail(planChangeId);

  it('findForMail returns null before the decision is recorded', async () => {
    const { planChangeId } = await ready({ original: eligible(original) });

    expect([await find(planChangeId), await find(randomUUID())]).toEqual([null, null]);
  });

  it('findForMail gives the customer’s language, and each agent’s roster address and account language', async () => {
    const { prisma } = database;
    const withAccount = await insertAgent(prisma, { firstName: 'Olivia', lastName: 'Stone' });
    const accountId = await insertAccount(prisma, {
      portal: 'broker',
      email: `${withAccount}@elsewhere.example`,
    });
    await prisma.account.update({
      where: { id: accountId },
      data: { agentKey: withAccount, brokerKind: 'agent', language: 'es' },
    });
    const firm = await insertAgent(prisma, {
      kind: 'corporation',
      firstName: '',
      lastName: 'Lone Star Benefits',
      principalKey: original,
    });
    const customerId = await insertEnrolledCustomer(prisma, { agentKey: withAccount, language: 'es' });
    const { planChangeId, input } = await ready({
      customerId,
      channel: 'external-call-center',
      original: eligible(withAccount),
      facilitator: eligible(firm),
    });
    await record(input);

    expect(await find(planChangeId)).toEqual({
      customerId,
      planName: 'Preferred Advantage',
      effectiveOn: FROM,
      outcome: 'transferred',
      reason: 'call-center-facilitated',
      customer: { email: `${customerId}@example.com`, firstName: 'Harold', language: 'es' },
      agent: { email: 'dana@example.com', firstName: '', language: 'en', name: 'Lone Star Benefits' },
      previousAgent: {
        email: 'dana@example.com',
        firstName: 'Olivia',
        language: 'es',
        name: 'Olivia Stone',
      },
    });
  });

  it.each([
    ['stays', () => ({ original: eligible(original) }), { agent: true, previousAgent: true }],
    ['ends', () => ({ original: terminated(original) }), { agent: false, previousAgent: true }],
    ['is nobody', () => ({}), { agent: false, previousAgent: false }],
  ])(
    'findForMail names only the agents that a decision concerns: the agent of record %s',
    async (_what, given, expected) => {
      const { planChangeId, input } = await ready(given());
      await record(input);

      const found = await find(planChangeId);

      expect({
        agent: found?.agent !== null,
        previousAgent: found?.previousAgent !== null,
      }).toEqual(expected);
    },
  );
});
