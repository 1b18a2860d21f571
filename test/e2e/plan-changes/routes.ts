/** Every row of the table of spec.md 7, from imported rosters to the recorded agent of record and the emails. */
import { planChangeRunId } from '../../../src/contracts/workflow-ids';
import { until } from '../../support/until';
import { latestHistory } from '../../../lab/system/customer-history';
import { issueApiKey } from '../../../lab/system/commands';
import {
  NEW_PLAN,
  OLD_PLAN,
  codeOf,
  dayBefore,
  external,
  firstOfMonth,
  internal,
  openDesk,
  today,
  type AgentFixture,
  type CustomerFixture,
  type Desk,
} from '../../../lab/system/plan-changes';
import type { Answer } from '../../../lab/system/json-client';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

let stack: Stack;
let desk: Desk;

withStack(async (started) => {
  stack = started;
  desk = await openDesk(stack);
});

const callCenter = ({ agentNumber }: AgentFixture) => ({ kind: 'call-center', number: agentNumber });

async function taken(answer: Promise<Answer>): Promise<string> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`not taken in: ${JSON.stringify(body)}`);
  return body.id;
}

/** By the unit, from its queue. */
async function completedByUnit(id: string): Promise<Answer> {
  const claimed = await desk.post(desk.noor, `/${id}/claim`);
  if (claimed.status !== 200) throw new Error(`not claimed: ${JSON.stringify(claimed.body)}`);
  return desk.complete(desk.noor, id);
}

interface Row {
  readonly name: string;
  readonly route: string;
  /** From intake to the completion's answer. */
  drive(customer: CustomerFixture, own: AgentFixture, other: AgentFixture): Promise<Answer>;
  readonly outcome: string;
  readonly reason: string;
  readonly agent: 'own' | 'other';
}

const rows: Row[] = [
  {
    name: 'callsline',
    route: 'unit',
    drive: async (customer) => completedByUnit(await taken(desk.take(customer, 'plan-change-line'))),
    outcome: 'retained',
    reason: 'unit-completed',
    agent: 'own',
  },
  {
    name: 'callsservice',
    route: 'unit',
    drive: async (customer) => completedByUnit(await taken(desk.take(customer, 'customer-service'))),
    outcome: 'retained',
    reason: 'unit-completed',
    agent: 'own',
  },
  {
    name: 'reachesfield',
    route: 'internal-agent',
    drive: async (customer) =>
      desk.complete(desk.intake, await taken(desk.take(customer, 'field-agent', internal('s310')))),
    outcome: 'retained',
    reason: 'internal-agent-completed',
    agent: 'own',
  },
  {
    name: 'reachestelesales',
    route: 'unit',
    drive: async (customer) => {
      const id = await taken(desk.take(customer, 'telesales-agent', internal('S-311')));
      const referred = await desk.post(desk.intake, `/${id}/refer`);
      if (referred.body.stage !== 'queued') throw new Error(`not referred: ${JSON.stringify(referred.body)}`);
      return completedByUnit(id);
    },
    outcome: 'retained',
    reason: 'unit-completed',
    agent: 'own',
  },
  {
    name: 'ownapplies',
    route: 'own-agent',
    drive: async (customer, own) =>
      desk.complete(desk.intake, await taken(desk.take(customer, 'own-agent-application', external(own)))),
    outcome: 'retained',
    reason: 'own-agent-applied',
    agent: 'own',
  },
  {
    name: 'otherapplies',
    route: 'external-agent',
    drive: async (customer, _own, other) =>
      desk.complete(
        desk.intake,
        await taken(desk.take(customer, 'external-agent-application', external(other))),
      ),
    outcome: 'transferred',
    reason: 'external-agent-facilitated',
    agent: 'other',
  },
  {
    name: 'centerfacilitates',
    route: 'call-center',
    drive: async (customer, _own, other) => {
      await desk.addCallCenter(other);
      const id = await taken(desk.take(customer, 'external-call-center', callCenter(other)));
      return desk.complete(desk.intake, id);
    },
    outcome: 'transferred',
    reason: 'call-center-facilitated',
    agent: 'other',
  },
];

