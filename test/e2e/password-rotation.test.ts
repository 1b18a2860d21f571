/** A broker's 90 days, with every part real and all their clocks moved together. */
import { ROTATION_SWEEP_WORKFLOW } from '../../src/contracts/rotation-sweep';
import { passwordRotationId } from '../../src/contracts/workflow-ids';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import { rotationCalendar } from '../../src/domain/password-rotation/rotation-calendar';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import {
  agentRows,
  changePassword,
  enrol,
  newBroker,
  newBrokerPassword,
  openReset,
  signIn,
  type Broker,
} from '../../lab/system/brokers';
import { startClocked } from './support/clocked';
import { importRoster, issueApiKey, type IssuedKey } from '../../lab/system/commands';
import type { Mail } from '../../lab/system/mailbox';
import type { Answer } from '../../lab/system/json-client';
import type { Stack } from '../../lab/system/stack';
import { withStack } from './support/with-stack';
import { portalPolicies } from '../support/brand';

let temporal: TestTemporal;
let stack: Stack;
let auditor: IssuedKey;
/** How far all clocks are ahead of real time. */
let aheadMs = 0;
const clock = (): number => Date.now() + aheadMs;

withStack(
  async (started) => {
    stack = started;
    temporal = await createTestTemporal();
    auditor = await issueApiKey(stack, 'Auditors', 'audit');
  },
  { start: startClocked(clock) },
);

afterAll(() => temporal.close());

const codeOf = ({ status, body }: Answer): string => `${status} ${body?.code ?? ''}`;

interface Enrolled extends Broker {
  readonly accountId: string;
}

async function enrolled(name: string): Promise<Enrolled> {
  const broker = newBroker(name);
  const { code, err } = await importRoster(stack, 'agents', agentRows([broker]));
  if (code !== 0) throw new Error(`not imported: ${err}`);
  return { ...broker, accountId: await enrol(stack, broker) };
}

/** The current password, and when its owner is due for reminders. */
async function currentPassword({ accountId }: Enrolled) {
  const { id, setAt } = await stack.database.credential.findFirstOrThrow({
    where: { accountId, retiredAt: null },
  });
  const { expiresAtMs, reminders } = rotationCalendar(portalPolicies.broker, setAt.getTime())!;
  return { id, setAtMs: setAt.getTime(), expiresAtMs, reminders, runId: passwordRotationId(accountId, id) };
}

type Password = Awaited<ReturnType<typeof currentPassword>>;

/** Moves all clocks to `atMs`, and the time of `runs` with them. */
async function passTo(atMs: number, ...runs: readonly Password[]): Promise<void> {
  const seconds = Math.ceil((atMs - clock()) / 1000);
  aheadMs += seconds * 1000;
  for (const { runId } of runs) await temporal.forward(runId, seconds);
}

async function sweep(): Promise<unknown> {
  const { client, taskQueue } = stack;
  return client.workflow.execute(ROTATION_SWEEP_WORKFLOW, {
    workflowId: `rotation-sweep/at-${clock()}`,
    taskQueue,
    args: [{}],
  });
}

/** A run begins on the server's clock, which shows real time: moves it to the others' time. */
const catchUp = ({ runId }: Password): Promise<boolean> =>
  temporal.forward(runId, Math.round(aheadMs / 1000));

async function remindersTo({ email }: Broker): Promise<Mail[]> {
  return (await stack.mailbox.mailsTo(email)).filter(({ messageId }) =>
    messageId.startsWith('<password-reminder.'),
  );
}

const listed = (state: string): Promise<Answer> =>
  stack.call('GET', `/v1/rotations?state=${state}`, { token: auditor.key });
const stateOf = async ({ accountId }: Enrolled): Promise<string[]> => {
  const states: string[] = [];
  for (const state of ['due', 'reminded', 'expired']) {
    const { body } = await listed(state);
    states.push(
      ...body.rotations
        .filter(({ account }: { account: { id: string } }) => account.id === accountId)
        .map((rotation: { state: string }) => rotation.state),
    );
  }
  return states;
};

