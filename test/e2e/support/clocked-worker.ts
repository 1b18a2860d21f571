/** The worker as it is put together, with a clock of the test's own, since activities live on the wall clock. */
import { NativeConnection, Worker } from '@temporalio/worker';
import { createMailer } from '../../../src/adapters/mailer';
import { composeActivities } from '../../../src/compose-activities';
import '../../support/quiet-temporal';
import type { Portal } from './portal';

/** Works for `portal` in this process, with `clock` for its activities. */
export async function startClockedWorker(
  portal: Portal,
  clock: () => number,
): Promise<{ stop(): Promise<void> }> {
  const { address, taskQueue } = portal.config.temporal;
  const mailer = createMailer({
    smtpUrl: portal.mailbox.url,
    from: 'Member Services <no-reply@tenure.example>',
  });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: process.env['TENURE_TEST_BUNDLE']! },
    activities: composeActivities({ ...portal, mailer, clock }),
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      mailer.close();
      await connection.close();
    },
  };
}
