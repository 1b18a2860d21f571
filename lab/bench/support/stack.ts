/** What a bench runs against: PostgreSQL that forces commits to the disk, one Temporal server, a mail sink, and Tenure's own processes. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { migrateDatabase } from '../../../src/adapters/postgres/migrate';
import type { NamedKey } from '../../../src/config';
import { loadStackConfig } from '../../stack/config';
import { ensureTemporalCli, startPostgres, startTemporal } from '../../stack/embedded';
import { NodeProcess, type NodeProcessOptions } from '../../stack/node-process';
import { builtPrograms } from '../../stack/parts';
import { freePort } from '../../stack/ports';
import type { Progress } from './progress';
import { startMailSink, type MailSink } from './mail-sink';

export interface BenchStack {
  /** An empty folder, gone afterwards. */
  readonly folder: string;
  /** Whether the files are in memory, so that nothing waits for a disk. */
  readonly inMemory: boolean;
  readonly databaseUrl: string;
  /** What the API and the worker have in TENURE_PEPPERS. */
  readonly peppers: readonly NamedKey[];
  readonly temporalAddress: string;
  readonly client: Client;
  readonly sink: MailSink;
  /** Process ids of the servers. */
  readonly pids: { readonly temporal: number; readonly postgres: number };
  /** Aborted when the bench is, and when a process dies. */
  readonly signal: AbortSignal;
  /** The built API and worker, as `npm run server` and `npm run worker` start them, without request limits. */
  startApi(): Promise<{ readonly pid: number; readonly port: number }>;
  startWorker(env?: Readonly<Record<string, string>>): Promise<NodeProcess>;
  startNode(options: Omit<NodeProcessOptions, 'onDied'>): Promise<NodeProcess>;
  /** Stops everything that was started, the last one first. */
  stop(): Promise<void>;
}

/** Settings that change how fast things are: taken from the environment, so that they can be tried. */
const TUNING = ['NODE_OPTIONS', 'UV_THREADPOOL_SIZE', 'DATABASE_POOL_SIZE', 'WORKER_SLOTS', 'MAIL_SLOTS'];
const TMPFS = 0x01021994;

/** Starts the servers in a temporary folder. What was started is stopped again when a part does not start. */
export async function startBenchStack(outer: {
  readonly signal: AbortSignal;
  readonly progress: Progress;
}): Promise<BenchStack> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).toReversed()) await each().catch(() => undefined);
  };
  const died = new AbortController();
  const signal = AbortSignal.any([outer.signal, died.signal]);
  const started = async <Part extends { stop(): Promise<unknown> }>(
    starting: Promise<Part>,
  ): Promise<Part> => {
    const part = await starting;
    stops.push(() => part.stop());
    signal.throwIfAborted();
    return part;
  };

  try {
    outer.progress.step('starting PostgreSQL, Temporal and a mail sink');
    const { temporalCliPath, env } = loadStackConfig(process.env);
    const cliPath = await ensureTemporalCli({
      temporalCliPath,
      env,
      log: (line) => outer.progress.step(line),
    });
    const folder = await mkdtemp(join(tmpdir(), 'tenure-bench-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o711);
    const postgres = await started(startPostgres({ dataDir: join(folder, 'postgres'), durable: true }));
    const temporal = await started(startTemporal({ cliPath, dbFile: join(folder, 'temporal.db') }));
    const sink = await started(startMailSink());
    const databaseUrl = inDatabase(postgres.url, 'tenure');
    await migrateDatabase(databaseUrl);
    const connection = await Connection.connect({ address: temporal.address });
    stops.push(() => connection.close());

    const pepper = { id: 'bench', key: randomBytes(32) };
    const tuning = TUNING.map((name) => [name, env[name]] as const);
    const settings = {
      ...Object.fromEntries(tuning.filter((pair): pair is [string, string] => pair[1] !== undefined)),
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
      SMTP_URL: sink.url,
      TENURE_PEPPERS: `${pepper.id}:${pepper.key.toString('base64')}`,
      RATE_LIMITS: 'off',
      LOG_LEVEL: 'warn',
      SHUTDOWN_GRACE_SECONDS: '1',
    };
    const startNode: BenchStack['startNode'] = async (options) => {
      const part = new NodeProcess({ ...options, onDied: (error) => died.abort(error) });
      stops.push(() => part.stop());
      await part.start();
      signal.throwIfAborted();
      return part;
    };

    return {
      folder,
      inMemory: (await statfs(folder)).type === TMPFS,
      databaseUrl,
      peppers: [pepper],
      temporalAddress: temporal.address,
      client: new Client({ connection }),
      sink,
      pids: { temporal: temporal.pid, postgres: postgres.pid },
      signal,
      async startApi() {
        const port = await freePort();
        const { pid } = await startNode({
          name: 'the API',
          script: builtPrograms.api,
          env: { ...settings, PORT: String(port) },
        });
        return { pid, port };
      },
      startWorker: (more = {}) =>
        startNode({ name: 'the worker', script: builtPrograms.worker, env: { ...settings, ...more } }),
      startNode,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The same server, another database. */
function inDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${database}`;
  return other.href;
}
