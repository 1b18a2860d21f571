/**
 * What a bench runs against: PostgreSQL that forces commits to the disk, one Temporal server, a mail server,
 * and Tenure's own processes.
 */
import { setMaxListeners } from 'node:events';
import { statfs } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { loadServerConfig, type NamedKey } from '../../../src/config';
import { loadStackConfig } from '../../stack/config';
import { ensureTemporalCli } from '../../stack/embedded';
import { NodeProcess, type NodeProcessOptions } from '../../system/node-process';
import { startServers } from '../../system/servers';
import { apiProcess, settingsOf, workerProcess } from '../../system/stack';
import { startBenchMail, type BenchMail } from './bench-mail';
import type { Progress } from './progress';

export interface BenchStack {
  /** Gone afterwards. */
  readonly folder: string;
  /** Whether the files are in memory, so that nothing waits for a disk. */
  readonly inMemory: boolean;
  readonly databaseUrl: string;
  /** The API's and the worker's TENURE_PEPPERS. */
  readonly peppers: readonly NamedKey[];
  readonly temporalAddress: string;
  readonly taskQueue: string;
  readonly client: Client;
  readonly mail: BenchMail;
  /** Process ids of the servers. */
  readonly pids: { readonly temporal: number; readonly postgres: number };
  /** Aborted with the bench, and when a process dies. */
  readonly signal: AbortSignal;
  /** The built API and worker, without request limits. */
  startApi(): Promise<{ readonly pid: number; readonly port: number }>;
  startWorker(env?: Readonly<Record<string, string>>): Promise<NodeProcess>;
  startNode(options: Omit<NodeProcessOptions, 'signal' | 'onDied'>): Promise<NodeProcess>;
  /** Stops everything that was started, last first. */
  stop(): Promise<void>;
}

/** Settings that affect speed, taken from the environment so that they can be tried. */
const TUNING = ['UV_THREADPOOL_SIZE', 'DATABASE_POOL_SIZE', 'WORKER_SLOTS', 'MAIL_SLOTS'];
const TMPFS = 0x01021994;

/** Starts the servers. What was started is stopped again when a part does not start. */
export async function startBenchStack(outer: {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}): Promise<BenchStack> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each().catch(() => undefined);
  };
  const died = new AbortController();
  const onDied = (error: Error) => died.abort(error);
  const signal = AbortSignal.any([outer.signal, died.signal]);
  // Twenty of a bench's lanes wait at once, and each listens.
  setMaxListeners(0, signal);
  const started = async (part: NodeProcess): Promise<NodeProcess> => {
    stops.push(() => part.stop());
    await part.start();
    signal.throwIfAborted();
    return part;
  };

  try {
    outer.progress.step('starting PostgreSQL, Temporal and a mail server');
    const { temporalCliPath, env } = loadStackConfig(process.env);
    const cliPath = await ensureTemporalCli({
      temporalCliPath,
      env,
      log: (line) => outer.progress.step(line),
    });
    const servers = await startServers({ cliPath, durable: true, signal });
    stops.push(() => servers.stop());
    signal.throwIfAborted();
    const mail = await startBenchMail();
    stops.push(() => mail.close());
    const { folder, databaseUrl, temporalAddress } = servers;
    const connection = await Connection.connect({ address: temporalAddress });
    stops.push(() => connection.close());

    const tuning = TUNING.map((name) => [name, env[name]] as const);
    const settings = await settingsOf({
      databaseUrl,
      temporalAddress,
      smtpUrl: mail.url,
      env: {
        ...Object.fromEntries(tuning.filter((pair): pair is [string, string] => pair[1] !== undefined)),
        NODE_OPTIONS: env['NODE_OPTIONS'] ?? '',
        LOG_LEVEL: 'warn',
        SHUTDOWN_GRACE_SECONDS: '1',
      },
    });
    const config = loadServerConfig(settings);

    return {
      folder,
      databaseUrl,
      temporalAddress,
      mail,
      signal,
      stop,
      inMemory: (await statfs(folder)).type === TMPFS,
      peppers: config.peppers,
      taskQueue: settings.TEMPORAL_TASK_QUEUE,
      client: new Client({ connection }),
      pids: { temporal: servers.temporal.pid, postgres: servers.postgres.pid },
      async startApi() {
        const { pid } = await started(apiProcess({ env: settings, signal, onDied }));
        return { pid, port: config.port };
      },
      startWorker: (more = {}) => started(workerProcess({ env: { ...settings, ...more }, signal, onDied })),
      startNode: (options) => started(new NodeProcess({ ...options, signal, onDied })),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
