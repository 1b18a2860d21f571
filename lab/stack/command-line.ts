import { type ChildProcess, spawn } from 'node:child_process';

/** A program with everything needed to start it. */
export interface CommandLine {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly cwd?: string | undefined;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** A program failed; `output` has the end of its output. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  constructor(
    message: string,
    readonly output: string,
  ) {
    super(output ? `${message}\n${output}` : message);
  }
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  /** Called with each line of both streams. */
  readonly onLine?: (line: string) => void;
}

/** Lines of output kept for an error message. */
const linesKept = 30;

/** Runs a program to its end and returns its standard output. Throws `CommandError` unless it exits with 0. */
export function run(line: CommandLine, { signal, timeoutMs, onLine }: RunOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(line.command, line.args, {
      ...spawnOptions(line),
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(signal && { signal }),
      ...(timeoutMs !== undefined && { timeout: timeoutMs }),
    });
    let stdout = '';
    const said: string[] = [];
    const keep = (text: string) => {
      said.push(text);
      if (said.length > linesKept) said.shift();
      onLine?.(text);
    };
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stdout.on('data', splitLines(keep));
    child.stderr.setEncoding('utf8').on('data', splitLines(keep));
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      if (code === 0) resolve(stdout);
      else
        reject(
          new CommandError(`${line.command} ended with ${killedBy ?? `exit code ${code}`}.`, said.join('\n')),
        );
    });
  });
}

/** The part of a command line that Node's `spawn` takes as options. */
export function spawnOptions({ env, cwd, uid, gid }: CommandLine) {
  return {
    ...(env && { env }),
    ...(cwd !== undefined && { cwd }),
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
  };
}

/** Splits chunks into lines, without empty ones. */
export function splitLines(onLine: (line: string) => void): (chunk: string) => void {
  let rest = '';
  return (chunk) => {
    const lines = (rest + chunk).split(/\r?\n/);
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.trim()) onLine(line);
  };
}

/** It is over, or never began. */
export const hasEnded = ({ exitCode, signalCode, pid }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null || pid === undefined;
