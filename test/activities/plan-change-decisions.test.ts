import { randomUUID } from 'node:crypto';
import { createPlanChanges } from '../../src/adapters/postgres/plan-changes';
import { planChangeNotice, replacementNotices, type PlanChangeNoticeKind } from '../../src/contracts/notice';
import { HOUR_MS } from '../../src/domain/time';
import {
  insertAccount,
  insertAgent,
  insertEligibleAgent,
  insertEnrolledCustomer,
} from '../adapters/postgres/records';
import {
  NOW,
  OLD_PLAN,
  activities,
  apiKeyId,
  auditOf,
  changeOf,
  complete,
  completeInSteps,
  contents,
  database,
  fakes,
  run,
  withPlanChangeActivities,
} from './plan-change-activities';

withPlanChangeActivities();

describe('recordAorDecision', () => {
  it('recordAorDecision run twice records one decision and returns the same answer', async () => {
    const original = await insertEligibleAgent(database.prisma);
    const { planChangeId, completion } = await changeOf({ original });

    const { input, answer } = await completeInSteps(completion);
    const again = await run(activities.recordAorDecision, input);

    expect([answer, again]).toEqual([{ kind: 'completed' }, { kind: 'completed' }]);
    expect(await database.prisma.aorDecision.count({ where: { planChangeId } })).toBe(1);
    expect(await auditOf(planChangeId)).toHaveLength(1);
  });

  it('recordAorDecision returns the current stage when someone moved the change meanwhile', async () => {
    const { planChangeId, completion } = await changeOf();
    const { kind, ...gathered } = await run(activities.gatherAorEvidence, completion).then((found) => ({
      evidence: null,
      ...found,
    }));
    const decision = { outcome: 'none', reason: 'no-agent-of-record', agentKey: null };
    const input = {
      ...completion,
      ...gathered,
      decision: { ...decision, ruleVersion: 1, commissionContinues: false },
    };
    const by = { apiKeyId, address: '192.0.2.7', atMs: NOW };
    const desk = createPlanChanges(database.prisma);

    const overdue = await run(activities.recordAorDecision, { ...input, atMs: NOW + HOUR_MS });
    await desk.release(planChangeId, { ...by, staffKey: 'S1' });
    const released = await run(activities.recordAorDecision, input);
    await desk.withdraw(planChangeId, {
      ...by,
      caller: { role: 'system', staffKey: null },
      reason: 'changed their mind',
    });
    const withdrawn = await run(activities.recordAorDecision, input);
    const never = await run(activities.recordAorDecision, { ...input, planChangeId: randomUUID() });

    expect(kind).toBe('evidence');
    expect([overdue, released, withdrawn, never]).toEqual([
      { kind: 'wrong-stage', stage: 'queued' },
      { kind: 'wrong-stage', stage: 'queued' },
      { kind: 'wrong-stage', stage: 'withdrawn' },
      { kind: 'wrong-stage', stage: 'withdrawn' },
    ]);
    expect(await database.prisma.aorDecision.count({ where: { planChangeId } })).toBe(0);
  });
});

/** Completed changes by what became of the agent of record. */
const decided = {
  retained: async () => changeOf({ original: await insertEligibleAgent(database.prisma) }),
  transferred: async () =>
    changeOf({
      channel: 'external-agent-application',
      original: await insertEligibleAgent(database.prisma),
      facilitator: await insertEligibleAgent(database.prisma),
    }),
  gained: async () =>
    changeOf({
      channel: 'external-agent-application',
      facilitator: await insertEligibleAgent(database.prisma),
    }),
  ended: async () => changeOf({ original: await insertAgent(database.prisma) }),
  none: async () => changeOf(),
};

describe('announceAorDecision', () => {
  it.each<[keyof typeof decided, readonly PlanChangeNoticeKind[]]>([
    ['retained', ['plan-change-completed', 'agent-of-record-kept']],
    ['transferred', ['plan-change-completed', 'agent-of-record-gained', 'agent-of-record-lost']],
    ['gained', ['plan-change-completed', 'agent-of-record-gained']],
    ['ended', ['plan-change-completed', 'agent-of-record-lost']],
    ['none', ['plan-change-completed']],
  ])(
    'announceAorDecision starts the emails of the outcome, the same ones if run twice: %s',
    async (what, kinds) => {
      const { planChangeId, completion } = await decided[what]();
      await complete(completion);

      await run(activities.announceAorDecision, { planChangeId, atMs: NOW });
      const once = [...fakes.notices];
      await run(activities.announceAorDecision, { planChangeId, atMs: NOW });

      expect(once).toEqual(kinds.map((kind) => planChangeNotice(kind, planChangeId, NOW)));
      expect(fakes.notices).toEqual([...once, ...once]);
    },
  );

  it('announceAorDecision fails while no decision is recorded', async () => {
    const { planChangeId } = await changeOf();

    await expect(run(activities.announceAorDecision, { planChangeId, atMs: NOW })).rejects.toThrow(
      'nothing is recorded',
    );
    expect(fakes.notices).toEqual([]);
  });
});