it('A broker gets three reminders on time within 90 days and then has to choose a new password', async () => {
  const broker = await enrolled('hildegardia');
  const password = await currentPassword(broker);
  const session = (await signIn(stack, broker)).body;

  await passTo(password.setAtMs + 74 * DAY_MS);
  const tooEarly = await sweep();
  await passTo(password.setAtMs + 75 * DAY_MS + MINUTE_MS);
  const found = await sweep();
  const again = await sweep();
  await catchUp(password);
  const statesBefore = await stateOf(broker);

  const seen: number[] = [];
  for (const { atMs } of password.reminders) {
    await passTo(atMs - 2 * MINUTE_MS, password);
    seen.push((await remindersTo(broker)).length);
    await passTo(atMs + MINUTE_MS, password);
    await until(async () => (await remindersTo(broker)).length === seen.length);
  }
  const statesReminded = await stateOf(broker);
  const lateSession = (await signIn(stack, broker)).body;

  await passTo(password.expiresAtMs - MINUTE_MS, password);
  const lastMinute = [await signIn(stack, broker), await signIn(stack, broker, 'express-app')];
  await passTo(password.expiresAtMs, password);
  const expired = [await signIn(stack, broker), await signIn(stack, broker, 'express-app')];
  const sessions = [
    await stack.call('GET', '/v1/session', { token: session.token }),
    await stack.call('GET', '/v1/session', { token: lateSession.token }),
    await stack.call('GET', '/v1/session', { token: lastMinute[0]!.body.token }),
  ];
  const statesExpired = await stateOf(broker);
  await passTo(password.expiresAtMs + MINUTE_MS, password);
  const ending: unknown = await stack.client.workflow.getHandle(password.runId).result();

  const chosen = newBrokerPassword();
  const changed = await changePassword(stack, broker, chosen);
  const admitted = await signIn(stack, { ...broker, password: chosen });

  expect([tooEarly, found, again]).toEqual([
    { started: 0, alreadyThere: 0 },
    { started: 1, alreadyThere: 0 },
    { started: 0, alreadyThere: 0 },
  ]);
  expect(seen).toEqual([0, 1, 2]);
  expect((await remindersTo(broker)).map(({ subject }) => subject)).toEqual([
    'Broker Portal: your password ends in 14 days',
    'Broker Portal: your password ends in 7 days',
    'Broker Portal: your password ends tomorrow',
  ]);
  expect([statesBefore, statesReminded, statesExpired]).toEqual([['due'], ['reminded'], ['expired']]);
  expect(lastMinute.map(({ status }) => status)).toEqual([201, 201]);
  expect(expired.map(codeOf)).toEqual(['403 password_expired', '403 password_expired']);
  expect(sessions.map(({ status }) => status)).toEqual([401, 401, 401]);
  expect(ending).toEqual({ ending: 'expired', reminders: 3 });
  expect([changed.status, admitted.status]).toEqual([204, 201]);
  expect(await stateOf(broker)).toEqual([]);
  expect(
    await stack.database.auditEvent.count({
      where: { accountId: broker.accountId, action: 'reminder-sent', outcome: 'success' },
    }),
  ).toBe(3);
});

it('A password change on day 80 stops the reminders and begins the next 90 days', async () => {
  const broker = await enrolled('irmentrudis');
  const first = await currentPassword(broker);
  await passTo(first.setAtMs + 75 * DAY_MS + MINUTE_MS);
  await sweep();
  await catchUp(first);
  await passTo(first.reminders[0]!.atMs + MINUTE_MS, first);
  await until(async () => (await remindersTo(broker)).length === 1);

  await passTo(first.setAtMs + 80 * DAY_MS, first);
  const chosen = newBrokerPassword();
  const changingAtMs = clock();
  const changed = await changePassword(stack, broker, chosen);
  const changedAtMs = clock();
  const ending: unknown = await stack.client.workflow.getHandle(first.runId).result();
  const second = await currentPassword(broker);
  const later = { ...broker, password: chosen };

  await passTo(first.expiresAtMs + HOUR_MS);
  const onDay90 = await signIn(stack, later);
  const nothingDue = await sweep();
  await passTo(second.setAtMs + 75 * DAY_MS + MINUTE_MS);
  const nextRound = await sweep();
  await catchUp(second);
  await passTo(second.reminders[0]!.atMs + MINUTE_MS, second);
  await until(async () => (await remindersTo(broker)).length === 2);
  await passTo(second.expiresAtMs, second);
  const onDay170 = await signIn(stack, later);

  expect(changed.status).toBe(204);
  expect(ending).toEqual({ ending: 'rotated', reminders: 1 });
  expect(onDay90.status).toBe(201);
  expect(nothingDue).toEqual({ started: 0, alreadyThere: 0 });
  expect(nextRound).toEqual({ started: 1, alreadyThere: 0 });
  expect(second.expiresAtMs - 90 * DAY_MS).toBeGreaterThanOrEqual(changingAtMs);
  expect(second.expiresAtMs - 90 * DAY_MS).toBeLessThanOrEqual(changedAtMs);
  expect(codeOf(onDay170)).toBe('403 password_expired');
});

it('A reset of a forgotten password ends its rotation run as well', async () => {
  const broker = await enrolled('kunigundula');
  const first = await currentPassword(broker);
  await passTo(first.setAtMs + 76 * DAY_MS);
  await sweep();

  const page = await openReset(stack, broker);
  await page.submitAnswers(broker.answers);
  const completed = await page.choose(newBrokerPassword());

  expect(completed.body.stage).toBe('completed');
  expect(await stack.client.workflow.getHandle(first.runId).result()).toEqual({
    ending: 'rotated',
    reminders: 0,
  });
  expect((await currentPassword(broker)).id).not.toBe(first.id);
});

it('A closed account gets no reminders and cannot be used any more', async () => {
  const broker = await enrolled('ludwigiana');
  const password = await currentPassword(broker);
  const session = (await signIn(stack, broker)).body;
  await passTo(password.setAtMs + 75 * DAY_MS + MINUTE_MS);
  await sweep();
  await catchUp(password);

  await stack.database.account.update({
    where: { id: broker.accountId },
    data: { closedAt: new Date(clock()) },
  });
  const refused = [
    await signIn(stack, broker),
    await stack.call('GET', '/v1/session', { token: session.token }),
    await changePassword(stack, broker, newBrokerPassword()),
  ];
  await passTo(password.reminders[0]!.atMs + MINUTE_MS, password);

  expect(refused.map(codeOf)).toEqual(['401 credentials_wrong', '401 unauthorized', '401 credentials_wrong']);
  expect(await stack.client.workflow.getHandle(password.runId).result()).toEqual({
    ending: 'account-closed',
    reminders: 0,
  });
  expect(await remindersTo(broker)).toEqual([]);
  expect(await stateOf(broker)).toEqual([]);
});
