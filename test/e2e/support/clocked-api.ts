/** The API's composition with a clock of the test's own, over everything real, on the port that the portal's calls go to. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pino } from 'pino';
import { createAccounts } from '../../../src/adapters/accounts';
import { answerStretcher } from '../../../src/adapters/answer-stretcher';
import { createApiKeys } from '../../../src/adapters/api-keys';
import { createAuditLog } from '../../../src/adapters/audit-log';
import { createBrokerDirectory } from '../../../src/adapters/broker-directory';
import { createBrokerRegistrations } from '../../../src/adapters/broker-registrations';
import { loadCommonPasswords } from '../../../src/adapters/common-passwords';
import { createCredentials } from '../../../src/adapters/credentials';
import { isDatabaseAway } from '../../../src/adapters/database-errors';
import { createIdempotency } from '../../../src/adapters/idempotency';
import { createInvitations } from '../../../src/adapters/invitations';
import { createNoticeStarter } from '../../../src/adapters/notices';
import { createPasswordHasher } from '../../../src/adapters/password-hasher';
import { addressKey, createRequestLimiter, withoutAddressLimits } from '../../../src/adapters/rate-limits';
import { createReadinessChecks } from '../../../src/adapters/readiness';
import { createResetUsage } from '../../../src/adapters/reset-usage';
import { createRotations } from '../../../src/adapters/rotations';
import { createSessions } from '../../../src/adapters/sessions';
import { createApp } from '../../../src/api/app';
import { createNoticeAnnouncer } from '../../../src/api/starters/notice';
import { createPasswordResets } from '../../../src/api/starters/password-reset';
import { portalPolicies } from '../../../src/domain/portal';
import type { Portal } from './portal';

/** Answers the calls of `portal` in this process, with `clock` for all that it compares with a date. */
export async function startClockedApi(
  { database, keyring, client, connection, config }: Portal,
  clock: () => number,
): Promise<{ stop(): Promise<void> }> {
  const { taskQueue } = config.temporal;
  const accounts = createAccounts(database);
  const credentials = createCredentials(database);
  const brokers = createBrokerDirectory(database);
  const app = createApp({
    resets: createPasswordResets({
      client,
      connection,
      taskQueue,
      keys: keyring,
      accounts,
      brokers,
      stretcher: answerStretcher,
      usage: createResetUsage(database),
      clock,
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
    notices: createNoticeAnnouncer(connection, createNoticeStarter(client, taskQueue)),
    digests: keyring,
    readiness: createReadinessChecks(database, connection, config.temporal),
    limiter: withoutAddressLimits(createRequestLimiter(database.pool)),
    idempotency: createIdempotency(database),
    policies: portalPolicies,
    commonPasswords: loadCommonPasswords(),
    trustProxy: false,
    version: 'test',
    logger: pino({ level: 'silent' }),
    clock,
    newId: randomUUID,
    addressKey,
    isDatabaseAway,
  });
  const server = createServer(app).listen(config.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
