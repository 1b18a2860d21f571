/** How the API starts and drives plan change runs: on the real server, with fakes for the database and the steps. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { pino } from 'pino';
import type { PlanChangeRecord } from '../../src/ports/plan-change';
import type { NewPlanChange, PlanChangeRuns } from '../../src/ports/plan-change';
import { createPlanChangeRuns } from '../../src/adapters/temporal/plan-change-runs';
import type { NoticeActivities } from '../../src/contracts/notice';
import type { CompletionInput, PlanChangeActivities } from '../../src/contracts/plan-change';
import { RUN_REVISION } from '../../src/contracts/run-revision';
import { planChangeRunId } from '../../src/contracts/workflow-ids';
import { stageAt } from '../../src/domain/plan-change/plan-change';
import { planChangeSnapshot } from '../../src/domain/plan-change/deadlines';
import { DAY_MS, HOUR_MS } from '../../src/domain/time';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { planChangePolicy } from '../support/brand';

let temporal: TestTemporal;
/** The changes as the database has them. */
let records: Map<string, PlanChangeRecord>;
/** The changes whose runs loaded them, and the requested completions. */
let looks: string[];
let completions: CompletionInput[];
let logLines: string[];

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());
beforeEach(() => {
  temporal.newTaskQueue();
  records = new Map();
  [looks, completions, logLines] = [[], [], []];
});

const standingOf = (record: PlanChangeRecord) =>
  planChangeSnapshot(planChangePolicy, { ...record, stage: stageAt(record, Date.now()) });

const nothing = async (): Promise<void> => {};
const unused = () => Promise.reject(new Error('only for runs of earlier builds'));
const activities: PlanChangeActivities & NoticeActivities = {
  async lookAtPlanChange({ planChangeId }) {
    looks.push(planChangeId);
    const record = records.get(planChangeId);
    return record === undefined ? null : standingOf(record);
  },
  async completePlanChange(completion) {
    completions.push(completion);
    const outcome = 'retained';
    keep({ ...records.get(completion.planChangeId)!, stage: 'completed', claimUntilMs: null, outcome });
    return { kind: 'completed', outcome };
  },
  gatherAorEvidence: unused,
  recordAorDecision: unused,
  putBackPlanChange: nothing,
  abandonPlanChange: nothing,
  escalatePlanChange: nothing,
  holdPlanChange: async () => 'held',
  announceAorDecision: nothing,
  sendNotice: async () => ({ outcome: 'delivered' }),
};

const runsOver = (client: Client, connection: Connection): PlanChangeRuns =>
  createPlanChangeRuns({
    client,
    connection,
    taskQueue: temporal.taskQueue,
    policy: planChangePolicy,
    clock: Date.now,
    planChanges: { find: async (planChangeId) => records.get(planChangeId) ?? null },
    logger: pino({}, { write: (line: string) => logLines.push(line) }),
  });
const runs = (): PlanChangeRuns => runsOver(temporal.client, temporal.connection);

type Intake = NewPlanChange & { readonly agentKey: string | null };

/** Through the Dedicated Plan Change line, at this moment. */
const intake = (fields: Partial<Intake> = {}): Intake => ({
  planChangeId: randomUUID(),
  customerId: 'C-500001',
  channel: 'plan-change-line',
  route: 'unit',
  stage: 'queued',
  facilitatorKey: null,
  planId: null,
  effectiveOn: null,
  agentKey: '20417',
  apiKeyId: randomUUID(),
  address: '192.0.2.7',
  atMs: Date.now(),
  ...fields,
});

const keep = (record: PlanChangeRecord): void => void records.set(record.planChangeId, record);

