import type { CommandLine } from './command-line';

/** One process of the stack, as the supervisor sees it. */
export interface Part {
  /** Names its log and its run file. */
  readonly name: string;
  /** The display name: "the API". */
  readonly title: string;
  /** Evaluated at each start, so that a restart uses current values. */
  readonly command: () => Promise<CommandLine> | CommandLine;
  /** Whether it is ready; polled every tenth of a second during the start. `saidReady`: whether the part has reported so. */
  readonly isReady: (saidReady: boolean, aliveForMs: number) => Promise<boolean> | boolean;
  readonly startWithinMs: number;
  readonly stopSignal: NodeJS.Signals;
  /** After this time it is killed. */
  readonly stopWithinMs: number;
  /** One of our programs: it gets an IPC channel to notice when the supervisor is gone. */
  readonly ours: boolean;
}

/** What the supervisor reports about a running part. */
export interface PartEvents {
  /** It exited unexpectedly; `how` is "by SIGKILL" or "with exit code 1". */
  died(part: Part, how: string): void;
  /** It is ready again, this long after it died. */
  back(part: Part, afterMs: number): void;
  /** A line of its output to show. */
  warned(part: Part, line: string): void;
}
