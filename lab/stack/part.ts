import type { CommandLine } from './command-line';

/** One process of the stack, as the supervisor needs to know it. */
export interface Part {
  /** Names its log and its run file. */
  readonly name: string;
  /** What people read: "the API". */
  readonly title: string;
  /** Asked again at each start, so that a restart finds what has changed. */
  readonly command: () => Promise<CommandLine> | CommandLine;
  /** Whether it works; asked every tenth of a second while it starts. `saidReady` is what the part reported itself. */
  readonly isReady: (saidReady: boolean, aliveForMs: number) => Promise<boolean> | boolean;
  readonly startWithinMs: number;
  readonly stopSignal: NodeJS.Signals;
  /** After this it is killed. */
  readonly stopWithinMs: number;
  /** A program of ours: it gets an IPC channel, by which it notices when the supervisor is gone. */
  readonly ours: boolean;
}

/** What the supervisor tells about a part that runs. */
export interface PartEvents {
  /** It ended though nobody asked it to; `how` is "by SIGKILL" or "with exit code 1". */
  died(part: Part, how: string): void;
  /** It works again, this long after it died. */
  back(part: Part, afterMs: number): void;
  /** A line of its output that a person should see. */
  warned(part: Part, line: string): void;
}
