/** `npm run chaos`: one round. Progress goes to the error stream, the report to standard output. */
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createProgress } from '../bench/support/progress';
import { loadStackConfig } from '../stack/config';
import { ensureTemporalCli } from '../stack/embedded';
import { PART_NAMES, type PartName } from './parts';
import { reportOf } from './report';
import { runRound } from './round';

const USAGE = `npm run chaos -- [options]
    Hundreds of people at once while parts are killed (SIGKILL) and frozen (SIGSTOP); then whether all they were told is so, once.
    --seed N               of who does what and what is killed when; any, and it is told, unless given
    --flows 300            how many people
    --at-a-time 20         so many at once
    --parts ${PART_NAMES.join(',')}
                           what is killed; worker, temporal and postgres are frozen, too
    --minutes 20           after these the round is given up
    --json                 only JSON on standard output (with "npm run --silent")`;

const MAX_SEED = 2 ** 32;
/** A request whose API process died lapses after a minute. */
const KEY_PATIENCE_MS = 70_000;
const THINK_MS = 2_000;

/** An invalid command line. */
class UsageError extends Error {}

interface Asked {
  readonly seed: number;
  readonly flows: number;
  readonly atATime: number;
  readonly targets: readonly PartName[];
  readonly minutes: number;
  readonly json: boolean;
}

function parse(args: readonly string[]): Asked {
  const text = { type: 'string' } as const;
  const options = {
    seed: text,
    flows: text,
    'at-a-time': text,
    parts: text,
    minutes: text,
    json: { type: 'boolean' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options });
    return {
      seed: number('seed', values.seed, randomInt(MAX_SEED), [0, MAX_SEED - 1]),
      flows: number('flows', values.flows, 300, [1, 10_000]),
      atATime: number('at-a-time', values['at-a-time'], 20, [1, 500]),
      targets: partsOf(values.parts ?? PART_NAMES.join(',')),
      minutes: number('minutes', values.minutes, 20, [1, 600]),
      json: values.json === true,
    };
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
}

function number(
  name: string,
  typed: string | undefined,
  usual: number,
  [least, most]: readonly [number, number],
): number {
  if (typed === undefined) return usual;
  const value = /^\d+$/.test(typed) ? Number(typed) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}.`);
  return value;
}

function partsOf(typed: string): PartName[] {
  return typed.split(',').map((name) => {
    const part = PART_NAMES.find((each) => each === name.trim());
    if (part === undefined)
      throw new UsageError(`--parts takes ${PART_NAMES.join(', ')}, separated by commas.`);
    return part;
  });
}

async function run({ minutes, json, ...asked }: Asked): Promise<number> {
  const stopped = new AbortController();
  // A second signal changes nothing: stopping takes at most seconds.
  const onSignal = (): void => stopped.abort(new Error('stopped'));
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  const late = setTimeout(
    () => stopped.abort(new Error(`not done within ${minutes} minutes`)),
    minutes * 60_000,
  );
  const progress = createProgress(process.stderr);
  console.error(`chaos: seed ${asked.seed}`);
  try {
    const { temporalCliPath, env } = loadStackConfig(process.env);
    const cliPath = await ensureTemporalCli({ temporalCliPath, env, log: (line) => progress.step(line) });
    const round = await runRound({
      ...asked,
      cliPath,
      progress,
      signal: stopped.signal,
      killForMs: minutes * 60_000,
      isEnough: () => true,
      keyPatienceMs: KEY_PATIENCE_MS,
      thinkMs: THINK_MS,
      slow: true,
    });
    progress.end();
    const { page, figures, sound } = reportOf(round);
    process.stdout.write(json ? `${JSON.stringify(figures, null, 2)}\n` : `${page}\n`);
    return sound ? 0 : 1;
  } catch (error) {
    progress.end();
    const reason: unknown = stopped.signal.aborted ? stopped.signal.reason : error;
    const told = reason instanceof Error ? (stopped.signal.aborted ? reason.message : reason.stack) : reason;
    console.error(`chaos: ${String(told)}`);
    return stopped.signal.aborted ? 130 : 1;
  } finally {
    clearTimeout(late);
  }
}

/** Runs the command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  let asked: Asked;
  try {
    asked = parse(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 64;
  }
  return run(asked);
}
