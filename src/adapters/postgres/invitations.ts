/** Access codes issued by staff: each is valid once, for one address, until a newer one replaces it (spec.md 2). */
import type { InvitationSource } from '../../ports/invitation';
import type { Invitations } from '../../ports/invitation';
import type { PortalPolicies } from '../../domain/portal';
import { foldEmail } from '../../domain/accounts/text';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { query } from './query';

/**
 * Issuing is idempotent by id: a repeated call ends nothing that was issued since. Nobody is asked for the language of somebody who is
 * invited: it is the portal's first.
 */
export function createInvitations(
  prisma: Database,
  { broker }: PortalPolicies,
): Invitations & InvitationSource {
  return {
    async findExpiry(id) {
      const [row] = await query(prisma, { expiresAtMs: 'number' })`
        SELECT ${epochMs('expires_at')} AS "expiresAtMs" FROM access_invitations WHERE id = ${id}::uuid`;
      return row?.expiresAtMs ?? null;
    },

    async issue({
      id,
      pepperId,
      codeDigest,
      email,
      firstName,
      lastName,
      createdAtMs,
      expiresAtMs,
      createdBy,
      address,
    }) {
      const emailKey = foldEmail(email);
      const createdAt = timestamp(createdAtMs);
      // The lock is a separate statement, so that the next one sees invitations issued while this one waited.
      await prisma.$transaction([
        prisma.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`invitation ${emailKey}`}, 0))`,
        prisma.$executeRaw`
          WITH replaced AS (
            UPDATE access_invitations SET replaced_at = ${createdAt}
            WHERE email_key = ${emailKey} AND used_at IS NULL AND replaced_at IS NULL
              AND NOT EXISTS (SELECT FROM access_invitations WHERE id = ${id}::uuid)
            RETURNING id
          ), fresh AS (
            INSERT INTO access_invitations (id, pepper_id, code_digest, email, email_key, first_name, last_name,
                                            created_at, expires_at, created_by)
            SELECT ${id}::uuid, ${pepperId}, ${codeDigest}, ${email}, ${emailKey}, ${firstName}, ${lastName},
                   ${createdAt}, ${timestamp(expiresAtMs)}, ${createdBy}::uuid
            FROM (SELECT count(*) FROM replaced) AS after_replacing
            ON CONFLICT (id) DO NOTHING RETURNING id, created_by
          )
          INSERT INTO audit_events (key, at, action, outcome, api_key_id, address)
          SELECT 'invitation-issued:' || id, ${createdAt}, 'invitation-issued', 'success', created_by, ${address} FROM fresh`,
      ]);
    },

    async findForMail(invitationId) {
      const [row] = await query(prisma, {
        email: 'string',
        firstName: 'string',
        pepperId: 'string',
        expiresAtMs: 'number',
        open: 'boolean',
      })`
        SELECT email, first_name AS "firstName", pepper_id AS "pepperId", ${epochMs('expires_at')} AS "expiresAtMs",
               used_at IS NULL AND replaced_at IS NULL AS open
        FROM access_invitations WHERE id = ${invitationId}::uuid`;
      if (row === undefined) return null;
      const { email, firstName, ...invitation } = row;
      const [language = 'en'] = broker.languages;
      return { ...invitation, recipient: { portal: 'broker', email, firstName, username: '', language } };
    },
  };
}
