/** Which of the two queues sends an email of a run (ADR 46). */
import { activityInfo, Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { createActivities } from '../../src/activities';
import { createPasswordResets } from '../../src/adapters/temporal/password-reset-runs';
import type { PasswordResetInput } from '../../src/contracts/password-reset';
import { mailQueue } from '../../src/contracts/task-queue';
import { passwordResetId } from '../../src/contracts/workflow-ids';
import { createActivityFakes, MARIA, type ActivityFakes } from '../support/activity-fakes';
import { createTestKeyring } from '../support/keyring';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

const STAGED = 'b9a3a4a0-0000-4000-8000-000000000021';
const keyring = createTestKeyring();
const subjectKey = keyring.subjectKey(keyring.currentId, 'member', MARIA.email);
const RUN_ID = passwordResetId('member', subjectKey);

let temporal: TestTemporal;
let fakes: ActivityFakes;
let stopWorker: () => Promise<void>;
/** The queues of the attempts that reached the mail server. */
let attempts: string[];

beforeAll(async () => {
  temporal = await createTestTemporal();
});

beforeEach(() => {
  temporal.newTaskQueue();
  fakes = createActivityFakes(keyring);
  fakes.clock = Date.now;
  attempts = [];
  fakes.mailServer = takesMail;
});

afterEach(async () => {
  await temporal.client.workflow
    .getHandle(RUN_ID)
    .terminate()
    .catch(() => undefined);
  await stopWorker();
});

afterAll(() => temporal.close());

function takesMail(): { kind: 'accepted' } {
  attempts.push(queueOfAttempt());
  return { kind: 'accepted' };
}

function isAway(): Error {
  attempts.push(queueOfAttempt());
  return new Error('away');
}

const queueOfAttempt = (): string =>
  activityInfo().taskQueue === mailQueue(temporal.taskQueue) ? 'mail' : 'own';

async function startWorker(more: object = {}): Promise<void> {
  ({ stop: stopWorker } = await temporal.startWorker({ ...createActivities(fakes.deps), ...more }));
}

const resets = (client: Client = temporal.client) =>
  createPasswordResets({
    client,
    connection: temporal.connection,
    taskQueue: temporal.taskQueue,
    keys: keyring,
    accounts: { findIdByEmail: async () => MARIA.accountId },
    brokers: { decoySeed: async () => 'seed', findForReset: async () => null },
    stretcher: { stretch: async (answer) => answer, newSalt: () => '' },
    usage: fakes.deps.usage,
    records: fakes.records,
    notices: fakes.deps.notices,
    policies: fakes.deps.policies,
    clock: Date.now,
    evenMs: 0,
  });

/** A client whose runs start with other terms than the API's: time cannot be skipped while an email is being sent. */
function startingWith(changes: (input: PasswordResetInput) => Partial<PasswordResetInput>): Client {
  const { workflow } = temporal.client;
  const start: typeof workflow.start = (type, options) => {
    const [input] = options.args as [PasswordResetInput];
    return workflow.start(type, { ...options, args: [{ ...input, ...changes(input) }] });
  };
  return { workflow: Object.assign(Object.create(workflow), { start }) } as Client;
}

async function open(client?: Client) {
  const result = await resets(client).openForMember(MARIA.email);
  if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`);
  return result.reset;
}

async function complete({ resetId, token }: { resetId: string; token: string }) {
  fakes.staged.add(STAGED);
  fakes.credentialDates.set(STAGED, Date.now());
  await resets().submitPin(resetId, token, keyring.pin(keyring.currentId, resetId, 1, 4));
  return resets().commitPassword(resetId, token, STAGED);
}

const result = (): Promise<unknown> => temporal.client.workflow.getHandle(RUN_ID).result();

/** Name and queue of each step that sends an email, with the milliseconds that it waited for a worker. */
async function emailSteps() {
  const { events } = await temporal.client.workflow.getHandle(RUN_ID).fetchHistory();
  const msOf = (event: NonNullable<typeof events>[number] | undefined): number =>
    Number(String(event?.eventTime?.seconds ?? 0)) * 1000 + (event?.eventTime?.nanos ?? 0) / 1e6;
  return (events ?? []).flatMap((event) => {
    const step = event.activityTaskScheduledEventAttributes;
    const name = step?.activityType?.name;
    if (name !== 'sendPin' && name !== 'sendNotice') return [];
    const started = events?.find(
      ({ activityTaskStartedEventAttributes: start }) =>
        start && String(start.scheduledEventId) === String(event.eventId),
    );
    const queue = step?.taskQueue?.name === temporal.taskQueue ? 'own' : 'mail';
    return [{ step: `${name} ${queue}`, waitedMs: msOf(started) - msOf(event) }];
  });
}

const stepNames = async (): Promise<string[]> => (await emailSteps()).map(({ step }) => step);

it('An email that the mail server takes has one step, which starts with the task that schedules it', async () => {
  await startWorker();

  const done = await complete(await open());
  await result();
  const steps = await emailSteps();

  expect(done.kind).toBe('done');
  expect(steps.map(({ step }) => step)).toEqual(['sendPin own', 'sendNotice own']);
  // In the same transaction of the server: a poll takes longer.
  expect(Math.min(...steps.map(({ waitedMs }) => waitedMs))).toBeLessThan(1.5);
  expect(attempts).toEqual(['own', 'own']);
});

it('An email that does not go out at once is tried again by the mail queue until it does', async () => {
  fakes.mailServer = isAway;
  await startWorker();

  const reset = await open();
  await until(() => attempts.length >= 3);
  fakes.mailServer = takesMail;
  await until(() => fakes.sent.length === 1);
  fakes.mailServer = isAway;
  await complete(reset);
  await until(() => attempts.filter((queue) => queue === 'own').length === 2);
  fakes.mailServer = takesMail;
  await result();

  expect(await stepNames()).toEqual(['sendPin own', 'sendPin mail', 'sendNotice own', 'sendNotice mail']);
  expect(attempts.slice(0, 3)).toEqual(['own', 'mail', 'mail']);
  expect(fakes.sent.map(({ subject }) => subject)).toEqual(['PIN', 'changed']);
});

it('A first attempt whose worker is lost is followed by the mail queue’s, and the notice is not taken for outdated', async () => {
  const { sendNotice } = createActivities(fakes.deps);
  let lost = 0;
  await startWorker({
    sendNotice: (input: Parameters<typeof sendNotice>[0]) => {
      if (queueOfAttempt() === 'mail') return sendNotice(input);
      lost++;
      return Context.current().cancelled;
    },
  });

  await complete(await open());
  await until(() => fakes.sent.length === 2);
  await result();

  expect(lost).toBe(1);
  expect(await stepNames()).toEqual(['sendPin own', 'sendNotice own', 'sendNotice mail']);
});

it.each(['own', 'mail'])(
  'A new PIN ends the email of the older one while the %s queue sends it',
  async (queue) => {
    const ended: string[] = [];
    const { sendPin } = createActivities(fakes.deps);
    await startWorker({
      sendPin: async (input: Parameters<typeof sendPin>[0]) => {
        if (input.sequence > 1) return sendPin(input);
        if (queueOfAttempt() !== queue) throw new Error('away');
        const beats = setInterval(() => Context.current().heartbeat(), 500);
        try {
          return await Context.current().cancelled;
        } finally {
          clearInterval(beats);
          ended.push(queueOfAttempt());
        }
      },
    });
    const { resetId, token } = await open(
      startingWith(({ terms }) => ({ terms: { ...terms, resendAfterMs: 0 } })),
    );
    const before = queue === 'own' ? ['sendPin own'] : ['sendPin own', 'sendPin mail'];
    await until(async () => (await stepNames()).length === before.length);

    await resets().resend(resetId, token);
    await until(() => ended.length === 1 && fakes.sent.length === 1);

    expect(ended).toEqual([queue]);
    expect(await stepNames()).toEqual([...before, 'sendPin own']);
  },
);

it('A run of an earlier build sends its emails by the mail queue only', async () => {
  await startWorker();

  await complete(await open(startingWith(() => ({ revision: 3 }))));
  await result();

  expect(await stepNames()).toEqual(['sendPin mail', 'sendNotice mail']);
});
