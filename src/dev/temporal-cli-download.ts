import { createWriteStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { run } from './command-line';
import { pinnedCliVersion, type TemporalCliSource } from './temporal-cli-source';

/** Where nothing answers, this is all that is waited for before the next way is tried. */
const connectWithinMs = 5_000;

/** The archive of the official release, unpacked into the cache. */
export const downloadTemporalCli: TemporalCliSource = {
  name: 'Downloading the official release',
  async fetch(target, { log, onProgress, signal }) {
    const url = archiveUrl();
    log(`Downloading the Temporal CLI ${pinnedCliVersion} from ${url}`);
    await mkdir(dirname(target), { recursive: true });
    const folder = await mkdtemp(join(dirname(target), 'download-'));
    try {
      const archive = join(folder, 'temporal.tar.gz');
      await download(url, archive, { onProgress, signal });
      await run({ command: 'tar', args: ['-xzf', archive, '-C', folder, 'temporal'] }, { signal });
      const unpacked = join(folder, 'temporal');
      await chmod(unpacked, 0o755);
      await rename(unpacked, target);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function archiveUrl(): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const file = `temporal_cli_${pinnedCliVersion}_${process.platform}_${architecture}.tar.gz`;
  return `https://github.com/temporalio/cli/releases/download/v${pinnedCliVersion}/${file}`;
}

interface DownloadOptions {
  readonly onProgress?: ((detail: string) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

async function download(url: string, file: string, { onProgress, signal }: DownloadOptions): Promise<void> {
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
  let received = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
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
