/** The process that runs `bareFlow`: a worker with the product worker's settings. It tells the bench of each mail. */
import { activityInfo } from '@temporalio/activity';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { BareActivities } from './bare-workflow';

const SLOTS = 40;

async function main([address = '', taskQueue = '']: readonly string[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('WARN') });
  const activities: BareActivities = {
    databaseStep: () => Promise.resolve(),
    mail: () => {
      process.send?.({ mailed: activityInfo().workflowExecution?.workflowId });
      return Promise.resolve();
    },
  };
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    activities,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: require.resolve('./bare-workflow'),
      logger: new DefaultLogger('WARN'),
    }),
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
