import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cachedCliPath, compareVersions, ensureTemporalCli } from '../../../lab/stack/temporal-cli';
import { pinnedCliVersion, type TemporalCliSource } from '../../../lab/stack/temporal-cli-source';

let folder: string;
let env: NodeJS.ProcessEnv;
let said: string[];
const log = (sentence: string) => said.push(sentence);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-cli-'));
  env = { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') };
  said = [];
});
afterEach(() => rm(folder, { recursive: true }));

/** A program that answers `--version` as the Temporal CLI of a version does. */
async function fakeCli(path: string, version: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho "temporal version ${version} (Server 1.32.0, UI 2.54.1)"\n`);
  await chmod(path, 0o755);
  return path;
}

function source(name: string, fetch: TemporalCliSource['fetch']): TemporalCliSource & { calls: number } {
  const counted = {
    name,
    calls: 0,
    fetch: (...args: Parameters<TemporalCliSource['fetch']>) => {
      counted.calls += 1;
      return fetch(...args);
    },
  };
  return counted;
}

const failing = (name: string) => source(name, () => Promise.reject(new Error(`${name} is out of reach`)));
const making = (name: string) =>
  source(name, async (target) => void (await fakeCli(target, pinnedCliVersion)));

describe('ensureTemporalCli', () => {
  it('ensureTemporalCli uses the requested CLI before any other', async () => {
    const asked = await fakeCli(join(folder, 'mine'), '1.9.5');
    await fakeCli(join(folder, 'bin', 'temporal'), '1.9.1');

    await expect(ensureTemporalCli({ temporalCliPath: asked, env, log })).resolves.toBe(asked);
  });

  it.each([
    ['is not there', undefined, 'no program that can be run'],
    ['is something else', 'nothing', 'no Temporal CLI'],
    ['is too old', '1.4.1', '1.4.1; 1.9.0 or newer is needed'],
  ])('ensureTemporalCli refuses a requested CLI that %s', async (_, version, message) => {
    const asked = join(folder, 'mine');
    if (version !== undefined) await fakeCli(asked, version);
    const fallback = making('download');

    const finding = ensureTemporalCli({ temporalCliPath: asked, env, log, sources: [fallback] });

    await expect(finding).rejects.toThrow(message);
    expect(fallback.calls).toBe(0);
  });

  it('ensureTemporalCli prefers a recent enough CLI on PATH to the cached one', async () => {
    const onPath = await fakeCli(join(folder, 'bin', 'temporal'), '1.10.0');
    await fakeCli(cachedCliPath(env), pinnedCliVersion);

    await expect(ensureTemporalCli({ env, log })).resolves.toBe(onPath);
  });

  it('ensureTemporalCli skips an old CLI on PATH and says so', async () => {
    await fakeCli(join(folder, 'bin', 'temporal'), '1.4.1');
    const cached = await fakeCli(cachedCliPath(env), pinnedCliVersion);

    await expect(ensureTemporalCli({ env, log })).resolves.toBe(cached);
    expect(said.join()).toContain('1.4.1');
  });

  it('ensureTemporalCli does not fetch a cached CLI', async () => {
    const cached = await fakeCli(cachedCliPath(env), pinnedCliVersion);
    const download = making('download');

    await expect(ensureTemporalCli({ env, log, sources: [download] })).resolves.toBe(cached);
    expect(download.calls).toBe(0);
  });

  it('ensureTemporalCli builds the CLI when the download fails, and says why it failed', async () => {
    const build = making('build');

    const path = await ensureTemporalCli({ env, log, sources: [failing('download'), build] });

    expect(path).toBe(cachedCliPath(env));
    expect(build.calls).toBe(1);
    expect(said.join()).toContain('download is out of reach');
  });

  it('ensureTemporalCli lists everything it tried and what to do when nothing works', async () => {
    const finding = ensureTemporalCli({ env, log, sources: [failing('download'), failing('build')] });

    await expect(finding).rejects.toThrow(
      /download is out of reach[^]*build is out of reach[^]*TEMPORAL_CLI_PATH/,
    );
  });

  it('ensureTemporalCli does not try the next source once it is told to stop', async () => {
    const stop = new AbortController();
    const download = source('download', () => {
      stop.abort();
      return Promise.reject(new Error('stopped'));
    });
    const build = making('build');

    await expect(
      ensureTemporalCli({ env, log, signal: stop.signal, sources: [download, build] }),
    ).rejects.toThrow('aborted');
    expect(build.calls).toBe(0);
  });
});

describe('compareVersions', () => {
  it.each([
    ['1.9.1', '1.9.0', 1],
    ['1.10.0', '1.9.9', 1],
    ['1.9.0', '1.9.0', 0],
    ['1.9.0-rc.1', '1.9.0', 0],
    ['0.9.9', '1.0.0', -1],
  ])('compareVersions orders %s and %s by number', (a, b, sign) => {
    expect(Math.sign(compareVersions(a, b))).toBe(sign);
  });
});
