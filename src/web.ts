/** The process of the pages. Start as many as are needed, behind any load balancer. */
import './signals';
import { loadBrand } from './adapters/brand/load-brand';
import { createLogger } from './adapters/telemetry/logger';
import { serveMetrics } from './adapters/telemetry/metrics/metrics-server';
import { createRequestMetrics } from './adapters/telemetry/metrics/request-metrics';
import { listen } from './compose/listen';
import { runProcess } from './compose/run-process';
import { reportReady } from './compose/supervisor-channel';
import { composeWeb } from './compose/web';
import { loadWebConfig } from './config';

void runProcess('web', async () => {
  const config = loadWebConfig(process.env);
  const brand = loadBrand(config.brandFolder);
  const logger = createLogger(config.logLevel, 'web');
  const metrics = config.metricsAddress === undefined ? undefined : createRequestMetrics();
  const app = composeWeb({
    config,
    brand,
    logger,
    observers: metrics ? [metrics.observer] : [],
    clock: Date.now,
  });
  const metricsServer = metrics && (await serveMetrics(metrics.registry, config.metricsAddress ?? ''));

  const listener = await listen(app, config);
  logger.info({ port: listener.port }, 'the pages are served');
  reportReady();

  const stop = async (): Promise<void> => {
    await listener.close();
    await metricsServer?.stop();
  };
  return stop;
});
