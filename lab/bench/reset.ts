/** Full password resets over HTTP compared with the bare Temporal flow, and the memory of a worker with many open resets. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { NodeProcess } from '../system/node-process';
import { freePort } from '../stack/ports';
import { hashPassword, startBareReset } from './bare/reset';
import { defineBench } from './bench';
import { resetReport, type ResetFigures, type WorkerMemory } from './reset-report';
import { DRAIN_WITHIN_MS, measureAgainstBare, PACED_FLOWS, warmUpsOf } from './support/against-bare';
import { openReset, runFullReset } from './support/full-reset';
import { openRuns } from './support/histories';
import { createJsonClient } from '../system/json-client';
import { forEachAtATime, median, timeMs } from './support/measure';
import { importMembers, type BenchMember } from './support/members';
import { residentMb } from './support/processes';
import type { Progress } from './support/progress';
import type { BenchStack } from './support/stack';
import { cachedRuns } from './support/worker-metrics';

const ROUNDS = 2;
const HASHES_TIMED = 15;
/** Wait for temporary memory to be released. */
const SETTLE_MS = 4_000;

export const resetBench = defineBench({
  name: 'reset',
  summary: 'full password resets over HTTP, beside the bare Temporal flow',
  withinMinutes: 20,
  options: {
    flows: { usual: 300, least: 2, most: 20_000, means: 'flows of each kind whose rate is measured' },
    'at-a-time': { usual: 10, least: 1, most: 200, means: 'flows in progress at once' },
    crowd: { usual: 40, least: 1, most: 200, means: 'flows in progress at once in a further round' },
    alone: { usual: 40, least: 2, most: 2_000, means: 'flows of each kind that run one after the other' },
    open: { usual: 2_000, least: 0, most: 20_000, means: 'open resets for the memory of the worker' },
    'earlier-passwords': { usual: 0, least: 0, most: 4, means: 'each costs one more hash: it is compared' },
  },
  run: async ({ stack, progress, options }) => resetReport(await measure(stack, progress, options)),
});

interface Options {
  readonly flows: number;
  readonly 'at-a-time': number;
  readonly crowd: number;
  readonly alone: number;
  readonly open: number;
  readonly 'earlier-passwords': number;
}

async function measure(stack: BenchStack, progress: Progress, options: Options): Promise<ResetFigures> {
  const { mail, pids, signal } = stack;
  const { flows, alone, open, crowd, 'at-a-time': atATime, 'earlier-passwords': earlierPasswords } = options;
  const hashesAFlow = 1 + earlierPasswords;

  progress.step('importing members');
  const members = await importMembers(stack, warmUpsOf(atATime) + 2 * flows + alone + PACED_FLOWS + open, {
    howMany: earlierPasswords,
    hash: await hashPassword(),
  });
  const nextMember = (): BenchMember => members.pop()!;

  progress.step('starting the API, the worker and the worker of the bare flow');
  const api = await stack.startApi();
  const worker = await stack.startWorker();
  const bare = await startBareReset(stack);
  const http = createJsonClient(api.port, { keepAlive: true });

  progress.step('timing a password hash');
  const hashMs: number[] = [];
  for (let made = 0; made < HASHES_TIMED; made++) hashMs.push(await timeMs(hashPassword));

  const ofBare = { Temporal: pids.temporal, worker: bare.pid };
  const measured = await measureAgainstBare(stack, progress, {
    flows,
    alone,
    atATime,
    rounds: ROUNDS,
    crowd,
    variants: {
      bare: { run: () => bare.run(0), pids: ofBare },
      bareWithHash: { run: () => bare.run(hashesAFlow), pids: ofBare },
      full: {
        run: () => runFullReset(http, mail, nextMember()),
        pids: { Temporal: pids.temporal, PostgreSQL: pids.postgres, API: api.pid, worker: worker.pid },
      },
    },
    runTypes: { bare: 'bareFlow', full: 'passwordReset' },
    async atAPersonsPace(pause) {
      await bare.run(0, pause);
      await runFullReset(http, mail, nextMember(), pause);
    },
  });

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

  return { ...measured, crowdAtATime: crowd, earlierPasswords, hashMs: median(hashMs), hashesAFlow, memory };
}

/** An idle worker, and the same worker with this many resets waiting for their PIN. */
async function measureMemory(
  { startWorker, mail, client, signal }: BenchStack,
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
  const mailsBefore = mail.counts().pins;
  let opened = 0;
  const ms = await timeMs(() => openAll(() => progress.update(`${++opened} of ${howMany}`)));
  progress.step('memory: waiting for their emails');
  const mailed = () => mail.counts().pins - mailsBefore;
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