describe.each(rows)('the customer $name', ({ name, route, drive, outcome, reason, agent }) => {
  it(`A completed change has the outcome ${outcome}: ${reason}`, async () => {
    const own = await desk.addAgent(`own${name}`);
    const other = await desk.addAgent(`other${name}`);
    const customer = await desk.addCustomer(name, own, 'es');
    const from = firstOfMonth(1);

    const completed = await drive(customer, own, other);

    const kept = outcome === 'retained';
    const agentNumber = (agent === 'own' ? own : other).agentNumber;
    expect(completed).toMatchObject({
      status: 200,
      body: {
        stage: 'completed',
        route,
        planId: NEW_PLAN,
        effectiveDate: from,
        agentOfRecord: { outcome, reason, agentNumber, commissionContinues: kept },
      },
    });
    const { id } = completed.body;
    expect(await stack.client.workflow.getHandle(planChangeRunId(id)).result()).toEqual({
      ending: 'completed',
      agentOfRecord: outcome,
    });

    const before = await desk.agentOf(customer, dayBefore(from));
    const after = await desk.agentOf(customer, from);
    expect(before.body.agentOfRecord.agentNumber).toBe(own.agentNumber);
    expect(after.body.agentOfRecord.agentNumber).toBe(agentNumber);
    expect(after.body.decisions).toMatchObject([
      { planChangeId: id, outcome, reason, evidence: { original: { agentNumber: own.agentNumber } } },
    ]);
    const { enrolments } = await latestHistory(stack.database, customer.customerId);
    expect(enrolments.map(({ planId, validTo }) => ({ planId, validTo }))).toEqual([
      { planId: OLD_PLAN, validTo: new Date(dayBefore(from)) },
      { planId: NEW_PLAN, validTo: null },
    ]);

    const mails = kept ? [1, 1, 0] : [1, 1, 1];
    await until(async () => {
      const counts = await Promise.all(
        [customer, own, other].map(async (who) => (await desk.subjectsTo(who)).length),
      );
      return counts.every((count, at) => count === mails[at]);
    });
    const [toCustomer] = await stack.mailbox.mailsTo(customer.email);
    expect(toCustomer).toMatchObject({ language: 'es' });
    expect(toCustomer?.text).toContain((agent === 'own' ? own : other).name);
    const [toOwn] = await stack.mailbox.mailsTo(own.email);
    expect(toOwn?.text).toContain(customer.customerId);
    expect(toOwn?.text).toMatch(kept ? /you remain agent of record/i : /no longer/i);
  });
});

