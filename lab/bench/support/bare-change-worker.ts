/** The process that runs `bareChange` and `bareMail`: a worker with the product worker's settings. */
import { activityInfo } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { BareChangeActivities, bareMail } from './bare-change-workflow';

const SLOTS = 40;
const CACHED_RUNS = 1000;
const MAILS = [1, 2];

async function main([address = '', taskQueue = '']: readonly string[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection });
  const activities: BareChangeActivities = {
    databaseStep: () => Promise.resolve(),
    sendMail: () => Promise.resolve(),
    // As the product's worker starts the runs of its emails.
    async startMails() {
      const changeId = activityInfo().workflowExecution?.workflowId;
      const start = (number: number) =>
        client.workflow.start<typeof bareMail>('bareMail', {
          workflowId: `${changeId}/mail-${number}`,
          taskQueue,
          args: [],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          requestEagerStart: true,
        });
      await Promise.all(MAILS.map(start));
    },
  };
  const worker = await Worker.create({
    connection,
    taskQueue,
    activities,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: require.resolve('./bare-change-workflow'),
      logger: new DefaultLogger('WARN'),
    }),
    stickyQueueScheduleToStartTimeout: '3s',
    maxCachedWorkflows: CACHED_RUNS,
    maxConcurrentActivityTaskExecutions: SLOTS,
    maxConcurrentLocalActivityExecutions: SLOTS,
  });
  process.once('disconnect', () => process.exit(0));
  process.send?.('ready');
  await worker.run();
  process.exit(0);
}

void main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