/** A change as taken in, with its later changes. */
const recordOf = (
  { planChangeId, customerId, channel, route, stage, atMs }: Intake,
  fields: Partial<PlanChangeRecord> = {},
): PlanChangeRecord => ({
  planChangeId,
  customerId,
  channel,
  route,
  stage,
  openedAtMs: atMs,
  waitingSinceMs: atMs,
  facilitatorKey: null,
  planId: null,
  effectiveOn: null,
  claimedBy: null,
  claimUntilMs: null,
  heldFor: null,
  heldSinceMs: null,
  endedAtMs: null,
  outcome: null,
  moves: 0,
  ...fields,
});

const handleOf = (planChangeId: string) => temporal.client.workflow.getHandle(planChangeRunId(planChangeId));
const runIdOf = async (planChangeId: string): Promise<string> =>
  (await handleOf(planChangeId).describe()).runId;

/** The input of the newest run. */
async function inputOf(planChangeId: string): Promise<unknown> {
  const { events } = await handleOf(planChangeId).fetchHistory();
  const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  return defaultPayloadConverter.fromPayload(payload!);
}

/** A change that is in the database and has a run. */
async function taken(fields: Partial<Intake> = {}): Promise<Intake> {
  const change = intake(fields);
  keep(recordOf(change));
  await runs().start(change);
  return change;
}

const request = (staffKey: string | null = 'S201') => ({
  planId: 'H4513-052-000',
  effectiveOn: '2027-01-01',
  staffKey,
  apiKeyId: randomUUID(),
});

/** A change that has ended, and whose run was terminated. `runId`: of that run. */
async function endedWithoutItsRun(stage: 'completed' | 'withdrawn' | 'abandoned') {
  await temporal.startWorker(activities);
  const change = await taken();
  const { planChangeId } = change;
  const runId = await runIdOf(planChangeId);
  keep(recordOf(change, { stage, endedAtMs: Date.now() }));
  await handleOf(planChangeId).terminate();
  return { planChangeId, runId };
}

describe('start', () => {
  it('A new run has the attributes that operators search by from the start', async () => {
    await temporal.startWorker(activities);
    const byUnit = await taken();
    const byAgent = await taken({
      channel: 'field-agent',
      route: 'internal-agent',
      stage: 'with-facilitator',
      agentKey: null,
    });

    const [first, second] = await Promise.all(
      [byUnit, byAgent].map(({ planChangeId }) => handleOf(planChangeId).describe()),
    );

    expect(first!.searchAttributes).toMatchObject({
      TenureStage: ['queued'],
      TenureRoute: ['unit'],
      TenureCustomer: ['C-500001'],
      TenureAgent: ['20417'],
    });
    expect(second!.searchAttributes).toMatchObject({
      TenureStage: ['with-facilitator'],
      TenureRoute: ['internal-agent'],
      TenureCustomer: ['C-500001'],
    });
    expect(second!.searchAttributes).not.toHaveProperty('TenureAgent');
    expect([first!.type, await first!.staticSummary()]).toEqual([
      'planChange',
      'plan change by plan-change-line',
    ]);
    expect(await first!.staticDetails()).toContain('withdraw the change over HTTP');
  });

  it('A new run gets its deadlines and nothing about the person', async () => {
    await temporal.startWorker(activities);
    const change = await taken();

    expect(await inputOf(change.planChangeId)).toEqual({
      planChangeId: change.planChangeId,
      terms: planChangePolicy,
      revision: RUN_REVISION,
      standing: {
        stage: 'queued',
        route: 'unit',
        claimUntilMs: null,
        abandonAtMs: change.atMs + 30 * DAY_MS,
        escalateAtMs: { waiting: expect.any(Number), overdue: change.atMs + DAY_MS },
        waitingSinceMs: change.atMs,
        moves: 0,
      },
    });
  });

  it('Starting a run repeatedly or several times at once makes only one run', async () => {
    await temporal.startWorker(activities);
    const change = await taken();
    const runId = await runIdOf(change.planChangeId);

    await Promise.all(Array.from({ length: 5 }, () => runs().start(change)));

    expect(await runIdOf(change.planChangeId)).toBe(runId);
  });
});

