import { randomUUID } from 'node:crypto';
import { createAgentsOfRecord } from '../../../src/adapters/postgres/agents-of-record';
import { createAorDecisions } from '../../../src/adapters/postgres/aor-decisions';
import { addHistory, findCustomerFacts } from '../../../src/adapters/postgres/customer-histories';
import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import { whatHoldsAfter } from '../../../src/domain/plan-change/history';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import {
  FROM,
  NEW_PLAN,
  OLD_PLAN,
  apiKeyId,
  began,
  begins,
  database,
  eligible,
  ended,
  facilitator,
  original,
  ready,
  record,
  recordsOf,
  terminated,
  withDecisions,
} from './aor-decision-database';
import { NOW_MS, insertAgent, insertEnrolledCustomer, insertAccount } from './records';

withDecisions();

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
        moves: 1,
      });
      expect(after.decisions).toEqual([
        {
          planChangeId,
          customerId,
          version: 2,
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
          : [{ planChangeId, customerId, version: 2, agentKey: previousAgentKey, continues, effectiveOn }],
      );
      expect(after.enrolments).toMatchObject([
        { planId: OLD_PLAN, ...ended },
        { planId: NEW_PLAN, ...begins },
      ]);
      expect(after.agents).toEqual(agents().map((period) => expect.objectContaining(period)));
      expect(after.histories).toEqual([
        ...before.histories,
        {
          customerId,
          version: 2,
          knownFrom: at,
          previousKnownFrom: before.histories[0]?.knownFrom,
          cause: 'plan-change',
          planChangeId,
          correctionId: null,
          enrolledFrom: null,
          lastDay: null,
        },
      ]);
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

  it('A decision for the date of an earlier one takes its place, and what was known before stays known', async () => {
    const transfer = { channel: 'external-agent-application', original: eligible(original) } as const;
    const first = await ready({ ...transfer, facilitator: eligible(facilitator) });
    const { customerId } = first;
    await record(first.input);
    const then = await ready({ original: eligible(original), customerId });

    await record({ ...then.input, planId: OLD_PLAN, atMs: NOW_MS + MINUTE_MS });

    const { enrolments, agents, decisions, version } = await recordsOf(first);
    expect(version).toBe(3);
    expect(enrolments).toMatchObject([
      { planId: OLD_PLAN, ...ended },
      { planId: OLD_PLAN, ...begins },
    ]);
    expect(agents).toMatchObject([{ agentKey: original, ...began }]);
    expect(decisions).toHaveLength(2);
    const agentsOfRecord = createAgentsOfRecord(database.prisma);
    const numbersAt = async (knownAtMs?: number) =>
      (await agentsOfRecord.ofCustomer(customerId, knownAtMs))?.history.map(
        ({ agentNumber, from, knownFromMs }) => [agentNumber, from, knownFromMs],
      );
    const roster = Date.UTC(2026, 0, 1);
    expect(await numbersAt(roster - 1)).toEqual([]);
    expect(await numbersAt(NOW_MS - 1)).toEqual([['A100', '2026-01-01', roster]]);
    expect(await numbersAt(NOW_MS)).toEqual([
      ['A100', '2026-01-01', NOW_MS],
      ['A200', FROM, NOW_MS],
    ]);
    expect(await numbersAt(NOW_MS + MINUTE_MS - 1)).toEqual(await numbersAt(NOW_MS));
    expect(await numbersAt()).toEqual([['A100', '2026-01-01', NOW_MS + MINUTE_MS]]);
    const changes = [first, then].map(({ planChangeId }) => planChangeId);
    const shown = await Promise.all(changes.map((id) => createPlanChanges(database.prisma).look(id)));
    expect(shown.map((change) => change?.supersededBy)).toEqual([then.planChangeId, null]);
    expect((await agentsOfRecord.ofCustomer(customerId))?.decisions).toMatchObject([
      {
        planChangeId: changes[0],
        version: 2,
        supersededBy: changes[1],
        wasMadeAgain: false,
        isReversed: false,
      },
      { planChangeId: changes[1], version: 3, supersededBy: null, wasMadeAgain: false, isReversed: false },
    ]);
  });

  it('Of a reversed change its decision stays on record, and the change before counts again', async () => {
    const transfer = { channel: 'external-agent-application', original: eligible(original) } as const;
    const first = await ready({ ...transfer, facilitator: eligible(facilitator) });
    const { customerId } = first;
    await record(first.input);
    const second = await ready({ original: eligible(original), customerId });
    await record({ ...second.input, planId: OLD_PLAN, atMs: NOW_MS + MINUTE_MS });
    const { prisma } = database;
    const { id: correctionId } = await prisma.aorCorrection.create({
      data: {
        id: randomUUID(),
        planChangeId: second.planChangeId,
        customerId,
        kind: 'reversal',
        reason: 'customer-cancelled',
        apiKeyId,
        requestedAt: new Date(NOW_MS),
      },
    });
    const reversed = {
      planChangeId: second.planChangeId,
      correctionId,
      atMs: NOW_MS + 2 * MINUTE_MS,
      apiKeyId,
    };
    await addHistory(prisma, {
      customerId,
      cause: 'reversal',
      ...reversed,
      enrolments: [
        { from: '2026-01-01', planId: OLD_PLAN },
        { from: FROM, planId: NEW_PLAN },
      ],
      agentsOfRecord: [
        { from: '2026-01-01', agentKey: original },
        { from: FROM, agentKey: facilitator },
      ],
      decisions: [],
      completedBy: null,
    });

    const desks = createPlanChanges(prisma);
    const list = async (stage: 'completed' | 'reversed') =>
      (await desks.list({ visible: 'all', stage, nowMs: NOW_MS, limit: 1000 })).map(
        ({ planChangeId }) => planChangeId,
      );
    expect(await desks.look(first.planChangeId)).toMatchObject({ supersededBy: null, isReversed: false });
    expect(await desks.look(second.planChangeId)).toMatchObject({
      supersededBy: null,
      isReversed: true,
      outcome: 'retained',
    });
    expect(await list('reversed')).toEqual([second.planChangeId]);
    expect(await list('completed')).toContain(first.planChangeId);
    expect(await list('completed')).not.toContain(second.planChangeId);
    expect(await findCustomerFacts(prisma, customerId)).toMatchObject({
      base: { from: '2026-01-01', planId: OLD_PLAN, agentKey: original },
      elections: [
        {
          planChangeId: first.planChangeId,
          planId: NEW_PLAN,
          effectiveOn: FROM,
          reversed: false,
          knownAtMs: NOW_MS,
        },
        { planChangeId: second.planChangeId, planId: OLD_PLAN, effectiveOn: FROM, reversed: true },
      ],
      disenrolments: [],
    });
  });

  it('Recording a decision changes nothing of what was known before', async () => {
    const change = await ready({ original: terminated(original) });
    const { customerId } = change;
    const before = await recordsOf(change);
    const known = () =>
      createAgentsOfRecord(database.prisma).ofCustomer(customerId, before.histories[0]!.knownFrom.getTime());
    const then = await known();

    await record(change.input);

    expect((await recordsOf(change)).version).toBe(2);
    expect((await known())?.history).toEqual(then?.history);
  });

  it('Recording a decision is known later than what was known before, even if the clock is behind', async () => {
    const change = await ready({ channel: 'external-agent-application', facilitator: eligible(facilitator) });
    const [roster] = (await recordsOf(change)).histories;
    const atMs = roster!.knownFrom.getTime() - HOUR_MS;

    await record({ ...change.input, atMs });

    expect((await recordsOf(change)).histories[1]?.knownFrom).toEqual(
      new Date(roster!.knownFrom.getTime() + 1),
    );
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
      agent: { email: 'dana@example.com', firstName: '', language: null, name: 'Lone Star Benefits' },
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

describe('inCustomersTurn', () => {
  const turnOf = <Result>(planChangeId: string, work: () => Promise<Result>) =>
    createAorDecisions(database.prisma).inCustomersTurn(planChangeId, work);

  it('Decisions about one customer take turns, those about others do not wait for them', async () => {
    const first = await ready();
    await record(first.input);
    const { customerId } = first;
    const second = await ready({ customerId });
    const others = await ready();
    const done: string[] = [];
    let goOn = (): void => {};
    const held = new Promise<void>((resolve) => (goOn = resolve));
    let begun = (): void => {};
    const isBegun = new Promise<void>((resolve) => (begun = resolve));

    const turns = [
      turnOf(first.planChangeId, async () => {
        begun();
        await held;
        done.push('first');
      }),
      isBegun.then(() => turnOf(second.planChangeId, async () => void done.push('second'))),
      isBegun.then(() =>
        record({ ...second.input, effectiveOn: '2027-03-01', planId: OLD_PLAN }).then((answer) =>
          done.push(answer),
        ),
      ),
    ];
    await isBegun;
    await turnOf(others.planChangeId, async () => void done.push('others'));
    goOn();
    await Promise.all(turns);

    expect(done.slice(0, 2)).toEqual(['others', 'first']);
    expect(done.slice(2).toSorted()).toEqual(['recorded', 'second']);
  });

  it('A turn that fails writes nothing', async () => {
    const change = await ready({ original: eligible(original) });
    const before = await recordsOf(change);

    const failed = createAorDecisions(database.prisma).inCustomersTurn(change.planChangeId, async (turn) => {
      const completed = { ...change.input, customerId: change.customerId };
      const { known } = (await turn.factsFor(change.input))!;
      await turn.record(completed, whatHoldsAfter(known!, completed));
      throw new Error('killed');
    });

    await expect(failed).rejects.toThrow('killed');
    expect(await recordsOf(change)).toEqual(before);
  });
});
