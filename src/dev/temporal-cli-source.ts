/** The version that is downloaded or built; `tools/temporal/go.mod` pins the same. */
export const pinnedCliVersion = '1.9.1';

/** What finding or getting the CLI needs from its caller. */
export interface TemporalCliProgress {
  readonly env: NodeJS.ProcessEnv;
  /** Says what is being done, in whole sentences. */
  readonly log: (sentence: string) => void;
  /** Says how far a long step is, in a few words; many times a second at worst. */
  readonly onProgress?: ((detail: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A way to get the CLI. It leaves a working program at `target`, whole or not at all. */
export interface TemporalCliSource {
  readonly name: string;
  fetch(target: string, progress: TemporalCliProgress): Promise<void>;
}
