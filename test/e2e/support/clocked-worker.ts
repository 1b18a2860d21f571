/** The worker as it is put together, with a clock of the test's own, since activities live on the wall clock. */
import { NativeConnection, Worker } from '@temporalio/worker';
import { createMailer } from '../../../src/adapters/mail/mailer';
import { composeActivities } from '../../../src/compose/activities';
import { mailQueue } from '../../../src/contracts/task-queue';
import '../../support/quiet-temporal';
import type { Portal } from './portal';

const MAIL_SLOTS = 5;

/** Works for `portal` in this process, with `clock` for its activities. */
export async function startClockedWorker(
  portal: Portal,
  clock: () => number,
): Promise<{ stop(): Promise<void> }> {
  const { address, taskQueue } = portal.config.temporal;
  const mailer = createMailer({
    smtpUrl: portal.mailbox.url,
    from: 'Member Services <no-reply@tenure.example>',
    connections: MAIL_SLOTS,
  });
  const connection = await NativeConnection.connect({ address });
  const activities = composeActivities({ ...portal, mailer, clock });
  const workflowBundle = { codePath: process.env['TENURE_TEST_BUNDLE']! };
  const workers = await Promise.all([
    Worker.create({ connection, activities, taskQueue, workflowBundle }),
    Worker.create({
      ...{ connection, activities, taskQueue: mailQueue(taskQueue) },
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
