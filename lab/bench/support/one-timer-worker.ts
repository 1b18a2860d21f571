/** The process that runs `oneTimer`: a worker with the product worker's settings. */
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';

const CACHED_RUNS = 1000;

async function main([address = '', taskQueue = '', metricsAddress = '']: readonly string[]): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { metrics: { prometheus: { bindAddress: metricsAddress } } },
  });
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address }),
    taskQueue,
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: require.resolve('./one-timer-workflow'),
      logger: new DefaultLogger('WARN'),
    }),
    stickyQueueScheduleToStartTimeout: '3s',
    maxCachedWorkflows: CACHED_RUNS,
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
