/** The HTTP face over everything real, with the clock that it is given. */
import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { createAccounts } from './adapters/accounts';
import { createAgentsOfRecord } from './adapters/agents-of-record';
import { answerStretcher } from './adapters/answer-stretcher';
import { createApiKeys } from './adapters/api-keys';
import { createAuditLog } from './adapters/audit-log';
import { createBrokerDirectory } from './adapters/broker-directory';
import { createBrokerRegistrations } from './adapters/broker-registrations';
import { loadCommonPasswords } from './adapters/common-passwords';
import { createCredentials } from './adapters/credentials';
import { isDatabaseAway } from './adapters/database-errors';
import { createIdempotency } from './adapters/idempotency';
import { createInvitations } from './adapters/invitations';
import type { ApiMetrics } from './adapters/metrics/api-metrics';
import { createMailLedger } from './adapters/mail-ledger';
import { createNoticeStarter } from './adapters/notices';
import { createPasswordHasher } from './adapters/password-hasher';
import { createPasswordTries } from './adapters/password-tries';
import { addressKey, createRequestLimiter, networkKeys, withoutAddressLimits } from './adapters/rate-limits';
import { createPlanChangeFacts } from './adapters/plan-change-facts';
import { createPlanChanges } from './adapters/plan-changes';
import { createRecoveryAllowances } from './adapters/recovery-allowances';
import { createReadinessChecks } from './adapters/readiness';
import { createResetRecords } from './adapters/reset-records';
import { createResetUsage } from './adapters/reset-usage';
import { createRotations } from './adapters/rotations';
import { createSessions } from './adapters/sessions';
import { createTimelines } from './adapters/timelines';
import { createApp } from './api/app';
import type { DrivenRuns, RequestObserver } from './api/ports';
import { createNoticeAnnouncer } from './api/starters/notice';
import { createOpsRuns } from './api/starters/ops-runs';
import { createPlanChangeRuns } from './api/starters/plan-change';
import { createPasswordResets } from './api/starters/password-reset';
import { PACKAGE_VERSION } from './contracts/version';
import { withMemberPasswordDays } from './domain/portal';
import type { Parts } from './compose-activities';

/** What looks on; absent: nobody does. */
interface Watching {
  readonly metrics?: ApiMetrics | undefined;
  readonly tracer?: RequestObserver | undefined;
  readonly drivenRuns?: DrivenRuns | undefined;
}

/** Ready to listen; starts nothing by itself. */
export async function composeApi({
  config,
  database,
  keyring,
  client,
  connection,
  clock,
  logger,
  metrics,
  tracer,
  drivenRuns,
}: Parts & Watching & { readonly connection: Connection; readonly logger: Logger }): Promise<Express> {
  const { taskQueue } = config.temporal;
  const accounts = createAccounts(database);
  const credentials = createCredentials(database);
  const brokers = createBrokerDirectory(database);
  const planChanges = createPlanChanges(database);
  const allLimits = createRequestLimiter(database.pool);
  const limiter = config.rateLimits ? allLimits : withoutAddressLimits(allLimits);
  const emails = createMailLedger(database);
  const notices = createNoticeStarter(client, taskQueue);
  const hasher = await createPasswordHasher();
  const resetRecords = createResetRecords(database);

  return createApp({
    resets: createPasswordResets({
      client,
      connection,
      taskQueue,
      keys: keyring,
      accounts,
      brokers,
      stretcher: answerStretcher,
      usage: createResetUsage(database),
      records: resetRecords,
      notices,
      clock,
    }),
    resetRecords,
    accounts,
    hasher: metrics ? metrics.timed(hasher) : hasher,
    staging: credentials,
    replacer: credentials,
    sessions: createSessions(database),
    brokers,
    registrations: createBrokerRegistrations(database),
    invitations: createInvitations(database),
    stretcher: answerStretcher,
    apiKeys: createApiKeys(database),
    rotations: createRotations(database),
    planChanges,
    planChangeFacts: createPlanChangeFacts(database),
    planChangeRuns: createPlanChangeRuns({
      ...{ client, connection, taskQueue, planChanges, logger, clock },
      policy: config.planChanges,
    }),
    planChangePolicy: config.planChanges,
    agentsOfRecord: createAgentsOfRecord(database),
    recovery: createRecoveryAllowances(database, keyring),
    opsRuns: createOpsRuns({ client, connection, taskQueue, notices, emails }),
    timelines: createTimelines(database),
    emails,
    audit: createAuditLog(database),
    notices: createNoticeAnnouncer(connection, notices),
    digests: keyring,
    readiness: createReadinessChecks(database, connection, config.temporal),
    limiter: metrics ? metrics.counted(limiter) : limiter,
    passwordTries: createPasswordTries(database),
    idempotency: createIdempotency(database),
    policies: withMemberPasswordDays(config.memberPasswordDays),
    commonPasswords: loadCommonPasswords(),
    trustProxy: config.trustProxy,
    version: PACKAGE_VERSION,
    logger,
    observers: [metrics?.observer, tracer].filter((observer) => observer !== undefined),
    drivenRuns,
    clock,
    newId: randomUUID,
    addressKey,
    networkKeys,
    isDatabaseAway,
  });
}
