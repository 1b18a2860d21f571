/** The process of the pages. Start as many as are needed, behind any load balancer. */
import type { AddressInfo } from 'node:net';
import { loadBrand } from './adapters/brand/load-brand';
import { createLogger } from './adapters/telemetry/logger';
import { createApiMetrics } from './adapters/telemetry/metrics/api-metrics';
import { serveMetrics } from './adapters/telemetry/metrics/metrics-server';
import { createHttpServer } from './api/http/server';
import { runProcess } from './compose/run-process';
import { exitWithParent, reportReady } from './compose/supervisor-channel';
import { composeWeb } from './compose/web';
import { loadWebConfig } from './config';

void runProcess('web', async () => {
  const config = loadWebConfig(process.env);
  const brand = loadBrand(config.brandFolder);
  const logger = createLogger(config.logLevel, 'web');
  const metrics = config.metricsAddress === undefined ? undefined : createApiMetrics();
  const app = composeWeb({
    config,
    brand,
    logger,
    observers: metrics ? [metrics.observer] : [],
    clock: Date.now,
  });
  const metricsServer = metrics && (await serveMetrics(metrics.registry, config.metricsAddress ?? ''));

  const server = createHttpServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port: config.port, host: config.listenHost }, resolve);
  });
  logger.info({ port: (server.address() as AddressInfo).port }, 'the pages are served');
  reportReady();

  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await closed;
    await metricsServer?.stop();
  };
  exitWithParent(() => void stop().then(() => process.exit(0)));
  return stop;
});
