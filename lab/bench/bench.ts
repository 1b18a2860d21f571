import type { Progress } from './support/progress';

/** A number that can be set on the command line: `--at-a-time 20`. */
export interface NumberOption {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  readonly means: string;
}

export interface BenchContext<Options> {
  readonly options: Options;
  readonly progress: Progress;
  /** Aborted by Ctrl-C and when time is up: whatever runs then ends, and what was started is stopped. */
  readonly signal: AbortSignal;
}

/** What a bench found: a page for people, and the same for programs. */
export interface BenchReport {
  readonly page: string;
  readonly figures: object;
  /** What must never be, and was: the bench ends with code 1. */
  readonly wrong?: string | undefined;
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  /** By the name it has on the command line. */
  readonly options: Readonly<Record<string, NumberOption>>;
  readonly withinMinutes: number;
  run(context: BenchContext<Readonly<Record<string, number>>>): Promise<BenchReport>;
}

/** A bench whose `run` gets exactly the options that it names. */
export function defineBench<Options extends Record<string, NumberOption>>(
  bench: Omit<Bench, 'options' | 'run'> & {
    readonly options: Options;
    run(context: BenchContext<{ readonly [Name in keyof Options]: number }>): Promise<BenchReport>;
  },
): Bench {
  return {
    ...bench,
    run: ({ options, ...context }) =>
      bench.run({ ...context, options: options as { readonly [Name in keyof Options]: number } }),
  };
}
