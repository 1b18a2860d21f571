/** The parts that are killed: Tenure's two processes and their servers, each as in production, on one machine. */
import type { NodeProcess } from '../system/node-process';
import { startServers, type OwnServer } from '../system/servers';
import { createStack, type Stack } from '../system/stack';
import { startMailServer, type MailServer } from './mail-server';
import { freezeTree, thawTree } from './process-tree';

export const PART_NAMES = ['worker', 'api', 'temporal', 'postgres', 'smtp'] as const;
export type PartName = (typeof PART_NAMES)[number];

export interface Part {
  readonly name: PartName;
  /** SIGKILL, at once or at the worst moment. */
  kill(atWorst: boolean): Promise<void>;
  /** Resolves once it is ready; throws if it exits before that. */
  start(): Promise<void>;
  isUp(): boolean;
  /** SIGSTOP and SIGCONT, if freezing is tested too. */
  readonly standstill?: { freeze(): void; thaw(): void };
}

export interface Scene {
  readonly stack: Stack;
  readonly mail: MailServer;
  readonly parts: readonly Part[];
  /** Kills everything at once; nothing is kept. */
  stop(): Promise<void>;
}

/** Starts everything. What was started is stopped again when a part does not start. */
export async function startScene(options: {
  readonly cliPath: string;
  readonly signal: AbortSignal;
}): Promise<Scene> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) await each().catch(() => undefined);
  };
  try {
    const servers = await startServers(options);
    stops.push(() => servers.stop());
    const mail = await startMailServer(servers.folder, options.signal);
    stops.push(() => mail.server.kill());
    options.signal.throwIfAborted();

    const { mailbox } = mail;
    const stack = await createStack({
      ...servers,
      mailbox,
      signal: options.signal,
      env: { LOG_LEVEL: 'info' },
    });
    const { api, worker } = stack;
    stops.push(
      () => stack.stop(),
      () => Promise.all([api.kill(), worker.kill()]),
    );
    await stack.start();
    options.signal.throwIfAborted();

    const parts: readonly Part[] = [
      {
        ...ownProcess('worker', worker),
        standstill: { freeze: () => worker.freeze(), thaw: () => worker.thaw() },
      },
      ownProcess('api', api),
      ownServer('temporal', servers.temporal),
      ownServer('postgres', servers.postgres),
      {
        ...ownProcess('smtp', mail.server),
        kill: (atWorst) => (atWorst ? mail.killBeforeAnswer() : mail.server.kill()),
      },
    ];
    return { stack, mail, parts, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const ownProcess = (name: PartName, part: NodeProcess | OwnServer): Part => ({
  name,
  kill: () => part.kill(),
  start: () => part.start(),
  isUp: () => part.isRunning,
});

const ownServer = (name: PartName, server: OwnServer): Part => ({
  ...ownProcess(name, server),
  standstill: { freeze: () => freezeTree(server.pid), thaw: () => thawTree(server.pid) },
});
