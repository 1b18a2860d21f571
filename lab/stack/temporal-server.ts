import type { CommandLine } from './command-line';

export interface TemporalServerOptions {
  readonly cliPath: string;
  readonly port: number;
  readonly uiPort: number;
  /** SQLite file that keeps the runs; in memory without it. */
  readonly dbFile?: string | undefined;
  /** Further arguments of `temporal server start-dev`. */
  readonly extraArgs?: readonly string[];
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** The command of the official dev server with its Web UI, on 127.0.0.1 only. */
export function temporalServerCommand(options: TemporalServerOptions): CommandLine {
  const { cliPath, port, uiPort, dbFile, extraArgs = [], env } = options;
  const storage =
    dbFile === undefined
      ? []
      : // A write-ahead log doubles the rate of the file as it comes, and loses nothing when the process is killed.
        ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=1'];
  return {
    command: cliPath,
    args: [
      'server',
      'start-dev',
      ...['--ip', '127.0.0.1'],
      ...['--port', String(port)],
      ...['--ui-port', String(uiPort)],
      ...['--log-level', 'error'],
      // One worker asks few queues: with the four partitions of a cluster, half of the tasks and polls are passed on between them.
      ...['--dynamic-config-value', 'matching.numTaskqueueReadPartitions=1'],
      ...['--dynamic-config-value', 'matching.numTaskqueueWritePartitions=1'],
      ...storage,
      ...extraArgs,
    ],
    env,
  };
}

/** Whether the server knows its namespace; checked through the UI's proxy, so the UI works too. */
export async function temporalAnswers(uiPort: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${uiPort}/api/v1/namespaces/default`, {
      signal: AbortSignal.timeout(2_000),
    });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
