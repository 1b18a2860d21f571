/** Account changes that are notified by email: to the previous address on record (ADR 32), and those not yet notified (ADR 6). */
import type { AccountChanges, NotedChange, RegisteredAccount, ToldChange } from '../../ports/accounts';
import type { NoticeKind } from '../../contracts/notice';
import { PORTALS } from '../../domain/portal';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { execute, query } from './query';
import { joinPerson } from './same-person';

interface MailRow {
  readonly recipient: RegisteredAccount['recipient'];
  readonly atMs: number;
}

/** Fields that no change of its kind has are null. */
interface ToldRow {
  readonly kind: ToldChange['kind'];
  readonly accountId: string | null;
  readonly credentialId: string | null;
  readonly invitationId: string | null;
  readonly atMs: number;
  readonly expiresAtMs: number | null;
}

export function createAccountChanges(prisma: Database): AccountChanges {
  return {
    async findRegistered(accountId) {
      const [row] = await query<MailRow & { readonly agentNumber: string }>(prisma, {
        recipient: 'json',
        agentNumber: 'string',
        atMs: 'number',
      })`
        SELECT ${recipientAt('g.email', 'p.first_name')} AS recipient, g.agent_number AS "agentNumber",
               ${epochMs('a.created_at')} AS "atMs"
        FROM accounts a JOIN agents g ON g.agent_key = a.agent_key ${joinPerson}
        WHERE a.id = ${accountId}::uuid`;
      if (row === undefined) return null;
      const { recipient, agentNumber, atMs } = row;
      return { recipient, agentNumber, registeredAtMs: atMs };
    },

    async findAddressChange(changeId) {
      const [row] = await query<MailRow>(prisma, { recipient: 'json', atMs: 'number' })`
        SELECT ${recipientAt('c.former_email', 'a.first_name')} AS recipient, ${epochMs('c.changed_at')} AS "atMs"
        FROM address_changes c JOIN accounts a ON a.id = c.account_id WHERE c.id = ${changeId}::uuid`;
      return row === undefined ? null : { recipient: row.recipient, changedAtMs: row.atMs };
    },

    async findTwoStepChange(changeId) {
      const [row] = await query<MailRow & { readonly isOn: boolean }>(prisma, {
        recipient: 'json',
        isOn: 'boolean',
        atMs: 'number',
      })`
        SELECT ${recipientAt('c.email', 'a.first_name')} AS recipient, c.is_on AS "isOn", ${epochMs('c.changed_at')} AS "atMs"
        FROM two_step_changes c JOIN accounts a ON a.id = c.account_id WHERE c.id = ${changeId}::uuid`;
      if (row === undefined) return null;
      const { recipient, isOn, atMs } = row;
      return { recipient, isOn, changedAtMs: atMs };
    },

    unannounced: (limit) => query<NotedChange>(prisma, {
      kind: 'string',
      changeId: 'string',
      accountId: 'string',
      changedAtMs: 'number',
    })`
      SELECT kind, id AS "changeId", account_id AS "accountId", ${epochMs('changed_at')} AS "changedAtMs" FROM (
        SELECT 'address-changed' AS kind, id, account_id, changed_at FROM address_changes WHERE announced_at IS NULL
        UNION ALL
        SELECT 'two-step-changed', id, account_id, changed_at FROM two_step_changes WHERE announced_at IS NULL
      ) AS changes ORDER BY changed_at, id LIMIT ${limit}`,

    async markAnnounced(changeIds, atMs) {
      const ids = [...changeIds];
      await execute(prisma)`
        WITH addresses AS (
          UPDATE address_changes SET announced_at = ${timestamp(atMs)} WHERE id = ANY (${ids}::uuid[]) AND announced_at IS NULL
        )
        UPDATE two_step_changes SET announced_at = ${timestamp(atMs)} WHERE id = ANY (${ids}::uuid[]) AND announced_at IS NULL`;
    },

    async untold({ afterMs, beforeMs, limit }) {
      const inTime = (at: string) =>
        Prisma.sql`${Prisma.raw(at)} > ${timestamp(afterMs)} AND ${Prisma.raw(at)} < ${timestamp(beforeMs)}`;
      const rows = await query<ToldRow>(prisma, {
        kind: 'string',
        accountId: 'string?',
        credentialId: 'string?',
        invitationId: 'string?',
        atMs: 'number',
        expiresAtMs: 'number?',
      })`
        SELECT * FROM (
          SELECT 'password-changed' AS kind, c.account_id AS "accountId", c.id AS "credentialId", NULL::uuid AS "invitationId",
                 ${epochMs('c.set_at')} AS "atMs", NULL::float8 AS "expiresAtMs"
          FROM credentials c JOIN accounts a ON a.id = c.account_id AND a.closed_at IS NULL
          WHERE c.portal = ANY (${[...PORTALS]}) AND c.retired_at IS NULL AND c.rotation_started_at IS NULL AND ${inTime('c.set_at')}
            AND (c.reset_id IS NOT NULL OR EXISTS (
              SELECT FROM credentials b WHERE b.account_id = c.account_id AND b.set_at < c.set_at))
            AND ${hasNoEmail('password-changed', 'c.id')}
          UNION ALL
          SELECT 'account-registered', a.id, NULL, NULL, ${epochMs('a.created_at')}, NULL
          FROM accounts a JOIN agents g ON g.agent_key = a.agent_key
          WHERE a.closed_at IS NULL AND ${inTime('a.created_at')} AND ${hasNoEmail('account-registered', 'a.id')}
          UNION ALL
          SELECT 'access-invitation', NULL, NULL, i.id, ${epochMs('i.created_at')}, ${epochMs('i.expires_at')}
          FROM access_invitations i
          WHERE i.used_at IS NULL AND i.replaced_at IS NULL AND ${inTime('i.created_at')} AND ${hasNoEmail('access-invitation', 'i.id')}
        ) AS changes ORDER BY "atMs" LIMIT ${limit}`;
      return rows as ToldChange[];
    },
  };
}

/** `id`: a column, from a constant. */
const hasNoEmail = (kind: NoticeKind, id: string): Prisma.Sql =>
  Prisma.sql`NOT EXISTS (SELECT FROM mail_deliveries m WHERE m.id = ${`${kind}.`} || ${Prisma.raw(id)})`;

/** The person of account `a`, at a different address than the account's. Columns are constants. */
const recipientAt = (email: string, firstName: string): Prisma.Sql =>
  Prisma.raw(`json_build_object('accountId', a.id, 'portal', a.portal, 'email', ${email}, 'firstName', ${firstName},
    'username', a.username, 'language', a.language)`);
