/** The API process. Start as many as are needed, behind any load balancer. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAccounts } from './adapters/accounts';
import { answerStretcher } from './adapters/answer-stretcher';
import { createApiKeys } from './adapters/api-keys';
import { createAuditLog } from './adapters/audit-log';
import { createBrokerDirectory } from './adapters/broker-directory';
import { createBrokerRegistrations } from './adapters/broker-registrations';
import { loadCommonPasswords } from './adapters/common-passwords';
import { createCredentials } from './adapters/credentials';
import { createDatabase } from './adapters/database';
import { isDatabaseAway } from './adapters/database-errors';
import { createIdempotency } from './adapters/idempotency';
import { createInvitations } from './adapters/invitations';
import { createKeyring } from './adapters/keyring';
import { createLogger } from './adapters/logger';
import { createNoticeStarter } from './adapters/notices';
import { createPasswordHasher } from './adapters/password-hasher';
import { addressKey, createRequestLimiter, withoutAddressLimits } from './adapters/rate-limits';
import { createReadinessChecks } from './adapters/readiness';
import { createResetUsage } from './adapters/reset-usage';
import { createRotations } from './adapters/rotations';
import { createSessions } from './adapters/sessions';
import { createTemporalClient } from './adapters/temporal';
import { createApp } from './api/app';
import { createNoticeAnnouncer } from './api/starters/notice';
import { createPasswordResets } from './api/starters/password-reset';
import { loadServerConfig } from './config';
import { PACKAGE_VERSION } from './contracts/version';
import { exitWithParent, reportReady } from './dev/exit-with-parent';
import { withMemberPasswordDays } from './domain/portal';
import { runProcess } from './run-process';

/** A client that is slower than this with its request is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;

void runProcess('api', async () => {
  const config = loadServerConfig(process.env);
  const logger = createLogger(config.logLevel, 'api');
  const database = createDatabase(config);
  const { client, connection } = createTemporalClient(config.temporal);
  const keyring = createKeyring(config.peppers);
  const accounts = createAccounts(database);
  const credentials = createCredentials(database);
  const brokers = createBrokerDirectory(database);
  const limiter = createRequestLimiter(database.pool);

  const app = createApp({
    resets: createPasswordResets({
      client,
      connection,
      taskQueue: config.temporal.taskQueue,
      keys: keyring,
      accounts,
      brokers,
      stretcher: answerStretcher,
      usage: createResetUsage(database),
      clock: Date.now,
    }),
    accounts,
    hasher: await createPasswordHasher(),
    staging: credentials,
    replacer: credentials,
    sessions: createSessions(database),
    brokers,
    registrations: createBrokerRegistrations(database),
    invitations: createInvitations(database),
    stretcher: answerStretcher,
    apiKeys: createApiKeys(database),
    rotations: createRotations(database),
    audit: createAuditLog(database),
    notices: createNoticeAnnouncer(connection, createNoticeStarter(client, config.temporal.taskQueue)),
    digests: keyring,
    readiness: createReadinessChecks(database, connection, config.temporal),
    limiter: config.rateLimits ? limiter : withoutAddressLimits(limiter),
    idempotency: createIdempotency(database),
    policies: withMemberPasswordDays(config.memberPasswordDays),
    commonPasswords: loadCommonPasswords(),
    trustProxy: config.trustProxy,
    version: PACKAGE_VERSION,
    logger,
    clock: Date.now,
    newId: randomUUID,
    addressKey,
    isDatabaseAway,
  });

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
