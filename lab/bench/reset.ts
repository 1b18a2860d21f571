/**
 * Full password resets over HTTP beside the bare Temporal flow, in one run on one server. The variants take turns, so that a
 * machine that gets slower or faster meanwhile shows in the rounds and not in the ratio.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeProcess } from '../stack/node-process';
import { freePort } from '../stack/ports';
import { defineBench } from './bench';
import { hashPassword, startBareFlow } from './support/bare-flow';
import { resetTimes, type ResetTimes } from './support/flow-steps';
import { openReset, runFullReset } from './support/full-reset';
import { costOfRuns, openRuns } from './support/histories';
import { createJsonClient } from './support/json-client';
import { forEachAtATime, median, timeMs } from './support/measure';
import { importMembers, type BenchMember } from './support/members';
import { residentMb } from './support/processes';
import type { Progress } from './support/progress';
import { startBenchStack, type BenchStack } from './support/stack';
import { resetReport, type ResetFigures, type WorkerMemory } from './reset-report';
import { measureRound, shareOf, summarise, type Round, type Variant } from './support/rounds';
import { cachedRuns } from './support/worker-metrics';

const ROUNDS = 2;
/** Flows until the processes run as fast as they ever will, or nearly. */
const WARM_UPS = 100;
const HISTORIES = 100;
/** Without haste each step is a workflow task of its own, as it is with people; in a hurry some fall together by chance. */
const PERSONS_PAUSE_MS = 300;
const PACED_FLOWS = 20;
const HASHES_TIMED = 15;
/** After so long, what the flows left to do in the background must be done. */
const DRAIN_WITHIN_MS = 120_000;
/** Until memory that was only in passing has been given back. */
const SETTLE_MS = 4_000;