describe('notifyRun', () => {
  it('Notifying a run makes it load the change', async () => {
    await temporal.startWorker(activities);
    const change = await taken();
    keep(recordOf(change, { stage: 'withdrawn', endedAtMs: Date.now() }));

    await runs().notifyRun(change.planChangeId);

    expect(await handleOf(change.planChangeId).result()).toEqual({ ending: 'withdrawn' });
    expect(looks).toContain(change.planChangeId);
  });

  it('A run that is told of a move takes it without loading the change, and its history has nothing else of it', async () => {
    await temporal.startWorker(activities);
    const change = await taken();
    const move = {
      stage: 'withdrawn',
      route: 'unit',
      claimUntilMs: null,
      waitingSinceMs: change.atMs,
      moves: 1,
    };

    await runs().notifyRun(
      change.planChangeId,
      recordOf(change, { ...move, endedAtMs: Date.now() } as never),
    );

    expect(await handleOf(change.planChangeId).result()).toEqual({ ending: 'withdrawn' });
    expect(looks).toEqual([]);
    const { events } = await handleOf(change.planChangeId).fetchHistory();
    const [signal] = events!.flatMap((event) => event.workflowExecutionSignaledEventAttributes ?? []);
    expect(defaultPayloadConverter.fromPayload(signal!.input!.payloads![0]!)).toEqual(move);
  });

  it('Notifying a terminated run starts another one with what the database says', async () => {
    await temporal.startWorker(activities);
    const change = await taken();
    const runId = await runIdOf(change.planChangeId);
    const moved = recordOf(change, {
      stage: 'claimed',
      claimedBy: 'S201',
      claimUntilMs: Date.now() + HOUR_MS,
      waitingSinceMs: change.atMs + 1000,
    });
    keep(moved);
    await handleOf(change.planChangeId).terminate();

    await runs().notifyRun(change.planChangeId);

    const { runId: another, searchAttributes } = await handleOf(change.planChangeId).describe();
    expect(another).not.toBe(runId);
    expect(searchAttributes).toMatchObject({
      TenureStage: ['claimed'],
      TenureRoute: ['unit'],
      TenureCustomer: ['C-500001'],
    });
    expect(await inputOf(change.planChangeId)).toEqual({
      planChangeId: change.planChangeId,
      terms: planChangePolicy,
      revision: RUN_REVISION,
      standing: standingOf(moved),
    });
  });

  it('A run that is started again takes an expired claim as queued', async () => {
    await temporal.startWorker(activities);
    const change = await taken();
    keep(recordOf(change, { stage: 'claimed', claimedBy: 'S201', claimUntilMs: Date.now() - 1 }));
    await handleOf(change.planChangeId).terminate();

    await runs().notifyRun(change.planChangeId);

    expect(await inputOf(change.planChangeId)).toMatchObject({ standing: { stage: 'queued' } });
  });

  it.each(['completed', 'withdrawn', 'abandoned'] as const)(
    'Notifying the run of a change that is %s starts no other run',
    async (stage) => {
      const { planChangeId, runId } = await endedWithoutItsRun(stage);

      await runs().notifyRun(planChangeId);

      expect(await runIdOf(planChangeId)).toBe(runId);
    },
  );

  it('Notifying the run of an unknown change starts none and logs nothing', async () => {
    const planChangeId = randomUUID();

    await runs().notifyRun(planChangeId);

    await expect(handleOf(planChangeId).describe()).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
    expect(logLines).toEqual([]);
  });
});

