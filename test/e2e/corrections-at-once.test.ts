/**
 * Changes, reversals and redeterminations of one customer at once, while worker and database are killed (SIGKILL) and frozen (SIGSTOP):
 * whatever the order in which they come to be recorded, everything on record follows from it.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findCustomerRecord } from '../../src/adapters/postgres/customer-records';
import { periodOn } from '../../src/domain/plan-change/history';
import { playAgain, type PlayedVersion } from '../../src/domain/plan-change/played-record';
import { checkMail, emailsUnderWay } from '../../lab/chaos/checks/mail';
import { checkRecords } from '../../lab/chaos/checks/record';
import { checkAuditLog } from '../../lab/chaos/checks/records';
import { checkOutputs, checkRuns, openRuns } from '../../lab/chaos/checks/runs';
import { noFindings } from '../../lab/chaos/findings';
import { startScene, type PartName, type Scene } from '../../lab/chaos/parts';
import { createRandom } from '../../lab/chaos/random';
import { createVisitor, noTroubles, type Visitor } from '../../lab/chaos/visitor';
import { openWorld, type World } from '../../lab/chaos/world';
import {
  NEW_PLAN,
  OLD_PLAN,
  codeOf,
  dayBefore,
  external,
  firstOfMonth,
  internal,
  today,
  type AgentFixture,
  type CustomerFixture,
} from '../../lab/system/plan-changes';
import { until } from '../support/until';

const THIRD_PLAN = 'H4513-060-000';
const MINUTES_5 = 300_000;

let scene: Scene;
let world: World;
let visitor: Visitor;
let late: AgentFixture;
let customer: CustomerFixture;

beforeAll(async () => {
  const signal = AbortSignal.timeout(3 * MINUTES_5);
  setMaxListeners(0, signal);
  scene = await startScene({ cliPath: process.env['TENURE_TEST_TEMPORAL_CLI']!, signal });
  world = await openWorld(scene.stack, scene.mail, 0);
  visitor = createVisitor({
    ...{ stack: scene.stack, random: createRandom(1, 'at once'), troubles: noTroubles(), signal },
    ...{ keyPatienceMs: MINUTES_5, withinMs: MINUTES_5, thinkMs: 0 },
  });
  const offered = { type: 'medicare-advantage', states: 'TX', offeredFrom: '2020-01-01', offeredTo: '' };
  await world.desk.imported('plans', [{ planId: THIRD_PLAN, name: 'Plan 060', ...offered }]);
  late = await world.desk.addAgent('wuzzlelate', { without: 'certification' });
  customer = await world.addCustomer('wuzzlecrowd', late);
}, MINUTES_5);

afterAll(() => scene.stop());

/** Sent with one key until there is an answer. */
const insist = async (path: string, token: string, body?: object) =>
  (await visitor.send('POST', `/v1/plan-changes${path}`, { token, keepsKey: true, body })).answer;

const reverse = async (id: string) =>
  codeOf(await insist(`/${id}/reversal`, world.desk.intake.key, { reason: 'entered-in-error' }));
const redetermine = async (id: string) =>
  codeOf(await insist(`/${id}/redetermination`, world.auditor.key, { note: 'The roster came late.' }));

interface Asked {
  readonly channel: string;
  readonly facilitator: ReturnType<typeof external>;
  readonly month: number;
  readonly planId: string;
}

/** Takes in the change as soon as no other one is open, unless it no longer fits. One that may no longer be completed is withdrawn. */
async function change({ channel, facilitator, month, planId }: Asked) {
  const { key } = world.desk.intake;
  for (;;) {
    const taken = await insist('', key, { customerId: customer.customerId, channel, facilitator });
    if (taken.status === 422) {
      // Reversals came first, and made the facilitator the agent of record.
      expect(codeOf(taken)).toBe('422 not_eligible facilitator-does-not-fit');
      return { id: '', said: codeOf(taken) };
    }
    if (taken.status !== 201) {
      expect(codeOf(taken)).toMatch(/^409 plan_change_open/);
      await sleep(300);
      continue;
    }
    const { id } = taken.body;
    const completed = await insist(`/${id}/complete`, key, { planId, effectiveDate: firstOfMonth(month) });
    const { stage } = (await visitor.send('GET', `/v1/plan-changes/${id}`, { token: key })).answer.body;
    if (stage !== 'completed') await insist(`/${id}/withdraw`, key, { reason: 'no longer possible' });
    return { id, said: stage === 'completed' ? '200 completed' : codeOf(completed) };
  }
}

const byUnitsOwn = { channel: 'field-agent', facilitator: internal('S-310') };
const byAgent = (agent: AgentFixture) => ({
  channel: 'external-agent-application',
  facilitator: external(agent),
});
const byCallCenter = ({ agentNumber }: AgentFixture) => ({
  channel: 'external-call-center',
  facilitator: { kind: 'call-center', number: agentNumber },
});

/** Both are killed and frozen, now and then both at once. */
async function disturb(): Promise<void> {
  const part = (name: PartName) => scene.parts.find((each) => each.name === name)!;
  const [worker, postgres] = [part('worker'), part('postgres')];
  const freeze = async ({ standstill }: typeof worker, ms: number): Promise<void> => {
    standstill!.freeze();
    await sleep(ms);
    standstill!.thaw();
  };
  const kill = async (each: typeof worker, ms: number): Promise<void> => {
    await each.kill(false);
    await sleep(ms);
    await each.start();
  };
  await sleep(700);
  await kill(worker, 0);
  await sleep(300);
  await Promise.all([freeze(postgres, 3_000), freeze(worker, 4_000)]);
  await kill(postgres, 1_000);
  await sleep(300);
  await kill(worker, 500);
  await freeze(worker, 12_000);
  await freeze(postgres, 2_000);
}

