/** The send ledger: one row an email, opened before the first attempt and settled once. */
import type { MailLedger } from '../activities/ports';
import type { MailOutcome } from '../contracts/notice';
import { timestamp } from './epoch';
import type { PrismaClient } from './generated/client';

/** A settled entry stays as it was settled; an attempt at one is not counted, for none is made. */
export function createMailLedger(prisma: PrismaClient): MailLedger {
  return {
    async begin({ messageId, kind, accountId, reference, validUntilMs }) {
      const [row] = await prisma.$queryRaw<{ status: MailOutcome | 'pending' }[]>`
        INSERT INTO mail_deliveries AS d (id, kind, account_id, reference, status, attempts, valid_until)
        VALUES (${messageId}, ${kind}, ${accountId ?? null}::uuid, ${reference}, 'pending', 1, ${timestamp(validUntilMs)})
        ON CONFLICT (id) DO UPDATE SET attempts = d.attempts + (d.status = 'pending')::int
        RETURNING d.status`;
      return row === undefined || row.status === 'pending' ? null : row.status;
    },

    async settle(messageId, outcome, smtpCode) {
      await prisma.$executeRaw`
        UPDATE mail_deliveries SET status = ${outcome}, settled_at = now(), smtp_code = ${smtpCode ?? null}::int
        WHERE id = ${messageId} AND status = 'pending'`;
    },
  };
}
