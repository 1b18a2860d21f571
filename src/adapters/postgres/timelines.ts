/** Everything on record about a person or a customer, from the audit log, the send ledger and the decisions, in one order. */
import type { TimelinePage, TimelineRecord, Timelines } from '../../ports/ops';
import type { AuditAction } from '../../contracts/audit';
import { PLAN_CHANGE_NOTICE_KINDS } from '../../contracts/notice';
import { day, epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { query } from './query';

/** One source of a timeline. */
interface Source {
  /** The time, and an id that is unique over all sources: SQL expressions. */
  readonly at: Prisma.Sql;
  readonly id: Prisma.Sql;
  /** A JSON object. */
  readonly fact: Prisma.Sql;
  /** From `FROM` on, with a `WHERE`. */
  readonly of: Prisma.Sql;
}

/** Views are in the audit log, but not in timelines. */
const LOOKING: readonly AuditAction[] = ['runs-listed', 'timeline-read'];

export function createTimelines(prisma: Database): Timelines {
  async function read(sources: readonly Source[], page: TimelinePage): Promise<TimelineRecord[]> {
    const parts = sources.map((source) => newestOf(source, page));
    return query<TimelineRecord>(prisma, { atMs: 'number', id: 'string', fact: 'json' })`
      SELECT ${epochMs('at')} AS "atMs", id, fact FROM (${Prisma.join(parts, ' UNION ALL ')}) AS parts
      ORDER BY at DESC, id DESC LIMIT ${page.limit}`;
  }

  return {
    async ofAccount(accountId, page) {
      const account = await prisma.account.findFirst({
        where: { id: accountId },
        select: { agentKey: true },
      });
      if (account === null) return null;
      const isTheirs = Prisma.sql`account_id = ${accountId}::uuid`;
      const { agentKey } = account;
      return read(
        [
          audited(Prisma.sql`a.${isTheirs}`),
          emails(Prisma.sql`FROM mail_deliveries m WHERE m.${isTheirs}`),
          ...(agentKey === null
            ? []
            : [decisionsOfAgent(agentKey), emailsToAgent(agentKey), correctionsToAgent(agentKey)]),
        ],
        page,
      );
    },

    async ofCustomer(customerId, page) {
      const known = await prisma.customer.findFirst({ where: { customerId }, select: { customerId: true } });
      if (known === null) return null;
      const changes = Prisma.sql`SELECT id FROM plan_changes WHERE customer_id = ${customerId}`;
      return read(
        [
          audited(Prisma.sql`a.plan_change_id IN (${changes})`),
          emails(Prisma.sql`
            FROM (${changes}) AS c
            JOIN mail_deliveries m ON m.reference = c.id::text AND m.account_id IS NULL
            WHERE m.kind = ANY (${[...PLAN_CHANGE_NOTICE_KINDS]})`),
          decisions(Prisma.sql`NULL`, Prisma.sql`d.customer_id = ${customerId}`),
        ],
        page,
      );
    },
  };
}

/** At most one page of one source. */
function newestOf({ at, id, fact, of }: Source, { after, limit }: TimelinePage): Prisma.Sql {
  const key = Prisma.sql`(${id}) COLLATE "C"`;
  const isBehind =
    after === undefined
      ? Prisma.sql`true`
      : Prisma.sql`(${at}, ${key}) < (${timestamp(after.atMs)}, ${after.id})`;
  return Prisma.sql`(
    SELECT ${at} AS at, ${key} AS id, ${fact} AS fact ${of} AND ${isBehind} ORDER BY ${at} DESC, ${key} DESC LIMIT ${limit})`;
}

const audited = (isWanted: Prisma.Sql): Source => ({
  at: Prisma.sql`a.at`,
  // In the order they were written.
  id: Prisma.sql`'audit:' || lpad(a.id::text, 19, '0')`,
  fact: Prisma.sql`jsonb_build_object(
    'source', 'audit', 'action', a.action, 'outcome', a.outcome, 'planChangeId', a.plan_change_id, 'apiKeyId', a.api_key_id,
    'about', a.about, 'reason', a.reason, 'operator', a.operator)`,
  of: Prisma.sql`FROM audit_events a WHERE ${isWanted} AND a.action <> ALL (${[...LOOKING]}::text[])`,
});

/** `of`: `m` is the email. */
const emails = (of: Prisma.Sql): Source => ({
  at: Prisma.sql`coalesce(m.settled_at, m.created_at)`,
  id: Prisma.sql`'email:' || m.id`,
  fact: Prisma.sql`jsonb_build_object(
    'source', 'email', 'messageId', m.id, 'kind', m.kind, 'status', m.status, 'attempts', m.attempts, 'resends', m.resends,
    'smtpCode', m.smtp_code, 'firstTriedAtMs', ${epochMs('m.created_at')}, 'validUntilMs', ${epochMs('m.valid_until')},
    'replaced', m.kind IN ('pin', 'sign-in-code') AND m.status = 'pending' AND EXISTS (
      SELECT FROM mail_deliveries n
      WHERE n.account_id = m.account_id AND n.kind = m.kind AND n.reference = m.reference AND n.created_at > m.created_at))`,
  of,
});

/** `role`: of the agent whose timeline it is; an SQL expression. */
const decisions = (role: Prisma.Sql, isWanted: Prisma.Sql): Source => ({
  at: Prisma.sql`d.decided_at`,
  id: Prisma.sql`'decision:' || d.plan_change_id || ':' || lpad(d.version::text, 9, '0')`,
  fact: Prisma.sql`jsonb_build_object(
    'source', 'decision', 'planChangeId', d.plan_change_id, 'customerId', d.customer_id, 'outcome', d.outcome, 'reason', d.reason,
    'effectiveOn', ${day('d.effective_on')}, 'commissionContinues', coalesce(f.continues, false),
    'agentNumber', g.agent_number, 'previousNumber', o.agent_number, 'role', ${role})`,
  of: Prisma.sql`
    FROM aor_decisions d
    LEFT JOIN commission_facts f ON (f.plan_change_id, f.version) = (d.plan_change_id, d.version)
    LEFT JOIN agents g ON g.agent_key = d.agent_key
    LEFT JOIN agents o ON o.agent_key = d.previous_agent_key
    WHERE ${isWanted}`,
});

const isOfAgent = (agentKey: string): Prisma.Sql =>
  Prisma.sql`(d.agent_key = ${agentKey} OR d.previous_agent_key = ${agentKey})`;

const roleOf = (agentKey: string): Prisma.Sql => Prisma.sql`CASE
  WHEN d.agent_key IS DISTINCT FROM ${agentKey} THEN 'lost' WHEN d.previous_agent_key = ${agentKey} THEN 'kept' ELSE 'gained' END`;

const decisionsOfAgent = (agentKey: string): Source => decisions(roleOf(agentKey), isOfAgent(agentKey));

const emailsToAgent = (agentKey: string): Source =>
  emails(Prisma.sql`
    FROM aor_decisions d
    JOIN customer_histories h ON (h.customer_id, h.version, h.plan_change_id, h.cause) = (d.customer_id, d.version, d.plan_change_id, 'plan-change')
    JOIN mail_deliveries m ON m.id = 'agent-of-record-' || ${roleOf(agentKey)} || '.' || d.plan_change_id
    WHERE ${isOfAgent(agentKey)}`);

/** The emails about corrections: of any change of a customer whom a decision about the agent concerned. */
const correctionsToAgent = (agentKey: string): Source =>
  emails(Prisma.sql`
    FROM mail_deliveries m WHERE m.id IN (
      SELECT 'agent-of-record-corrected.' || k.id || '.' || ${agentKey} FROM aor_decisions d JOIN aor_corrections k ON k.customer_id = d.customer_id
      WHERE ${isOfAgent(agentKey)})`);
