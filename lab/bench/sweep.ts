/**
 * A sweep of many passwords compared with bare starts, in one run on one server. Bare starts come before, between and
 * after the big sweeps, and a sweep is compared with those on either side, which shows whether the machine became
 * slower or faster meanwhile.
 *
 * There are two big sweeps. The first finds a day's passwords, as usual: each run sets its timer and waits. The second finds
 * passwords from the whole window, like the first sweep ever or one after an outage: most runs have a reminder to send at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RotationSweepResult } from '../../src/contracts/rotation-sweep';
import { ROTATION_SCHEDULE_ID, ROTATION_SWEEP_WORKFLOW } from '../../src/contracts/rotation-sweep';
import { PASSWORD_ROTATION_WORKFLOW } from '../../src/contracts/password-rotation';
import { freePort } from '../stack/ports';
import { defineBench } from './bench';
import {
  nothingToSendYet,
  openCredentials,
  wholeWindow,
  type Credentials,
  type TableReads,
} from './support/credentials';
import { cpuUsed, readCpu, type CpuSeconds } from './support/cpu';
import { forEachAtATime, timeMs } from './support/measure';
import { startOneTimer, type OneTimer } from './bare/one-timer';
import { residentMb } from './support/processes';
import type { Progress } from './support/progress';
import { untilAtRest } from './support/rest';
import type { BenchStack } from './support/stack';
import { cachedRuns, tasksExecuted } from './support/worker-metrics';
import { sweepReport, type BigSweep, type Phase, type SmallSweeps, type SweepFigures } from './sweep-report';

/** The concurrency and the page size of the sweep's activity. */
const STARTS_AT_ONCE = 20;
const PAGE = 500;
/** Warm-up runs of each kind, until the processes are nearly at full speed. */
const WARM_UPS = 300;
const SMALL_SWEEPS = 5;
const IDLE_SWEEPS = 20;
/** An idle connection reports its statistics ten seconds later. */
const STATISTICS_WITHIN_MS = 12_000;
const WATCH_EVERY_MS = 250;

export const sweepBench = defineBench({
  name: 'sweep',
  summary: 'the sweep that finds ending passwords, beside bare starts of a one-timer workflow',
  withinMinutes: 60,
  options: {
    credentials: { usual: 1_000_000, least: 2_000, most: 20_000_000, means: 'current passwords there are' },
    due: { usual: 11_111, least: 100, most: 200_000, means: 'of them due in each of the two big sweeps' },
    'newly-due': { usual: 23, least: 1, most: 5_000, means: 'due in each of the small sweeps after them' },
    bare: { usual: 3_000, least: 100, most: 100_000, means: 'bare starts before, between and after' },
  },
  run: async ({ stack, progress, options }) => sweepReport(await measure(stack, progress, options)),
});

interface Options {
  readonly credentials: number;
  readonly due: number;
  readonly 'newly-due': number;
  readonly bare: number;
}

async function measure(stack: BenchStack, progress: Progress, options: Options): Promise<SweepFigures> {
  if (options.credentials < 3 * (options.due + options['newly-due'] * SMALL_SWEEPS + WARM_UPS))
    throw new Error('there must be at least three times as many --credentials as --due');
  const table = await openCredentials(stack.databaseUrl, progress, stack.signal);
  try {
    return await measureOn(table, stack, progress, options);
  } finally {
    await table.close();
  }
}

