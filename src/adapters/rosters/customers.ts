/**
 * The customers roster: customers' enrolments and agents of record (spec.md 7). A customer's first line begins both histories.
 * From then on a roster changes personal data, and may end the enrolment: otherwise histories change by plan changes, which keep
 * their evidence. A line may repeat what is on record, the first enrolment and every later one, and is refused if it differs. A line
 * without an agent is for a customer without an agent of record. If that is so by a decision, the line may still name the last one,
 * as systems do that know agents by whom they enrolled.
 *
 * `disenrolledOn` is the last day of the line's enrolment at the carrier, empty if there is none; a file without the column says
 * nothing of it. The last import counts: an earlier end is moved, or taken back.
 */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { foldAgentNumber } from '../../domain/accounts/names';
import type { Language } from '../../domain/portal';
import {
  date,
  email,
  optionalAgentNumber,
  optionalDate,
  personName,
  planId,
  text,
  usState,
  word,
} from './fields';
import { statementsOn } from '../postgres/database';
import { recordDisenrolments, type CustomersDisenrolment } from '../postgres/disenrolments';
import { day, epochMs } from '../postgres/epoch';
import { query } from '../postgres/query';
import { createKeyedStore } from './keyed-table';
import { refuseUnknownAgents } from './known-agents';
import type { RosterKind, RosterStore } from './roster-kind';
import { KNOWN_FROM } from './staging';
import { reason } from './reason';

const customerRow = (languages: readonly Language[]) =>
  z
    .object({
      customerId: text(64),
      firstName: personName(),
      lastName: personName(),
      email: email(),
      language: word(languages),
      state: usState(),
      planId: planId(),
      enrolledOn: date(),
      agentNumber: optionalAgentNumber(),
      disenrolledOn: optionalDate().optional(),
    })
    .superRefine(({ enrolledOn, disenrolledOn }, context) => {
      if (typeof disenrolledOn === 'string' && disenrolledOn < enrolledOn)
        context.addIssue({
          code: 'custom',
          path: ['disenrolledOn'],
          message: reason('before', { column: 'enrolledOn' }),
        });
    });

export type CustomerRow = z.output<ReturnType<typeof customerRow>>;

export function customersRoster(languages: readonly Language[]): RosterKind<CustomerRow> {
  const schema = customerRow(languages);
  const columns = Object.keys(schema.shape);
  const optionalColumns = ['disenrolledOn'];
  return {
    kind: 'customers',
    columns,
    optionalColumns,
    needsPeppers: false,
    schema,
    store: createCustomerStore,
  };
}

function createCustomerStore(client: ClientBase): RosterStore<CustomerRow> {
  const store = createKeyedStore<CustomerRow>(client, {
    name: 'customers',
    key: 'customer_id',
    keyField: 'customerId',
    keyOf: (row) => row.customerId,
    columns: {
      first_name: { type: 'text', value: ({ firstName }) => firstName },
      last_name: { type: 'text', value: ({ lastName }) => lastName },
      email: { type: 'text', value: (row) => row.email },
      language: { type: 'text', value: ({ language }) => language },
      state: { type: 'text', value: ({ state }) => state },
    },
    stagedOnly: {
      plan_id: { type: 'text', value: (row) => row.planId },
      enrolled_on: { type: 'date', value: ({ enrolledOn }) => enrolledOn },
      agent_key: { type: 'text', value: (row) => row.agentNumber && foldAgentNumber(row.agentNumber) },
      // Null: the file says nothing of it.
      last_day: {
        type: 'date',
        value: ({ disenrolledOn }) => (disenrolledOn === null ? 'infinity' : (disenrolledOn ?? null)),
      },
    },
    alsoChanges: 'EXISTS (SELECT FROM staged_ends n WHERE n.line = s.line)',
    async settle(staging) {
      await staging.refuseWhere(IS_OF_NO_PLAN, 'planId', reason('unknown-plan'));
      await refuseUnknownAgents(staging);
      await staging.refuseWhere(IS_NOT_ON_RECORD, null, reason('not-on-record'));
      await client.query(STAGED_ENDS);
      // Without the index, unchanged lines are looked up in all ends, one by one.
      await client.query('CREATE UNIQUE INDEX ON staged_ends (line); ANALYZE staged_ends');
      await client.query(DROP_KNOWN_ENDS);
      await staging.refuseWhere(HAS_A_SUCCESSOR, 'disenrolledOn', reason('has-successor'));
    },
  });
  let begunUpTo = 0;
  return {
    ...store,

    async write(lastLine) {
      const counts = await store.write(lastLine);
      await client.query(FIRST_HISTORIES, [begunUpTo, lastLine]);
      begunUpTo = lastLine;
      return counts;
    },

    async finish() {
      const statements = statementsOn(client);
      const ends = await query<CustomersDisenrolment>(statements, {
        customerId: 'string',
        atMs: 'number',
        enrolledFrom: 'string',
        lastDay: 'string?',
      })`
        SELECT n.customer_id AS "customerId", ${epochMs(KNOWN_FROM)} AS "atMs", ${day('n.enrolled_from')} AS "enrolledFrom",
               ${day('n.last_day')} AS "lastDay"
        FROM staged_ends n JOIN staged_customers s ON s.line = n.line ORDER BY n.line`;
      await recordDisenrolments(statements, ends);
    },
  };
}

