/** A container engine, with what is needed of it here. */
import type { RunOptions } from '../stack/command-line';

export interface Engine {
  /** Name, version and what else a report should say. */
  readonly about: string;
  /** Whether its API takes a range of ports for a container to be published at any of them. */
  readonly portRanges: boolean;
  /** Whether nothing else uses its images and containers. */
  readonly ownStorage: boolean;
  /** With it, Compose reaches the engine. */
  readonly env: NodeJS.ProcessEnv;
  /** Runs one of its commands and returns the output. */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
  /** Ends what was started to use it. With `remove`, its own storage goes as well. */
  close(options: { readonly remove: boolean }): Promise<void>;
}

export interface EngineOptions {
  readonly env: NodeJS.ProcessEnv;
  /** A folder for what is kept between runs. */
  readonly home: string;
  readonly say: (line: string) => void;
}

export const hasImage = (engine: Engine, name: string): Promise<boolean> =>
  engine.run(['image', 'inspect', name]).then(
    () => true,
    () => false,
  );
