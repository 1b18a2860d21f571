/** The parts that are killed: Tenure's two processes and the servers they stand on, each as it is in production, on one machine. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrateDatabase } from '../../src/adapters/postgres/migrate';
import {
  startPostgres,
  startTemporal,
  type RunningPostgres,
  type RunningServer,
  type RunningTemporal,
} from '../stack/embedded';
import type { NodeProcess } from '../stack/node-process';
import { createDatabase } from '../stack/postgres';
import { createPortal, type Portal } from '../../test/e2e/support/portal';
import { withDatabase } from '../../test/support/postgres-url';
import { freezeTree, thawTree } from './process-tree';
import { startMailServer, type MailServer } from './mail-server';

export const PART_NAMES = ['worker', 'api', 'temporal', 'postgres', 'smtp'] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface Part {
  readonly name: PartName;
  /** SIGKILL, at once, or in the moment that hurts most. */
  kill(atWorst: boolean): Promise<void>;
  /** Resolves once it works; throws when it ended before that. */
  start(): Promise<void>;
  isUp(): boolean;
  /** SIGSTOP and SIGCONT, where standing still is tried as well. */
  readonly standstill?: { freeze(): void; thaw(): void };
}

export interface Stack {
  readonly portal: Portal;
  readonly mail: MailServer;
  readonly parts: readonly Part[];
  /** Ends all of it at once; nothing is kept. */
  stop(): Promise<void>;
}

/** Starts everything in a temporary folder. What was started is stopped again when a part does not start. */
export async function startStack({ cliPath, signal }: StackOptions): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-chaos-'));
  const stops: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each().catch(() => undefined);
  };
  const dataDir = join(folder, 'postgres');
  const dbFile = join(folder, 'temporal.db');

  try {
    let postgres: RunningPostgres = await startPostgres({ dataDir });
    stops.push(() => postgres.kill());
    let temporal: RunningTemporal = await startTemporal({ cliPath, dbFile });
    stops.push(() => temporal.kill());
    const mail = await startMailServer(folder);
    stops.push(() => mail.stop());
    signal.throwIfAborted();

    await createDatabase(postgres.url, 'tenure');
    const databaseUrl = withDatabase(postgres.url, 'tenure');
    await migrateDatabase(databaseUrl);
    const temporalAddress = temporal.address;
    const portal = await createPortal({
      databaseUrl,
      temporalAddress,
      mailbox: mail.mailbox,
      env: { LOG_LEVEL: 'info' },
    });
    stops.push(
      () => portal.database.$disconnect(),
      () => portal.connection.close(),
      () => portal.worker.kill(),
      () => portal.api.kill(),
    );
    await portal.start();
    signal.throwIfAborted();

    const port = Number(temporalAddress.split(':')[1]);
    const parts: readonly Part[] = [
      {
        ...ownProcess('worker', portal.worker),
        standstill: { freeze: () => portal.worker.freeze(), thaw: () => portal.worker.thaw() },
      },
      ownProcess('api', portal.api),
      {
        name: 'temporal',
        kill: () => temporal.kill(),
        start: async () => void (temporal = await startTemporal({ cliPath, dbFile, port })),
        isUp: () => isAlive(temporal),
        standstill: ofTree(() => temporal.pid),
      },
      {
        name: 'postgres',
        kill: () => postgres.kill(),
        start: async () => void (postgres = await startPostgres({ dataDir, port: postgres.port })),
        isUp: () => isAlive(postgres),
        standstill: ofTree(() => postgres.pid),
      },
      {
        name: 'smtp',
        kill: (atWorst) => (atWorst ? mail.killBeforeAnswer() : mail.kill()),
        start: () => mail.start(),
        isUp: () => mail.isUp(),
      },
    ];
    return { portal, mail, parts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface StackOptions {
  readonly cliPath: string;
  readonly signal: AbortSignal;
}

const ownProcess = (name: PartName, process: NodeProcess): Part => ({
  name,
  kill: () => process.kill(),
  start: () => process.start(),
  isUp: () => process.isRunning,
});

const ofTree = (pidNow: () => number): NonNullable<Part['standstill']> => ({
  freeze: () => freezeTree(pidNow()),
  thaw: () => thawTree(pidNow()),
});

function isAlive({ pid }: RunningServer): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // PostgreSQL runs as somebody else where the suite runs as root without the right to signal it.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
