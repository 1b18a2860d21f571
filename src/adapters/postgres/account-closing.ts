/** Closing and reopening an account. */
import { timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { query } from './query';

/** `already`: it was already in that state; `unknown`: there is no such account. */
export type ClosingAnswer = 'done' | 'already' | 'unknown';

/** `operator`: the person who does it, for the audit log. */
export interface AccountClosing {
  /** Ends every session, audits. Then nobody can sign in, reset or look up the username, and no reminders are sent. */
  close(accountId: string, atMs: number, operator: string): Promise<ClosingAnswer>;
  /** With the previous password, which may have expired; sessions stay ended. */
  reopen(accountId: string, atMs: number, operator: string): Promise<ClosingAnswer>;
}

export function createAccountClosing(prisma: Database): AccountClosing {
  async function change(accountId: string, changed: Prisma.Sql): Promise<ClosingAnswer> {
    // The lock is a separate statement, so that the next one sees sessions opened while this one waited.
    const [answer] = await prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`SELECT id FROM accounts WHERE id = ${accountId}::uuid FOR NO KEY UPDATE`;
      return query(prisma.within(transaction), { known: 'boolean', done: 'boolean' })`
        WITH changed AS (${changed})
        SELECT EXISTS (SELECT FROM accounts WHERE id = ${accountId}::uuid) AS known, EXISTS (SELECT FROM changed) AS done`;
    });
    if (!answer!.known) return 'unknown';
    return answer!.done ? 'done' : 'already';
  }

  return {
    close: (accountId, atMs, operator) =>
      change(
        accountId,
        Prisma.sql`
        UPDATE accounts SET closed_at = ${timestamp(atMs)} WHERE id = ${accountId}::uuid AND closed_at IS NULL RETURNING id
      ), ended AS (
        UPDATE sessions SET revoked_at = ${timestamp(atMs)}
        WHERE account_id = (SELECT id FROM changed) AND revoked_at IS NULL
      ), audited AS (
        INSERT INTO audit_events (at, action, outcome, account_id, operator)
        SELECT ${timestamp(atMs)}, 'account-closed', 'success', id, ${operator} FROM changed`,
      ),

    reopen: (accountId, atMs, operator) =>
      change(
        accountId,
        Prisma.sql`
        UPDATE accounts SET closed_at = NULL WHERE id = ${accountId}::uuid AND closed_at IS NOT NULL RETURNING id
      ), audited AS (
        INSERT INTO audit_events (at, action, outcome, account_id, operator)
        SELECT ${timestamp(atMs)}, 'account-reopened', 'success', id, ${operator} FROM changed`,
      ),
  };
}
