/** Separate servers that can be killed and restarted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateDatabase } from '../../src/adapters/postgres/migrate';
import { startPostgres, startTemporal, type RunningServer } from '../stack/embedded';
import { freePort } from '../stack/ports';
import { withDatabase } from './postgres-url';

export interface OwnServer {
  readonly pid: number;
  readonly isRunning: boolean;
  /** SIGKILL; waits until it has ended. */
  kill(): Promise<void>;
  start(): Promise<void>;
}

export interface OwnServers {
  /** The servers' own folder, deleted with them. */
  readonly folder: string;
  /** A database with Tenure's tables. */
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly postgres: OwnServer;
  readonly temporal: OwnServer;
  /** Ends both at once; nothing is kept. */
  stop(): Promise<void>;
}

/** Starts PostgreSQL and Temporal in a temporary folder. `durable`: commits wait for the disk. */
export async function startServers({
  cliPath,
  durable = false,
  signal,
}: {
  readonly cliPath: string;
  readonly durable?: boolean;
  /** Aborted while they start: the start ends before its next step. */
  readonly signal?: AbortSignal;
}): Promise<OwnServers> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-servers-'));
  const started: OwnServer[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.kill()));
    // PostgreSQL's child processes may write for a moment longer.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  };
  const [port, temporalPort] = [await freePort(), await freePort()];
  try {
    const dataDir = join(folder, 'postgres');
    const postgres = await restartable(() => startPostgres({ dataDir, port, durable }));
    started.push(postgres);
    signal?.throwIfAborted();
    const dbFile = join(folder, 'temporal.db');
    const temporal = await restartable(() => startTemporal({ cliPath, dbFile, port: temporalPort }));
    started.push(temporal);
    signal?.throwIfAborted();
    const databaseUrl = withDatabase(postgres.first.url, 'tenure');
    await migrateDatabase(databaseUrl);
    return { folder, databaseUrl, temporalAddress: temporal.first.address, postgres, temporal, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function restartable<Server extends RunningServer>(start: () => Promise<Server>) {
  const first = await start();
  let running = first;
  return {
    first,
    get pid() {
      return running.pid;
    },
    get isRunning() {
      return running.isRunning();
    },
    kill: () => running.kill(),
    start: async () => void (running = await start()),
  };
}
