/** The whole system as its users meet it: both processes over real servers, a page in a browser, and people. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { Client, Connection } from '@temporalio/client';
import { createDatabase } from '../../../src/adapters/postgres/database';
import { createKeyring } from '../../../src/adapters/keys/keyring';
import { createDataConverter } from '../../../src/adapters/temporal/payload-codec';
import { loadServerConfig } from '../../../src/config';
import { passwordResetId } from '../../../src/contracts/workflow-ids';
import { NodeProcess } from '../../../lab/stack/node-process';
import { builtPrograms } from '../../../lab/stack/parts';
import { freePort } from '../../../lab/stack/ports';
import { foldEmail, foldUsername } from '../../../src/domain/accounts/text';
import { secret } from '../../support/secrets';
import { closeAll } from '../../support/smtp-servers';
import { until } from '../../support/until';
import { inTurn } from './closing';
import { expectCleanOutput, expectSoundHistories } from './histories';
import { openMailbox, type Mailbox } from './mailbox';

/** JSON as it came: the tests look at its shape. */
// oxlint-disable-next-line typescript/no-explicit-any -- a type here would claim what the tests are there to find out
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export interface Person {
  readonly accountId: string;
  readonly email: string;
  readonly username: string;
  readonly firstName: string;
  readonly password: string;
}

export interface PortalOptions {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  /** Settings of both processes beside the usual ones. */
  readonly env?: Readonly<Record<string, string>>;
  /** Settings of the worker alone. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** Where its mail goes, when not to a server of its own. */
  readonly mailbox?: Mailbox;
}

type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

export type Portal = Awaited<ReturnType<typeof createPortal>>;

/** Long enough for a process to be killed before the next try. */
const NOT_DUE_MS = 300;

/** A password that the member portal accepts. */
export const newPassword = (): string => secret(`Nw4${randomBytes(4).toString('hex')}`);

/** Processes that are made but not started, with a task queue and peppers of their own. */
export async function createPortal({
  databaseUrl,
  temporalAddress,
  env = {},
  workerEnv = {},
  ...given
}: PortalOptions) {
  const mailbox = given.mailbox ?? (await openMailbox());
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const pepper = randomBytes(32);
  secret(pepper.toString('base64'));
  secret(pepper.toString('hex'));
  const settings = {
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporalAddress,
    TEMPORAL_TASK_QUEUE: `e2e-${randomUUID()}`,
    // Portals that share a database have peppers of their own, so under ids of their own.
    TENURE_PEPPERS: `e2e-${randomBytes(4).toString('hex')}:${pepper.toString('base64')}`,
    SMTP_URL: mailbox.url,
    RATE_LIMITS: 'off',
    LOG_LEVEL: 'trace',
    NODE_OPTIONS: '--enable-source-maps',
    ...env,
  };
  const config = loadServerConfig(settings);
  const keyring = createKeyring(config.peppers);
  const database = createDatabase(config);
  const connection = await Connection.connect({ address: temporalAddress });
  const dataConverter = createDataConverter(config.temporal.codecKeys);
  const client = new Client({ connection, dataConverter });
  const api = new NodeProcess({ name: 'the API', script: builtPrograms.api, env: settings });
  const worker = new NodeProcess({
    name: 'the worker',
    script: builtPrograms.worker,
    env: { ...settings, ...workerEnv },
  });

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, token, headers, signal } = options;
    const response = await fetch(url + path, {
      method,
      headers: {
        // A connection that was idle for seconds may be closed by the API while a busy machine is about to use it.
        connection: 'close',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    });
    const text = await response.text();
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    if (typeof answer.body?.token === 'string') secret(answer.body.token);
    return answer;
  }

  return {
    url,
    settings,
    taskQueue: settings.TEMPORAL_TASK_QUEUE,
    config,
    keyring,
    mailbox,
    database,
    client,
    connection,
    api,
    worker,
    call,

    start: async (): Promise<void> => void (await Promise.all([api.start(), worker.start()])),

    /** A member with a password. `name` makes the fixtures distinct and easy to find. */
    async addPerson(name: string, { language = 'en' }: { language?: 'en' | 'es' } = {}): Promise<Person> {
      const person = {
        accountId: randomUUID(),
        email: secret(`${name}.lopez@example.com`),
        username: secret(`${name}.User7`),
        firstName: secret(`Firstof${name}`),
        lastName: secret(`Lastof${name}`),
        password: secret(`Od4${randomBytes(4).toString('hex')}`),
      };
      const { accountId, email, username, firstName, lastName, password } = person;
      await database.account.create({
        data: {
          id: accountId,
          portal: 'member',
          username,
          usernameKey: foldUsername(username),
          email,
          emailKey: foldEmail(email),
          firstName,
          lastName,
          language,
          credentials: {
            create: {
              id: randomUUID(),
              hash: await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }),
              setAt: new Date(Date.now() - 86_400_000),
            },
          },
        },
      });
      return person;
    },

    signIn: (username: string, password: string): Promise<Answer> =>
      call('POST', '/v1/portals/member/sessions', { body: { username, password } }),

    /** The first page of a reset; throws unless it was opened. */
    async openReset(email: string): Promise<ResetPage> {
      const opening = await openResetOver(call, email);
      if (opening.status !== 202) throw new Error(`not opened: ${JSON.stringify(opening.body)}`);
      return new ResetPage(call, opening);
    },

    tryToOpenReset: (email: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
      openResetOver(call, email, headers),

    resetRunId: (email: string): string =>
      passwordResetId('member', keyring.subjectKey(keyring.currentId, 'member', foldEmail(email))),

    /** Waits until the run's email was tried in vain and its next try is not due yet: nothing is in a worker's hands. */
    untilMailWaits: (workflowId: string): Promise<void> =>
      until(async () => {
        const { raw } = await client.workflow.getHandle(workflowId).describe();
        const [mailing] = raw.pendingActivities ?? [];
        const nextTryMs = Number(mailing?.nextAttemptScheduleTime?.seconds ?? 0) * 1000;
        return (mailing?.attempt ?? 0) > 1 && nextTryMs > Date.now() + NOT_DUE_MS;
      }),

    credentialsOf: (person: Person) =>
      database.credential.findMany({ where: { accountId: person.accountId }, orderBy: { setAt: 'asc' } }),

    /**
     * Ends both processes. Replays every history, and throws when it, or anything that the processes said, holds a fixture's
     * secret. `notOurs`: types of runs that no code of ours has.
     */
    close: ({ notOurs = [] }: { readonly notOurs?: readonly string[] } = {}): Promise<void> =>
      inTurn(
        () => Promise.all([api.stop(), worker.stop()]),
        () => expectCleanOutput('the API', api.output),
        () => expectCleanOutput('the worker', worker.output),
        () => expectSoundHistories(client, settings.TEMPORAL_TASK_QUEUE, notOurs),
        closeAll,
        () => connection.close(),
        () => database.$disconnect(),
      ),
  };
}

