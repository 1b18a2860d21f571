/** What happens to a plan change as time passes, with every part real and all their clocks moved together. */
import { planChangeRunId } from '../../src/contracts/workflow-ids';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import { secret } from '../../lab/system/secrets';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import { startClocked } from './support/clocked';
import { issueApiKey, type IssuedKey } from '../../lab/system/commands';
import {
  NEW_PLAN,
  OLD_PLAN,
  codeOf,
  dayBefore,
  external,
  firstOfMonth,
  openDesk,
  type AgentFixture,
  type Desk,
} from '../../lab/system/plan-changes';
import type { Stack } from '../../lab/system/stack';
import { withStack } from './support/with-stack';
import { brandFolder } from '../support/brand';

const LEAD = secret('lead.of.unit@example.com');

let temporal: TestTemporal;
let stack: Stack;
let desk: Desk;
let agent: AgentFixture;
let gloria: IssuedKey;
/** How far all clocks are ahead of real time. */
let aheadMs = 0;
const clock = (): number => Date.now() + aheadMs;

withStack(
  async (started) => {
    stack = started;
    temporal = await createTestTemporal();
    desk = await openDesk(stack);
    agent = await desk.addAgent('timely');
    gloria = await issueApiKey(stack, 'Gloria', 'unit', 'S-202');
  },
  {
    env: {
      UNIT_LEAD_EMAIL: LEAD,
      TENURE_BRAND: brandFolder({
        'portal.yaml': { planChanges: { unitHours: 'mon-sun 0-24', abandonAfterDays: 2 } },
      }),
    },
    start: startClocked(clock),
  },
);

afterAll(() => temporal.close());

async function pass(ms: number, id: string): Promise<boolean> {
  aheadMs += ms;
  return temporal.forward(planChangeRunId(id), ms / 1000);
}

const mailsToLead = async (id: string): Promise<string[]> =>
  (await stack.mailbox.mailsTo(LEAD))
    .filter(({ text }) => text.includes(id))
    .map(({ messageId }) => messageId);

const auditOf = async (planChangeId: string): Promise<string[]> =>
  (await stack.database.auditEvent.findMany({ where: { planChangeId }, orderBy: { id: 'asc' } })).map(
    ({ action, outcome }) => `${action} ${outcome}`,
  );

it('A plan change returns to the queue after an hour, is escalated while it waits, and is abandoned in the end', async () => {
  const customer = await desk.addCustomer('timely', agent);
  const { id } = (await desk.take(customer, 'plan-change-line')).body;

  await pass(14 * MINUTE_MS, id);
  const early = await mailsToLead(id);
  await pass(2 * MINUTE_MS, id);
  await until(async () => (await mailsToLead(id)).length === 1);

  const claimed = await desk.post(desk.noor, `/${id}/claim`);
  await pass(59 * MINUTE_MS, id);
  const others = await desk.post(gloria, '/next');
  await pass(2 * MINUTE_MS, id);
  await until(async () => (await auditOf(id)).includes('plan-change-claim-lapsed success'));
  const late = await desk.complete(desk.noor, id);
  const next = await desk.post(gloria, '/next');
  const released = await desk.post(gloria, `/${id}/release`);

  await pass(24 * HOUR_MS, id);
  await until(async () => (await mailsToLead(id)).length === 2);
  await pass(24 * HOUR_MS, id);
  const over = await desk.look(id);
  const again = await desk.take(customer, 'plan-change-line');

  expect(early).toEqual([]);
  expect([claimed, others, late, next, released].map(codeOf)).toEqual([
    '200 claimed',
    '204',
    '409 wrong_stage queued',
    '200 claimed',
    '200 queued',
  ]);
  expect(next.body).toMatchObject({ id, claimedBy: 'S-202' });
  expect(await mailsToLead(id)).toEqual([
    `<plan-change-waiting.${id}@tenure.example>`,
    `<plan-change-overdue.${id}@tenure.example>`,
  ]);
  expect(over.body).toMatchObject({ stage: 'abandoned', agentOfRecord: null });
  expect(codeOf(again)).toBe('201 queued');
  expect(await stack.client.workflow.getHandle(planChangeRunId(id)).result()).toEqual({
    ending: 'abandoned',
  });
  expect(await auditOf(id)).toEqual([
    'plan-change-opened success',
    'plan-change-escalated waiting',
    'plan-change-claimed success',
    'plan-change-claim-lapsed success',
    'plan-change-claimed success',
    'plan-change-released success',
    'plan-change-escalated overdue',
    'plan-change-abandoned success',
  ]);
});

