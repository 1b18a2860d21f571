/**
 * The process of a bare worker: `ADDRESS TASK_QUEUE WORKFLOWS [METRICS_ADDRESS]`. It has the product worker's settings, and steps
 * that do nothing.
 */
import { activityInfo } from '@temporalio/activity';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { BareChangeActivities } from './plan-change-workflow';
import type { BareActivities } from './reset-workflow';

const SLOTS = 40;
const CACHED_RUNS = 1000;

async function main(args: readonly string[]): Promise<void> {
  const [address = '', taskQueue = '', workflowsPath = '', metricsAddress] = args;
  const logger = new DefaultLogger('WARN');
  Runtime.install({
    logger,
    ...(metricsAddress !== undefined && {
      telemetryOptions: { metrics: { prometheus: { bindAddress: metricsAddress } } },
    }),
  });
  const connection = await NativeConnection.connect({ address });
  const ownId = (): string => activityInfo().workflowExecution?.workflowId ?? '';
  const activities: BareActivities & BareChangeActivities = {
    databaseStep: () => Promise.resolve(),
    sendMail: () => Promise.resolve(),
    // The bench waits for it, as a person waits for the email.
    mail: async () => void process.send?.({ mailed: ownId() }),
  };
  const worker = await Worker.create({
    connection,
    taskQueue,
    activities,
    workflowBundle: await bundleWorkflowCode({ workflowsPath, preloadModules: [workflowsPath], logger }),
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
