/** Changes of accounts that are told to the address on record before: a registration, and another address (ADR 32). */
import type { AccountChanges, ChangedAddress, RegisteredAccount } from '../activities/ports';
import { epochMs, timestamp } from './epoch';
import { Prisma, type PrismaClient } from './generated/client';
import { joinPerson } from './same-person';

interface MailRow {
  readonly recipient: RegisteredAccount['recipient'];
  readonly atMs: number;
}

export function createAccountChanges(prisma: PrismaClient): AccountChanges {
  return {
    async findRegistered(accountId) {
      const [row] = await prisma.$queryRaw<(MailRow & { agentNumber: string })[]>`
        SELECT ${recipientAt('g.email', 'p.first_name')} AS recipient, g.agent_number AS "agentNumber",
               ${epochMs('a.created_at')} AS "atMs"
        FROM accounts a JOIN agents g ON g.agent_key = a.agent_key ${joinPerson}
        WHERE a.id = ${accountId}::uuid`;
      if (row === undefined) return null;
      const { recipient, agentNumber, atMs } = row;
      return { recipient, agentNumber, registeredAtMs: atMs };
    },

    async findAddressChange(changeId) {
      const [row] = await prisma.$queryRaw<MailRow[]>`
        SELECT ${recipientAt('c.former_email', 'a.first_name')} AS recipient, ${epochMs('c.changed_at')} AS "atMs"
        FROM address_changes c JOIN accounts a ON a.id = c.account_id WHERE c.id = ${changeId}::uuid`;
      return row === undefined ? null : { recipient: row.recipient, changedAtMs: row.atMs };
    },

    unannounced: (limit) => prisma.$queryRaw<ChangedAddress[]>`
      SELECT id AS "changeId", account_id AS "accountId", ${epochMs('changed_at')} AS "changedAtMs" FROM address_changes
      WHERE announced_at IS NULL ORDER BY changed_at, id LIMIT ${limit}`,

    async markAnnounced(changeIds, atMs) {
      await prisma.$executeRaw`
        UPDATE address_changes SET announced_at = ${timestamp(atMs)}
        WHERE id = ANY (${[...changeIds]}::uuid[]) AND announced_at IS NULL`;
    },
  };
}

/** The person of account `a`, at another address than the account's. Columns are this program's own words. */
const recipientAt = (email: string, firstName: string): Prisma.Sql =>
  Prisma.raw(`json_build_object('accountId', a.id, 'portal', a.portal, 'email', ${email}, 'firstName', ${firstName},
    'username', a.username, 'language', a.language)`);