export const resetBench = defineBench({
  name: 'reset',
  summary: 'full password resets over HTTP, beside the bare Temporal flow',
  withinMinutes: 20,
  options: {
    flows: { usual: 300, least: 2, most: 20_000, means: 'flows of each kind whose rate is measured' },
    'at-a-time': { usual: 20, least: 1, most: 200, means: 'flows in progress at once' },
    alone: { usual: 40, least: 2, most: 2_000, means: 'flows of each kind that run one after the other' },
    open: { usual: 2_000, least: 0, most: 20_000, means: 'open resets for the memory of the worker' },
    'earlier-passwords': { usual: 0, least: 0, most: 4, means: 'each costs one more hash: it is compared' },
  },
  async run({ options, progress, signal }) {
    const stack = await startBenchStack({ signal, progress });
    try {
      return resetReport(await measure(stack, progress, options));
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
  readonly open: number;
  readonly 'earlier-passwords': number;
}

async function measure(stack: BenchStack, progress: Progress, options: Options): Promise<ResetFigures> {
  const { sink, client, pids, signal } = stack;
  const { flows, alone, open, 'at-a-time': atATime, 'earlier-passwords': earlierPasswords } = options;
  const hashes = 1 + earlierPasswords;
  const warmUps = Math.max(WARM_UPS, 2 * atATime);

  progress.step('importing members');
  const members = await importMembers({
    ...stack,
    howMany: warmUps + flows + alone + PACED_FLOWS + open,
    earlierPasswords,
    hash: await hashPassword(),
  });
  const nextMember = (): BenchMember => members.pop()!;

  progress.step('starting the API, the worker and the worker of the bare flow');
  const api = await stack.startApi();
  const worker = await stack.startWorker();
  const bare = await startBareFlow(stack);
  const http = createJsonClient(api.port);

  const shared = { Temporal: pids.temporal };
  const variants: readonly Variant<keyof ResetTimes>[] = [
    { name: 'bare', run: async () => resetTimes(await bare.run(0)), pids: { ...shared, worker: bare.pid } },
    {
      name: 'bareWithHash',
      run: async () => resetTimes(await bare.run(hashes)),
      pids: { ...shared, worker: bare.pid },
    },
    {
      name: 'full',
      run: async () => resetTimes(await runFullReset(http, sink, nextMember())),
      pids: { ...shared, PostgreSQL: pids.postgres, API: api.pid, worker: worker.pid },
    },
  ];

  const drain = async () => {
    const left = async () =>
      (await openRuns(client, 'passwordReset')) + (await openRuns(client, 'deliverNotice'));
    const giveUpAt = performance.now() + DRAIN_WITHIN_MS;
    for (let running = await left(); running > 0; running = await left()) {
      progress.update(`${running} runs still open`);
      if (performance.now() > giveUpAt) throw new Error(`${running} runs did not end`);
      await sleep(200, undefined, { signal });
    }
  };

  for (const { name, run } of variants.filter((each) => each.name !== 'bareWithHash')) {
    progress.step(`warming up: ${name}`);
    await forEachAtATime(Array.from({ length: warmUps }), atATime, signal, async () => void (await run()));
    await drain();
  }

  progress.step('timing a password hash');
  const hashMs: number[] = [];
  for (let made = 0; made < HASHES_TIMED; made++) hashMs.push(await timeMs(hashPassword));

  const roundsBegan = new Date();
  const rounds: Round<keyof ResetTimes>[] = [];
  for (let number = 1; number <= ROUNDS; number++) {
    for (const variant of variants) {
      const title = `round ${number} of ${ROUNDS}: ${variant.name}`;
      progress.step(title);
      const round = await measureRound(variant, {
        flows: shareOf(flows, ROUNDS, number),
        alone: shareOf(alone, ROUNDS, number),
        atATime,
        signal,
        between: drain,
        onProgress: (detail) => progress.update(detail),
      });
      rounds.push(round);
      await drain();
    }
  }

  const hurried = [roundsBegan, new Date()] as const;

  progress.step("a few flows at a person's pace");
  const pacedBegan = new Date();
  const pause = () => sleep(PERSONS_PAUSE_MS);
  await forEachAtATime(Array.from({ length: PACED_FLOWS }), PACED_FLOWS / 2, signal, async () => {
    await bare.run(0, pause);
    await runFullReset(http, sink, nextMember(), pause);
  });
  await drain();
  const paced = [pacedBegan, new Date()] as const;

  progress.step('reading histories');
  const costOf = async (types: string, span: readonly [Date, Date]) =>
    costOfRuns(client, types, span, HISTORIES);
  const costs = {
    bare: await costOf('bareFlow', paced),
    full: await costOf('passwordReset', paced),
    notice: await costOf('deliverNotice', paced),
    bareHurried: await costOf('bareFlow', hurried),
    fullHurried: await costOf('passwordReset', hurried),
    noticeHurried: await costOf('deliverNotice', hurried),
  };
  const memory =
    open === 0
      ? undefined
      : await measureMemory(stack, worker, progress, open, (each) =>
          forEachAtATime(members.splice(0, open), atATime, signal, async (member) => {
            await openReset(http, member);
            each();
          }),
        );
  http.close();

  return {
    atATime,
    flows,
    alone,
    earlierPasswords,
    inMemory: stack.inMemory,
    hashMs: median(hashMs),
    hashesAFlow: hashes,
    variants: {
      bare: summarise(rounds.filter(({ variant }) => variant === 'bare')),
      bareWithHash: summarise(rounds.filter(({ variant }) => variant === 'bareWithHash')),
      full: summarise(rounds.filter(({ variant }) => variant === 'full')),
    },
    costs,
    memory,
  };
}

/** A worker that has done nothing yet, and the same with so many resets that wait for their PIN. */
async function measureMemory(
  { startWorker, sink, client, signal }: BenchStack,
  earlier: NodeProcess,
  progress: Progress,
  howMany: number,
  openAll: (onOpened: () => void) => Promise<void>,
): Promise<WorkerMemory> {
  progress.step('memory: a new worker, idle');
  await earlier.stop();
  const metrics = `127.0.0.1:${await freePort()}`;
  const worker = await startWorker({ METRICS_ADDRESS: metrics });
  await sleep(SETTLE_MS, undefined, { signal });
  const idleMb = residentMb(worker.pid);

  progress.step(`memory: opening ${howMany} resets`);
  const mailsBefore = sink.counts().pins;
  let opened = 0;
  const ms = await timeMs(() => openAll(() => progress.update(`${++opened} of ${howMany}`)));
  progress.step('memory: waiting for their emails');
  const mailed = () => sink.counts().pins - mailsBefore;
  const giveUpAt = performance.now() + DRAIN_WITHIN_MS;
  while (mailed() < howMany) {
    if (performance.now() > giveUpAt) throw new Error(`only ${mailed()} of ${howMany} emails came`);
    progress.update(`${mailed()} of ${howMany}`);
    await sleep(100, undefined, { signal });
  }
  await sleep(SETTLE_MS, undefined, { signal });
  return {
    idleMb,
    openMb: residentMb(worker.pid),
    openResets: await openRuns(client, 'passwordReset'),
    cachedRuns: await cachedRuns(metrics),
    openingsPerSecond: (howMany / ms) * 1000,
  };
}
