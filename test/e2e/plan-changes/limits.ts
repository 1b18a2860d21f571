/** What cannot be done with a plan change, and what happens when many do it at once. Each refusal changes nothing. */
import { randomUUID } from 'node:crypto';
import { planChangeRunId } from '../../../src/contracts/workflow-ids';
import { LOCKED_FOR_MS, until } from '../../support/until';
import { addHistory } from '../../../src/adapters/postgres/customer-histories';
import { latestHistory } from '../../../lab/system/customer-history';
import { issueApiKey, type IssuedKey } from '../../../lab/system/commands';
import {
  FLORIDA_PLAN,
  OLD_PLAN,
  dayBefore,
  codeOf,
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
let agent: AgentFixture;
let other: AgentFixture;
let gloria: IssuedKey;

withStack(async (started) => {
  stack = started;
  desk = await openDesk(stack);
  agent = await desk.addAgent('limits');
  other = await desk.addAgent('limitsother');
  gloria = await issueApiKey(stack, 'Gloria', 'unit', 'S-202');
});

/** Everything that a plan change modifies. */
async function recorded({ customerId }: CustomerFixture) {
  const where = { customerId };
  const { aorDecision, commissionFact, planChange } = stack.database;
  return {
    ...(await latestHistory(stack.database, customerId)),
    decisions: await aorDecision.count({ where }),
    commissions: await commissionFact.count({ where }),
    changes: await planChange.findMany({ where, orderBy: { openedAt: 'asc' } }),
  };
}

async function opened(
  customer: CustomerFixture,
  channel = 'plan-change-line',
  who?: object,
): Promise<string> {
  const answer = await desk.take(customer, channel, who as undefined);
  if (answer.status !== 201) throw new Error(`not taken in: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

const fields = ({ body }: Answer): string[] =>
  (body.errors ?? []).map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);

describe('intake', () => {
  it.each<[string, (customer: CustomerFixture) => object, string, string[]]>([
    [
      'a customer nobody knows',
      () => ({ customerId: 'C-1' }),
      '422 invalid_fields',
      ['/customerId not_on_record'],
    ],
    [
      'a plan nobody knows',
      () => ({ planId: 'H0000-000-000' }),
      '422 invalid_fields',
      ['/planId not_on_record'],
    ],
    ['no plan id', () => ({ planId: 'the cheap one' }), '422 invalid_fields', ['/planId wrong_format']],
    [
      'no date',
      () => ({ effectiveDate: '2027-02-30' }),
      '422 invalid_fields',
      ['/effectiveDate wrong_format'],
    ],
    ['a way in that is none', () => ({ channel: 'fax' }), '422 invalid_fields', ['/channel not_one_of']],
    ['a past date', () => ({ effectiveDate: '2026-02-01' }), '422 not_eligible effective-date-past', []],
    [
      'not the first of a month',
      () => ({ effectiveDate: firstOfMonth(1).replace(/01$/, '02') }),
      '422 not_eligible effective-date-not-first-of-month',
      [],
    ],
    [
      'a year too far',
      () => ({ effectiveDate: `${Number(today().slice(0, 4)) + 2}-01-01` }),
      '422 not_eligible effective-date-too-far',
      [],
    ],
    ['a plan of another state', () => ({ planId: FLORIDA_PLAN }), '422 not_eligible plan-not-offered', []],
    ['the plan they are in', () => ({ planId: OLD_PLAN }), '422 not_eligible same-plan', []],
    [
      'nobody to facilitate',
      () => ({ channel: 'external-agent-application' }),
      '422 invalid_fields',
      ['/facilitator required'],
    ],
    [
      'somebody where nobody does',
      () => ({ facilitator: external(other) }),
      '422 invalid_fields',
      ['/facilitator not_for_this_channel'],
    ],
    [
      'another kind',
      () => ({ channel: 'external-call-center', facilitator: external(other) }),
      '422 invalid_fields',
      ['/facilitator/kind not_for_this_channel'],
    ],
    [
      'an agent nobody knows',
      () => ({
        channel: 'external-agent-application',
        facilitator: { kind: 'external-agent', number: '99999' },
      }),
      '422 invalid_fields',
      ['/facilitator/number not_on_record'],
    ],
    [
      'staff nobody knows',
      () => ({ channel: 'field-agent', facilitator: internal('S-999') }),
      '422 invalid_fields',
      ['/facilitator/number not_on_record'],
    ],
    [
      'staff of another role',
      () => ({ channel: 'field-agent', facilitator: internal('S-311') }),
      '422 not_eligible facilitator-does-not-fit',
      [],
    ],
    [
      'the own agent as another one',
      () => ({ channel: 'external-agent-application', facilitator: external(agent) }),
      '422 not_eligible facilitator-does-not-fit',
      [],
    ],
    [
      'another one as the own agent',
      () => ({ channel: 'own-agent-application', facilitator: external(other) }),
      '422 not_eligible facilitator-does-not-fit',
      [],
    ],
    [
      'a call center that is none',
      () => ({
        channel: 'external-call-center',
        facilitator: { kind: 'call-center', number: other.agentNumber },
      }),
      '422 not_eligible facilitator-does-not-fit',
      [],
    ],
  ])('An intake is refused and opens no change: %s', async (_name, different, code, errors) => {
    const customer = await customerWithoutChange();
    const answer = await desk.post(desk.intake, '', {
      customerId: customer.customerId,
      channel: 'plan-change-line',
      ...different(customer),
    });

    expect([codeOf(answer), fields(answer)]).toEqual([code, errors]);
    expect((await recorded(customer)).changes).toEqual([]);
  });

  it('An intake is refused for a customer without an active enrolment', async () => {
    const customer = await desk.addCustomer('leftplan', agent);
    await addHistory(stack.database, {
      customerId: customer.customerId,
      cause: 'disenrolment',
      disenrolment: { enrolledFrom: '2026-01-01', lastDay: dayBefore(today()) },
      atMs: Date.now(),
      enrolments: [
        { from: '2026-01-01', planId: OLD_PLAN },
        { from: today(), planId: null },
      ],
      agentsOfRecord: [{ from: '2026-01-01', agentKey: null }],
      decisions: [],
      completedBy: null,
      apiKeyId: randomUUID(),
    });

    expect(codeOf(await desk.take(customer, 'plan-change-line'))).toBe(
      '422 not_eligible no-active-enrolment',
    );
  });

  it('An intake that is sent 20 times at once under one key opens one change', async () => {
    const customer = await desk.addCustomer('onekey', agent);
    const headers = { 'idempotency-key': randomUUID() };
    const send = () =>
      desk.post(desk.intake, '', { customerId: customer.customerId, channel: 'plan-change-line' }, headers);

    const answers = await Promise.all(Array.from({ length: 20 }, send));
    const again = await send();

    const taken = answers.filter(({ status }) => status === 201);
    const ids = new Set([...taken, again].map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ status }) => status !== 201).map(codeOf)).toEqual(
      Array.from({ length: 20 - taken.length }, () => '409 request_in_progress'),
    );
    expect((await recorded(customer)).changes).toHaveLength(1);
  });

  it('An intake that is sent 20 times at once under different keys opens one change and names it to the others', async () => {
    const customer = await desk.addCustomer('manykeys', agent);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => desk.take(customer, 'plan-change-line')),
    );

    const { changes } = await recorded(customer);
    expect(changes).toHaveLength(1);
    expect(answers.map(codeOf).toSorted()).toEqual(['201 queued', ...Array(19).fill('409 plan_change_open')]);
    for (const { status, body } of answers) {
      expect(status === 201 ? body.id : body.planChangeId).toBe(changes[0]!.id);
    }
  });
});

let spare: CustomerFixture | undefined;

/** Refusals do not change the customer, so one is enough for all of them. */
async function customerWithoutChange(): Promise<CustomerFixture> {
  spare ??= await desk.addCustomer('spare', agent);
  return spare;
}

describe('unit', () => {
  it('Only the unit’s own people with a current licence can work on its changes', async () => {
    const customer = await desk.addCustomer('unitonly', agent);
    const id = await opened(customer);
    const keys = [
      await issueApiKey(stack, 'Field', 'unit,intake', 'S-310'),
      await issueApiKey(stack, 'Telesales', 'unit,intake', 'S-311'),
      await issueApiKey(stack, 'Service', 'unit', 'S-420'),
      await issueApiKey(stack, 'Lapsed', 'unit', 'S-203'),
      await issueApiKey(stack, 'Nobody', 'unit'),
      await issueApiKey(stack, 'Unknown', 'unit', 'S-999'),
    ];

    for (const key of keys) {
      const tries = [
        await desk.post(key, '/next'),
        await desk.post(key, `/${id}/claim`),
        await desk.post(key, `/${id}/release`),
        await desk.complete(key, id),
      ];
      expect(tries.map(codeOf)).toEqual(Array(4).fill('403 representative_required'));
    }
    const withoutScope = [
      await desk.post(desk.intake, '/next'),
      await desk.post(desk.intake, `/${id}/claim`),
      await desk.complete(desk.intake, id),
    ];
    expect(withoutScope.map(codeOf)).toEqual(Array(3).fill('403 scope_missing'));
    expect((await desk.look(id)).body.stage).toBe('queued');
    await desk.post(desk.intake, `/${id}/withdraw`, { reason: 'not needed any more' });
  });

  it('A representative can complete only what they have claimed and cannot touch what others have', async () => {
    const customer = await desk.addCustomer('claims', agent);
    const id = await opened(customer);

    const steps = [
      await desk.complete(desk.noor, id),
      await desk.post(desk.noor, `/${id}/claim`),
      await desk.post(desk.noor, `/${id}/claim`),
      await desk.post(gloria, `/${id}/claim`),
      await desk.post(gloria, `/${id}/release`),
      await desk.complete(gloria, id),
      await desk.post(gloria, `/${id}/withdraw`, { reason: 'mine now' }),
      await desk.post(desk.intake, `/${id}/withdraw`, { reason: 'they called again' }),
      await desk.post(desk.noor, `/${id}/release`),
      await desk.post(desk.noor, `/${id}/release`),
      await desk.post(gloria, `/${id}/claim`),
      await desk.complete(desk.noor, id),
      await desk.complete(gloria, id),
      await desk.complete(gloria, id),
      await desk.post(gloria, `/${id}/claim`),
      await desk.post(gloria, `/${id}/release`),
      await desk.post(desk.intake, `/${id}/withdraw`, { reason: 'too late' }),
      await desk.post(desk.intake, `/${id}/refer`),
    ];

    expect(steps.map(codeOf)).toEqual([
      '409 wrong_stage queued',
      '200 claimed',
      '200 claimed',
      '409 claimed_by_other',
      '409 claimed_by_other',
      '409 claimed_by_other',
      '409 claimed_by_other',
      '409 claimed_by_other',
      '200 queued',
      '200 queued',
      '200 claimed',
      '409 claimed_by_other',
      '200 completed',
      ...Array(5).fill('409 wrong_stage completed'),
    ]);
    expect(steps[1]!.body).toMatchObject({ claimedBy: 'S-201' });
    expect(await recorded(customer)).toMatchObject({ decisions: 1, commissions: 1 });
  });

  it('A change of an external agent or another internal agent cannot be referred to the unit', async () => {
    const walter = await issueApiKey(stack, 'Walter', 'intake', 'S-310');
    const application = await opened(
      await desk.addCustomer('refersapplication', agent),
      'external-agent-application',
      external(other),
    );
    const amaras = await opened(
      await desk.addCustomer('refersamaras', agent),
      'telesales-agent',
      internal('S-311'),
    );
    const walters = await opened(
      await desk.addCustomer('referswalters', agent),
      'field-agent',
      internal('S-310'),
    );

    const tries = [
      await desk.post(desk.intake, `/${application}/refer`),
      await desk.post(walter, `/${amaras}/refer`),
      await desk.complete(walter, amaras),
      await desk.post(walter, `/${walters}/refer`),
      await desk.post(walter, `/${walters}/refer`),
      await desk.complete(walter, walters),
    ];

    expect(tries.map(codeOf)).toEqual([
      '409 wrong_stage with-facilitator',
      '409 not_the_facilitator',
      '409 not_the_facilitator',
      '200 queued',
      '200 queued',
      '403 scope_missing',
    ]);
    for (const id of [application, amaras, walters])
      await desk.post(desk.intake, `/${id}/withdraw`, { reason: 'the test is over' });
  });
});

describe('completion', () => {
  it.each<[string, object, string]>([
    ['a plan nobody knows', { planId: 'H0000-000-000' }, '422 invalid_fields'],
    ['a plan of another state', { planId: FLORIDA_PLAN }, '422 not_eligible plan-not-offered'],
    ['the plan they are in', { planId: OLD_PLAN }, '422 not_eligible same-plan'],
    ['a past date', { effectiveDate: '2026-02-01' }, '422 not_eligible effective-date-past'],
    [
      'not the first of a month',
      { effectiveDate: `${Number(today().slice(0, 4)) + 1}-03-02` },
      '422 not_eligible effective-date-not-first-of-month',
    ],
    [
      'a year too far',
      { effectiveDate: `${Number(today().slice(0, 4)) + 2}-01-01` },
      '422 not_eligible effective-date-too-far',
    ],
    ['nothing', { planId: undefined, effectiveDate: undefined }, '422 invalid_fields'],
  ])('A completion is refused and leaves the change as it was: %s', async (name, different, code) => {
    const customer = await desk.addCustomer(`refuses${name.replaceAll(' ', '')}`, agent);
    const id = await opened(customer);
    await desk.post(desk.noor, `/${id}/claim`);
    const before = await recorded(customer);

    expect(codeOf(await desk.complete(desk.noor, id, different))).toBe(code);
    expect(await recorded(customer)).toEqual(before);
    await desk.post(desk.noor, `/${id}/withdraw`, { reason: 'the test is over' });
  });

  it('The last change for a date takes the place of the one before, and an earlier date is refused', async () => {
    const customer = await desk.addCustomer('twiceaday', agent);
    const effectiveDate = firstOfMonth(2);
    const transferred = await opened(customer, 'external-agent-application', external(other));
    await desk.complete(desk.intake, transferred, { effectiveDate });
    const second = await opened(customer, 'field-agent', internal('S-310'));

    const earlier = await desk.complete(desk.intake, second, { planId: OLD_PLAN });
    const again = await desk.complete(desk.intake, second, { planId: OLD_PLAN, effectiveDate });
    const replaced = await stack.call('GET', `/v1/plan-changes/${transferred}`, { token: desk.intake.key });

    expect([earlier, again].map(codeOf)).toEqual(['422 not_eligible later-change-recorded', '200 completed']);
    expect(again.body).toMatchObject({
      agentOfRecord: { outcome: 'retained', agentNumber: agent.agentNumber },
    });
    expect(replaced.body).toMatchObject({ stage: 'completed', supersededBy: second });
  });

  it('A change is decided once, however many complete it at once', async () => {
    const customer = await desk.addCustomer('completesatonce', agent);
    const id = await opened(customer, 'external-agent-application', external(other));

    const answers = await Promise.all(Array.from({ length: 20 }, () => desk.complete(desk.intake, id)));

    expect(answers.map(codeOf).toSorted()).toEqual([
      '200 completed',
      ...Array(19).fill('409 wrong_stage completed'),
    ]);
    expect(await recorded(customer)).toMatchObject({ decisions: 1, commissions: 1 });
    expect((await recorded(customer)).agents).toHaveLength(2);
  });

  it('A run that an operator terminated is started again by the next claim or completion', async () => {
    const customer = await desk.addCustomer('terminatedrun', agent);
    const id = await opened(customer);
    const run = stack.client.workflow.getHandle(planChangeRunId(id));

    await run.terminate('an operator');
    const claimed = await desk.post(desk.noor, `/${id}/claim`);
    await run.terminate('an operator again');
    const completed = await desk.complete(desk.noor, id);

    expect([claimed, completed].map(codeOf)).toEqual(['200 claimed', '200 completed']);
    expect(await recorded(customer)).toMatchObject({ decisions: 1 });
  });

  it('A change is decided exactly once when the worker is killed between decision and recording', async () => {
    const customer = await desk.addCustomer('killed', agent);
    const id = await opened(customer, 'external-agent-application', external(other));

    // This lock delays only the next version: the evidence is read and the decision made.
    const [answer] = await Promise.all([
      desk.complete(desk.intake, id),
      stack.database.$transaction(
        async (transaction) => {
          await transaction.$queryRaw`
            SELECT 1 FROM customer_histories WHERE customer_id = (SELECT customer_id FROM plan_changes WHERE id = ${id}::uuid) FOR UPDATE`;
          await until(async () => (await waitingToRecord()) > 0);
          await stack.worker.kill();
        },
        { timeout: LOCKED_FOR_MS },
      ),
    ]);
    const between = await recorded(customer);
    await stack.worker.start();
    await until(async () => (await desk.look(id)).body.stage === 'completed');

    expect([200, 503]).toContain(answer.status);
    expect(between).toMatchObject({ decisions: 0 });
    expect(await recorded(customer)).toMatchObject({ decisions: 1, commissions: 1 });
    expect((await recorded(customer)).agents).toHaveLength(2);
    await stack.client.workflow.getHandle(planChangeRunId(id)).result();
    await until(async () => (await desk.subjectsTo(customer)).length === 1);
  });
});

const waitingToRecord = async (): Promise<number> => {
  const [{ count }] = await stack.database.$queryRaw<[{ count: number }]>`
    SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%INSERT INTO customer_histories%'`;
  return count;
};
