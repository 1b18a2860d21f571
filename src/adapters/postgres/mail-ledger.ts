/** The send ledger: one row per email, opened before the first attempt and settled once. */
import type { MailLedger } from '../../ports/mail';
import type { LedgerEmail, LedgerEmails } from '../../ports/ops';
import type { MailOutcome } from '../../contracts/notice';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { execute, query } from './query';

interface BegunRow {
  readonly status: MailOutcome | 'pending';
  readonly attempts: number;
}

/** Whether an operator's request to send it again is new: compared by number, so that a repeated step reopens it once. */
const isOpenedAgain = Prisma.sql`d.resends < EXCLUDED.resends`;

/** A settled entry does not change until an operator sends it again; attempts at it are not counted, because none is made. */
export function createMailLedger(prisma: Database): MailLedger & LedgerEmails {
  return {
    async find(messageId) {
      const [email] = await query<LedgerEmail>(prisma, {
        messageId: 'string',
        kind: 'string',
        accountId: 'string?',
        reference: 'string',
        status: 'string',
        resends: 'number',
        firstTriedAtMs: 'number',
        validUntilMs: 'number',
      })`
        SELECT id AS "messageId", kind, account_id AS "accountId", reference, status, resends,
               ${epochMs('created_at')} AS "firstTriedAtMs", ${epochMs('valid_until')} AS "validUntilMs"
        FROM mail_deliveries WHERE id = ${messageId}`;
      return email ?? null;
    },

    async begin({ messageId, kind, accountId, reference, validUntilMs, again = 0 }) {
      const [row] = await query<BegunRow>(prisma, { status: 'string', attempts: 'number' })`
        INSERT INTO mail_deliveries AS d (id, kind, account_id, reference, status, attempts, valid_until, resends)
        VALUES (${messageId}, ${kind}, ${accountId ?? null}::uuid, ${reference}, 'pending', 1, ${timestamp(validUntilMs)}, ${again})
        ON CONFLICT (id) DO UPDATE SET
          status = CASE WHEN ${isOpenedAgain} THEN 'pending' ELSE d.status END,
          settled_at = CASE WHEN ${isOpenedAgain} THEN NULL ELSE d.settled_at END,
          smtp_code = CASE WHEN ${isOpenedAgain} THEN NULL ELSE d.smtp_code END,
          attempts = d.attempts + (d.status = 'pending' OR ${isOpenedAgain})::int,
          resends = greatest(d.resends, EXCLUDED.resends)
        RETURNING d.status, d.attempts`;
      const { status, attempts } = row!;
      return { settled: status === 'pending' ? null : status, attempt: attempts };
    },

    async isCurrent(messageId, attempt) {
      const where = { id: messageId, status: 'pending', attempts: attempt };
      return (await prisma.mailDelivery.findFirst({ where, select: { id: true } })) !== null;
    },

    async settle(messageId, outcome, smtpCode) {
      await execute(prisma)`
        UPDATE mail_deliveries SET status = ${outcome}, settled_at = now(), smtp_code = ${smtpCode ?? null}::int
        WHERE id = ${messageId} AND status = 'pending'`;
    },
  };
}
