/** Real runs, activities and SMTP, with a slow mail server. */
import type { Socket } from 'node:net';
import { createActivities } from '../../src/activities';
import { createMailer } from '../../src/adapters/mail/mailer';
import { createNoticeStarter } from '../../src/adapters/temporal/notice-starter';
import { passwordChangedNotice } from '../../src/contracts/notice';
import { noticeId } from '../../src/contracts/workflow-ids';
import { MARIA, createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { closeAll, from, startRawServer, startSmtpServer } from '../support/smtp-servers';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

let temporal: TestTemporal;
let fakes: ActivityFakes;

beforeAll(async () => {
  temporal = await createTestTemporal();
});

beforeEach(() => {
  temporal.newTaskQueue();
  fakes = createActivityFakes();
  fakes.clock = Date.now;
});

afterEach(closeAll);

afterAll(() => temporal.close());

async function startWorker(smtpUrl: string): Promise<{ stop(): Promise<void> }> {
  const mailer = createMailer({ smtpUrl, from, connections: 5 });
  const worker = await temporal.startWorker(createActivities({ ...fakes.deps, mailer }));
  return {
    stop: async () => {
      await worker.stop();
      mailer.close();
    },
  };
}

/** Starts the notice of a password that was just changed. */
async function notify() {
  const credentialId = crypto.randomUUID();
  fakes.credentialDates.set(credentialId, Date.now());
  const notice = passwordChangedNotice(MARIA.accountId, credentialId, Date.now());
  await createNoticeStarter(temporal.client, temporal.taskQueue).start(notice);
  return temporal.client.workflow.getHandle(noticeId(notice.messageId));
}

const tellsNothing = async () => {
  const sockets: Socket[] = [];
  const url = await startRawServer(undefined, undefined, (socket) => sockets.push(socket));
  return { url, sockets };
};

it('A mail server that takes 7 seconds to accept gets each email once', async () => {
  let taken = 0;
  const { url } = await startSmtpServer({
    closeTimeout: 50,
    onData(stream, _session, done) {
      taken += 1;
      stream.resume().on('end', () => setTimeout(done, 7_000));
    },
  });
  const worker = await startWorker(url);

  const runs = await Promise.all([notify(), notify(), notify()]);
  const results = await Promise.all(runs.map((run) => run.result() as Promise<unknown>));
  await worker.stop();

  expect(results).toEqual(results.map(() => ({ outcome: 'delivered' })));
  expect(taken).toBe(3);
});

it('A stopping worker leaves a silent mail server, and the next worker sends the email once', async () => {
  const silent = await tellsNothing();
  const { url, received } = await startSmtpServer({ closeTimeout: 50 });
  const first = await startWorker(silent.url);
  const run = await notify();
  await until(() => silent.sockets.length > 0);

  await first.stop();
  await until(() => silent.sockets.every(({ closed }) => closed));
  const second = await startWorker(url);
  const result = (await run.result()) as unknown;
  await second.stop();

  expect(result).toEqual({ outcome: 'delivered' });
  expect(received).toHaveLength(1);
});

it('A silent mail server is left when its email is no longer needed', async () => {
  const silent = await tellsNothing();
  const worker = await startWorker(silent.url);
  const run = await notify();
  await until(() => silent.sockets.length > 0);

  await run.cancel();
  await until(() => silent.sockets.every(({ closed }) => closed));
  await worker.stop();

  expect(silent.sockets).toHaveLength(1);
  expect((await run.describe()).status.name).toBe('CANCELLED');
});

it('A silent mail server holds up its emails, but no other runs of the worker', async () => {
  const silent = await tellsNothing();
  const worker = await startWorker(silent.url);
  await Promise.all(Array.from({ length: 20 }, notify));
  await until(() => silent.sockets.length >= 5);

  const sweep = await temporal.client.workflow.execute('rotationSweep', {
    workflowId: `sweep-${crypto.randomUUID()}`,
    taskQueue: temporal.taskQueue,
  });
  await worker.stop();

  expect(sweep).toEqual({ started: 0, alreadyThere: 0 });
});
