import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Endpoints } from '../../lab/stack/endpoints';
import type { MessageSummary, Message } from '../../lab/stack/inbox-store';
import { freePort } from '../../lab/stack/ports';
import { expectNoSecrets, secret } from '../../lab/system/secrets';
import { until } from '../support/until';
import { inTurn } from '../../lab/system/closing';
import { expectCleanOutput } from '../../lab/system/secrets';
import { pinIn } from '../../lab/system/mailbox';
import { createJsonClient, type Answer, type Call } from '../../lab/system/json-client';
import { newPassword } from '../../lab/system/members';
import { ResetPage } from '../../lab/system/reset-page';
import { nodeArgs, projectRoot } from '../../lab/stack/project-root';

/** `TENURE_HOME`, as a user would set it. */
let home: string;
let env: NodeJS.ProcessEnv;
let stack: Stack;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenure-stack-'));
  env = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    TEMPORAL_CLI_PATH: process.env['TENURE_TEST_TEMPORAL_CLI'],
    TENURE_HOME: home,
    WEB_PORT: String(await freePort()),
    PORT: String(await freePort()),
    TENURE_POSTGRES_PORT: String(await freePort()),
    TENURE_TEMPORAL_PORT: String(await freePort()),
    TENURE_TEMPORAL_UI_PORT: String(await freePort()),
    TENURE_SMTP_PORT: String(await freePort()),
    TENURE_INBOX_PORT: String(await freePort()),
  };
  stack = await startStack();
});

afterAll(() =>
  inTurn(
    () => stack.stop(),
    () => rm(home, { recursive: true, force: true }),
  ),
);

/** The supervisor and its output. */
class Stack {
  screen = '';
  readonly ended: Promise<number | null>;

  constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => (this.screen += chunk));
    }
    this.ended = new Promise((resolve) => child.once('close', resolve));
  }

  /** Ctrl-C; returns the exit code. */
  stop(): Promise<number | null> {
    if (this.child.exitCode === null) this.child.kill('SIGINT');
    return this.ended;
  }

  /** CPU seconds used by it and everything it started, regardless of the machine's other load. */
  cpuSeconds(): number {
    const pids = [this.child.pid!, ...this.offspring()];
    return execFileSync('ps', ['-o', 'time=', '-p', pids.join(',')], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map((time) => time.split(':').reduce((sum, part) => sum * 60 + Number(part), 0))
      .reduce((sum, seconds) => sum + seconds, 0);
  }

  /** Every process started by this one, directly or indirectly. */
  offspring(): number[] {
    const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
      .split('\n')
      .map((row) => row.trim().split(/\s+/).map(Number));
    const childrenOf = (parent: number): number[] =>
      rows.flatMap(([pid, ppid]) => (ppid === parent ? [pid!, ...childrenOf(pid!)] : []));
    return childrenOf(this.child.pid!);
  }
}

