/** Builds the HTTP API with real adapters and the given clock. */
import { randomUUID } from 'node:crypto';
import type { Connection } from '@temporalio/client';
import type { Express } from 'express';
import type { Logger } from 'pino';
import { createAccounts } from '../adapters/postgres/accounts';
import { createAgentsOfRecord } from '../adapters/postgres/agents-of-record';
import { createAorCorrections } from '../adapters/postgres/aor-corrections';
import { answerStretcher } from '../adapters/keys/answer-stretcher';
import { createAorReviews } from '../adapters/postgres/aor-reviews';
import { createApiKeys } from '../adapters/postgres/api-keys';
import { createAuditLog } from '../adapters/postgres/audit-log';
import { createBrokerDirectory } from '../adapters/postgres/broker-directory';
import { createBrokerRegistrations } from '../adapters/postgres/broker-registrations';
import { createCommissionStatements } from '../adapters/postgres/commission-statements';
import { loadCommonPasswords } from '../adapters/keys/common-passwords';
import { createCredentials } from '../adapters/postgres/credentials';
import { isDatabaseAway } from '../adapters/postgres/database-errors';
import { createIdempotency } from '../adapters/postgres/idempotency';
import { createInvitations } from '../adapters/postgres/invitations';
import type { ApiMetrics } from '../adapters/telemetry/metrics/api-metrics';
import { createMailLedger } from '../adapters/postgres/mail-ledger';
import { createNoticeStarter } from '../adapters/temporal/notice-starter';
import { createPasswordHasher } from '../adapters/keys/password-hasher';
import { createPasswordTries } from '../adapters/postgres/password-tries';
import {
  addressKey,
  createRequestLimiter,
  networkKeys,
  withoutAddressLimits,
} from '../adapters/postgres/rate-limits';
import { createPlanChangeFacts } from '../adapters/postgres/plan-change-facts';
import { createPlanChanges } from '../adapters/postgres/plan-changes';
import { createRecoveryAllowances } from '../adapters/postgres/recovery-allowances';
import { createReadinessChecks } from '../adapters/postgres/readiness';
import { createResetRecords } from '../adapters/postgres/reset-records';
import { createResetUsage } from '../adapters/postgres/reset-usage';
import { createRotations } from '../adapters/postgres/rotations';
import { createSessions } from '../adapters/postgres/sessions';
import { createSignIns } from '../adapters/postgres/sign-ins';
import { createTermsAcceptances } from '../adapters/postgres/terms-acceptances';
import { createTimelines } from '../adapters/postgres/timelines';
import { createApp } from '../api/app';
import type { DrivenRuns, RequestObserver } from '../ports/request';
import { createAorCorrectionRuns } from '../adapters/temporal/aor-correction-runs';
import { createNoticeAnnouncer } from '../adapters/temporal/notice-announcer';
import { createOpsRuns } from '../adapters/temporal/ops-runs';
import { createPlanChangeRuns } from '../adapters/temporal/plan-change-runs';
import { createPasswordResets } from '../adapters/temporal/password-reset-runs';
import { createSignInRuns } from '../adapters/temporal/sign-in-runs';
import { PACKAGE_VERSION } from '../contracts/version';
import type { Parts } from './activities';

/** Optional observers. */
interface Watching {
  readonly metrics?: ApiMetrics | undefined;
  readonly tracer?: RequestObserver | undefined;
  readonly drivenRuns?: DrivenRuns | undefined;
}

/** Ready to listen; starts nothing. */
export async function composeApi({
  config,
  brand: { policies, planChangePolicy, texts, terms },
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
  const signIns = createSignIns(database);

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
      policies,
      clock,
    }),
    resetRecords,
    accounts,
    hasher: metrics ? metrics.timed(hasher) : hasher,
    staging: credentials,
    replacer: credentials,
    sessions: createSessions(database),
    signIns: createSignInRuns({
      client,
      connection,
      taskQueue,
      keys: keyring,
      records: signIns,
      rule: policies.member.twoStep,
      clock,
    }),
    signInRecords: signIns,
    twoStep: signIns,
    termsAcceptances: createTermsAcceptances(database),
    brokers,
    registrations: createBrokerRegistrations(database),
    invitations: createInvitations(database, policies),
    stretcher: answerStretcher,
    apiKeys: createApiKeys(database),
    rotations: createRotations(database),
    planChanges,
    planChangeFacts: createPlanChangeFacts(database),
    planChangeRuns: createPlanChangeRuns({
      client,
      connection,
      taskQueue,
      planChanges,
      logger,
      clock,
      policy: planChangePolicy,
    }),
    planChangePolicy,
    agentsOfRecord: createAgentsOfRecord(database),
    commissionStatements: createCommissionStatements(database),
    aorCorrections: createAorCorrections(database),
    aorCorrectionRuns: createAorCorrectionRuns({ client, connection, taskQueue }),
    aorReviews: createAorReviews(database),
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
    policies,
    texts,
    terms,
    commonPasswords: loadCommonPasswords(policies),
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
