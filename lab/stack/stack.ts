import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect, isIPv6 } from 'node:net';
import type { StackConfig } from './config';
import { writeFileAtomically } from './atomic-file';
import { run } from './command-line';
import { demoRosters, readDemoAgents, readDemoPeople } from './demo-people';
import type { Endpoints } from './endpoints';
import {
  answersOk,
  apiPart,
  inboxPart,
  nodeCommand,
  postgresPart,
  type Programs,
  temporalPart,
  webPart,
  workerPart,
} from './parts';
import { createDatabase, postgresAnswers, preparePostgres } from './postgres';
import type { PortName } from './ports';
import type { Screen } from './screen';
import { keepKey } from './secrets';
import { metricsAfter, reserveStackPorts } from './stack-ports';
import type { Supervisor } from './supervisor';
import { ensureTemporalCli } from './temporal-cli';
import { waitUntil } from './wait-until';
import type { WelcomeFacts } from './welcome';

export interface StackContext {
  readonly config: StackConfig;
  readonly programs: Programs;
  readonly supervisor: Supervisor;
  readonly screen: Screen;
  readonly signal: AbortSignal;
}

/** The steps, in the order shown on the screen. */
export function stepTitles(config: StackConfig): string[] {
  return [
    ...(config.temporalAddress ? ['Temporal'] : ['Temporal CLI', 'Temporal']),
    'Database',
    'Migrations',
    ...(config.databaseUrl ? [] : ['Demo data']),
    ...(config.smtpUrl ? [] : ['Mail inbox']),
    'API',
    'Worker',
    'Pages',
  ];
}

/** Starts every part that is not external, in parallel where possible; resolves when all answer. */
export async function bringUp(context: StackContext): Promise<WelcomeFacts> {
  const { config, programs, supervisor, screen, signal } = context;
  await mkdir(config.home, { recursive: true });
  const names: PortName[] = [
    'web',
    'api',
    ...(config.databaseUrl ? [] : (['postgres'] as const)),
    ...(config.temporalAddress ? [] : (['temporal', 'temporalUi'] as const)),
    ...(config.smtpUrl ? [] : (['smtp', 'inbox'] as const)),
  ];
  const ports = await reserveStackPorts(config, names);
  const peppersFile = join(config.home, 'peppers');
  const peppers = config.peppers ?? (await keepKey(peppersFile));
  const common = { ...config.env, TENURE_PEPPERS: peppers, TENURE_HOME: config.home };

  const bringUpTemporal = async () => {
    if (config.temporalAddress) {
      const address = config.temporalAddress;
      await screen.step('Temporal', () =>
        untilReachable('TEMPORAL_ADDRESS', address, () => tcpAnswers(address)),
      );
      return { temporal: address };
    }
    const cliPath = await screen.step('Temporal CLI', async ({ log, update }) =>
      ensureTemporalCli({
        temporalCliPath: config.temporalCliPath,
        env: config.env,
        log,
        onProgress: update,
        signal,
      }),
    );
    await screen.step('Temporal', async () => {
      await ports.release('temporal', 'temporalUi');
      const dbFile = join(config.home, 'temporal.db');
      const [port, uiPort] = [ports.of('temporal'), ports.of('temporalUi')];
      await supervisor.start(temporalPart({ cliPath, port, uiPort, dbFile, env: config.env }));
    });
    return {
      temporal: `127.0.0.1:${ports.of('temporal')}`,
      temporalUi: `http://127.0.0.1:${ports.of('temporalUi')}`,
    };
  };

  const bringUpDatabase = async () => {
    const url = await screen.step('Database', async () => {
      const given = config.databaseUrl;
      if (given) {
        await untilReachable('DATABASE_URL', new URL(given).host, () => postgresAnswers(given));
        return given;
      }
      const prepared = await preparePostgres({
        dir: join(config.home, 'postgres'),
        port: ports.of('postgres'),
      });
      await ports.release('postgres');
      await supervisor.start(postgresPart(prepared));
      await createDatabase(prepared.urlOf('postgres'), 'tenure');
      return prepared.urlOf('tenure');
    });
    const env = { ...common, DATABASE_URL: url };
    await screen.step('Migrations', () => run(nodeCommand(programs.migrate, [], env), { signal }));
    if (!config.databaseUrl)
      await screen.step('Demo data', ({ update }) => importDemoData(context, env, update));
    return { database: url };
  };

  const bringUpInbox = async () => {
    if (config.smtpUrl) return { smtp: config.smtpUrl };
    await screen.step('Mail inbox', async () => {
      await ports.release('smtp', 'inbox');
      const options = {
        folder: join(config.home, 'inbox'),
        smtpPort: ports.of('smtp'),
        httpPort: ports.of('inbox'),
      };
      await supervisor.start(inboxPart(programs.inbox, { ...options, env: config.env }));
    });
    return { smtp: `smtp://127.0.0.1:${ports.of('smtp')}`, inbox: `http://127.0.0.1:${ports.of('inbox')}` };
  };

  const [temporal, database, mail] = await Promise.all([
    bringUpTemporal(),
    bringUpDatabase(),
    bringUpInbox(),
  ]);

  const api = `http://${reachableHost(config.listenHost)}:${ports.of('api')}`;
  const env = {
    ...common,
    DATABASE_URL: database.database,
    TEMPORAL_ADDRESS: temporal.temporal,
    SMTP_URL: mail.smtp,
    PORT: String(ports.of('api')),
    LISTEN_HOST: config.listenHost,
    // The pages tell the API for whom they call.
    TRUST_PROXY: config.env['TRUST_PROXY'] || 'loopback',
  };
  const web = `http://${reachableHost(config.listenHost)}:${ports.of('web')}`;
  const cookieKeys = config.cookieKeys ?? (await keepKey(join(config.home, 'cookie-keys')));
  await Promise.all([
    screen.step('API', async () => {
      await ports.release('api');
      await supervisor.start(apiPart(programs.api, api, env));
    }),
    screen.step('Worker', () =>
      supervisor.start(workerPart(programs.worker, api, { ...env, ...metricsAfter(env, 1) })),
    ),
    screen.step('Pages', async () => {
      await ports.release('web');
      const settings = { ...config.env, WEB_PORT: String(ports.of('web')), WEB_COOKIE_KEYS: cookieKeys };
      const more = { API_URL: api, LISTEN_HOST: config.listenHost, ...metricsAfter(config.env, 2) };
      await supervisor.start(webPart(programs.web, web, { ...settings, ...more }));
    }),
  ]);
  const ready = await waitUntil(() => signal.aborted || answersOk(`${api}/readyz`), {
    withinMs: 180_000,
    everyMs: 100,
  });
  if (!ready)
    throw new Error(
      `The API runs, but ${api}/readyz does not say that it is ready. Its log is in ${config.home}/logs.`,
    );
  signal.throwIfAborted();

  const endpoints: Endpoints = {
    web,
    api,
    docs: `${api}/docs`,
    ...mail,
    ...temporal,
    ...database,
    ...(config.peppers === undefined ? { peppersFile } : {}),
  };
  const people = config.databaseUrl ? [] : await readDemoPeople();
  const agents = config.databaseUrl ? [] : await readDemoAgents();
  return { endpoints, people, agents, home: config.home, moved: ports.moved };
}

