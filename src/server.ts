/** The API process. Start as many as are needed, behind any load balancer. */
import './signals';
import { keepPromises } from './adapters/brand/kept-promises';
import { loadBrand } from './adapters/brand/load-brand';
import { createDatabase } from './adapters/postgres/database';
import { claimKeyIdsOnceReachable } from './adapters/postgres/key-fingerprints';
import { createKeyring } from './adapters/keys/keyring';
import { createLogger } from './adapters/telemetry/logger';
import { createApiMetrics, type ApiMetrics } from './adapters/telemetry/metrics/api-metrics';
import { addDatabaseGauges } from './adapters/telemetry/metrics/database-gauges';
import { addTemporalGauges } from './adapters/telemetry/metrics/temporal-gauges';
import { serveMetrics } from './adapters/telemetry/metrics/metrics-server';
import { createTemporalClient } from './adapters/temporal/connection';
import { createDrivenRuns } from './adapters/temporal/driven-runs';
import { composeApi } from './compose/api';
import { watchOtherBrands } from './compose/brand-watch';
import { keysOf, loadServerConfig } from './config';
import { reportReady } from './compose/supervisor-channel';
import { listen } from './compose/listen';
import { failToStart, runProcess } from './compose/run-process';
import { traceWhereSet } from './compose/tracing';

void runProcess('api', async () => {
  const config = loadServerConfig(process.env);
  const brand = loadBrand(config.brandFolder);
  const logger = createLogger(config.logLevel, 'api');
  const database = createDatabase(config);
  await keysClaimedOrDatabaseAway();
  const tracing = await traceWhereSet(config, 'tenure-api');
  const drivenRuns = createDrivenRuns();
  const { client, connection } = createTemporalClient(config.temporal, [
    drivenRuns.clientInterceptor,
    ...(tracing ? [tracing.clientInterceptor] : []),
  ]);
  const keyring = createKeyring(config.peppers);
  const clock = Date.now;
  const metrics = config.metricsAddress === undefined ? undefined : createMetrics();
  const app = await composeApi({
    config,
    brand,
    database,
    keyring,
    client,
    connection,
    logger,
    clock,
    metrics,
    drivenRuns,
    tracer: tracing?.observer,
  });
  const metricsServer = metrics && (await serveMetrics(metrics.registry, config.metricsAddress ?? ''));

  const listener = await listen(app, config);
  const stopWatching = watchOtherBrands('api', brand, { database, logger });
  logger.info({ port: listener.port }, 'the API listens');
  reportReady();

  const stop = async (): Promise<void> => {
    stopWatching();
    await listener.close();
    await Promise.all([
      connection.close(),
      metricsServer?.stop().then(() => database.$disconnect()) ?? database.$disconnect(),
      tracing?.stop(),
    ]);
  };
  return stop;

  /** While the database is away every call is answered 503, so the API may listen; a key or brand that is refused then ends it. */
  function keysClaimedOrDatabaseAway(): Promise<void> {
    return new Promise((resolve, reject) => {
      let isListening = false;
      const goOn = (): void => {
        logger.warn('the database cannot be reached: calls are answered 503 until it can');
        isListening = true;
        resolve();
      };
      claimKeyIdsOnceReachable(database.pool, keysOf(config), goOn)
        .then(() => keepPromises(database.pool, brand))
        .then(resolve, (error: unknown) => {
          if (isListening) failToStart('api', error);
          else reject(error);
        });
    });
  }

  function createMetrics(): ApiMetrics {
    const made = createApiMetrics();
    addTemporalGauges(made.registry, { client, connection, taskQueue: config.temporal.taskQueue });
    addDatabaseGauges(made.registry, { database, brand, clock });
    return made;
  }
});