async function measureOn(
  table: Credentials,
  stack: BenchStack,
  progress: Progress,
  { credentials, due, 'newly-due': newlyDue, bare: bareStarts }: Options,
): Promise<SweepFigures> {
  const { pids, signal } = stack;
  const fillMs = await timeMs(() => table.fill(credentials, WARM_UPS, nothingToSendYet()));

  progress.step('starting the worker and the worker of the bare starts');
  const metricsAddress = `127.0.0.1:${await freePort()}`;
  const worker = await stack.startWorker({ METRICS_ADDRESS: metricsAddress });
  await stack.client.schedule.getHandle(ROTATION_SCHEDULE_ID).pause('the bench sweeps itself');
  const bare = await startOneTimer(stack);
  const servers = { Temporal: pids.temporal, PostgreSQL: pids.postgres };
  const rest = () => untilAtRest({ ...servers, worker: worker.pid, bare: bare.pid }, progress, signal);
  await rest();
  const idleMb = residentMb(worker.pid);
  const temporalIdleMb = residentMb(pids.temporal);

  const sweep = createSweep(stack);
  const tasks = () => tasksExecuted(metricsAddress, PASSWORD_ROTATION_WORKFLOW);

  const measureBare = async (title: string, howMany: number): Promise<Phase> => {
    progress.step(title);
    const phase = await measurePhase({
      title,
      pids: { ...servers, worker: bare.pid },
      progress,
      signal,
      tasks: bare.tasks,
      start: async () => {
        await startBare(bare, howMany, signal);
        return howMany;
      },
    });
    await rest();
    return phase;
  };

  const measureSweep = async (title: string): Promise<BigSweep> => {
    await rest();
    const before = { started: await table.started(), mails: stack.mail.counts(), reads: await table.reads() };
    let [mostMb, mailsMeanwhile] = [0, 0];
    const watching = setInterval(() => (mostMb = Math.max(mostMb, residentMb(worker.pid))), WATCH_EVERY_MS);
    try {
      progress.step(title);
      const phase = await measurePhase({
        title,
        pids: { ...servers, worker: worker.pid },
        progress,
        signal,
        tasks,
        start: async () => {
          const { started } = await sweep();
          mailsMeanwhile = stack.mail.counts().notices - before.mails.notices;
          return started;
        },
      });
      const restMs = await timeMs(rest);
      await statisticsAreIn(progress, signal);
      const reads = readsSince(before.reads, await table.reads());
      const written = (await table.started()) - before.started;
      if (phase.started !== due || written !== due)
        throw new Error(`of ${due} due passwords ${phase.started} were started and ${written} written down`);
      return {
        ...phase,
        restMs,
        reads,
        mails: stack.mail.counts().notices - before.mails.notices,
        mailsMeanwhile,
        mostMb,
        restMb: residentMb(worker.pid),
        cachedRuns: await cachedRuns(metricsAddress),
      };
    } finally {
      clearInterval(watching);
    }
  };

  const measureSmall = async (title: string, howMany: number): Promise<SmallSweeps> => {
    const before = await table.reads();
    progress.step(title);
    const timesMs: number[] = [];
    let started = 0;
    for (let swept = 0; swept < howMany; swept++)
      timesMs.push(await timeMs(async () => (started += (await sweep()).started)));
    await statisticsAreIn(progress, signal);
    return { timesMs, started, reads: readsSince(before, await table.reads()) };
  };

  await measureBare(`warming up: ${WARM_UPS} bare starts`, WARM_UPS);
  progress.step(`warming up: a sweep of ${WARM_UPS}`);
  await sweep();
  await rest();

  const bares = [await measureBare(`${bareStarts} bare starts`, bareStarts)];
  await table.makeDue(due, nothingToSendYet());
  const plan = await table.planOfDueQuery(PAGE);
  const day = await measureSweep(`a sweep with ${due} due`);
  bares.push(await measureBare(`${bareStarts} bare starts`, bareStarts));
  await table.makeDue(due, wholeWindow());
  const window = await measureSweep(`a sweep with ${due} due all over the window`);
  bares.push(await measureBare(`${bareStarts} bare starts`, bareStarts));

  const small: SmallSweeps[] = [];
  for (let number = 1; number <= SMALL_SWEEPS; number++) {
    await table.makeDue(newlyDue, nothingToSendYet());
    const title = `sweep ${number} of ${SMALL_SWEEPS} with ${newlyDue} newly due`;
    small.push(await measureSmall(title, 1));
  }
  const idle = await measureSmall(`${IDLE_SWEEPS} sweeps with nothing due`, IDLE_SWEEPS);
  if (small.some(({ started }) => started !== newlyDue) || idle.started !== 0)
    throw new Error('a small sweep did not start what was due');

  return {
    credentials,
    due,
    newlyDue,
    bareStarts,
    startsAtOnce: STARTS_AT_ONCE,
    inMemory: stack.inMemory,
    fillMs,
    plan,
    bares: bares as [Phase, Phase, Phase],
    day,
    window,
    small,
    idle,
    memory: {
      idleMb,
      afterMb: residentMb(worker.pid),
      temporalIdleMb,
      temporalAfterMb: residentMb(pids.temporal),
    },
  };
}

interface PhaseOptions {
  readonly title: string;
  /** The processes whose CPU time is reported. */
  readonly pids: Readonly<Record<string, number>>;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** How many workflow tasks of the runs were executed so far. */
  tasks(): Promise<number>;
  /** Starts the runs and returns their number. */
  start(): Promise<number>;
}

/** Times the starts, and the time until each run has executed its first workflow task. */
async function measurePhase(options: PhaseOptions): Promise<Phase> {
  const { title, pids, progress, signal, tasks, start } = options;
  const tasksBefore = await tasks();
  const executed = async () => (await tasks()) - tasksBefore;
  const watching = setInterval(() => {
    executed().then(
      (howMany) => progress.update(`${howMany} workflow tasks executed`),
      () => undefined,
    );
  }, 2_000);
  try {
    const cpuBefore = readCpu(pids);
    const startedAtMs = performance.now();
    const started = await start();
    const wallMs = performance.now() - startedAtMs;
    const cpu = cpuUsed(cpuBefore, readCpu(pids));
    const executedAtEnd = await executed();
    while ((await executed()) < started) await sleep(WATCH_EVERY_MS, undefined, { signal });
    const underWayMs = performance.now() - startedAtMs;
    return { title, started, wallMs, underWayMs, executedAtEnd, cores: perSecond(cpu, wallMs) };
  } finally {
    clearInterval(watching);
  }
}

const perSecond = (cpu: CpuSeconds, ms: number): CpuSeconds =>
  Object.fromEntries(Object.entries(cpu).map(([name, seconds]) => [name, (seconds * 1000) / ms]));

async function startBare(bare: OneTimer, howMany: number, signal: AbortSignal): Promise<void> {
  await forEachAtATime(Array.from({ length: howMany }), STARTS_AT_ONCE, signal, async () => {
    await bare.start();
  });
}

/** Consecutive sweeps, each a separate run like the Schedule's. */
function createSweep({ client, taskQueue, signal }: BenchStack): () => Promise<RotationSweepResult> {
  let swept = 0;
  return () =>
    // A separate signal: each call adds a permanent listener to it.
    client.connection.withAbortSignal(AbortSignal.any([signal]), () =>
      client.workflow.execute<() => Promise<RotationSweepResult>>(ROTATION_SWEEP_WORKFLOW, {
        workflowId: `rotation-sweep/bench-${(swept += 1)}`,
        taskQueue,
        args: [],
      }),
    );
}

function statisticsAreIn(progress: Progress, signal: AbortSignal): Promise<void> {
  progress.step('waiting for the statistics of PostgreSQL');
  return sleep(STATISTICS_WITHIN_MS, undefined, { signal });
}

function readsSince(before: TableReads, after: TableReads): TableReads {
  return {
    dueIndexEntries: after.dueIndexEntries - before.dueIndexEntries,
    rowsByIndex: after.rowsByIndex - before.rowsByIndex,
    rowsByScan: after.rowsByScan - before.rowsByScan,
  };
}