describe('complete', () => {
  it('A completion is done by the run, which is told who asked', async () => {
    await temporal.startWorker(activities);
    const change = await taken();
    const asked = request();

    expect(await runs().complete(change.planChangeId, asked)).toEqual({ kind: 'completed' });
    expect(completions).toMatchObject([{ planChangeId: change.planChangeId, ...asked }]);
  });

  it('A completion is done by another run when the first one was terminated', async () => {
    await temporal.startWorker(activities);
    const change = await taken();
    await handleOf(change.planChangeId).terminate();

    expect(await runs().complete(change.planChangeId, request())).toEqual({ kind: 'completed' });
    expect(completions).toHaveLength(1);
  });

  it.each(['completed', 'withdrawn', 'abandoned'] as const)(
    'A completion is refused once the change is %s',
    async (stage) => {
      const { planChangeId, runId } = await endedWithoutItsRun(stage);

      expect(await runs().complete(planChangeId, request())).toEqual({ kind: 'wrong-stage', stage });
      expect([await runIdOf(planChangeId), completions]).toEqual([runId, []]);
    },
  );

  it('A completion of an unknown change is refused', async () => {
    expect(await runs().complete(randomUUID(), request())).toEqual({
      kind: 'wrong-stage',
      stage: 'withdrawn',
    });
  });

  it('A completion happens once, however many ask at once, and everyone gets an answer', async () => {
    await temporal.startWorker(activities);
    const change = await taken();
    const desk = runs();

    const answers = await Promise.all(
      Array.from({ length: 20 }, () => desk.complete(change.planChangeId, request())),
    );

    expect(answers.filter(({ kind }) => kind === 'completed')).toHaveLength(1);
    expect(answers.filter(({ kind }) => kind !== 'completed')).toEqual(
      Array.from({ length: 19 }, () => ({ kind: 'wrong-stage', stage: 'completed' })),
    );
    expect(completions).toHaveLength(1);
  });
});

describe('outages', () => {
  it('Starting and completing fail as unavailable while Temporal is away, notifying does not', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    const connection = Connection.lazy({ address: `127.0.0.1:${port}` });
    const away = runsOver(new Client({ connection }), connection);
    const change = intake();
    keep(recordOf(change));

    const [started, told, completed] = await Promise.allSettled([
      away.start(change),
      away.notifyRun(change.planChangeId),
      away.complete(change.planChangeId, request()),
    ]);
    await connection.close();

    const unavailable = { status: 'rejected', reason: { name: 'UnavailableError' } };
    expect(started).toMatchObject(unavailable);
    expect(completed).toMatchObject(unavailable);
    expect(told).toEqual({ status: 'fulfilled', value: undefined });
    expect(logLines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 40, error: 'UnavailableError' },
    ]);
  });

  it('Notifying does not fail while the database is away, and logs no error text', async () => {
    const desk = createPlanChangeRuns({
      client: temporal.client,
      connection: temporal.connection,
      taskQueue: temporal.taskQueue,
      planChanges: { find: () => Promise.reject(new Error(`away for ${randomUUID()}`)) },
      policy: planChangePolicy,
      clock: Date.now,
      logger: pino({}, { write: (line: string) => logLines.push(line) }),
    });

    await desk.notifyRun(randomUUID());

    expect(logLines).toHaveLength(1);
    expect(logLines[0]).not.toContain('away for');
  });

  it('A run that is notified while the worker is away loads the change once there is a worker', async () => {
    const change = await taken();
    keep(recordOf(change, { stage: 'withdrawn', endedAtMs: Date.now() }));
    await runs().notifyRun(change.planChangeId);

    await temporal.startWorker(activities);

    expect(await handleOf(change.planChangeId).result()).toEqual({ ending: 'withdrawn' });
    expect(logLines).toEqual([]);
  });

  it('A completion is unavailable while the worker is away, and asking again completes it exactly once', async () => {
    const change = await taken();

    await expect(runs().complete(change.planChangeId, request())).rejects.toMatchObject({
      name: 'UnavailableError',
      retryAfterSeconds: 2,
    });
    await temporal.startWorker(activities);
    const answer = await runs().complete(change.planChangeId, request());

    expect([{ kind: 'completed' }, { kind: 'wrong-stage', stage: 'completed' }]).toContainEqual(answer);
    expect(completions).toHaveLength(1);
  });
});
