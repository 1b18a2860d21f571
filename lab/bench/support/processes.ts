/** Node processes beside the bench, and what processes cost. */
import { fork, type Serializable } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { splitLines } from '../../stack/command-line';

export interface NodeProcess {
  readonly pid: number;
  /** Ends it in order, or after ten seconds anyhow. */
  stop(): Promise<void>;
}

export interface NodeProcessOptions {
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Gets each message other than `ready`. */
  readonly onMessage?: (message: Serializable) => void;
  /** Told when it ends though nobody stopped it. */
  readonly onDied: (error: Error) => void;
}

const STOP_WITHIN_MS = 10_000;
const READY_WITHIN_MS = 60_000;
const LINES_KEPT = 20;

/** Starts a process and waits until it says that it is ready. It ends when this one does, however that goes. */
export async function startNodeProcess(options: NodeProcessOptions): Promise<NodeProcess> {
  const { name, script, args = [], nodeArgs = [], env, onMessage, onDied } = options;
  const child = fork(script, args, {
    env,
    execArgv: [...nodeArgs],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const said: string[] = [];
  const keep = splitLines((line) => {
    said.push(line);
    if (said.length > LINES_KEPT) said.shift();
  });
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);

  let stopping = false;
  const ended = once(child, 'exit');
  const ready = new Promise<void>((resolve, reject) => {
    const give = setTimeout(() => reject(new Error(`${name} was not ready in time`)), READY_WITHIN_MS);
    child.on('message', (message) => {
      if (message !== 'ready') return onMessage?.(message);
      clearTimeout(give);
      resolve();
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const error = new Error(`${name} ended (${signal ?? code}):\n${said.join('\n')}`);
      clearTimeout(give);
      reject(error);
      if (!stopping) onDied(error);
    });
  });
  const stop = async () => {
    stopping = true;
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await ended;
    clearTimeout(impatience);
  };
  try {
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return { pid: child.pid!, stop };
}

/** Linux counts in hundredths of a second. */
const TICKS_A_SECOND = 100;

interface ProcessStat {
  readonly parent: number;
  readonly ticks: number;
  /** Of its children that have ended. */
  readonly endedTicks: number;
}

/** CPU seconds that a process and those it started have used; NaN where /proc does not tell. */
export function cpuSeconds(pid: number): number {
  const all = new Map<number, ProcessStat>();
  for (const each of processIds()) {
    const stat = statOf(each);
    if (stat) all.set(each, stat);
  }
  const root = all.get(pid);
  if (!root) return Number.NaN;
  let ticks = root.endedTicks;
  const isOfTree = (each: number): boolean =>
    each === pid || (each > 1 && isOfTree(all.get(each)?.parent ?? 0));
  for (const [each, stat] of all) if (isOfTree(each)) ticks += stat.ticks;
  return ticks / TICKS_A_SECOND;
}

/** CPU seconds that this machine has spent on anything at all. */
export function machineCpuSeconds(): number {
  const busyMs = cpus().map(({ times: { user, nice, sys, irq } }) => user + nice + sys + irq);
  return busyMs.reduce((sum, each) => sum + each, 0) / 1000;
}

/** Memory a process has resident, in MB; NaN where /proc does not tell. */
export function residentMb(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

function statOf(pid: number): ProcessStat | undefined {
  try {
    // The second field is the program's name in brackets, which may hold anything.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [parent, user, system, endedUser, endedSystem] = [1, 11, 12, 13, 14].map(
      (at) => fields[at] ?? 0,
    ) as [number, number, number, number, number];
    return { parent, ticks: user + system, endedTicks: endedUser + endedSystem };
  } catch {
    return undefined;
  }
}