describe('A change that takes the place of another agent’s', () => {
  const externally = { channel: 'external-agent-application' } as const;

  /** `gained` has the customer by a first change, and another one for the same date is ready: the unit's, unless told otherwise. */
  async function second(isByTheSame = false) {
    const { prisma } = database;
    const gained = await insertEligibleAgent(prisma, { firstName: 'Gus', lastName: 'Reed' });
    const customerId = await insertEnrolledCustomer(prisma, { agentKey: await insertEligibleAgent(prisma) });
    const first = await changeOf({ ...externally, customerId, facilitator: gained });
    await complete(first.completion);
    const { planChangeId, completion } = await changeOf({
      customerId,
      ...(isByTheSame ? { ...externally, facilitator: gained } : {}),
    });
    return {
      customerId,
      gained,
      planChangeId,
      completion: { ...completion, planId: OLD_PLAN, atMs: NOW + 1 },
    };
  }

  it('Its completion says who had gained by that one, also if it runs again, and so does the record', async () => {
    const { gained, planChangeId, completion } = await second();

    const answers = [
      await run(activities.completePlanChange, completion),
      await run(activities.completePlanChange, completion),
    ];
    const loaded = await run(activities.lookAtPlanChange, { planChangeId });

    const completed = { kind: 'completed', outcome: 'retained', alsoConcerned: [gained] };
    expect(answers).toEqual([completed, completed]);
    expect(loaded).toMatchObject({ stage: 'completed', outcome: 'retained', alsoConcerned: [gained] });
  });

  it('A run of an earlier build learns it from its steps, and its emails are started', async () => {
    const { gained, planChangeId, completion } = await second();

    const { answer } = await completeInSteps(completion);
    await run(activities.announceAorDecision, { planChangeId, atMs: NOW });

    expect(answer).toEqual({ kind: 'completed', alsoConcerned: [gained] });
    expect(fakes.notices.map(({ messageId }) => messageId)).toEqual([
      `plan-change-completed.${planChangeId}`,
      `agent-of-record-kept.${planChangeId}`,
      `agent-of-record-corrected.${planChangeId}.${gained}`,
    ]);
  });

  it('The email says what had been told, and that another change took its place, and is sent once', async () => {
    const { customerId, gained, planChangeId, completion } = await second();
    await complete(completion);
    const notice = replacementNotices(planChangeId, [gained], NOW)[0]!;

    const outcomes = [await run(activities.sendNotice, notice), await run(activities.sendNotice, notice)];

    expect(outcomes).toEqual([{ outcome: 'delivered' }, { outcome: 'delivered' }]);
    expect(fakes.sent).toMatchObject([{ subject: expect.stringContaining('was replaced') }]);
    for (const part of [
      `The customer with the number ${customerId} made another plan change that starts on January 1, 2027.`,
      'That you are the new agent of record for this customer.',
      'From January 1, 2027 on, you are not agent of record for this customer',
      'There are none.',
    ])
      expect(fakes.sent[0]!.text).toContain(part);
  });

  it('It has no further email if it stays with the same agent', async () => {
    const { completion } = await second(true);

    const answer = await run(activities.completePlanChange, completion);

    expect(answer).toEqual({ kind: 'completed', outcome: 'transferred' });
  });
});

