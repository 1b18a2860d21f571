/** docker-compose.yml, run by the real Compose as a project of its own name. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, type CommandLine, type RunOptions } from '../stack/command-line';
import { canListen } from '../stack/ports';
import { projectRoot } from '../stack/project-root';
import type { Engine } from './engine';
import { goProgram, type GoBuilds } from './go-program';

/** Built where none is installed. */
const MODULE = {
  module: 'github.com/docker/compose/v2',
  version: 'v2.40.3',
  package: 'cmd',
} as const;

/** Apart from a Tenure that somebody tries on this machine. */
export const PROJECT = 'tenure-check';

/** One container of the project. */
export interface Container {
  readonly id: string;
  readonly service: string;
  /** As Docker counts: the first is 1. */
  readonly number: number;
  /** `running`, `exited` and so on. */
  readonly state: string;
  readonly exitCode: number;
  /** `healthy`, `starting`, `unhealthy`, or empty for one without a check. */
  readonly health: string;
  readonly restarts: number;
  /** Whether the service ends by itself when it is done. */
  readonly endsItself: boolean;
  /** Host ports, by the container's own. */
  readonly ports: Readonly<Record<string, number>>;
}

export type Compose = Awaited<ReturnType<typeof openCompose>>;

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly { readonly target: number; readonly published: string }[];
}

/** Finds Compose 2 or newer, or builds it with Go. */
export async function openCompose(engine: Engine, envFile: string, builds: GoBuilds) {
  const command = await findCompose(engine, builds);
  const env = await withoutSettings(engine.env);
  const project = ['--project-name', PROJECT, '--env-file', envFile, '--file', 'docker-compose.yml'];
  const compose = (args: readonly string[], options: RunOptions = {}): Promise<string> =>
    run(
      { ...command, args: [...command.args, ...project, ...args], cwd: projectRoot, env },
      { timeoutMs: 30 * 60_000, signal: builds.signal, ...options },
    );
  const { services } = JSON.parse(await compose(['--profile', '*', 'config', '--format', 'json'])) as {
    services: Record<string, Service>;
  };
  if (!engine.portRanges || (await arePortsTaken(services))) {
    builds.say('Ports of its own are published, whichever are free');
    const file = join(builds.home, 'ports.yml');
    await writeFile(file, anyPorts(services));
    project.push('--file', file);
  }
  const imageOf = (service: string): string => {
    const image = services[service]?.image;
    if (image === undefined) throw new Error(`docker-compose.yml has no service ${service}`);
    return image;
  };
  const version = await run({ ...command, args: [...command.args, 'version', '--short'], env });

  return {
    about: `Compose ${version.trim().replace(/^v/, '')}`,
    run: compose,

    /** A command of Tenure in a container of its own; returns its standard output. */
    tenure: (args: readonly string[], mounts: readonly string[] = []): Promise<string> =>
      compose([
        ...['run', '--rm', '--no-deps', '--quiet-pull', ...mounts.flatMap((mount) => ['--volume', mount])],
        ...['migrate', 'node', ...args],
      ]),

    /** Without a word of the signal: it is what follows a signal. */
    down: (): Promise<string> =>
      compose(['down', '--volumes', '--remove-orphans', '--timeout', '40'], { signal: undefined }),

    /** Tenure's. */
    ownImage: imageOf('migrate'),
    prometheusImage: imageOf('prometheus'),
    /** Those that a registry has, without those of a profile. */
    images: [
      ...new Set(
        Object.values(services)
          .filter(({ profiles }) => !profiles)
          .map(({ image }) => image),
      ),
    ].filter((image) => image !== imageOf('migrate')),

    /** All containers of the project, those that ended included. */
    async containers(): Promise<Container[]> {
      const ids = (await compose(['ps', '--all', '--quiet'])).split('\n').filter(Boolean);
      if (ids.length === 0) return [];
      return (JSON.parse(await engine.run(['container', 'inspect', ...ids])) as Inspected[]).map(containerOf);
    },
  };
}

