/**
 * Plan changes over HTTP, from intake to the recorded decision, beside the bare Temporal flow, in one run on one server; and the queue
 * of the unit under many representatives who ask for the next change at once. The variants take turns, so that a machine that gets
 * slower or faster meanwhile shows in the rounds and not in the ratio.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { defineBench } from './bench';
import { planChangeReport, type PlanChangeFigures } from './plan-change-report';
import { startBareChange } from './support/bare-change';
import type { ChangeSteps } from './support/change-steps';
import { costOfRuns, openRuns } from './support/histories';
import { createJsonClient } from './support/json-client';
import { forEachAtATime } from './support/measure';
import { askAtOnce } from './support/next-at-once';
import { openPlanChangeDesk } from './support/plan-change-desk';
import type { Progress } from './support/progress';
import { untilAtRest } from './support/rest';
import { measureRound, shareOf, summarise, type Round, type Variant } from './support/rounds';
import { startBenchStack, type BenchStack } from './support/stack';

/** Flows until the processes run as fast as they ever will, or nearly. */
const WARM_UPS = 100;
const HISTORIES = 100;
/** Without haste each step is a workflow task of its own, as it is with people; in a hurry some fall together by chance. */
const PERSONS_PAUSE_MS = 300;
const PACED_FLOWS = 20;
/** After so long, what the flows left to do in the background must be done. */
const DRAIN_WITHIN_MS = 120_000;
const LOOK_EVERY_MS = 200;
const RUN_TYPES = ['planChange', 'deliverNotice', 'bareChange', 'bareMail'];

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
  async run({ options, progress, signal }) {
    const stack = await startBenchStack({ signal, progress });
    try {
      return planChangeReport(await measure(stack, progress, options));
    } finally {
      progress.step('stopping what was started');
      await stack.stop();
    }
  },
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
  const { sink, client, pids, signal } = stack;
  const { flows, alone, rounds: howManyRounds, changes, 'at-a-time': atATime } = options;
  if (Math.min(flows, alone) < howManyRounds)
    throw new Error('there must be at least as many --flows and --alone as --rounds');
  const warmUps = Math.max(WARM_UPS, 2 * atATime);

  progress.step('importing customers, agents and staff');
  const desk = await openPlanChangeDesk(stack, {
    customers: warmUps + flows + alone + PACED_FLOWS + changes,
    representatives: Math.max(options.representatives, atATime, PACED_FLOWS),
  });

  progress.step('starting the API, the worker and the worker of the bare flow');
  const api = await stack.startApi();
  const worker = await stack.startWorker();
  const bare = await startBareChange(stack);
  const http = createJsonClient(api.port);

  const shared = { Temporal: pids.temporal };
  const ours = { ...shared, PostgreSQL: pids.postgres, API: api.pid, worker: worker.pid };
  const variants: readonly Variant<keyof ChangeSteps>[] = [
    { name: 'bare', run: () => bare.run(), pids: { ...shared, worker: bare.pid } },
    { name: 'full', run: () => desk.runChange(http), pids: ours },
  ];

  const drain = async () => {
    const left = async () => {
      const open = await Promise.all(RUN_TYPES.map((type) => openRuns(client, type)));
      return open.reduce((sum, each) => sum + each, 0);
    };
    const giveUpAt = performance.now() + DRAIN_WITHIN_MS;
    for (let running = await left(); running > 0; running = await left()) {
      progress.update(`${running} runs still open`);
      if (performance.now() > giveUpAt) throw new Error(`${running} runs did not end`);
      await sleep(LOOK_EVERY_MS, undefined, { signal });
    }
  };

  for (const { name, run } of variants) {
    progress.step(`warming up: ${name}`);
    await forEachAtATime(Array.from({ length: warmUps }), atATime, signal, async () => void (await run()));
    await drain();
  }

  const mailsBefore = sink.counts().notices;
  const roundsBegan = new Date();
  const rounds: Round<keyof ChangeSteps>[] = [];
  for (let number = 1; number <= howManyRounds; number++) {
    for (const variant of variants) {
      progress.step(`round ${number} of ${howManyRounds}: ${variant.name}`);
      rounds.push(
        await measureRound(variant, {
          flows: shareOf(flows, howManyRounds, number),
          alone: shareOf(alone, howManyRounds, number),
          atATime,
          signal,
          between: drain,
          onProgress: (detail) => progress.update(detail),
        }),
      );
      await drain();
    }
  }
  const hurried = [roundsBegan, new Date()] as const;
  const mails = sink.counts().notices - mailsBefore;

  progress.step("a few changes at a person's pace");
  const pacedBegan = new Date();
  const pause = () => sleep(PERSONS_PAUSE_MS);
  await forEachAtATime(Array.from({ length: PACED_FLOWS }), PACED_FLOWS / 2, signal, async () => {
    await bare.run(pause);
    await desk.runChange(http, pause);
  });
  await drain();
  const paced = [pacedBegan, new Date()] as const;

  progress.step('reading histories');
  const costOf = async (type: string, span: readonly [Date, Date]) =>
    costOfRuns(client, type, span, HISTORIES);
  const costs = {
    bare: await costOf('bareChange', paced),
    bareMail: await costOf('bareMail', paced),
    full: await costOf('planChange', paced),
    fullMail: await costOf('deliverNotice', paced),
    bareHurried: await costOf('bareChange', hurried),
    bareMailHurried: await costOf('bareMail', hurried),
    fullHurried: await costOf('planChange', hurried),
    fullMailHurried: await costOf('deliverNotice', hurried),
  };

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
    ...{ desk, http, signal },
    representatives: asking,
    pids: ours,
    onProgress: (given) => progress.update(`${given} of ${changes} given`),
  });
  http.close();

  return {
    atATime,
    flows,
    alone,
    changes,
    inMemory: stack.inMemory,
    variants: {
      bare: summarise(rounds.filter(({ variant }) => variant === 'bare')),
      full: summarise(rounds.filter(({ variant }) => variant === 'full')),
    },
    mails,
    costs,
    next,
  };
}
