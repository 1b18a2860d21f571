/** The API process. Start as many as are needed, behind any load balancer. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDatabase } from './adapters/database';
import { createKeyring } from './adapters/keyring';
import { createLogger } from './adapters/logger';
import { createTemporalClient } from './adapters/temporal';
import { composeApi } from './compose-api';
import { loadServerConfig } from './config';
import { exitWithParent, reportReady } from './dev/exit-with-parent';
import { runProcess } from './run-process';

/** A client that is slower than this with its request is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;

void runProcess('api', async () => {
  const config = loadServerConfig(process.env);
  const logger = createLogger(config.logLevel, 'api');
  const database = createDatabase(config);
  const { client, connection } = createTemporalClient(config.temporal);
  const keyring = createKeyring(config.peppers);
  const app = await composeApi({ config, database, keyring, client, connection, logger, clock: Date.now });

  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS / 2 },
    app,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(config.port, resolve);
  });
  logger.info({ port: (server.address() as AddressInfo).port }, 'the API listens');
  reportReady();

  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await closed;
    await Promise.all([connection.close(), database.$disconnect()]);
  };
  exitWithParent(() => void stop().then(() => process.exit(0)));
  return stop;
});