/** Whether something else listens on one that is not the first of a range. */
async function arePortsTaken(services: Readonly<Record<string, Service>>): Promise<boolean> {
  const published = Object.values(services)
    .filter(({ profiles }) => !profiles)
    .flatMap(({ ports = [] }) => ports.map((port) => Number(port.published)));
  const free = await Promise.all(
    published.filter(Number.isInteger).map((port) => canListen(port, '127.0.0.1')),
  );
  return free.includes(false);
}

function anyPorts(services: Readonly<Record<string, Service>>): string {
  const changed = Object.entries(services).flatMap(([name, { ports = [] }]) =>
    ports.map(({ target }) => `  ${name}:\n    ports: !override ['127.0.0.1::${target}']\n`),
  );
  return `services:\n${changed.join('')}`;
}

interface Inspected {
  readonly Id: string;
  readonly RestartCount?: number;
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: { readonly Labels: Readonly<Record<string, string>> };
  readonly HostConfig: { readonly RestartPolicy: { readonly Name: string } };
  readonly NetworkSettings: {
    readonly Ports?: Readonly<Record<string, readonly { readonly HostPort: string }[] | null>>;
  };
}

function containerOf({ Id, RestartCount, State, Config, HostConfig, NetworkSettings }: Inspected): Container {
  return {
    id: Id,
    service: Config.Labels['com.docker.compose.service'] ?? '',
    number: Number(Config.Labels['com.docker.compose.container-number']),
    state: State.Status,
    exitCode: State.ExitCode,
    health: State.Health?.Status ?? '',
    restarts: RestartCount ?? 0,
    endsItself: HostConfig.RestartPolicy.Name !== 'unless-stopped',
    ports: Object.fromEntries(
      Object.entries(NetworkSettings.Ports ?? {}).flatMap(([port, hosts]) =>
        (hosts ?? []).map(({ HostPort }) => [port.split('/')[0] ?? '', Number(HostPort)]),
      ),
    ),
  };
}

/** Up and healthy, or done. */
export const isWell = ({ endsItself, state, exitCode, health }: Container): boolean =>
  endsItself
    ? state === 'exited' && exitCode === 0
    : state === 'running' && (health === '' || health === 'healthy');

async function findCompose(engine: Engine, builds: GoBuilds): Promise<CommandLine> {
  const installed: CommandLine[] = [
    { command: 'docker', args: ['compose'] },
    { command: 'docker-compose', args: [] },
  ];
  for (const line of installed) {
    const said = await run({ ...line, args: [...line.args, 'version', '--short'], env: engine.env }).catch(
      () => '',
    );
    // Compose 1 is another program, in Python, and reads other files.
    if (/^v?([2-9]|\d\d)\./.test(said.trim())) return line;
  }
  const flags = [`-X ${MODULE.module}/internal.Version=${MODULE.version}`];
  return { command: await goProgram({ ...MODULE, flags }, builds), args: [] };
}

/** Compose prefers the environment to the file, and the user's own settings must not apply here. */
async function withoutSettings(env: NodeJS.ProcessEnv): Promise<NodeJS.ProcessEnv> {
  const names = [...(await exampleSettings()).matchAll(/^(?:# )?([A-Z_]+)=/gm)].map(([, name]) => name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

const exampleSettings = (): Promise<string> => readFile(join(projectRoot, '.env.example'), 'utf8');

/** Writes what .env.example asks for, with keys of its own. */
export async function writeSettings(path: string): Promise<void> {
  const settings = (await exampleSettings()).replace(
    /^(TENURE_PEPPERS|WEB_COOKIE_KEYS)=$/gm,
    (line) => `${line}k1:${randomBytes(32).toString('base64')}`,
  );
  await writeFile(path, settings, { mode: 0o600 });
}