const certify = (): Promise<unknown> => {
  const from = '2024-01-01';
  const lines = [0, 1].map((years) => ({
    ...{ agentNumber: late.agentNumber, type: 'certification', state: '', from, to: '' },
    planYear: String(Number(today().slice(0, 4)) + years),
  }));
  return visitor.untilThere('the roster', async () => {
    await world.desk.imported('agent-standing', lines);
    return true;
  });
};

it(
  'Ten changes, reversals and redeterminations of one customer at once leave a record that follows from its order',
  async () => {
    const { other, callCenter } = world.agents;
    const [first, second, third, fourth] = [
      await change({ ...byAgent(other), month: 1, planId: NEW_PLAN }),
      await change({ ...byUnitsOwn, month: 1, planId: OLD_PLAN }),
      await change({ ...byCallCenter(callCenter), month: 2, planId: NEW_PLAN }),
      await change({ ...byUnitsOwn, month: 3, planId: OLD_PLAN }),
    ];
    expect([first, second, third, fourth].map(({ said }) => said)).toEqual(
      [1, 2, 3, 4].map(() => '200 completed'),
    );

    scene.parts.find(({ name }) => name === 'worker')!.standstill!.freeze();
    const atOnce = Promise.all([
      Promise.all([
        reverse(first.id),
        reverse(second.id),
        reverse(second.id),
        reverse(third.id),
        reverse(fourth.id),
      ]),
      Promise.all([redetermine(second.id), redetermine(third.id), redetermine(fourth.id)]),
      Promise.all([
        change({ ...byAgent(other), month: 3, planId: NEW_PLAN }),
        change({ ...byUnitsOwn, month: 4, planId: THIRD_PLAN }),
      ]),
      certify(),
    ]);
    const [[reversals, redeterminations, changes]] = await Promise.all([atOnce, disturb()]);
    await until(
      async () =>
        (await openRuns(scene.stack, [])).late.length === 0 && (await emailsUnderWay(scene.stack)) === 0,
      MINUTES_5,
    );

    const record = (await findCustomerRecord(scene.stack.database, customer.customerId))!;
    const { played, faults } = playAgain(record);
    expect(faults).toEqual([]);
    expectAnswers(
      played,
      reversals,
      redeterminations,
      [first, second, third, fourth, ...changes].map(({ said }) => said),
    );
    await expectAudit(played);
    await expectAnswersByTime(played);
    const findings = noFindings();
    await checkRecords(scene.stack, findings);
    await checkMail(scene.stack, scene.mail, findings);
    await checkAuditLog(scene.stack, findings);
    await checkRuns(scene.stack, [], findings);
    checkOutputs(scene.stack, findings);
    const { losses, duplicates, violations } = findings;
    expect({ losses, duplicates, violations }).toEqual({ losses: [], duplicates: [], violations: [] });
  },
  3 * MINUTES_5,
);

/** Whoever was answered that it is done has a version, and nobody else. */
function expectAnswers(
  played: readonly PlayedVersion[],
  reversals: readonly string[],
  redeterminations: readonly string[],
  changes: readonly string[],
): void {
  const versions = (cause: string): number => played.filter((each) => each.cause === cause).length;
  const done = (answers: readonly string[]): number =>
    answers.filter((said) => said.startsWith('200')).length;
  expect([reversals, redeterminations, changes].map(done)).toEqual(
    ['reversal', 'redetermination', 'plan-change'].map(versions),
  );
  for (const said of [...reversals, ...redeterminations])
    expect(said).toMatch(
      /^(200 (reversed|completed)|409 (wrong_stage already-reversed|later_change_recorded|nothing_to_correct))$/,
    );
  // Of two reversals of one change, one.
  expect(reversals.slice(1, 3).filter((said) => said === '200 reversed')).toHaveLength(1);
}

/** The audit log tells the same, in the same order. */
async function expectAudit(played: readonly PlayedVersion[]): Promise<void> {
  const actions = {
    'plan-change': 'plan-change-completed',
    reversal: 'plan-change-reversed',
    redetermination: 'agent-of-record-redetermined',
  } as const;
  const events = await scene.stack.database.auditEvent.findMany({
    where: { action: { in: Object.values(actions) } },
    orderBy: { id: 'asc' },
  });
  expect(events.map(({ action, planChangeId }) => [action, planChangeId])).toEqual(
    played.slice(1).map(({ cause, planChangeId }) => [actions[cause as keyof typeof actions], planChangeId]),
  );
}

/** What the API answers for each day, as it was known at each time. */
async function expectAnswersByTime(played: readonly PlayedVersion[]): Promise<void> {
  const months = [1, 2, 3, 4].map(firstOfMonth);
  const days = ['2025-12-31', '2026-01-01', ...months.flatMap((day) => [dayBefore(day), day])];
  const agentAt = async (on: string, knownAtMs: number): Promise<string | null> => {
    const query = `on=${on}&knownAt=${new Date(knownAtMs).toISOString()}`;
    const path = `/v1/customers/${customer.customerId}/agent-of-record?${query}`;
    const { answer } = await visitor.send('GET', path, { token: world.auditor.key });
    return answer.body.agentOfRecord?.agentNumber ?? null;
  };
  const times = played.flatMap(({ knownFromMs, history }, index) => [
    [knownFromMs - 1, played[index - 1]?.history] as const,
    [knownFromMs, history] as const,
  ]);
  for (const [knownAtMs, history] of times)
    for (const on of days) {
      const wanted = history && periodOn(history.agentsOfRecord, on)?.agentKey;
      expect([on, knownAtMs, await agentAt(on, knownAtMs)]).toEqual([on, knownAtMs, wanted ?? null]);
    }
}