async function startStack(): Promise<Stack> {
  // The command that `npm start` ends in once everything is installed and built: a test must never install or build.
  const child = spawn(process.execPath, nodeArgs(join(projectRoot, 'lab', 'stack', 'main.ts')), {
    cwd: projectRoot,
    env,
    // The IPC channel ends it when the tests are gone.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const started = new Stack(child);
  let over = false;
  void started.ended.then(() => (over = true));
  const ready = join(home, 'endpoints.json');
  await until(() => over || existsSync(ready), 240_000).catch(() => started.stop());
  if (!existsSync(ready)) throw new Error(`it did not start:\n${started.screen}`);
  return started;
}

const endpoints = (): Endpoints =>
  JSON.parse(readFileSync(join(home, 'endpoints.json'), 'utf8')) as Endpoints;

const call: Call = (...asked) =>
  createJsonClient(Number(new URL(endpoints().api).port), { keepAlive: false }).call(...asked);

async function openReset(email: string): Promise<ResetPage> {
  const opening = await call('POST', '/v1/portals/member/password-resets', { body: { email } });
  expect(opening.status).toBe(202);
  return new ResetPage(call, opening);
}

async function inboxOf(email: string): Promise<MessageSummary[]> {
  const response = await fetch(`${endpoints().inbox}/api/messages?to=${encodeURIComponent(email)}`);
  return (await response.json()) as MessageSummary[];
}

/** The PIN in the newest mail to `email`, read from the inbox like a script. */
async function pinFor(email: string): Promise<string> {
  await until(async () => (await inboxOf(email)).length > 0);
  const [newest] = await inboxOf(email);
  const response = await fetch(`${endpoints().inbox}/api/messages/${newest!.id}`);
  return pinIn((await response.json()) as Message);
}

async function connectTo(host: string, port: number): Promise<void> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** The pid of a part, from the file in the stack's home. */
const pidOf = (part: string): number =>
  (JSON.parse(readFileSync(join(home, 'run', `${part}.json`), 'utf8')) as { pid: number }).pid;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const parts: Readonly<Record<string, string>> = {
  inbox: 'The mail inbox',
  web: 'The pages',
  api: 'The API',
  worker: 'The worker',
  temporal: 'The Temporal server',
  postgres: 'PostgreSQL',
};

const [ava, james, lucia] = ['ava.morgan', 'james.tran', 'lucia.reyes'].map((name) =>
  secret(`${name}@example.com`),
) as [string, string, string];

/** Opened before everything was stopped. */
let lucias: { page: ResetPage; pin: string };

describe('npm start', () => {
  it('npm start shows its addresses and sample people, and a reset works with the PIN from the inbox', async () => {
    const chosen = newPassword();
    const page = await openReset(ava);
    await page.submitPin(await pinFor(ava));

    const completed = await page.choose(chosen);
    const signedIn = await call('POST', '/v1/portals/member/sessions', {
      body: { username: 'avamorgan', password: chosen },
    });
    await until(async () => (await inboxOf(ava)).length === 2);

    const { web, api, docs, inbox, temporalUi } = endpoints();
    for (const shown of [`${web}/member/forgot`, api, docs, inbox!, temporalUi!, ava]) {
      expect(stack.screen).toContain(shown);
    }
    expect(stack.screen).not.toContain('\u001b');
    for (const url of [`${web}/member/forgot`, docs, inbox!, temporalUi!])
      expect((await fetch(url)).status).toBe(200);
    expect(completed).toMatchObject({ status: 200, body: { stage: 'completed' } });
    expect(signedIn.status).toBe(201);
  });

  it('npm start listens only on the loopback address', async () => {
    const ports = Object.values(endpoints())
      .map((url) => new URL(url.includes('://') ? url : `tcp://${url}`).port)
      .filter((port) => port !== '');

    expect(new Set(ports).size).toBe(7);
    for (const port of new Set(ports)) {
      // On Linux all of 127.0.0.0/8 is this machine; a server that listens on every address would answer here too.
      await expect(connectTo('127.0.0.2', Number(port))).rejects.toThrow();
    }
  });

  it('npm start restarts each part that is killed, says so, and the open reset goes on', async () => {
    const page = await openReset(james);
    const pin = await pinFor(james);

    for (const [name, title] of Object.entries(parts)) {
      process.kill(pidOf(name), 'SIGKILL');
      await until(() => stack.screen.includes(`${title} works again after`));
    }
    const proved = await patiently(() => page.submitPin(pin));
    const completed = await patiently(() => page.choose(newPassword()));
    await until(async () => (await inboxOf(james)).length === 2);

    for (const title of Object.values(parts)) {
      expect(stack.screen).toContain(`${title} ended by SIGKILL. Starting it again.`);
    }
    expect([proved.status, completed.status]).toEqual([200, 200]);
    expect(completed.body).toMatchObject({ stage: 'completed' });
  });

  it('npm start ends in order on Ctrl-C with code 0, and leaves no processes or endpoints behind', async () => {
    const page = await openReset(lucia);
    lucias = { page, pin: await pinFor(lucia) };
    const offspring = stack.offspring();

    const code = await stack.stop();

    expect(offspring.length).toBeGreaterThanOrEqual(Object.keys(parts).length);
    expect(code).toBe(0);
    expect(offspring.filter(isAlive)).toEqual([]);
    expect(existsSync(join(home, 'endpoints.json'))).toBe(false);
    expect(stack.screen.trimEnd()).toMatch(/Everything is stopped\.$/);
  });

  it('npm start is ready again within 20 CPU seconds, with its mails and open resets', async () => {
    stack = await startStack();
    const cpuSeconds = stack.cpuSeconds();
    const looked = await lucias.page.look();
    const proved = await lucias.page.submitPin(lucias.pin);
    const completed = await lucias.page.choose(newPassword());
    await until(async () => (await inboxOf(lucia)).length === 2);

    expect(cpuSeconds).toBeLessThan(20);
    expect(looked.body).toMatchObject({ stage: 'pin' });
    expect([proved.status, completed.status]).toEqual([200, 200]);
    expect(await inboxOf(ava)).toHaveLength(2);
  });

  it('npm start answers every call of docs/tour.md as the page says, and the commands find it', async () => {
    const tour = spawn('bash', ['docs/tour.sh'], {
      cwd: projectRoot,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [tour.stdout, tour.stderr])
      stream.setEncoding('utf8').on('data', (chunk) => (said += chunk));

    const [code] = await once(tour, 'close');

    expect(`${code}: ${said.split('\n').slice(-30).join('\n')}`).toMatch(/^0: [^]*The tour is over/);
    expect(said).toContain(`using the npm start that runs in ${home}`);
  });

  it('npm start writes nothing personal or secret into its own logs', async () => {
    const logs = await Promise.all(
      ['api', 'worker', 'inbox'].map((name) => readFile(join(home, 'logs', `${name}.log`), 'utf8')),
    );

    for (const log of logs) expectCleanOutput('a part', log);
    expectNoSecrets('the Temporal log', await readFile(join(home, 'logs', 'temporal.log'), 'utf8'));
  });
});

/** Sends it again while a part is not back yet, as a front end does. */
async function patiently(send: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer | undefined;
  await until(async () => {
    answer = await send().catch(() => undefined);
    return answer !== undefined && answer.status !== 503;
  });
  return answer!;
}
