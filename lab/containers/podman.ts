/** Podman with settings and a storage of its own, so that nothing else on this machine is touched, and its API for Compose. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasEnded, run, type RunOptions } from '../stack/command-line';
import { until } from '../stack/wait-until';
import type { Engine, EngineOptions } from './engine';
import { startHealthChecks } from './health';

/** Debian's names. */
const PACKAGES = 'podman runc netavark aardvark-dns iptables catatonit';
const UNLIMITED = 1_048_576;
/** Overlay needs a file system that it can lie on; vfs copies everything and works everywhere. */
const DRIVERS = ['overlay', 'vfs'];

/** Starts it. Throws with the packages that it needs if it cannot be used. */
export async function startPodman({ env, home, say }: EngineOptions): Promise<Engine> {
  const storage = join(home, 'storage');
  const runs = join(home, 'run');
  const networks = join(home, 'networks');
  const socket = join(home, 'podman.sock');
  const systemd = existsSync('/run/systemd/system');
  const own = {
    ...env,
    CONTAINERS_CONF: join(home, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(home, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: join(home, 'registries.conf'),
    // Its own format knows no health checks.
    BUILDAH_FORMAT: 'docker',
    DOCKER_HOST: `unix://${socket}`,
    // Podman has no BuildKit.
    DOCKER_BUILDKIT: '0',
  };
  const podman = (args: readonly string[], options: RunOptions = {}): Promise<string> =>
    run({ command: 'podman', args, env: own }, options);

  await mkdir(home, { recursive: true });
  await writeFile(own.CONTAINERS_CONF, containersConf({ systemd, networks }));
  await writeFile(own.CONTAINERS_REGISTRIES_CONF, 'unqualified-search-registries = ["docker.io"]\n');
  const about = await firstDriver();
  await rm(socket, { force: true });
  const log = await open(join(home, 'podman.log'), 'w');
  const service = spawn('podman', ['system', 'service', '--time=0', own.DOCKER_HOST], {
    env: own,
    stdio: ['ignore', log.fd, log.fd],
  });
  await until(() => existsSync(socket) || hasEnded(service), 30_000);
  if (hasEnded(service)) throw new Error(`podman's API did not start; see ${join(home, 'podman.log')}`);
  // Podman leaves health checks to timers of systemd.
  const health = systemd ? undefined : startHealthChecks(socket);

  return {
    about,
    portRanges: false,
    ownStorage: true,
    env: own,
    run: podman,
    async close({ remove }) {
      await health?.stop();
      service.kill('SIGTERM');
      await until(() => hasEnded(service), 30_000);
      await log.close();
      if (!remove) return;
      await podman(['rm', '--all', '--force', '--volumes', '--time', '0']);
      await podman(['rmi', '--all', '--force']);
      // Overlay leaves its folder mounted on itself.
      await run({ command: 'umount', args: [join(storage, 'overlay')] }).catch(() => undefined);
      for (const folder of [storage, runs, networks]) await rm(folder, { recursive: true, force: true });
    },
  };

  async function firstDriver(): Promise<string> {
    let failure: unknown;
    for (const driver of DRIVERS) {
      await writeFile(
        own.CONTAINERS_STORAGE_CONF,
        `[storage]\ndriver = "${driver}"\ngraphroot = "${storage}"\nrunroot = "${runs}"\n`,
      );
      try {
        const format = '{{.Version.Version}} ({{.Store.GraphDriverName}}, {{.Host.OCIRuntime.Name}})';
        return `podman ${(await podman(['info', '--format', format])).trim()}`;
      } catch (error) {
        failure = error;
        say(`podman cannot use the storage driver ${driver}`);
      }
    }
    throw new Error(
      `There is neither a Docker engine nor a podman that works. On Debian podman needs: ${PACKAGES}.`,
      { cause: failure },
    );
  }
}

/** What podman's own defaults get wrong where there is no systemd, no crun or a low limit. */
function containersConf({
  systemd,
  networks,
}: {
  readonly systemd: boolean;
  readonly networks: string;
}): string {
  const crun = ['/usr/bin/crun', '/usr/local/bin/crun'].some((path) => existsSync(path));
  const files = hardLimit('Max open files');
  // Podman lowers its own to the highest process id.
  const processes = Math.min(
    hardLimit('Max processes'),
    Number(readFileSync('/proc/sys/kernel/pid_max', 'utf8')),
  );
  return [
    '[containers]',
    `default_ulimits = ["nofile=${files}:${files}", "nproc=${processes}:${processes}"]`,
    '[engine]',
    `runtime = "${crun ? 'crun' : 'runc'}"`,
    `cgroup_manager = "${systemd ? 'systemd' : 'cgroupfs'}"`,
    '[network]',
    'network_backend = "netavark"',
    `network_config_dir = "${networks}"`,
    '',
  ].join('\n');
}

/** As many as this process may have. Podman asks for more by itself, and is refused. */
function hardLimit(title: string): number {
  const line = readFileSync('/proc/self/limits', 'utf8')
    .split('\n')
    .find((each) => each.startsWith(title));
  const [, hard = 'unlimited'] = line?.slice(title.length).trim().split(/\s+/) ?? [];
  return hard === 'unlimited' ? UNLIMITED : Number(hard);
}
