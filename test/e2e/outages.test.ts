import { Client as PostgresClient } from 'pg';
import { planChangeRunId } from '../../src/contracts/workflow-ids';
import { LOCKED_FOR_MS, until } from '../support/until';
import { inTurn } from '../../lab/system/closing';
import { openDesk } from '../../lab/system/plan-changes';
import { newPassword, type Person } from '../../lab/system/members';
import { patiently, requireUnavailable, type ResetPage } from '../../lab/system/reset-page';
import { startServers, type OwnServers } from '../../lab/system/servers';
import { createStack, type Stack } from '../../lab/system/stack';
import { closeStack } from './support/close-stack';

// Separate servers for this file, because they are killed.
let servers: OwnServers;
let stack: Stack;

beforeAll(async () => {
  servers = await startServers({ cliPath: process.env['TENURE_TEST_TEMPORAL_CLI']! });
  stack = await createStack(servers);
  await stack.start();
});

afterAll(() =>
  inTurn(
    () => closeStack(stack),
    () => servers.stop(),
  ),
);

interface Part {
  kill(): Promise<void>;
  start(): Promise<void>;
  /** The status of a reset's opening while the part is down; null: no answer at all. */
  readonly whileAway: number | null;
}

const parts: Readonly<Record<string, Part>> = {
  'the worker': {
    kill: () => stack.worker.kill(),
    start: () => stack.worker.start(),
    whileAway: 202,
  },
  'the API': {
    kill: () => stack.api.kill(),
    start: () => stack.api.start(),
    whileAway: null,
  },
  PostgreSQL: {
    kill: () => servers.postgres.kill(),
    start: () => servers.postgres.start(),
    whileAway: 503,
  },
  Temporal: {
    kill: () => servers.temporal.kill(),
    start: () => servers.temporal.start(),
    whileAway: 503,
  },
};

describe('parts killed with SIGKILL', () => {
  it.each(Object.keys(parts))('Every reset continues from where it was after SIGKILL to %s', async (name) => {
    const part = parts[name]!;
    const people = await peopleAtEveryStep(name.toLowerCase().replace(/\W/g, ''));
    const late = await stack.addPerson(`late${name.toLowerCase().replace(/\W/g, '')}`);

    await part.kill();
    const whileAway = await stack.tryToOpenReset(late.email).catch(() => null);
    await people.letGo();
    await stack.mailbox.comeUp();
    await part.start();
    const latePage = await patiently(() => stack.tryToOpenReset(late.email));
    await finish(people.mailed);
    await finish(people.unmailed);
    await choose(people.proved);
    await choose(people.committing);
    await until(async () => (await stack.mailbox.mailsTo(late.email)).length > 0);

    expect(whileAway?.status ?? null).toBe(part.whileAway);
    if (whileAway?.status === 503) requireUnavailable(whileAway);
    expect(latePage.status).toBe(202);
    for (const { person, chosen } of people.all) {
      expect((await patiently(() => stack.signIn(person.username, chosen))).status).toBe(201);
      const credentials = await stack.credentialsOf(person);
      expect(credentials.map(({ retiredAt }) => retiredAt === null)).toEqual([false, true]);
      await stack.mailbox.mailTo(person.email, 2);
    }
    for (const { person } of people.all) {
      const mails = await stack.mailbox.mailsTo(person.email);
      expect(mails.map(({ messageId }) => messageId.split('.')[0])).toEqual(['<pin', '<password-changed']);
    }
    expect(await stack.mailbox.mailsTo(late.email)).toHaveLength(1);
  });
});

/** Started; its first task scheduled, started, completed; its timer. */
const EVENTS_OF_A_RUN_THAT_WAITS = 5;