it('An expired claim no longer counts even when the change’s run is gone', async () => {
  const customer = await desk.addCustomer('runless', agent);
  const { id } = (await desk.take(customer, 'customer-service')).body;
  await desk.post(desk.noor, `/${id}/claim`);
  await stack.client.workflow.getHandle(planChangeRunId(id)).terminate('an operator');

  aheadMs += 61 * MINUTE_MS;
  const listed = await stack.call('GET', '/v1/plan-changes?stage=queued', { token: gloria.key });
  const claimed = await desk.post(gloria, `/${id}/claim`);
  const completed = await desk.complete(gloria, id);

  expect(listed.body.planChanges.map((change: { id: string }) => change.id)).toContain(id);
  expect([claimed, completed].map(codeOf)).toEqual(['200 claimed', '200 completed']);
});

it('A change that is reversed in a later month is taken back from one agent and given back to the other', async () => {
  const auditor = await issueApiKey(stack, 'Commissions', 'audit');
  const own = await desk.addAgent('paidown');
  const other = await desk.addAgent('paidother');
  const customer = await desk.addCustomer('paid', own);
  const [from, next] = [firstOfMonth(2), firstOfMonth(3)];
  const { customerId } = customer;
  const commissions = async ({ agentNumber }: AgentFixture, month: string) => {
    const path = `/v1/agents/${agentNumber}/commissions?month=${month.slice(0, 7)}`;
    const { status, body } = await stack.call('GET', path, { token: auditor.key });
    return { status, ...body };
  };
  const { id } = (await desk.take(customer, 'external-agent-application', external(other))).body;
  const completed = await desk.complete(desk.intake, id, { effectiveDate: from });
  await until(async () => (await desk.subjectsTo(customer)).length === 1);
  const early = await commissions(other, from);

  aheadMs = Date.parse(`${next}T15:00:00Z`) + 9 * DAY_MS - Date.now();
  const before = await commissions(other, from);
  const reversed = await desk.post(desk.intake, `/${id}/reversal`, { reason: 'rejected-by-cms' });
  const after = await commissions(other, from);
  const takes = await commissions(other, next);
  const gives = await commissions(own, next);

  expect([completed, reversed].map(codeOf)).toEqual(['200 completed', '200 reversed']);
  expect([early.status, early.errors?.[0].code]).toEqual([422, 'in_the_future']);
  const days = { customerId, from, to: dayBefore(next) };
  expect(before).toMatchObject({
    isFinal: true,
    owed: [{ ...days, planId: NEW_PLAN, planChangeId: id }],
    takenBack: [],
    addedLater: [],
  });
  expect(after).toEqual(before);
  const because = { cause: 'reversal', planChangeId: id, reason: 'rejected-by-cms' };
  expect(takes).toMatchObject({
    isFinal: false,
    owed: [],
    takenBack: [{ ...days, ...because, planId: NEW_PLAN }],
    addedLater: [],
  });
  expect(gives).toMatchObject({
    owed: [{ customerId, planId: OLD_PLAN, from: next, planChangeId: null }],
    takenBack: [],
    addedLater: [{ ...days, ...because, planId: OLD_PLAN }],
  });
  expect(gives.addedLater[0].correctionId).toBe(takes.takenBack[0].correctionId);
});
