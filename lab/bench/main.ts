/** `npm run bench -- <name>`: runs one bench. Progress goes to the error stream, the result to standard output. */
import { parseArgs } from 'node:util';
import type { Bench } from './bench';
import { planChangeBench } from './plan-change';
import { resetBench } from './reset';
import { createProgress } from './support/progress';
import { sweepBench } from './sweep';
import { timingBench } from './timing';
import { webBench } from './web';

const benches: readonly Bench[] = [resetBench, timingBench, sweepBench, planChangeBench, webBench];

/** An invalid command line; the message says what is valid. */
class UsageError extends Error {}

interface Asked {
  readonly bench: Bench;
  readonly options: Readonly<Record<string, number>>;
  readonly json: boolean;
}

const benchOf = ([name]: readonly string[]): Bench | undefined => benches.find((each) => each.name === name);

/** Parses the arguments after the script's name. Throws `UsageError`. */
function parse(args: readonly string[]): Asked {
  const [name, ...rest] = args;
  const bench = benchOf(args);
  if (!bench) {
    const asked =
      name === undefined || name.startsWith('-') ? 'Which bench?' : `There is no bench "${name}".`;
    throw new UsageError(`${asked} These are known:\n\n${usage(benches)}`);
  }
  const names = Object.keys(bench.options);
  try {
    const { values } = parseArgs({
      args: rest,
      options: {
        json: { type: 'boolean' },
        ...Object.fromEntries(names.map((option) => [option, { type: 'string' } as const])),
      },
    });
    const given = values as Readonly<Record<string, string | boolean | undefined>>;
    const options = names.map((option) => [option, numberOf(bench, option, given[option])] as const);
    return { bench, options: Object.fromEntries(options), json: given['json'] === true };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${(error as Error).message}\n\n${describe(bench)}`);
  }
}

function numberOf({ options }: Bench, name: string, typed: string | boolean | undefined): number {
  const { usual, least, most } = options[name]!;
  if (typed === undefined) return usual;
  const value = /^\d+$/.test(String(typed)) ? Number(typed) : Number.NaN;
  if (!(value >= least && value <= most))
    throw new UsageError(`--${name} takes a whole number from ${least} to ${most}.`);
  return value;
}

const usage = (of: readonly Bench[]): string => of.map(describe).join('\n\n');

function describe({ name, summary, options }: Bench): string {
  const lines = Object.entries(options).map(
    ([option, { usual, means }]) => `    --${option} ${usual}`.padEnd(30) + means,
  );
  return [
    `  npm run bench -- ${name}`,
    `    ${summary}`,
    ...lines,
    `    --json`.padEnd(30) + 'only JSON on standard output (with "npm run --silent")',
  ].join('\n');
}

async function run({ bench, options, json }: Asked): Promise<number> {
  const stopped = new AbortController();
  // A second signal changes nothing: stopping takes seconds at most.
  const onSignal = () => stopped.abort(new Error('stopped'));
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  const late = setTimeout(
    () => stopped.abort(new Error(`not done within ${bench.withinMinutes} minutes`)),
    bench.withinMinutes * 60_000,
  );
  const progress = createProgress(process.stderr);
  try {
    const { page, figures, wrong } = await bench.run({ options, progress, signal: stopped.signal });
    progress.end();
    process.stdout.write(json ? `${JSON.stringify(figures, null, 2)}\n` : `${page}\n`);
    if (wrong === undefined) return 0;
    console.error(`bench ${bench.name}: ${wrong}`);
    return 1;
  } catch (error) {
    progress.end();
    const reason: unknown = stopped.signal.aborted ? stopped.signal.reason : error;
    console.error(`bench ${bench.name}: ${reason instanceof Error ? reason.message : String(reason)}`);
    return stopped.signal.aborted ? 130 : 1;
  } finally {
    clearTimeout(late);
  }
}

/** Runs the command line and returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    const asked = benchOf(args);
    process.stdout.write(`${usage(asked ? [asked] : benches)}\n`);
    return 0;
  }
  try {
    return await run(parse(args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    return 64;
  }
}
