import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomically } from './atomic-file';
import { run } from './command-line';
import { waitUntil } from './wait-until';

/** A process as recorded in a file of `TENURE_HOME/run`. */
export interface RunFile {
  readonly pid: number;
  /** Distinguishes this process from a later one with the same pid. */
  readonly identity: string;
}

/** Records a process and replaces any earlier record. */
export async function writeRunFile(path: string, pid: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, await noteOf(pid));
}

/** Records this process as the only one; if an earlier one still runs, returns that one instead. */
export async function claimRunFile(path: string): Promise<RunFile | undefined> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, await noteOf(process.pid));
  try {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      try {
        // A link is atomic and never replaces a file, so one of two concurrent starts wins.
        await link(temporary, path);
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const first = await findRunning(path);
      if (first) return first;
      await removeRunFile(path);
    }
    throw new Error(`${path} could not be taken: another start is at it. Try again.`);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function noteOf(pid: number): Promise<string> {
  return `${JSON.stringify({ pid, identity: (await identityOf(pid)) ?? '' } satisfies RunFile)}\n`;
}

/** The recorded process, if it still runs. */
export async function findRunning(path: string): Promise<RunFile | undefined> {
  const noted = await readRunFile(path);
  if (!noted || noted.identity === '') return undefined;
  return (await identityOf(noted.pid)) === noted.identity ? noted : undefined;
}

export async function removeRunFile(path: string): Promise<void> {
  await rm(path, { force: true });
}

/** Ends a process left by an earlier stack: first by SIGTERM, then by force. True if there was one. */
export async function stopLeftover(path: string, signal: NodeJS.Signals, withinMs: number): Promise<boolean> {
  const leftover = await findRunning(path);
  if (leftover) {
    send(leftover.pid, signal);
    const gone = async () => (await findRunning(path)) === undefined;
    if (!(await waitUntil(gone, { withinMs }))) {
      send(leftover.pid, 'SIGKILL');
      await waitUntil(gone, { withinMs: 5_000 });
    }
  }
  await removeRunFile(path);
  return leftover !== undefined;
}

async function readRunFile(path: string): Promise<RunFile | undefined> {
  try {
    const { pid, identity } = JSON.parse(await readFile(path, 'utf8')) as RunFile;
    return Number.isInteger(pid) && pid > 0 ? { pid, identity } : undefined;
  } catch {
    return undefined;
  }
}

/** When and, on Linux, in which boot a process started; undefined if it is gone or a zombie. */
async function identityOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    const started = await run({ command: 'ps', args: ['-o', 'lstart=,command=', '-p', String(pid)] }).catch(
      () => '',
    );
    return started.trim() || undefined;
  }
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets, and may contain spaces and brackets.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTime] = [fields[0], fields[19]];
    if (state === 'Z' || state === 'X') return undefined;
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    return `${boot}/${startTime}`;
  } catch {
    return undefined;
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It exited in between.
  }
}
