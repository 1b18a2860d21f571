/**
 * API and worker as composed in production, but in this process and with the test's clock, because only runs
 * can be moved forward.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { NativeConnection, Worker } from '@temporalio/worker';
import { pino } from 'pino';
import type { Stack } from '../../../lab/system/stack';
import { createMailer } from '../../../src/adapters/mail/mailer';
import { composeActivities } from '../../../src/compose/activities';
import { composeApi } from '../../../src/compose/api';
import { mailQueue } from '../../../src/contracts/task-queue';
import '../../../lab/system/quiet-temporal';

const MAIL_SLOTS = 5;

interface Clocked {
  stop(): Promise<void>;
}

/** Both of them, for `withStack`. */
export const startClocked =
  (clock: () => number) =>
  async (stack: Stack): Promise<Clocked[]> => [
    await startClockedApi(stack, clock),
    await startClockedWorker(stack, clock),
  ];

/** Serves the calls of `stack`, with `clock` for everything that it compares with a date. */
async function startClockedApi(stack: Stack, clock: () => number): Promise<Clocked> {
  const app = await composeApi({ ...stack, clock, logger: pino({ level: 'silent' }) });
  const server = createServer(app).listen(stack.config.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** The worker of `stack`, with `clock` for its activities. */
export async function startClockedWorker(stack: Stack, clock: () => number): Promise<Clocked> {
  const { address, taskQueue } = stack.config.temporal;
  const mailer = createMailer({
    smtpUrl: stack.mailbox.url,
    from: 'Member Services <no-reply@tenure.example>',
    connections: MAIL_SLOTS,
  });
  const connection = await NativeConnection.connect({ address });
  const activities = composeActivities({ ...stack, mailer, mailSlots: MAIL_SLOTS, clock });
  const workflowBundle = { codePath: process.env['TENURE_TEST_BUNDLE']! };
  const workers = await Promise.all([
    Worker.create({ connection, activities, taskQueue, workflowBundle }),
    Worker.create({
      connection,
      activities,
      taskQueue: mailQueue(taskQueue),
      maxConcurrentActivityTaskExecutions: MAIL_SLOTS,
    }),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    stop: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      mailer.close();
      await connection.close();
    },
  };
}
