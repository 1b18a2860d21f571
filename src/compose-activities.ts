/** The worker's activities over everything real, with the clock that they are given. */
import type { Client } from '@temporalio/client';
import { createActivities } from './activities';
import type { Mailer } from './activities/ports';
import { createAccountChanges } from './adapters/account-changes';
import { createAccounts } from './adapters/accounts';
import { createAorDecisions } from './adapters/aor-decisions';
import { createAuditLog } from './adapters/audit-log';
import { createCredentials } from './adapters/credentials';
import type { Database } from './adapters/database';
import { createEmailTemplates } from './adapters/email-templates';
import { createInvitations } from './adapters/invitations';
import type { Keyring } from './adapters/keyring';
import { createMailLedger } from './adapters/mail-ledger';
import { createNoticeStarter } from './adapters/notices';
import { createPlanChangeFacts } from './adapters/plan-change-facts';
import { createPlanChanges } from './adapters/plan-changes';
import { createResetRecords } from './adapters/reset-records';
import { createResetUsage } from './adapters/reset-usage';
import { createRotationRuns } from './adapters/rotation-runs';
import { createRotations } from './adapters/rotations';
import type { ServerConfig } from './config';
import { withMemberPasswordDays } from './domain/portal';
import { resetIdentity } from './domain/reset-identity';

/** What both processes are made of. */
export interface Parts {
  readonly config: ServerConfig;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly client: Client;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** `eager`: the client is over the worker's own connection, which then gets first tasks with the answer. */
export function composeActivities({
  config,
  database,
  keyring,
  client,
  clock,
  mailer,
  eager = false,
}: Parts & { readonly mailer: Mailer; readonly eager?: boolean }): ReturnType<typeof createActivities> {
  const { taskQueue } = config.temporal;
  return createActivities({
    usage: createResetUsage(database),
    standingResets: createResetRecords(database),
    recipients: createAccounts(database),
    credentials: createCredentials(database),
    audit: createAuditLog(database),
    ledger: createMailLedger(database),
    templates: createEmailTemplates(),
    mailer,
    pins: keyring,
    accountChanges: createAccountChanges(database),
    invitations: createInvitations(database),
    codes: keyring,
    notices: createNoticeStarter(client, taskQueue, { eager }),
    planChanges: createPlanChanges(database),
    planChangeFacts: createPlanChangeFacts(database),
    aorDecisions: createAorDecisions(database),
    planChangePolicy: config.planChanges,
    unitLead: { email: config.unitLeadEmail, firstName: '', language: 'en' },
    rotations: createRotations(database),
    rotationRuns: createRotationRuns(client, taskQueue),
    policies: withMemberPasswordDays(config.memberPasswordDays),
    identifies: ({ accountId: id, portal, email }, pepperId, subjectKey) =>
      id !== undefined &&
      keyring.subjectKey(pepperId, portal, resetIdentity({ id, portal, email })) === subjectKey,
    clock,
    random: Math.random,
  });
}
