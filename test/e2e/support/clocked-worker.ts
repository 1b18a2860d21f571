/** The worker's composition with a clock of the test's own, since activities live on the wall clock. */
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../../src/activities';
import { createAccounts } from '../../../src/adapters/accounts';
import { createAuditLog } from '../../../src/adapters/audit-log';
import { createCredentials } from '../../../src/adapters/credentials';
import { createEmailTemplates } from '../../../src/adapters/email-templates';
import { createInvitations } from '../../../src/adapters/invitations';
import { createMailLedger } from '../../../src/adapters/mail-ledger';
import { createMailer } from '../../../src/adapters/mailer';
import { createNoticeStarter } from '../../../src/adapters/notices';
import { createResetUsage } from '../../../src/adapters/reset-usage';
import { createRotationRuns } from '../../../src/adapters/rotation-runs';
import { createRotations } from '../../../src/adapters/rotations';
import { portalPolicies } from '../../../src/domain/portal';
import { foldEmail } from '../../../src/domain/text';
import '../../support/quiet-temporal';
import type { Portal } from './portal';

/** Works for `portal` in this process, with `clock` for its activities. */
export async function startClockedWorker(
  { database, keyring, mailbox, client, config }: Portal,
  clock: () => number,
): Promise<{ stop(): Promise<void> }> {
  const { address, taskQueue } = config.temporal;
  const mailer = createMailer({ smtpUrl: mailbox.url, from: 'Member Services <no-reply@tenure.example>' });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    workflowBundle: { codePath: process.env['TENURE_TEST_BUNDLE']! },
    activities: createActivities({
      usage: createResetUsage(database),
      recipients: createAccounts(database),
      credentials: createCredentials(database),
      audit: createAuditLog(database),
      ledger: createMailLedger(database),
      templates: createEmailTemplates(),
      mailer,
      pins: keyring,
      invitations: createInvitations(database),
      codes: keyring,
      notices: createNoticeStarter(client, taskQueue),
      rotations: createRotations(database),
      rotationRuns: createRotationRuns(client, taskQueue),
      policies: portalPolicies,
      identifies: ({ portal, email }, pepperId, subjectKey) =>
        keyring.subjectKey(pepperId, portal, foldEmail(email)) === subjectKey,
      clock,
      random: Math.random,
    }),
  });
  const running = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await running;
      mailer.close();
      await connection.close();
    },
  };
}