const IS_OF_NO_PLAN = 'NOT EXISTS (SELECT FROM plans p WHERE p.plan_id = s.plan_id)';

/**
 * An existing customer has no such enrolment, or no such agent of record during it, in what is known of them now. If there is no
 * agent of record any more, `former` is the period of the last one.
 */
const IS_NOT_ON_RECORD = `
  EXISTS (SELECT FROM customers c WHERE c.customer_id = s.customer_id)
  AND NOT EXISTS (
    SELECT FROM enrolments e JOIN agents_of_record a ON (a.customer_id, a.version) = (e.customer_id, e.version)
    LEFT JOIN agents_of_record former
      ON a.agent_key IS NULL AND (former.customer_id, former.version, former.valid_to) = (a.customer_id, a.version, a.previous_to)
    WHERE (e.customer_id, e.plan_id, e.valid_from) = (s.customer_id, s.plan_id, s.enrolled_on)
      AND NOT EXISTS (SELECT FROM customer_histories n WHERE (n.customer_id, n.version) = (e.customer_id, e.version + 1))
      AND (a.agent_key IS NOT DISTINCT FROM s.agent_key OR former.agent_key = s.agent_key)
      AND a.valid_from <= e.valid_to AND e.valid_from <= a.valid_to
  )`;

/** What lines tell of the ends of their enrolments, and the last import with this column did not. */
const STAGED_ENDS = `
  CREATE TEMPORARY TABLE staged_ends ON COMMIT DROP AS
    SELECT s.line, s.customer_id, s.enrolled_on AS enrolled_from, s.last_day
    FROM staged_customers s LEFT JOIN (
      SELECT DISTINCT ON (customer_id, enrolled_from) customer_id, enrolled_from, last_day FROM customer_histories
      WHERE cause = 'disenrolment' ORDER BY customer_id, enrolled_from, version DESC
    ) known ON (known.customer_id, known.enrolled_from) = (s.customer_id, s.enrolled_on)
    WHERE s.last_day IS NOT NULL AND s.last_day <> coalesce(known.last_day, 'infinity')`;

/** An enrolment `e` of the staged end `n`'s customer in what is known now. */
const IS_KNOWN_NOW = `
  e.customer_id = n.customer_id AND e.plan_id IS NOT NULL
  AND NOT EXISTS (SELECT FROM customer_histories l WHERE (l.customer_id, l.version) = (e.customer_id, e.version + 1))`;

/** That day is its last one already, because a plan change follows it. */
const DROP_KNOWN_ENDS = `
  DELETE FROM staged_ends n USING enrolments e
  WHERE ${IS_KNOWN_NOW} AND (e.valid_from, e.valid_to) = (n.enrolled_from, n.last_day)`;

const HAS_A_SUCCESSOR = `
  EXISTS (
    SELECT FROM staged_ends n JOIN enrolments e ON ${IS_KNOWN_NOW}
    WHERE n.line = s.line AND n.last_day < 'infinity' AND e.valid_from > n.enrolled_from AND e.valid_from <= n.last_day)`;

/** Begins the history of each new customer in the staged lines after $1 up to $2. Periods have no end by default. */
const FIRST_HISTORIES = `
  WITH staged AS (
    SELECT * FROM staged_customers WHERE line > $1 AND line <= $2
  ), begun AS (
    INSERT INTO customer_histories (customer_id, version, known_from, cause)
    SELECT customer_id, 1, ${KNOWN_FROM}, 'roster' FROM staged s
    WHERE NOT EXISTS (SELECT FROM customer_histories h WHERE h.customer_id = s.customer_id)
    RETURNING customer_id, version
  ), served AS (
    INSERT INTO agents_of_record (customer_id, version, valid_from, agent_key)
    SELECT begun.*, s.enrolled_on, s.agent_key FROM begun JOIN staged s USING (customer_id)
  )
  INSERT INTO enrolments (customer_id, version, valid_from, plan_id)
  SELECT begun.*, s.enrolled_on, s.plan_id FROM begun JOIN staged s USING (customer_id)`;
