import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part, PartEvents } from '../../../lab/stack/part';
import { findRunning, stopLeftover, writeRunFile } from '../../../lab/stack/run-files';
import { PartFailedError, StoppedError } from '../../../lab/stack/supervised-part';
import { Supervisor } from '../../../lab/stack/supervisor';
import { waitUntil } from '../../../lab/stack/wait-until';

/** For what happens in a moment unless the machine is busy. */
const PATIENCE_MS = 120_000;

let home: string;
let supervisor: Supervisor;
let told: string[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-supervisor-'));
  told = [];
  const events: PartEvents = {
    died: (part, how) => told.push(`${part.name} died ${how}`),
    back: (part) => told.push(`${part.name} is back`),
    warned: (part, line) => told.push(`${part.name} warned: ${line}`),
  };
  supervisor = new Supervisor(home, events);
});
afterEach(async () => {
  supervisor.killAll();
  await supervisor.stopAll([]);
  await rm(home, { recursive: true });
});

const readyAndWaiting = `process.send('ready'); setInterval(() => {}, 1000);`;

/** A part that runs a line of JavaScript. */
function scripted(name: string, script: string, overrides: Partial<Part> = {}): Part {
  return {
    name,
    title: name,
    command: () => ({ command: process.execPath, args: ['-e', script] }),
    isReady: (saidReady) => saidReady,
    startWithinMs: PATIENCE_MS,
    stopSignal: 'SIGTERM',
    stopWithinMs: PATIENCE_MS,
    ours: true,
    ...overrides,
  };
}

const runFile = (name: string) => join(home, 'run', `${name}.json`);
const pidOf = async (name: string) => (await findRunning(runFile(name)))?.pid;

async function kill(name: string): Promise<void> {
  const pid = await pidOf(name);
  if (pid === undefined) throw new Error(`${name} does not run`);
  process.kill(pid, 'SIGKILL');
}

describe('supervisor', () => {
  it('The supervisor restarts a part that died and reports both', async () => {
    await supervisor.start(scripted('api', readyAndWaiting));
    const firstPid = await pidOf('api');

    await kill('api');

    expect(await waitUntil(() => told.includes('api is back'), { withinMs: PATIENCE_MS })).toBe(true);
    expect(told[0]).toBe('api died by SIGKILL');
    expect(await pidOf('api')).not.toBe(firstPid);
  });

  it('The supervisor renews only the given parts, and does not report their end as a death', async () => {
    await Promise.all(['api', 'worker'].map((name) => supervisor.start(scripted(name, readyAndWaiting))));
    const [api, worker] = [await pidOf('api'), await pidOf('worker')];

    const works = await supervisor.renew(['api']);

    expect(works).toBe(true);
    expect(await pidOf('api')).not.toBe(api);
    expect(await pidOf('api')).toBeDefined();
    expect(await pidOf('worker')).toBe(worker);
    expect(told).toEqual([]);
  });

  it('The supervisor renews a part that waits for its next attempt, and then runs it once', async () => {
    const marker = join(home, 'broken');
    const fragile = `if (require('fs').existsSync(${JSON.stringify(marker)})) process.exit(1); ${readyAndWaiting}`;
    await supervisor.start(scripted('api', fragile));
    await writeFile(marker, '');
    await kill('api');
    await waitUntil(() => told.length >= 3, { withinMs: PATIENCE_MS });
    await rm(marker);

    const works = await supervisor.renew(['api']);
    const pid = await pidOf('api');
    await waitUntil(() => false, { withinMs: 1_500 });

    expect(works).toBe(true);
    expect(await pidOf('api')).toBe(pid);
  });

  it('The supervisor stops parts in the given order, each after the previous one has ended', async () => {
    const slow = `process.send('ready'); setInterval(() => {}, 1000); process.on('SIGTERM', () => setTimeout(() => process.exit(0), 200));`;
    await Promise.all(['postgres', 'worker', 'api'].map((name) => supervisor.start(scripted(name, slow))));
    const alive: string[] = [];

    await supervisor.stopAll(['api', 'worker', 'postgres'], (part) => alive.push(part.name));

    expect(alive).toEqual(['api', 'worker', 'postgres']);
    expect(await Promise.all(['api', 'worker', 'postgres'].map(pidOf))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(told).toEqual([]);
  });

  it('The supervisor kills a part that does not stop in time', async () => {
    const stubborn = `process.send('ready'); setInterval(() => {}, 1000); process.on('SIGTERM', () => {});`;
    await supervisor.start(scripted('worker', stubborn, { stopWithinMs: 200 }));
    const pid = (await pidOf('worker')) ?? 0;

    await supervisor.stopAll(['worker']);

    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('The supervisor gives up on a part that never starts and shows the end of its log', async () => {
    const starting = supervisor.start(scripted('api', `throw new Error('no port')`));

    await expect(starting).rejects.toThrow(PartFailedError);
    await expect(starting).rejects.toThrow('no port');
  });

  it('The supervisor retries when a part needs more than one attempt at first', async () => {
    const marker = JSON.stringify(join(home, 'tried'));
    const second = `const fs = require('fs'); if (!fs.existsSync(${marker})) { fs.writeFileSync(${marker}, ''); process.exit(1); } ${readyAndWaiting}`;

    await expect(supervisor.start(scripted('postgres', second))).resolves.toBeUndefined();
    expect(told).toEqual([]);
  });

  it('The supervisor breaks off a start when it is told to stop', async () => {
    const starting = supervisor.start(scripted('api', `setInterval(() => {}, 1000)`));
    const outcome = starting.catch((error: unknown) => error);
    await waitUntil(async () => (await pidOf('api')) !== undefined, { withinMs: PATIENCE_MS });

    await supervisor.stopAll(['api']);

    expect(await outcome).toBeInstanceOf(StoppedError);
    expect(await pidOf('api')).toBeUndefined();
  });

  it('The supervisor logs all output of a part and reports only its warnings', async () => {
    const talking = `console.log(JSON.stringify({ level: 30, msg: 'fine' })); console.log(JSON.stringify({ level: 40, msg: 'careful' })); ${readyAndWaiting}`;
    await supervisor.start(scripted('api', talking));

    await waitUntil(() => told.length > 0, { withinMs: PATIENCE_MS });
    await supervisor.stopAll(['api']);

    expect(told).toEqual(['api warned: careful']);
    await expect(readFile(join(home, 'logs', 'api.log'), 'utf8')).resolves.toContain('"fine"');
  });
});

describe('leftovers of a killed supervisor', () => {
  it('A leftover process of a killed supervisor is found by its run file and stopped', async () => {
    const leftover = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    await writeRunFile(runFile('temporal'), leftover.pid ?? 0);

    await expect(stopLeftover(runFile('temporal'), 'SIGTERM', PATIENCE_MS)).resolves.toBe(true);
    await waitUntil(() => leftover.signalCode !== null, { withinMs: PATIENCE_MS });
    expect(leftover.signalCode).toBe('SIGTERM');
  });

  it('Another process that now has a leftover’s pid is not stopped', async () => {
    await writeRunFile(runFile('temporal'), process.pid);
    await writeFile(runFile('temporal'), JSON.stringify({ pid: process.pid, identity: 'an earlier boot/1' }));

    await expect(stopLeftover(runFile('temporal'), 'SIGKILL', 1_000)).resolves.toBe(false);
  });
});