describe.each([
  ['terminated', { terminatedOn: dayBefore(today()) }],
  ['not-licensed', { without: 'licence' }],
  ['not-appointed', { without: 'appointment' }],
  ['not-certified', { without: 'certification' }],
] as const)('agent of record who is %s', (defect, lacks) => {
  it('An agent of record who is not eligible loses the customer, who then has no agent of record', async () => {
    const own = await desk.addAgent(`lost${defect}`, lacks);
    const customer = await desk.addCustomer(`lost${defect}`, own);

    const ended = await completedByUnit(await taken(desk.take(customer, 'plan-change-line')));
    const next = await taken(desk.take(customer, 'field-agent', internal('S-310')));
    const none = await desk.complete(desk.intake, next, { planId: OLD_PLAN, effectiveDate: firstOfMonth(2) });

    expect(ended.body.agentOfRecord).toEqual({
      outcome: 'ended',
      reason: `agent-${defect}`,
      agentNumber: null,
      commissionContinues: false,
    });
    expect(none.body.agentOfRecord).toEqual({
      outcome: 'none',
      reason: 'no-agent-of-record',
      agentNumber: null,
      commissionContinues: false,
    });
    expect((await desk.agentOf(customer, firstOfMonth(3))).body).toMatchObject({
      agentOfRecord: null,
      history: [
        { agentNumber: own.agentNumber, to: dayBefore(firstOfMonth(1)) },
        { agentNumber: null, from: firstOfMonth(1), to: null },
      ],
    });
    await until(async () => (await desk.subjectsTo(customer)).length === 2);
    await until(async () => (await desk.subjectsTo(own)).length === 1);
  });

  it('A change whose facilitator is not eligible is held, with a compliance case, until another completes it', async () => {
    const own = await desk.addAgent(`holdsown${defect}`);
    const customer = await desk.addCustomer(`holds${defect}`, own);
    const refused = await desk.addAgent(`holdsrefused${defect}`, lacks);
    const other = await desk.addAgent(`holdsother${defect}`);
    const id = await taken(desk.take(customer, 'external-agent-application', external(refused)));

    const tries = [
      await desk.complete(desk.intake, id),
      await desk.complete(desk.intake, id),
      await desk.post(desk.noor, `/${id}/claim`),
      await desk.post(desk.intake, `/${id}/refer`),
    ];
    const held = await desk.look(id);
    const during = await desk.agentOf(customer, firstOfMonth(2));
    const replaced = await desk.post(desk.intake, `/${id}/facilitator`, { facilitator: external(other) });
    const completed = await desk.complete(desk.intake, id);

    expect(tries.map(codeOf)).toEqual([
      `409 facilitator_not_eligible ${defect}`,
      `409 facilitator_not_eligible ${defect}`,
      '409 wrong_stage held',
      '409 wrong_stage held',
    ]);
    expect(held.body).toMatchObject({ stage: 'held', heldFor: defect, agentOfRecord: null });
    expect(during.body).toMatchObject({ agentOfRecord: { agentNumber: own.agentNumber }, decisions: [] });
    expect(
      await stack.database.auditEvent.findMany({
        where: { planChangeId: id, action: 'plan-change-held' },
        select: { outcome: true },
      }),
    ).toEqual([{ outcome: `facilitator-${defect}` }]);
    expect(replaced.body).toMatchObject({ stage: 'with-facilitator', heldFor: null });
    expect(completed.body.agentOfRecord).toMatchObject({
      outcome: 'transferred',
      agentNumber: other.agentNumber,
    });
    expect(await desk.subjectsTo(refused)).toEqual([]);
  });
});

it('An agent who is terminated between intake and completion is not protected', async () => {
  const own = await desk.addAgent('leaves');
  const customer = await desk.addCustomer('leaves', own);
  const id = await taken(desk.take(customer, 'plan-change-line'));

  await stack.database.agent.update({
    where: { agentKey: own.agentNumber },
    data: { terminatedOn: new Date(dayBefore(today())) },
  });
  const completed = await completedByUnit(id);

  expect(completed.body.agentOfRecord).toMatchObject({ outcome: 'ended', reason: 'agent-terminated' });
});

it('An agent must be certified for the year in which the plan takes effect, and for no other', async () => {
  const nextYear = String(Number(today().slice(0, 4)) + 1);
  const outcomes: string[] = [];
  for (const planYear of [today().slice(0, 4), nextYear]) {
    const own = await desk.addAgent(`certified${planYear}`, { without: 'certification' });
    await desk.imported('agent-standing', [
      {
        agentNumber: own.agentNumber,
        type: 'certification',
        state: '',
        planYear,
        from: '2024-01-01',
        to: '',
      },
    ]);
    const customer = await desk.addCustomer(`certified${planYear}`, own);
    const id = await taken(desk.take(customer, 'plan-change-line'));
    await desk.post(desk.noor, `/${id}/claim`);
    const completed = await desk.complete(desk.noor, id, { effectiveDate: `${nextYear}-12-01` });
    outcomes.push(completed.body.agentOfRecord.reason);
  }

  expect(outcomes).toEqual(['agent-not-certified', 'unit-completed']);
});

it('An agent’s book of business lists the agent’s customers', async () => {
  const own = await desk.addAgent('books');
  const one = await desk.addCustomer('booksone', own);
  const two = await desk.addCustomer('bookstwo', own);
  const auditor = await issueApiKey(stack, 'Auditors', 'audit');
  const book = () => stack.call('GET', `/v1/agents/${own.agentNumber}/customers`, { token: auditor.key });

  const full = await book();

  expect(full.body).toMatchObject({ agentNumber: own.agentNumber, nextCursor: null });
  expect(full.body.customers.map(({ customerId }: CustomerFixture) => customerId).toSorted()).toEqual([
    one.customerId,
    two.customerId,
  ]);
  expect((await stack.call('GET', '/v1/agents/99999/customers', { token: auditor.key })).status).toBe(404);
});