/** The host in a local URL for an API that listens on `host`. */
export function reachableHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return isIPv6(host) ? `[${host}]` : host;
}

/** Imports the demo rosters into the embedded database unless they are already in it. */
async function importDemoData(
  { config, programs, signal }: StackContext,
  env: NodeJS.ProcessEnv,
  update: (detail: string) => void,
): Promise<void> {
  const hash = createHash('sha256');
  for (const { file } of demoRosters) hash.update(await readFile(file));
  const rosters = hash.digest('hex');
  // Next to the cluster, so that removing one removes the other.
  const imported = join(config.home, 'postgres', 'demo-imported');
  if ((await readFile(imported, 'utf8').catch(() => '')).trim() === rosters) {
    update('already there');
    return;
  }
  for (const { kind, file } of demoRosters) {
    await run(nodeCommand(programs.importRecords, [kind, file], env), { signal, onLine: update });
  }
  update(`${demoRosters.length} rosters imported`);
  await writeFileAtomically(imported, `${rosters}\n`);
}

/** Waits briefly for an external server, and names its setting if it does not answer. */
async function untilReachable(
  variable: string,
  where: string,
  answers: () => Promise<boolean>,
): Promise<void> {
  if (await waitUntil(answers, { withinMs: 10_000, everyMs: 250 })) return;
  throw new Error(
    `${variable} names ${where}, which does not answer. Start it, or leave ${variable} out to use the embedded one.`,
  );
}

function tcpAnswers(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || 7233),
      timeout: 2_000,
    });
    const settle = (answered: boolean) => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', () => settle(true));
    socket.once('timeout', () => settle(false));
    socket.once('error', () => settle(false));
  });
}
