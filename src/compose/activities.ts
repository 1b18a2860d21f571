/** Builds the worker's activities with real adapters and the given clock. */
import type { Client } from '@temporalio/client';
import { createActivities } from '../activities';
import { createMailTurns } from '../activities/mail-turns';
import type { Mailer } from '../ports/mail';
import { createAccountChanges } from '../adapters/postgres/account-changes';
import { createAccounts } from '../adapters/postgres/accounts';
import { createAgentTerminations } from '../adapters/postgres/agent-terminations';
import { createAorCorrections } from '../adapters/postgres/aor-corrections';
import { createAorDecisions } from '../adapters/postgres/aor-decisions';
import { createAuditLog } from '../adapters/postgres/audit-log';
import { createCredentials } from '../adapters/postgres/credentials';
import type { Database } from '../adapters/postgres/database';
import { createEmailTemplates } from '../adapters/mail/templates';
import { createInvitations } from '../adapters/postgres/invitations';
import type { Keyring } from '../adapters/keys/keyring';
import { createMailLedger } from '../adapters/postgres/mail-ledger';
import { createNoticeStarter } from '../adapters/temporal/notice-starter';
import { createPlanChanges } from '../adapters/postgres/plan-changes';
import { createResetRecords } from '../adapters/postgres/reset-records';
import { createResetUsage } from '../adapters/postgres/reset-usage';
import { createRotationRuns } from '../adapters/temporal/rotation-runs';
import { createRotations } from '../adapters/postgres/rotations';
import { createSignIns } from '../adapters/postgres/sign-ins';
import type { Brand } from '../adapters/brand/load-brand';
import type { ServerConfig } from '../config';
import { resetIdentity } from '../domain/password-reset/reset-identity';

/** Shared by both processes. */
export interface Parts {
  readonly config: ServerConfig;
  readonly brand: Brand;
  readonly database: Database;
  readonly keyring: Keyring;
  readonly client: Client;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** `mailSlots`: emails at a time. `eager`: the client uses the worker's own connection, which then gets first tasks with the answer. */
export function composeActivities({
  config,
  brand,
  database,
  keyring,
  client,
  clock,
  mailer,
  mailSlots,
  eager = false,
}: Parts & {
  readonly mailer: Mailer;
  readonly mailSlots: number;
  readonly eager?: boolean;
}): ReturnType<typeof createActivities> {
  const { taskQueue } = config.temporal;
  const [language = 'en'] = brand.languages;
  return createActivities({
    usage: createResetUsage(database),
    standingResets: createResetRecords(database),
    signIns: createSignIns(database),
    recipients: createAccounts(database),
    credentials: createCredentials(database),
    audit: createAuditLog(database),
    ledger: createMailLedger(database),
    templates: createEmailTemplates(brand),
    mailer,
    inTurn: createMailTurns(mailSlots),
    pins: keyring,
    accountChanges: createAccountChanges(database),
    invitations: createInvitations(database, brand.policies),
    codes: keyring,
    notices: createNoticeStarter(client, taskQueue, { eager }),
    planChanges: createPlanChanges(database),
    aorDecisions: createAorDecisions(database),
    aorCorrections: createAorCorrections(database),
    reversibleDays: brand.reversibleDays,
    planChangePolicy: brand.planChangePolicy,
    unitLead: { email: config.unitLeadEmail, firstName: '', language },
    agentTerminations: createAgentTerminations(database),
    compliance:
      config.complianceEmail === undefined
        ? null
        : { email: config.complianceEmail, firstName: '', language },
    rotations: createRotations(database),
    rotationRuns: createRotationRuns(client, taskQueue),
    policies: brand.policies,
    identifies: ({ accountId: id, portal, email }, pepperId, subjectKey) =>
      id !== undefined &&
      keyring.subjectKey(pepperId, portal, resetIdentity({ id, portal, email })) === subjectKey,
    clock,
    random: Math.random,
  });
}
