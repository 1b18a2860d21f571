/** Completed changes that were not the last word (spec.md 7b): told over HTTP, from imported rosters, with the emails. */
import { until } from '../../support/until';
import { issueApiKey, type IssuedKey } from '../../../lab/system/commands';
import {
  NEW_PLAN,
  OLD_PLAN,
  codeOf,
  dayBefore,
  external,
  firstOfMonth,
  openDesk,
  today,
  type CustomerFixture,
  type Desk,
} from '../../../lab/system/plan-changes';
import type { Answer } from '../../../lab/system/json-client';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

let stack: Stack;
let desk: Desk;
let auditor: IssuedKey;
let operator: IssuedKey;

withStack(async (started) => {
  stack = started;
  desk = await openDesk(stack);
  auditor = await issueApiKey(stack, 'Auditors', 'audit');
  operator = await issueApiKey(stack, 'Operators', 'ops');
});

/** The day from which the changes of these stories count. */
const FROM = firstOfMonth(2);

async function taken(answer: Promise<Answer>): Promise<string> {
  const { status, body } = await answer;
  if (status !== 201) throw new Error(`not taken in: ${JSON.stringify(body)}`);
  return body.id;
}

async function byUnit(customer: CustomerFixture, planId = NEW_PLAN): Promise<Answer> {
  const id = await taken(desk.take(customer, 'plan-change-line'));
  await desk.post(desk.noor, `/${id}/claim`);
  return desk.complete(desk.noor, id, { planId, effectiveDate: FROM });
}

const byAgent = async (customer: CustomerFixture, agent: Parameters<typeof external>[0]): Promise<Answer> => {
  const id = await taken(desk.take(customer, 'external-agent-application', external(agent)));
  return desk.complete(desk.intake, id, { effectiveDate: FROM });
};

const reverse = (id: string, reason: string) => desk.post(desk.intake, `/${id}/reversal`, { reason });
const redetermine = (id: string) =>
  desk.post(auditor, `/${id}/redetermination`, { note: 'The certification roster came late.' });

/** Who is agent of record on that day, as it was known at that time. */
async function agentNumberOf(
  { customerId }: CustomerFixture,
  on: string,
  knownAt: string,
): Promise<string | null> {
  const query = `on=${on}&knownAt=${encodeURIComponent(knownAt)}`;
  const { body } = await stack.call('GET', `/v1/customers/${customerId}/agent-of-record?${query}`, {
    token: auditor.key,
  });
  return body.agentOfRecord?.agentNumber ?? null;
}

const now = (): string => new Date().toISOString();
const textsTo = async (email: string): Promise<string[]> =>
  (await stack.mailbox.mailsTo(email)).map(({ text }) => text);
const lastTextTo = async (email: string, count: number): Promise<string> => {
  await until(async () => (await textsTo(email)).length === count);
  return (await textsTo(email)).at(-1) ?? '';
};

it('Changed mind in December: the last election counts, and once it is reversed, the one before', async () => {
  const own = await desk.addAgent('mindown');
  const other = await desk.addAgent('mindother');
  const customer = await desk.addCustomer('mind', own);
  const times = [now()];
  const first = await byAgent(customer, other);
  times.push(now());
  const second = await byUnit(customer, OLD_PLAN);
  times.push(now());

  const superseded = await desk.look(first.body.id);
  const refused = await reverse(first.body.id, 'customer-cancelled');
  const reversed = await reverse(second.body.id, 'customer-cancelled');
  times.push(now());
  const again = await desk.look(first.body.id);

  expect([first, second, refused, reversed, again].map(codeOf)).toEqual([
    '200 completed',
    '200 completed',
    '409 later_change_recorded',
    '200 reversed',
    '200 completed',
  ]);
  expect([superseded.body.supersededBy, refused.body.planChangeId, again.body.supersededBy]).toEqual([
    second.body.id,
    second.body.id,
    null,
  ]);
  expect(second.body.agentOfRecord).toMatchObject({ outcome: 'retained', agentNumber: own.agentNumber });
  const known = times.flatMap((time) =>
    [dayBefore(FROM), FROM].map((day) => agentNumberOf(customer, day, time)),
  );
  const [mine, theirs] = [own.agentNumber, other.agentNumber];
  expect(await Promise.all(known)).toEqual([mine, mine, mine, theirs, mine, mine, mine, theirs]);
  expect(await lastTextTo(customer.email, 3)).toContain('because you canceled it');
  expect(await lastTextTo(other.email, 3)).toMatch(/you are agent of record for this customer/);
  expect((await textsTo(other.email))[1]).toMatch(
    /made another plan change[^]*you are the new agent of record[^]*you are not agent of record for this customer/,
  );
});

