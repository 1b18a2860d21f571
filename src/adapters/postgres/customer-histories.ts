/**
 * What is known of a customer's plan, agent of record and commission: versions of a history, each of which is written whole and never
 * changed (ADR 47). Days are `YYYY-MM-DD`.
 */
import type { NewHistory } from '../../ports/customer-history';
import type { CustomerFacts } from '../../domain/plan-change/history';
import { day, epochMs, timestamp } from './epoch';
import type { Statements } from './database';
import { Prisma } from '../generated/client';
import { query } from './query';

/** Whether a row with `known_from` was known at that time; undefined: now, so every row. As an SQL condition. */
export const wasKnown = (knownAtMs: number | undefined): Prisma.Sql =>
  knownAtMs === undefined ? Prisma.sql`true` : Prisma.sql`known_from <= ${timestamp(knownAtMs)}`;

/** The latest version of a customer's history, now or at that time, as an SQL expression; null: nothing was known. */
export const latestVersion = (customerId: Prisma.Sql, knownAtMs?: number): Prisma.Sql =>
  Prisma.sql`(SELECT max(l.version) FROM customer_histories l WHERE l.customer_id = ${customerId} AND ${wasKnown(knownAtMs)})`;

/** Whether the completed change with this id was reversed, as an SQL expression. */
export const isReversed = (planChangeId: Prisma.Sql): Prisma.Sql =>
  Prisma.sql`EXISTS (
    SELECT FROM customer_histories undone WHERE undone.plan_change_id = ${planChangeId} AND undone.cause = 'reversal')`;

/**
 * Adds a version to a customer's history, with its decisions and what they mean for commissions. `also`: what else the same statement
 * does, from the comma after its first parts on.
 */
export const addHistory = (
  statements: Statements,
  history: NewHistory,
  also = Prisma.sql`SELECT`,
): Promise<unknown> => statements.send(Prisma.sql`WITH ${added(history)} ${also}`);

function added(history: NewHistory): Prisma.Sql {
  const {
    customerId,
    cause,
    planChangeId = null,
    correctionId = null,
    disenrolment,
    completedBy,
    apiKeyId,
  } = history;
  const at = timestamp(history.atMs);
  const lastDay = disenrolment && (disenrolment.lastDay ?? 'infinity');
  const byWhom =
    apiKeyId === null
      ? Prisma.sql`b.completed_by, b.api_key_id FROM made CROSS JOIN LATERAL (
          SELECT * FROM aor_decisions l WHERE l.plan_change_id = made.plan_change_id ORDER BY l.version DESC LIMIT 1) b`
      : Prisma.sql`${completedBy}, ${apiKeyId}::uuid FROM made`;
  return Prisma.sql`
    latest AS (
      SELECT max(version) AS version, max(known_from) AS known_from FROM customer_histories WHERE customer_id = ${customerId}
    ), added AS (
      INSERT INTO customer_histories (customer_id, version, known_from, previous_known_from, cause, plan_change_id, correction_id,
                                      enrolled_from, last_day)
      SELECT ${customerId}, coalesce(version, 0) + 1, greatest(${at}, known_from + interval '1 millisecond'), known_from, ${cause},
             ${planChangeId}::uuid, ${correctionId}::uuid, ${disenrolment?.enrolledFrom ?? null}::date, ${lastDay ?? null}::date
      FROM latest
      RETURNING customer_id, version
    ), enrolled AS (
      INSERT INTO enrolments (customer_id, version, valid_from, valid_to, previous_to, plan_id)
      SELECT added.*, ${days}, p."planId" FROM added, ${rows(history.enrolments)} AS p("from" date, "planId" text) WINDOW chain AS (ORDER BY p."from")
    ), served AS (
      INSERT INTO agents_of_record (customer_id, version, valid_from, valid_to, previous_to, agent_key)
      SELECT added.*, ${days}, p."agentKey" FROM added, ${rows(history.agentsOfRecord)} AS p("from" date, "agentKey" text)
      WINDOW chain AS (ORDER BY p."from")
    ), made AS (
      SELECT added.*, d."planChangeId" AS plan_change_id, d."effectiveOn" AS effective_on, d.evidence, d.decision,
             d.evidence->'original'->>'agentKey' AS previous_agent_key
      FROM added, ${rows(history.decisions)} AS d("planChangeId" uuid, "effectiveOn" date, decision jsonb, evidence jsonb)
    ), decided AS (
      INSERT INTO aor_decisions (plan_change_id, version, customer_id, decided_at, outcome, reason, agent_key, previous_agent_key, effective_on,
                                 rule_version, evidence, completed_by, api_key_id)
      SELECT made.plan_change_id, made.version, made.customer_id, ${at}, decision->>'outcome', decision->>'reason', decision->>'agentKey',
             made.previous_agent_key, made.effective_on, (decision->>'ruleVersion')::int, made.evidence, ${byWhom}
    ), commission AS (
      INSERT INTO commission_facts (plan_change_id, version, customer_id, agent_key, continues, effective_on)
      SELECT plan_change_id, version, customer_id, previous_agent_key, (decision->>'commissionContinues')::boolean, effective_on
      FROM made WHERE previous_agent_key IS NOT NULL
    )`;
}

