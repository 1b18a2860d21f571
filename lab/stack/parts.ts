import { join } from 'node:path';
import type { CommandLine } from './command-line';
import type { Part } from './part';
import { postgresAnswers, type PreparedPostgres } from './postgres';
import { nodeArgs, projectRoot } from './project-root';
import { temporalAnswers, temporalServerCommand, type TemporalServerOptions } from './temporal-server';

export type PartName = 'web' | 'api' | 'worker' | 'temporal' | 'postgres' | 'inbox';

/** Seconds on an idle machine; under load it may take many times as long. A part that exits earlier is noticed at once. */
const startWithinMs = 180_000;

/** The order of stopping: a part stops before those it uses. */
export const stopOrder: readonly PartName[] = ['web', 'api', 'worker', 'temporal', 'postgres', 'inbox'];

/** The signal that stops a part, and how long it may take before it is killed. */
export const stopping: Readonly<Record<PartName, { stopSignal: NodeJS.Signals; stopWithinMs: number }>> = {
  web: { stopSignal: 'SIGTERM', stopWithinMs: 10_000 },
  api: { stopSignal: 'SIGTERM', stopWithinMs: 10_000 },
  // The worker's own grace period is 20 s, and it exits by itself after another 5 s.
  worker: { stopSignal: 'SIGTERM', stopWithinMs: 30_000 },
  temporal: { stopSignal: 'SIGTERM', stopWithinMs: 15_000 },
  // "Fast shutdown": ends the sessions and writes everything.
  postgres: { stopSignal: 'SIGINT', stopWithinMs: 15_000 },
  inbox: { stopSignal: 'SIGTERM', stopWithinMs: 5_000 },
};

/** Scripts that Node runs for the stack; tests replace them. */
export interface Programs {
  readonly web: string;
  readonly api: string;
  readonly worker: string;
  readonly inbox: string;
  readonly migrate: string;
  readonly importRecords: string;
}

const dist = join(projectRoot, 'dist');

export const builtPrograms: Programs = {
  web: join(dist, 'web.js'),
  api: join(dist, 'server.js'),
  worker: join(dist, 'worker.js'),
  inbox: join(projectRoot, 'lab', 'stack', 'inbox-main.ts'),
  migrate: join(dist, 'cli', 'migrate.js'),
  importRecords: join(dist, 'cli', 'import.js'),
};

export function nodeCommand(script: string, args: readonly string[], env: NodeJS.ProcessEnv): CommandLine {
  return { command: process.execPath, args: ['--enable-source-maps', ...nodeArgs(script, args)], env };
}

export function postgresPart(prepared: PreparedPostgres): Part {
  return {
    name: 'postgres',
    ...stopping.postgres,
    title: 'PostgreSQL',
    command: () => prepared.command,
    isReady: () => postgresAnswers(prepared.urlOf('postgres')),
    startWithinMs,
    ours: false,
  };
}

export function temporalPart(options: TemporalServerOptions): Part {
  return {
    name: 'temporal',
    ...stopping.temporal,
    title: 'The Temporal server',
    command: () => temporalServerCommand(options),
    isReady: () => temporalAnswers(options.uiPort),
    startWithinMs,
    ours: false,
  };
}

export function inboxPart(
  script: string,
  options: {
    readonly folder: string;
    readonly smtpPort: number;
    readonly httpPort: number;
    readonly env: NodeJS.ProcessEnv;
  },
): Part {
  const { folder, smtpPort, httpPort, env } = options;
  return {
    name: 'inbox',
    ...stopping.inbox,
    title: 'The mail inbox',
    command: () =>
      nodeCommand(
        script,
        ['--folder', folder, '--smtp-port', `${smtpPort}`, '--http-port', `${httpPort}`],
        env,
      ),
    isReady: () => answersOk(`http://127.0.0.1:${httpPort}/healthz`),
    startWithinMs,
    ours: true,
  };
}

export function webPart(script: string, url: string, env: NodeJS.ProcessEnv): Part {
  return {
    name: 'web',
    ...stopping.web,
    title: 'The pages',
    command: () => nodeCommand(script, [], env),
    isReady: () => answersOk(`${url}/healthz`),
    startWithinMs,
    ours: true,
  };
}

export function apiPart(script: string, apiUrl: string, env: NodeJS.ProcessEnv): Part {
  return {
    name: 'api',
    ...stopping.api,
    title: 'The API',
    command: () => nodeCommand(script, [], env),
    isReady: () => answersOk(`${apiUrl}/healthz`),
    startWithinMs,
    ours: true,
  };
}

export function workerPart(script: string, apiUrl: string, env: NodeJS.ProcessEnv): Part {
  return {
    name: 'worker',
    ...stopping.worker,
    title: 'The worker',
    command: () => nodeCommand(script, [], env),
    // The API is ready only while a worker polls, so it answers for a worker that does not report itself.
    isReady: async (saidReady) => saidReady || (await answersOk(`${apiUrl}/readyz`)),
    startWithinMs,
    ours: true,
  };
}

/** Whether a URL answers with a status of success. */
export async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
