/** `npm run containers`: Tenure in real containers, from nothing to nothing. */
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { CommandError } from '../stack/command-line';
import { cachedCliPath } from '../stack/temporal-cli';
import { CheckError, createChecks } from './checks';
import type { Engine } from './engine';
import { openEngine } from './find-engine';
import { runContainers } from './run';

const USAGE = `npm run containers -- [options]
    Brings docker-compose.yml up with Docker, or with podman, imports the demo rosters, goes through a reset and a plan change, has
    two APIs and two workers, kills workers, compares, and takes everything down again. Images that cannot be pulled are made from
    package registries. The report goes to docs/containers.md. Ends with 0 only if everything is as expected.
    --keep-images          keep pulled images and stand-ins for the next time, and programs that were built
    --no-report            leave docs/containers.md as it is`;

const OPTIONS = { 'keep-images': { type: 'boolean' }, 'no-report': { type: 'boolean' } } as const;

/** Runs the command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  let options: { readonly 'keep-images'?: boolean; readonly 'no-report'?: boolean };
  try {
    options = parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${USAGE}`);
    return 64;
  }
  const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
  const stopped = new AbortController();
  // A second signal changes nothing: taking down takes seconds.
  const onSignal = (): void => stopped.abort(new Error('stopped'));
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);

  const home = join(dirname(dirname(cachedCliPath(process.env))), 'containers');
  const keep = options['keep-images'] === true;
  let engine: Engine | undefined;
  try {
    await mkdir(home, { recursive: true });
    engine = await openEngine({ env: process.env, home, say });
    await runContainers({
      engine,
      home,
      keep,
      report: options['no-report'] !== true,
      checks: createChecks(say),
      say,
      signal: stopped.signal,
    });
    return 0;
  } catch (error) {
    const expected = error instanceof CheckError || error instanceof CommandError;
    console.error(expected ? error.message : error);
    return stopped.signal.aborted ? 130 : 1;
  } finally {
    await engine?.close({ remove: !keep });
    if (!keep) await rm(home, { recursive: true, force: true });
  }
}