function openResetOver(
  call: Call,
  email: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  return call('POST', '/v1/portals/member/password-resets', { body: { email }, headers });
}

/** Sends it again while the answer is 503, as front ends do on a busy machine. Throws unless that says so, and when to come back. */
export async function patiently(send: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer | undefined;
  await until(async () => {
    answer = await send();
    if (answer.status === 503) requireUnavailable(answer);
    return answer.status !== 503;
  });
  return answer!;
}

/** Throws unless it is the one answer to whoever is to come back later. */
export function requireUnavailable({ status, headers, body }: Answer): void {
  const type = headers.get('content-type') ?? '';
  const seconds = Number(headers.get('retry-after'));
  const isSound = status === 503 && body?.code === 'unavailable' && seconds > 0;
  if (!isSound || !type.includes('application/problem+json'))
    throw new Error(`not to come back later: ${status} ${body?.code}, ${type}, after ${seconds} s`);
}

/** A page that holds a reset, with what the person can do there; each step is sent patiently, under one key. */
export class ResetPage {
  readonly id: string;
  readonly token: string;

  constructor(
    private readonly call: Call,
    readonly opening: Answer,
  ) {
    this.id = opening.body.id;
    this.token = opening.body.token;
  }

  look = (): Promise<Answer> => this.#send('GET', '');
  submitPin = (pin: string): Promise<Answer> => this.#send('POST', '/pin', { pin });
  submitAnswers = (answers: readonly object[]): Promise<Answer> =>
    this.#send('POST', '/answers', { answers });
  resend = (): Promise<Answer> => this.#send('POST', '/resend');
  choose = (password: string): Promise<Answer> =>
    this.#send('POST', '/password', { password, confirmation: password });
  showUsername = (): Promise<Answer> => this.#send('POST', '/username');
  cancel = (): Promise<Answer> => this.#send('DELETE', '');

  /** Not sent again, whatever is answered. */
  chooseOnce = (password: string): Promise<Answer> =>
    this.#sendOnce('POST', '/password', { password, confirmation: password });

  #send(method: string, step: string, body?: unknown): Promise<Answer> {
    const headers = { 'idempotency-key': randomUUID() };
    return patiently(() => this.#sendOnce(method, step, body, headers));
  }

  #sendOnce(method: string, step: string, body?: unknown, headers = {}): Promise<Answer> {
    return this.call(method, `/v1/password-resets/${this.id}${step}`, { token: this.token, body, headers });
  }
}