/** What a customer's history follows from, now or as it was known with that version; null: it has not begun. */
export async function findCustomerFacts(
  statements: Statements,
  customerId: string,
  version?: number,
): Promise<CustomerFacts | null> {
  const [facts] = await query<CustomerFacts>(statements, {
    base: 'json',
    elections: 'json',
    disenrolments: 'json',
  })`${selectCustomerFacts(Prisma.sql`${customerId}`, version)}`;
  return facts ?? null;
}

const LATEST = 2 ** 31 - 1;

export const selectCustomerFacts = (customerId: Prisma.Sql, version = LATEST): Prisma.Sql => {
  const known: IsKnown = (history) => Prisma.sql`${Prisma.raw(history)}.version <= ${version}::int`;
  return Prisma.sql`
  SELECT json_build_object('from', ${day('e.valid_from')}, 'planId', e.plan_id, 'agentKey', a.agent_key) AS base,
    (SELECT coalesce(json_agg(${election(known)} ORDER BY h.version), '[]') ${fromElections(known)}
     WHERE h.customer_id = e.customer_id AND h.cause = 'plan-change' AND ${known('h')}) AS elections,
    (SELECT coalesce(json_agg(json_build_object('enrolledFrom', ${day('h.enrolled_from')}, 'lastDay', ${day('h.last_day')}) ORDER BY h.version), '[]')
     FROM customer_histories h WHERE h.customer_id = e.customer_id AND h.cause = 'disenrolment' AND ${known('h')}) AS disenrolments
  FROM enrolments e JOIN agents_of_record a USING (customer_id, version)
  WHERE e.customer_id = ${customerId} AND e.version = 1 AND e.previous_to IS NULL AND a.previous_to IS NULL`;
};

/** Whether a row of this alias belongs to the versions that are asked for. */
type IsKnown = (history: string) => Prisma.Sql;

/** Changes `c`, with the version `h` that completed them, and the last decision `d` about each. */
const fromElections = (known: IsKnown): Prisma.Sql => Prisma.sql`
  FROM customer_histories h JOIN plan_changes c ON c.id = h.plan_change_id
  CROSS JOIN LATERAL (SELECT * FROM aor_decisions l WHERE l.plan_change_id = c.id AND ${known('l')} ORDER BY l.version DESC LIMIT 1) d
  LEFT JOIN commission_facts f ON (f.plan_change_id, f.version) = (d.plan_change_id, d.version)`;

const election = (known: IsKnown): Prisma.Sql => Prisma.sql`json_build_object(
  'planChangeId', c.id, 'planId', c.plan_id, 'effectiveOn', ${day('c.effective_on')}, 'reversed', EXISTS (
    SELECT FROM customer_histories undone WHERE undone.plan_change_id = c.id AND undone.cause = 'reversal' AND ${known('undone')}),
  'asked', json_build_object(
    'channel', d.evidence->'channel', 'referred', d.evidence->'referred', 'day', d.evidence->'day', 'state', d.evidence->'state',
    'planYear', d.evidence->'planYear', 'facilitatorKey', d.evidence->'facilitator'->'agentKey'),
  'knownAtMs', (
    SELECT ${epochMs('max(k.known_from)')} FROM customer_histories k
    WHERE k.plan_change_id = c.id AND k.cause IN ('plan-change', 'redetermination') AND ${known('k')}),
  'decided', json_build_object('evidence', d.evidence, 'decision', json_build_object(
    'ruleVersion', d.rule_version, 'outcome', d.outcome, 'reason', d.reason, 'agentKey', d.agent_key,
    'commissionContinues', coalesce(f.continues, false))))`;

const rows = (values: readonly object[]): Prisma.Sql =>
  Prisma.sql`jsonb_to_recordset(${JSON.stringify(values)}::jsonb)`;

/** First and last day of a period that ends where the next one begins, and the last day of the one before. */
const days = Prisma.sql`
  p."from", coalesce(lead(p."from") OVER chain - 1, 'infinity'), CASE WHEN lag(p."from") OVER chain IS NOT NULL THEN p."from" - 1 END`;

/** The change that took the place of the completed one with this id: the next for the same date that was not reversed; as an SQL expression. */
export const supersededBy = (planChangeId: Prisma.Sql): Prisma.Sql => Prisma.sql`(
  SELECT later.plan_change_id
  FROM customer_histories own
  JOIN customer_histories later ON later.customer_id = own.customer_id AND later.version > own.version AND later.cause = 'plan-change'
  JOIN plan_changes mine ON mine.id = own.plan_change_id
  JOIN plan_changes theirs ON theirs.id = later.plan_change_id AND theirs.effective_on = mine.effective_on
  WHERE own.plan_change_id = ${planChangeId} AND own.cause = 'plan-change'
    AND NOT ${isReversed(Prisma.sql`own.plan_change_id`)} AND NOT ${isReversed(Prisma.sql`later.plan_change_id`)}
  ORDER BY later.version LIMIT 1)`;
