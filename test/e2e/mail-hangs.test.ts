/** What people wait for continues while the steps that nobody waits for are stuck. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createNoticeStarter } from '../../src/adapters/temporal/notice-starter';
import { usernameRemindedNotice } from '../../src/contracts/notice';
import { secret } from '../../lab/system/secrets';
import type { TestDatabase } from '../support/database';
import { closeAll, startRawServer } from '../support/smtp-servers';
import { until } from '../support/until';
import { openDesk, type AgentFixture, type CustomerFixture, type Desk } from '../../lab/system/plan-changes';
import { newPassword } from '../../lab/system/members';
import type { Stack } from '../../lab/system/stack';
import { withStack } from './support/with-stack';

/** Few slots and many emails for each: anything queued behind them would wait for minutes. */
const SLOTS = '2';
const EMAILS = 40;
/** Resets at once: many more than slots. */
const MANY = 30;
const WITHIN_MS = 90_000;

let testDatabase: TestDatabase;
let stack: Stack;
let desk: Desk;
let agent: AgentFixture;

withStack(startWithEmails, async () => ({
  workerEnv: {
    // It never answers.
    SMTP_URL: await startRawServer(undefined),
    WORKER_SLOTS: SLOTS,
    MAIL_SLOTS: SLOTS,
    DATABASE_POOL_SIZE: '10',
    SHUTDOWN_GRACE_SECONDS: '1',
  },
}));

afterAll(closeAll);

async function startWithEmails(started: Stack, database: TestDatabase): Promise<void> {
  [stack, testDatabase] = [started, database];
  desk = await openDesk(stack);
  agent = await desk.addAgent('steady');

  const owner = await stack.addPerson('oftenreminded');
  const notices = createNoticeStarter(stack.client, stack.taskQueue);
  for (let i = 0; i < EMAILS; i++)
    await notices.start(usernameRemindedNotice(owner.accountId, randomUUID(), Date.now()));
  await until(async () => (await stack.database.mailDelivery.count()) >= Number(SLOTS));
}

/** The PIN whose email hangs. */
const pinOf = (resetId: string): string => {
  const { keyring } = stack;
  return secret(keyring.pin(keyring.currentId, resetId, 1, 4));
};

const wrongPinOf = (resetId: string): string =>
  String((Number(pinOf(resetId)) + 1) % 10_000).padStart(4, '0');

/** A person resets a password: PIN, choice, sign-in. Each step answered with 503 is repeated. */
async function expectReset(name: string): Promise<void> {
  const person = await stack.addPerson(name);
  const page = await stack.openReset(person.email);
  await until(async () => (await page.submitPin(pinOf(page.id))).status === 200, WITHIN_MS);
  const password = newPassword();
  await until(async () => {
    await page.choose(password);
    return (await stack.signIn(person.username, password)).status === 201;
  }, WITHIN_MS);
}

/** A representative claims a customer's plan change; returns its id. */
async function claimed(name: string): Promise<string> {
  return claimedFor(await desk.addCustomer(name, agent));
}

async function claimedFor(customer: CustomerFixture): Promise<string> {
  const taken = await desk.take(customer, 'plan-change-line');
  expect(taken.status).toBe(201);
  const id = taken.body.id as string;
  await until(async () => (await desk.post(desk.noor, `/${id}/claim`)).status === 200, WITHIN_MS);
  return id;
}

async function expectCompletion(id: string): Promise<void> {
  await until(async () => {
    await desk.complete(desk.noor, id);
    return (await desk.look(id)).body.stage === 'completed';
  }, WITHIN_MS);
}

const delivered = async (): Promise<number> =>
  stack.database.mailDelivery.count({ where: { status: 'delivered' } });

describe('people’s requests while other steps are stuck', () => {
  it('PIN, choice, claim and completion go on while the mail server is silent and emails wait', async () => {
    await expectReset('hangingmail');
    await expectCompletion(await claimed('hangingmail'));

    expect(await delivered()).toBe(0);
  });

  it('Wrong PINs are answered at once while many resets have just tried to send theirs to a silent mail server', async () => {
    const people = await Promise.all(Array.from({ length: MANY }, (_, i) => stack.addPerson(`atonce${i}`)));

    const pages = await Promise.all(people.map(({ email }) => stack.openReset(email)));
    const beganMs = Date.now();
    const wrong = await Promise.all(pages.map((page) => page.submitPin(wrongPinOf(page.id))));

    expect(wrong.map(({ status }) => status)).toEqual(pages.map(() => 422));
    expect(Date.now() - beganMs).toBeLessThan(WITHIN_MS);
    expect(await delivered()).toBe(0);
  });

  it('PIN, choice, claim and completion go on while the ledger of emails is locked', async () => {
    const lock = await testDatabase.lockTable('mail_deliveries');
    try {
      await expectReset('lockedledger');
      await expectCompletion(await claimed('lockedledger'));
    } finally {
      await lock.release();
    }
  });

  it('A completion succeeds once the decision table is unlocked, and PIN, choice and claim go on meanwhile', async () => {
    const first = await claimed('lockedrecord');
    // A roster's history waits for the lock too: the key to a decision is looked at, though it has none.
    const customer = await desk.addCustomer('whilelocked', agent);
    const lock = await testDatabase.lockTable('aor_decisions');
    let second: string;
    try {
      const refused = await desk.complete(desk.noor, first);
      expect(refused.status).toBe(503);
      await expectReset('lockedrecord');
      second = await claimedFor(customer);
    } finally {
      await lock.release();
    }

    await expectCompletion(first);
    await expectCompletion(second);
  });

  it('PIN, choice, claim and completion go on while the CPU is full', async () => {
    const loops = [1, 2].map(() => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    try {
      await expectReset('fullcpu');
      await expectCompletion(await claimed('fullcpu'));
    } finally {
      for (const loop of loops) await ended(loop);
    }
  });
});

async function ended(child: ChildProcess): Promise<void> {
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await gone;
}
