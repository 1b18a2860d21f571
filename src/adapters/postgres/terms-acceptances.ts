/** Which version of the terms an account accepted, and when; earlier ones are in the audit log. */
import type { TermsAcceptances } from '../../ports/accounts';
import { timestamp } from './epoch';
import type { Database } from './database';
import { execute } from './query';

export function createTermsAcceptances(prisma: Database): TermsAcceptances {
  return {
    async accept({ accountId, version, atMs, address }) {
      // The row is locked first: of two at once, the second finds the version accepted.
      await execute(prisma)`
        WITH before AS (
          SELECT id, terms_version FROM accounts WHERE id = ${accountId}::uuid FOR UPDATE
        ), accepted AS (
          UPDATE accounts a SET terms_version = ${version}, terms_accepted_at = ${timestamp(atMs)}
          FROM before
          WHERE a.id = before.id AND before.terms_version IS DISTINCT FROM ${version}
          RETURNING a.id, before.terms_version AS earlier
        )
        INSERT INTO audit_events (at, action, outcome, account_id, address, about)
        SELECT ${timestamp(atMs)}, 'terms-accepted', 'success', id, ${address},
               concat_ws(' after ', ${version}::text, earlier)
        FROM accepted`;
    },
  };
}