describe('Emails about a decision', () => {
  const send = (kind: PlanChangeNoticeKind, planChangeId: string) =>
    run(activities.sendNotice, planChangeNotice(kind, planChangeId, NOW));

  /** Passed from an agent with an account in Spanish to one without; the customer reads Spanish. */
  async function passed() {
    const { prisma } = database;
    const had = await insertEligibleAgent(prisma, { firstName: 'Olivia', lastName: 'Stone' });
    const gets = await insertEligibleAgent(prisma, { firstName: 'Gus', lastName: 'Reed' });
    await prisma.agent.update({ where: { agentKey: had }, data: { email: 'olivia@example.com' } });
    await prisma.agent.update({ where: { agentKey: gets }, data: { email: 'gus@example.com' } });
    const accountId = await insertAccount(prisma, { portal: 'broker', email: `${had}@elsewhere.example` });
    await prisma.account.update({
      where: { id: accountId },
      data: { agentKey: had, brokerKind: 'agent', language: 'es' },
    });
    const customerId = await insertEnrolledCustomer(prisma, { agentKey: had, language: 'es' });
    const change = await changeOf({ customerId, channel: 'external-agent-application', facilitator: gets });
    await complete(change.completion);
    return change;
  }

  it('Decision emails go to the customer and both agents, each in their language', async () => {
    const { customerId, planChangeId } = await passed();

    const outcomes = [
      await send('plan-change-completed', planChangeId),
      await send('agent-of-record-gained', planChangeId),
      await send('agent-of-record-lost', planChangeId),
    ];

    expect(outcomes).toEqual(outcomes.map(() => ({ outcome: 'delivered' })));
    expect(fakes.sent).toMatchObject([
      { to: `${customerId}@example.com`, language: 'es', messageId: `plan-change-completed.${planChangeId}` },
      { to: 'gus@example.com', language: 'en', messageId: `agent-of-record-gained.${planChangeId}` },
      { to: 'olivia@example.com', language: 'es', messageId: `agent-of-record-lost.${planChangeId}` },
    ]);
    const decision = { customerId, reason: 'external-agent-facilitated', effectiveOn: '2027-01-01' };
    expect(contents).toMatchObject([
      {
        planName: 'Preferred Advantage',
        effectiveOn: '2027-01-01',
        agentOfRecord: { kind: 'is-new', name: 'Gus Reed' },
      },
      { ...decision, change: 'gained', recipient: { firstName: 'Gus' } },
      { ...decision, change: 'lost', recipient: { firstName: 'Olivia' } },
    ]);
  });

  it('A decision email is sent once, even if the step runs twice', async () => {
    const { planChangeId } = await passed();
    await send('agent-of-record-gained', planChangeId);

    expect(await send('agent-of-record-gained', planChangeId)).toEqual({ outcome: 'delivered' });

    expect(fakes.sent).toHaveLength(1);
    expect(await database.prisma.mailDelivery.findMany({ where: { reference: planChangeId } })).toMatchObject(
      [{ kind: 'agent-of-record-gained', accountId: null, status: 'delivered', attempts: 1 }],
    );
  });

  it('Decision emails tell the agent and the customer that the agent of record stays', async () => {
    const { planChangeId, completion } = await decided.retained();
    await complete(completion);

    await send('plan-change-completed', planChangeId);
    await send('agent-of-record-kept', planChangeId);

    expect(contents).toMatchObject([
      { agentOfRecord: { kind: 'stays', name: 'Dana Whitfield' }, recipient: { firstName: 'Harold' } },
      { change: 'kept', reason: 'unit-completed', recipient: { email: 'dana@example.com' } },
    ]);
  });

  it.each(['ended', 'none'] as const)(
    'The decision email tells the customer that there is no agent of record: %s',
    async (what) => {
      const { planChangeId, completion } = await decided[what]();
      await complete(completion);

      await send('plan-change-completed', planChangeId);

      expect(contents).toMatchObject([{ agentOfRecord: { kind: 'nobody' } }]);
    },
  );

  it('The decision email tells an ineligible agent that the role ends, and why', async () => {
    const { planChangeId, completion } = await decided.ended();
    await complete(completion);

    await send('agent-of-record-lost', planChangeId);

    expect(contents).toMatchObject([{ change: 'lost', reason: 'agent-not-licensed' }]);
  });

  it.each([
    ['agent-of-record-kept', 'ended'],
    ['agent-of-record-gained', 'none'],
    ['agent-of-record-lost', 'gained'],
  ] as const)('A decision email without a recipient ends as outdated: %s, %s', async (kind, what) => {
    const { planChangeId, completion } = await decided[what]();
    await complete(completion);

    expect(await send(kind, planChangeId)).toEqual({ outcome: 'outdated' });
    expect(fakes.sent).toEqual([]);
  });

  it('A decision email is not sent while no decision is recorded', async () => {
    const { planChangeId } = await changeOf();

    expect(await send('plan-change-completed', planChangeId)).toEqual({ outcome: 'outdated' });
  });
});