it('Disenrolled by the carrier: plan and agent end, an open change is refused, and a reversal stays on top of it', async () => {
  const own = await desk.addAgent('leftown');
  const other = await desk.addAgent('leftother');
  const customer = await desk.addCustomer('left', own);
  const { id } = (await byAgent(customer, other)).body;
  const open = await taken(desk.take(customer, 'plan-change-line'));
  await desk.post(desk.noor, `/${open}/claim`);
  const lastDay = dayBefore(today());
  const before = now();

  await desk.addCustomer('left', own, 'en', { ...customer, disenrolledOn: lastDay });
  const [refused, again] = [
    await desk.complete(desk.noor, open, { planId: OLD_PLAN, effectiveDate: FROM }),
    await desk.take(
      await desk.addCustomer('leftagain', own, 'en', { disenrolledOn: lastDay }),
      'plan-change-line',
    ),
  ];
  const times = [before, now()];
  await desk.post(desk.noor, `/${open}/withdraw`, { reason: 'the customer has left' });
  const reversed = await reverse(id, 'customer-cancelled');
  times.push(now());

  expect([refused, again, reversed].map(codeOf)).toEqual([
    '422 not_eligible no-active-enrolment',
    '422 not_eligible no-active-enrolment',
    '200 reversed',
  ]);
  const known = times.flatMap((time) =>
    [lastDay, today(), FROM].map((day) => agentNumberOf(customer, day, time)),
  );
  const [mine, theirs] = [own.agentNumber, other.agentNumber];
  expect(await Promise.all(known)).toEqual([mine, mine, theirs, mine, null, theirs, mine, null, null]);
});

it('Rejected by CMS in January: the reversal gives agent and commission back, and everybody is told', async () => {
  const own = await desk.addAgent('cmsown');
  const other = await desk.addAgent('cmsother');
  const customer = await desk.addCustomer('cms', own, 'es');
  const { id } = (await byAgent(customer, other)).body;
  const before = now();

  const reversed = await reverse(id, 'rejected-by-cms');
  const again = await reverse(id, 'rejected-by-cms');

  expect([reversed, again].map(codeOf)).toEqual(['200 reversed', '409 wrong_stage already-reversed']);
  expect(await Promise.all([before, now()].map((time) => agentNumberOf(customer, FROM, time)))).toEqual([
    other.agentNumber,
    own.agentNumber,
  ]);
  expect((await desk.agentOf(customer, FROM)).body.history).toMatchObject([
    { agentNumber: own.agentNumber, to: null },
  ]);
  expect(await lastTextTo(customer.email, 2)).toMatch(/no aceptaron la inscripción[^]*Plan 046-000/);
  expect(await lastTextTo(own.email, 2)).toMatch(
    /no longer agent of record[^]*your renewal commission continues/,
  );
  expect(await lastTextTo(other.email, 2)).toMatch(/you are the new agent of record[^]*There are none\./);
  const { body } = await stack.call('GET', `/v1/ops/customers/${customer.customerId}/timeline`, {
    token: operator.key,
  });
  expect(body.entries.map(({ text }: { text: string }) => text)).toEqual(
    expect.arrayContaining([
      'The plan change was reversed: CMS did not accept the enrollment.',
      'The email to an agent about the corrected plan change was delivered.',
      'The correction of a plan change ended: reversed.',
    ]),
  );
});

it('Certification learnt late: determined again, the agent stays agent of record after all', async () => {
  const own = await desk.addAgent('lateown', { without: 'certification' });
  const customer = await desk.addCustomer('late', own);
  const ended = await byUnit(customer);
  const { id } = ended.body;
  const before = [now(), await redetermine(id)] as const;
  await desk.imported('agent-standing', [
    {
      agentNumber: own.agentNumber,
      type: 'certification',
      state: '',
      planYear: FROM.slice(0, 4),
      from: '2026-10-01',
      to: '',
    },
  ]);

  const again = await redetermine(id);
  const once = await redetermine(id);

  expect([ended.body.agentOfRecord.reason, codeOf(before[1])]).toEqual([
    'agent-not-certified',
    '409 nothing_to_correct',
  ]);
  expect(again.body).toMatchObject({
    stage: 'completed',
    agentOfRecord: {
      outcome: 'retained',
      reason: 'unit-completed',
      agentNumber: own.agentNumber,
      commissionContinues: true,
    },
  });
  expect(codeOf(once)).toBe('409 nothing_to_correct');
  expect(await Promise.all([before[0], now()].map((time) => agentNumberOf(customer, FROM, time)))).toEqual([
    null,
    own.agentNumber,
  ]);
  expect(await lastTextTo(customer.email, 2)).toContain(own.name);
  expect(await lastTextTo(own.email, 2)).toMatch(/no longer agent of record[^]*after all/);
});
