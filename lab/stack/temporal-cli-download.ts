import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from './command-line';
import { pinnedCliSha256, pinnedCliVersion, type TemporalCliSource } from './temporal-cli-source';

/** How long to wait for an answer before the next way is tried. */
const connectWithinMs = 5_000;

const releases = 'https://github.com/temporalio/cli/releases/download';

export interface ReleaseSite {
  /** The location of the release folders. */
  readonly url: string;
  /** By platform and architecture, such as `linux_amd64`. */
  readonly sha256: Readonly<Record<string, string>>;
}

/** The archive of the official release, unpacked into the cache if its SHA-256 matches the pinned one. */
export const downloadTemporalCli = downloadFrom({ url: releases, sha256: pinnedCliSha256 });

/** As `downloadTemporalCli`, from another site. Requests nothing if no checksum is pinned. */
export function downloadFrom(site: ReleaseSite): TemporalCliSource {
  return {
    name: 'Downloading the official release',
    async fetch(target, { log, onProgress, signal }) {
      const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
      const expected = site.sha256[platform];
      if (expected === undefined) throw new Error(`no checksum is pinned for ${platform}`);
      const url = `${site.url}/v${pinnedCliVersion}/temporal_cli_${pinnedCliVersion}_${platform}.tar.gz`;
      log(`Downloading the Temporal CLI ${pinnedCliVersion} from ${url}`);
      await mkdir(dirname(target), { recursive: true });
      const folder = await mkdtemp(join(dirname(target), 'download-'));
      try {
        const archive = join(folder, 'temporal.tar.gz');
        const sha256 = await download(url, archive, { onProgress, signal });
        if (sha256 !== expected)
          throw new Error(`the archive is not the pinned one: its SHA-256 is ${sha256}, not ${expected}`);
        await run({ command: 'tar', args: ['-xzf', archive, '-C', folder, 'temporal'] }, { signal });
        const unpacked = join(folder, 'temporal');
        await chmod(unpacked, 0o755);
        await rename(unpacked, target);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

interface DownloadOptions {
  readonly onProgress?: ((detail: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the SHA-256 of the download, in hex. */
async function download(url: string, file: string, { onProgress, signal }: DownloadOptions): Promise<string> {
  const connecting = new AbortController();
  const timer = setTimeout(() => connecting.abort(), connectWithinMs);
  const response = await fetch(url, {
    signal: AbortSignal.any([connecting.signal, ...(signal ? [signal] : [])]),
  })
    .catch((error: unknown) => {
      throw new Error(`the site cannot be reached (${reasonOf(error)})`, { cause: error });
    })
    .finally(() => clearTimeout(timer));
  if (!response.ok || !response.body) throw new Error(`the site answered ${response.status}`);

  const total = Number(response.headers.get('content-length') ?? 0);
  const hash = createHash('sha256');
  let received = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      hash.update(chunk);
      onProgress?.(total ? `${megabytes(received)} of ${megabytes(total)} MB` : `${megabytes(received)} MB`);
      done(null, chunk);
    },
  });
  await pipeline(
    Readable.fromWeb(response.body),
    meter,
    createWriteStream(file),
    ...(signal ? [{ signal }] : []),
  );
  return hash.digest('hex');
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(0);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return `no answer within ${connectWithinMs / 1000} s`;
  const cause = error.cause;
  return cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : error.message;
}
