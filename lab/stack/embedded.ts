import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type CommandLine, hasEnded, spawnOptions, splitLines } from './command-line';
import { freePort } from './ports';
import { postgresAnswers, preparePostgres } from './postgres';
import { temporalAnswers, temporalServerCommand } from './temporal-server';
import { waitUntil } from './wait-until';

export { ensureTemporalCli } from './temporal-cli';

/** A server that runs next to this process and does not outlive it. */
export interface RunningServer {
  readonly pid: number;
  isRunning(): boolean;
  /** Shuts it down gracefully and waits for that. */
  stop(): Promise<void>;
  /** Sends SIGKILL and waits until it is gone. */
  kill(): Promise<void>;
}

export interface RunningPostgres extends RunningServer {
  /** URL of the database `postgres`. */
  readonly url: string;
  readonly port: number;
}

export interface RunningTemporal extends RunningServer {
  /** host:port */
  readonly address: string;
  readonly uiUrl: string;
}

const startWithinMs = 180_000;
const stopWithinMs = 15_000;

/**
 * Starts PostgreSQL on a folder, new or used, even by a server that was just killed. For tests:
 * commits survive a crash of the server, but not of the machine, unless `durable` is set.
 */
export async function startPostgres(options: {
  readonly dataDir: string;
  readonly port?: number | undefined;
  readonly durable?: boolean;
}): Promise<RunningPostgres> {
  const port = options.port ?? (await freePort());
  const { command, urlOf } = await preparePostgres({
    dir: options.dataDir,
    port,
    durable: options.durable ?? false,
  });
  const url = urlOf('postgres');
  const server = await startServer('PostgreSQL', command, 'SIGINT', () => postgresAnswers(url));
  return { ...server, url, port };
}

/** Starts the Temporal dev server, in memory or on a file. */
export async function startTemporal(options: {
  readonly cliPath: string;
  readonly dbFile?: string | undefined;
  readonly port?: number | undefined;
  readonly uiPort?: number | undefined;
  readonly extraArgs?: readonly string[];
}): Promise<RunningTemporal> {
  const port = options.port ?? (await freePort());
  const uiPort = options.uiPort ?? (await freePort());
  const command = temporalServerCommand({ ...options, port, uiPort });
  const server = await startServer('Temporal', command, 'SIGTERM', () => temporalAnswers(uiPort));
  return { ...server, address: `127.0.0.1:${port}`, uiUrl: `http://127.0.0.1:${uiPort}` };
}

/** Retries while the server exits at once: after a SIGKILL its orphans may hold the data for a moment. */
async function startServer(
  name: string,
  command: CommandLine,
  stopSignal: NodeJS.Signals,
  answers: () => Promise<boolean>,
): Promise<RunningServer> {
  const deadline = performance.now() + startWithinMs;
  let said: string[] = [];
  while (performance.now() < deadline) {
    said = [];
    const child = spawn(command.command, command.args, {
      ...spawnOptions(command),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.once('error', (error) => said.push(error.message));
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on(
        'data',
        splitLines((line) => (said = [...said.slice(-19), line])),
      );
    }
    const up = await waitUntil(async () => hasEnded(child) || (await answers()), {
      withinMs: Math.max(0, deadline - performance.now()),
      everyMs: 30,
    });
    if (up && !hasEnded(child)) return supervise(child, stopSignal);
    child.kill('SIGKILL');
    if (child.pid === undefined) break;
  }
  throw new Error(`${name} did not start:\n${said.join('\n')}`);
}

function supervise(child: ChildProcess, stopSignal: NodeJS.Signals): RunningServer {
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  child.once('exit', () => process.off('exit', killAtExit));
  const end = async (signal: NodeJS.Signals) => {
    if (hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await ended;
    clearTimeout(timer);
  };
  return {
    pid: child.pid ?? -1,
    isRunning: () => !hasEnded(child),
    stop: () => end(stopSignal),
    kill: () => end('SIGKILL'),
  };
}
