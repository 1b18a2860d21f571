import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run } from './command-line';
import { buildTemporalCli } from './temporal-cli-build';
import { downloadTemporalCli } from './temporal-cli-download';
import { pinnedCliVersion, type TemporalCliProgress, type TemporalCliSource } from './temporal-cli-source';

/** The minimum version: its server, 1.32, can move a run's clock, which the tests need. */
const oldestCliVersion = '1.9.0';

export interface TemporalCliOptions extends TemporalCliProgress {
  /** The requested program (TEMPORAL_CLI_PATH): used or refused, never skipped. */
  readonly temporalCliPath?: string | undefined;
  /** The ways to get a missing one, in order; tests replace them. */
  readonly sources?: readonly TemporalCliSource[];
}

/** No Temporal CLI could be found or built; the message says what was tried and what to do. */
export class TemporalCliMissingError extends Error {
  override readonly name = 'TemporalCliMissingError';
}

/**
 * Finds the official Temporal CLI, whose dev server the embedded stack and the tests run: the requested one, a new
 * enough one on PATH, the one in the cache, the official download, a build with Go. Returns its path.
 */
export async function ensureTemporalCli(options: TemporalCliOptions): Promise<string> {
  const { temporalCliPath, env, log, sources = [downloadTemporalCli, buildTemporalCli] } = options;
  if (temporalCliPath !== undefined) return askedFor(temporalCliPath);

  for (const candidate of await onPath(env)) {
    const version = await versionOf(candidate);
    if (version && compareVersions(version, oldestCliVersion) >= 0) return candidate;
    log(
      `The temporal on PATH (${candidate}) is ${version ?? 'of an unknown version'}; ${oldestCliVersion} or newer is needed.`,
    );
  }

  const cached = cachedCliPath(env);
  if ((await versionOf(cached)) === pinnedCliVersion) return cached;

  const failures: string[] = [];
  for (const source of sources) {
    try {
      await source.fetch(cached, options);
      const version = await versionOf(cached);
      if (version !== pinnedCliVersion) throw new Error(`it says it is ${version ?? 'no Temporal CLI'}`);
      return cached;
    } catch (error) {
      options.signal?.throwIfAborted();
      const reason = error instanceof Error ? error.message : String(error);
      failures.push(`- ${source.name}: ${reason}`);
      log(`${source.name} did not work: ${reason.split('\n')[0]}`);
    }
  }
  throw new TemporalCliMissingError(
    [
      `There is no Temporal CLI ${oldestCliVersion} or newer on this machine, and it could not be had:`,
      ...failures,
      'Install it (https://docs.temporal.io/cli), or name it in TEMPORAL_CLI_PATH, or install Go (https://go.dev/dl) ' +
        'so that it can be built, or name a running Temporal service in TEMPORAL_ADDRESS. Then start again.',
    ].join('\n'),
  );
}

/** Where a downloaded or built CLI is kept, shared by every checkout of this user. */
export function cachedCliPath(env: NodeJS.ProcessEnv): string {
  const cache = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
  return join(cache, 'tenure', `temporal-${pinnedCliVersion}`, 'temporal');
}

/** The version a program reports (`temporal version 1.9.1 (Server ...)`); undefined if it is not a Temporal CLI. */
export async function versionOf(path: string): Promise<string | undefined> {
  if (!(await isExecutable(path))) return undefined;
  try {
    const output = await run({ command: path, args: ['--version'] }, { timeoutMs: 60_000 });
    return /temporal version v?(\d+\.\d+\.\d+\S*)/i.exec(output)?.[1];
  } catch {
    return undefined;
  }
}

/** Negative, zero or positive, as `a` is older than, the same as or newer than `b`. A pre-release counts as its release. */
export function compareVersions(a: string, b: string): number {
  const numbers = (version: string) => (version.split(/[-+]/)[0] ?? '').split('.').map(Number);
  const [left, right] = [numbers(a), numbers(b)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

async function askedFor(path: string): Promise<string> {
  if (!(await isExecutable(path)))
    throw new TemporalCliMissingError(`TEMPORAL_CLI_PATH=${path} is no program that can be run.`);
  const version = await versionOf(path);
  if (version === undefined)
    throw new TemporalCliMissingError(
      `TEMPORAL_CLI_PATH=${path} is no Temporal CLI: "--version" does not say so.`,
    );
  if (compareVersions(version, oldestCliVersion) < 0) {
    throw new TemporalCliMissingError(
      `TEMPORAL_CLI_PATH=${path} is ${version}; ${oldestCliVersion} or newer is needed.`,
    );
  }
  return path;
}

async function onPath(env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  for (const folder of folders) {
    const candidate = join(folder, 'temporal');
    if (await isExecutable(candidate)) return [candidate];
  }
  return [];
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
