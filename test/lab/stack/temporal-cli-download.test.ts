import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../../../lab/stack/command-line';
import { versionOf } from '../../../lab/stack/temporal-cli';
import { downloadFrom } from '../../../lab/stack/temporal-cli-download';
import { pinnedCliSha256, pinnedCliVersion } from '../../../lab/stack/temporal-cli-source';
import { projectRoot } from '../../../lab/stack/project-root';

const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;

let folder: string;
let target: string;
let archive: Buffer;
let site: Server;
let asked: string[];

/** A site that has the pinned version's archive for this platform, with a program that only tells its version. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-cli-site-'));
  target = join(folder, 'cache', 'temporal');
  const program = join(folder, 'temporal');
  await writeFile(program, `#!/bin/sh\necho "temporal version ${pinnedCliVersion} (Server 1.32.0)"\n`);
  await chmod(program, 0o755);
  await run({ command: 'tar', args: ['-czf', join(folder, 'archive'), '-C', folder, 'temporal'] });
  archive = await readFile(join(folder, 'archive'));
  asked = [];
  site = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.end(archive);
  }).listen(0, '127.0.0.1');
  await once(site, 'listening');
});
afterEach(async () => {
  site.close();
  await rm(folder, { recursive: true });
});

const sha256Of = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const download = (sha256: Readonly<Record<string, string>>) =>
  downloadFrom({ url: `http://127.0.0.1:${(site.address() as AddressInfo).port}`, sha256 }).fetch(target, {
    env: process.env,
    log: () => undefined,
  });

it('The Temporal CLI download unpacks the archive with the pinned checksum', async () => {
  await download({ [platform]: sha256Of(archive) });

  expect(asked).toEqual([`/v${pinnedCliVersion}/temporal_cli_${pinnedCliVersion}_${platform}.tar.gz`]);
  expect(await versionOf(target)).toBe(pinnedCliVersion);
});

it('The Temporal CLI download refuses any other archive unopened, names both checksums and leaves no files', async () => {
  const pinned = sha256Of(archive);
  archive = Buffer.concat([archive, Buffer.from('more')]);

  await expect(download({ [platform]: pinned })).rejects.toThrow(
    `its SHA-256 is ${sha256Of(archive)}, not ${pinned}`,
  );

  await expect(access(target)).rejects.toThrow('ENOENT');
  expect(await readdir(join(folder, 'cache'))).toEqual([]);
});

it('The Temporal CLI download requests nothing when no checksum is pinned for the platform', async () => {
  await expect(download({})).rejects.toThrow(`no checksum is pinned for ${platform}`);

  expect(asked).toEqual([]);
});

it('Every supported platform has a pinned checksum, of the version that is built from source', async () => {
  const goMod = await readFile(join(projectRoot, 'tools', 'temporal', 'go.sum'), 'utf8');

  expect(Object.keys(pinnedCliSha256)).toEqual([
    'linux_amd64',
    'linux_arm64',
    'darwin_amd64',
    'darwin_arm64',
  ]);
  for (const sha256 of Object.values(pinnedCliSha256)) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(goMod).toContain(`github.com/temporalio/cli v${pinnedCliVersion} h1:`);
});
