import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { run } from './command-line';
import { projectRoot } from './project-root';
import { pinnedCliVersion, type TemporalCliSource } from './temporal-cli-source';

/** A build of the same release from its sources, pinned with their checksums by `tools/temporal`. */
export const buildTemporalCli: TemporalCliSource = {
  name: 'Building it with Go',
  async fetch(target, { env, log, onProgress, signal }) {
    const go = await run({ command: 'go', args: ['version'], env }, { signal }).catch(() => {
      throw new Error('there is no Go on this machine');
    });
    log(
      `Building the Temporal CLI ${pinnedCliVersion} with ${go.trim()}: about four minutes on two cores, ` +
        `once for this user (kept in ${dirname(target)}).`,
    );
    await mkdir(dirname(target), { recursive: true });
    const temporary = `${target}.${process.pid}.tmp`;
    let downloaded = 0;
    let compiled = 0;
    try {
      await run(
        {
          command: 'go',
          args: [
            'build',
            '-v',
            '-o',
            temporary,
            '-ldflags',
            `-s -w -X github.com/temporalio/cli/internal/temporalcli.Version=${pinnedCliVersion}`,
            'github.com/temporalio/cli/cmd/temporal',
          ],
          cwd: join(projectRoot, 'tools', 'temporal'),
          // The user's own GOWORK and GOFLAGS must not apply here.
          env: { ...env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-mod=readonly' },
        },
        {
          signal,
          onLine: (line) => {
            if (line.startsWith('go: downloading'))
              onProgress?.(`downloading sources, ${(downloaded += 1)} modules`);
            else onProgress?.(`compiling, ${(compiled += 1)} packages: ${line}`);
          },
        },
      );
      await rename(temporary, target);
    } finally {
      await rm(temporary, { force: true });
    }
  },
};