describe('plan change recorded during outages', () => {
  it('A plan change recorded while Temporal and then the worker is killed still ends, and its emails go out', async () => {
    const desk = await openDesk(stack);
    const agent = await desk.addAgent('outagesown');
    const other = { kind: 'external-agent', number: (await desk.addAgent('outagesother')).agentNumber };
    const customer = await desk.addCustomer('outagesrecorded', agent);
    const { body } = await desk.take(customer, 'external-agent-application', other);
    // A workflow task that a waiting run gets for a call exists only in Temporal's memory until the worker has answered it.
    const run = stack.client.workflow.getHandle(planChangeRunId(body.id));
    await until(async () => (await run.describe()).historyLength >= EVENTS_OF_A_RUN_THAT_WAITS);

    const completing = desk.complete(desk.intake, body.id);
    await stack.database.$transaction(
      async (transaction) => {
        await transaction.$queryRaw`SELECT 1 FROM plan_changes WHERE id = ${body.id}::uuid FOR UPDATE`;
        await until(() => waitsForLock(stack.database));
        await servers.temporal.kill();
      },
      { timeout: LOCKED_FOR_MS },
    );
    await until(async () => (await stack.database.aorDecision.count()) === 1);
    await stack.worker.kill();
    // The caller does not retry, so nobody sends the completion to the run again.
    const answer = await completing;
    await servers.temporal.start();
    await stack.worker.start();

    requireUnavailable(answer);
    expect((await patiently(() => desk.look(body.id))).body.stage).toBe('completed');
    await until(async () => (await run.describe()).status.name === 'COMPLETED');
    await until(async () => (await desk.subjectsTo(customer)).length > 0);
    expect(await desk.subjectsTo(customer)).toHaveLength(1);
    expect(await stack.database.aorDecision.count()).toBe(1);
  });
});

async function waitsForLock(database: Stack['database']): Promise<boolean> {
  const [{ waiting }] = await database.$queryRaw<[{ waiting: boolean }]>`
    SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted) AS waiting`;
  return waiting;
}

interface Resetting {
  readonly person: Person;
  readonly page: ResetPage;
  readonly chosen: string;
}

/** One person at each step of a reset; the mail server is down, so that emails wait. */
async function peopleAtEveryStep(prefix: string) {
  const begin = async (step: string): Promise<Resetting> => {
    const person = await stack.addPerson(`${prefix}${step}`);
    return { person, page: await openPatiently(person), chosen: newPassword() };
  };
  const mailed = await begin('mailed');
  const proved = await begin('proved');
  const committing = await begin('committing');
  const told = await begin('told');
  for (const { person, page } of [proved, committing, told]) {
    await page.submitPin(await stack.mailbox.pinTo(person.email));
  }
  await stack.mailbox.mailTo(mailed.person.email);
  await stack.mailbox.goDown();
  const unmailed = await begin('unmailed');
  await told.page.choose(told.chosen);
  const letGo = await holdUpCommit(committing);
  await stack.untilMailWaits(stack.resetRunId(told.person.email));
  await stack.untilMailWaits(stack.resetRunId(unmailed.person.email));
  return { mailed, unmailed, proved, committing, letGo, all: [mailed, unmailed, proved, committing, told] };
}

async function openPatiently({ email }: Person): Promise<ResetPage> {
  await patiently(() => stack.tryToOpenReset(email));
  return stack.openReset(email);
}

/** Sends the password and blocks its commit midway, with a lock. Returns the function that releases it. */
async function holdUpCommit({ person, page, chosen }: Resetting): Promise<() => Promise<void>> {
  const holder = new PostgresClient({ connectionString: stack.config.databaseUrl });
  holder.on('error', () => {});
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM credentials WHERE account_id = $1 FOR UPDATE', [person.accountId]);
  const answer = page.chooseOnce(chosen).catch(() => null);
  await until(async () => {
    const { rows } = await holder.query<{ waiting: boolean }>(
      'SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted) AS waiting',
    );
    return rows[0]!.waiting;
  });
  return async () => {
    await holder.end().catch(() => undefined);
    await answer;
  };
}

async function finish(resetting: Resetting): Promise<void> {
  const pin = await stack.mailbox.pinTo(resetting.person.email);
  const proved = await resetting.page.submitPin(pin);
  expect(proved).toMatchObject({ status: 200, body: { stage: 'password' } });
  await choose(resetting);
}

/** Chooses the password repeatedly until the page reports that it is set. */
async function choose({ page, chosen }: Resetting): Promise<void> {
  const seen: string[] = [];
  await until(async () => {
    const { body } = await page.look();
    if (body.stage === 'completed') return true;
    const { status, body: answer } = await page.choose(chosen);
    seen.push(`${status} ${answer.code ?? answer.stage}`);
    return status === 200;
  }).catch((error: unknown) => {
    throw new Error(`the password could not be chosen: ${[...new Set(seen)].join(', ')}`, { cause: error });
  });
}
