/** The version that is downloaded or built; `tools/temporal/go.mod` pins the same. */
export const pinnedCliVersion = '1.9.1';

/** SHA-256 of that version's archives, by platform and architecture. */
export const pinnedCliSha256: Readonly<Record<string, string>> = {
  linux_amd64: '09a0326a51db84d02735e53542b9ebd8c4758daf47482a9ab0abce15844e60d5',
  linux_arm64: '6c57c352d52fc3df34412376fd9ba6f74b7e3ace8e426e6cba8600156d36a145',
  darwin_amd64: '48cdd6c84c56e27ae8e4d9a47052b89289a9c552dee029b49dd312c6fb72873f',
  darwin_arm64: '41e0425378fcb4fb5766340b97435e20fe47bbff2d7bf644ec2d51f7662b7c56',
};

/** What finding or getting the CLI needs from its caller. */
export interface TemporalCliProgress {
  readonly env: NodeJS.ProcessEnv;
  /** Reports each action in whole sentences. */
  readonly log: (sentence: string) => void;
  /** Reports the progress of a long step in a few words, up to many times a second. */
  readonly onProgress?: ((detail: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A way to get the CLI. It creates a working program at `target` atomically. */
export interface TemporalCliSource {
  readonly name: string;
  fetch(target: string, progress: TemporalCliProgress): Promise<void>;
}
