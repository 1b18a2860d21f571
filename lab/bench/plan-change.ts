/**
 * Plan changes over HTTP, from intake to the recorded decision, compared with the bare Temporal flow; and the unit's queue when
 * many representatives ask for the next change at once.
 */
import { defineBench } from './bench';
import { planChangeReport, type PlanChangeFigures } from './plan-change-report';
import { startBareChange } from './bare/plan-change';
import { measureAgainstBare, PACED_FLOWS, warmUpsOf } from './support/against-bare';
import { createJsonClient } from '../system/json-client';
import { forEachAtATime } from './support/measure';
import { askAtOnce } from './support/next-at-once';
import { openPlanChangeDesk } from './support/plan-change-desk';
import type { Progress } from './support/progress';
import { untilAtRest } from './support/rest';
import type { BenchStack } from './support/stack';

export const planChangeBench = defineBench({
  name: 'plan-change',
  summary: 'plan changes over HTTP beside the bare Temporal flow, and `next` under many representatives',
  withinMinutes: 30,
  options: {
    flows: { usual: 400, least: 2, most: 20_000, means: 'changes of each kind whose rate is measured' },
    'at-a-time': { usual: 20, least: 1, most: 200, means: 'changes in progress at once' },
    alone: { usual: 40, least: 2, most: 2_000, means: 'changes of each kind, one after the other' },
    rounds: { usual: 4, least: 1, most: 20, means: 'turns that each kind takes' },
    changes: { usual: 500, least: 1, most: 20_000, means: 'changes that wait when all ask for the next one' },
    representatives: { usual: 50, least: 1, most: 500, means: 'who ask for the next one at once' },
  },
  run: async ({ stack, progress, options }) => planChangeReport(await measure(stack, progress, options)),
});

interface Options {
  readonly flows: number;
  readonly 'at-a-time': number;
  readonly alone: number;
  readonly rounds: number;
  readonly changes: number;
  readonly representatives: number;
}

async function measure(stack: BenchStack, progress: Progress, options: Options): Promise<PlanChangeFigures> {
  const { pids, signal } = stack;
  const { flows, alone, rounds, changes, 'at-a-time': atATime } = options;
  if (Math.min(flows, alone) < rounds)
    throw new Error('there must be at least as many --flows and --alone as --rounds');

  progress.step('importing customers, agents and staff');
  const desk = await openPlanChangeDesk(stack, {
    customers: warmUpsOf(atATime) + flows + alone + PACED_FLOWS + changes,
    representatives: Math.max(options.representatives, atATime, PACED_FLOWS),
  });

  progress.step('starting the API, the worker and the worker of the bare flow');
  const api = await stack.startApi();
  const worker = await stack.startWorker();
  const bare = await startBareChange(stack);
  const http = createJsonClient(api.port, { keepAlive: true });

  const ours = { Temporal: pids.temporal, PostgreSQL: pids.postgres, API: api.pid, worker: worker.pid };
  const measured = await measureAgainstBare(stack, progress, {
    flows,
    alone,
    atATime,
    rounds,
    variants: {
      bare: { run: () => bare.run(), pids: { Temporal: pids.temporal, worker: bare.pid } },
      full: { run: () => desk.runChange(http), pids: ours },
    },
    runTypes: { bare: 'bareChange', full: 'planChange' },
    async atAPersonsPace(pause) {
      await bare.run(pause);
      await desk.runChange(http, pause);
    },
  });

  progress.step(`taking ${changes} changes in`);
  let taken = 0;
  await forEachAtATime(Array.from({ length: changes }), atATime, signal, async () => {
    await desk.takeIn(http);
    progress.update(`${++taken} of ${changes}`);
  });
  await untilAtRest({ ...ours, bare: bare.pid }, progress, signal);

  const asking = desk.representatives.slice(0, options.representatives);
  progress.step(`${asking.length} representatives ask for the next one`);
  const next = await askAtOnce({
    desk,
    http,
    signal,
    representatives: asking,
    pids: ours,
    onProgress: (given) => progress.update(`${given} of ${changes} given`),
  });
  http.close();

  return { ...measured, changes, next };
}
