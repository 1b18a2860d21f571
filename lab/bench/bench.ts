import type { Progress } from './support/progress';
import { startBenchStack, type BenchStack } from './support/stack';

/** A number that can be set on the command line: `--at-a-time 20`. */
export interface NumberOption {
  readonly usual: number;
  readonly least: number;
  readonly most: number;
  readonly means: string;
}

interface BenchContext {
  readonly options: Readonly<Record<string, number>>;
  readonly progress: Progress;
  /** Aborted by Ctrl-C and on timeout: everything running ends, and everything started is stopped. */
  readonly signal: AbortSignal;
}

/** A bench's result: a page for people, and JSON for programs. */
export interface BenchReport {
  readonly page: string;
  readonly figures: object;
  /** Violations: the bench exits with 1. */
  readonly wrong?: string | undefined;
}

export interface Bench {
  readonly name: string;
  readonly summary: string;
  /** By its name on the command line. */
  readonly options: Readonly<Record<string, NumberOption>>;
  readonly withinMinutes: number;
  run(context: BenchContext): Promise<BenchReport>;
}

/** A bench whose `run` gets its own servers, and exactly the options it declares. */
export function defineBench<Options extends Record<string, NumberOption>>(
  bench: Omit<Bench, 'options' | 'run'> & {
    readonly options: Options;
    run(context: {
      readonly stack: BenchStack;
      readonly progress: Progress;
      readonly options: { readonly [Name in keyof Options]: number };
    }): Promise<BenchReport>;
  },
): Bench {
  return {
    ...bench,
    async run({ progress, signal, options }) {
      const stack = await startBenchStack({ signal, progress });
      try {
        return await bench.run({
          stack,
          progress,
          options: options as { readonly [Name in keyof Options]: number },
        });
      } finally {
        progress.step('stopping what was started');
        await stack.stop();
      }
    },
  };
}
