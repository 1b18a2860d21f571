/** The whole system as its users see it: the built API, worker and, if asked for, pages, on existing servers, and people. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, type WorkflowExecutionInfo } from '@temporalio/client';
import { loadBrand } from '../../src/adapters/brand/load-brand';
import { createDatabase } from '../../src/adapters/postgres/database';
import { createKeyring } from '../../src/adapters/keys/keyring';
import { createDataConverter } from '../../src/adapters/temporal/payload-codec';
import { loadServerConfig } from '../../src/config';
import { builtPrograms } from '../stack/parts';
import { freePort } from '../stack/ports';
import { inTurn } from './closing';
import { createJsonClient, type Call } from './json-client';
import { openMailbox, type Mailbox } from './mailbox';
import { createMembers } from './members';
import { NodeProcess, type NodeProcessOptions } from './node-process';
import { secret } from './secrets';

export interface StackOptions {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Additional settings of both processes. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the worker alone. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** With the process of the pages, which the API believes when it says for whom it calls. */
  readonly withPages?: boolean;
  /** Aborted: both processes are killed. */
  readonly signal?: AbortSignal;
  /** Where its mail goes; absent: a separate server. */
  readonly mailbox?: Mailbox;
}

export type Stack = Awaited<ReturnType<typeof createStack>>;

/** Processes that are created but not started, with their own task queue and peppers. */
export async function createStack({ env = {}, workerEnv = {}, withPages, ...options }: StackOptions) {
  const { databaseUrl, temporalAddress, signal, mailbox = await openMailbox() } = options;
  const settings = await settingsOf({
    databaseUrl,
    temporalAddress,
    smtpUrl: mailbox.url,
    env: withPages ? { TRUST_PROXY: 'loopback', ...env } : env,
  });
  const config = loadServerConfig(settings);
  const keyring = createKeyring(config.peppers);
  const database = createDatabase(config);
  const connection = await Connection.connect({ address: temporalAddress });
  const dataConverter = createDataConverter(config.temporal.codecKeys);
  const client = new Client({ connection, dataConverter });
  const api = apiProcess({ env: settings, signal });
  const worker = workerProcess({ env: { ...settings, ...workerEnv }, signal });
  const url = `http://127.0.0.1:${config.port}`;
  const pagesPort = await freePort();
  const web = webProcess({ env: webSettingsOf(pagesPort, url, env), signal });
  const processes = withPages ? [api, worker, web] : [api, worker];
  const taskQueue = settings.TEMPORAL_TASK_QUEUE;
  const http = createJsonClient(config.port, { keepAlive: false });

  const call: Call = async (method, path, calling) => {
    const answer = await http.call(method, path, calling);
    if (typeof answer.body?.token === 'string') secret(answer.body.token);
    return answer;
  };

  return {
    settings,
    taskQueue,
    config,
    brand: loadBrand(config.brandFolder),
    keyring,
    mailbox,
    database,
    client,
    connection,
    api,
    worker,
    web,
    processes,
    call,
    ...createMembers({ call, client, database, keyring }),
    url,
    pagesUrl: `http://127.0.0.1:${pagesPort}`,

    /** If one of its processes does not start, none is left running. */
    async start(): Promise<void> {
      const started = await Promise.allSettled(processes.map((each) => each.start()));
      const failure = started.find((each) => each.status === 'rejected');
      if (failure === undefined) return;
      await Promise.all(processes.map((each) => each.stop()));
      throw failure.reason;
    },

    /** Its runs, open and closed, as far as the visibility store shows them. */
    async runs(): Promise<WorkflowExecutionInfo[]> {
      const runs: WorkflowExecutionInfo[] = [];
      for await (const run of client.workflow.list({ query: `TaskQueue = '${taskQueue}'` })) runs.push(run);
      return runs;
    },

    /** Ends its processes, and disconnects from the servers. */
    stop: (): Promise<void> =>
      inTurn(
        () => Promise.all(processes.map((each) => each.stop())),
        () => mailbox.stop(),
        () => connection.close(),
        () => database.$disconnect(),
      ),
  };
}

/** The settings of API and worker. Stacks that share servers have separate task queues, and peppers under separate ids. */
export async function settingsOf({
  databaseUrl,
  temporalAddress,
  smtpUrl,
  env = {},
}: Pick<StackOptions, 'databaseUrl' | 'temporalAddress' | 'env'> & { readonly smtpUrl: string }) {
  const pepper = randomBytes(32);
  secret(pepper.toString('hex'));
  return {
    PORT: String(await freePort()),
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_TASK_QUEUE: `stack-${randomUUID()}`,
    TENURE_PEPPERS: `stack-${randomBytes(4).toString('hex')}:${secret(pepper.toString('base64'))}`,
    SMTP_URL: smtpUrl,
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'trace',
    NODE_OPTIONS: '--enable-source-maps',
    ...env,
  };
}

/** All that the pages need: they reach neither PostgreSQL nor Temporal. */
const webSettingsOf = (
  port: number,
  apiUrl: string,
  { TENURE_BRAND, NODE_OPTIONS = '--enable-source-maps' }: Readonly<Record<string, string>>,
) => ({
  WEB_PORT: String(port),
  API_URL: apiUrl,
  WEB_COOKIE_KEYS: `stack:${secret(randomBytes(32).toString('base64'))}`,
  LOG_LEVEL: 'trace',
  NODE_OPTIONS,
  ...(TENURE_BRAND === undefined ? {} : { TENURE_BRAND }),
});

type OwnOptions = Pick<NodeProcessOptions, 'env' | 'signal' | 'onDied'>;

/** The API as `npm run server` starts it. */
export const apiProcess = (options: OwnOptions): NodeProcess =>
  new NodeProcess({ name: 'the API', script: builtPrograms.api, ...options });

/** The worker as `npm run worker` starts it. */
export const workerProcess = (options: OwnOptions): NodeProcess =>
  new NodeProcess({ name: 'the worker', script: builtPrograms.worker, ...options });

/** The pages as `npm run web` starts them. */
export const webProcess = (options: OwnOptions): NodeProcess =>
  new NodeProcess({ name: 'the pages', script: builtPrograms.web, ...options });
