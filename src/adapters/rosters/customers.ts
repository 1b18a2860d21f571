/**
 * The customers roster: customers' enrolments and agents of record (spec.md 7). A customer's first line begins both histories.
 * From then on a roster changes personal data only: histories change by plan changes, which keep their evidence. A line may
 * repeat what is on record, the first enrolment and every later one, and is refused if it differs. A line without an agent is for
 * a customer without an agent of record. If that is so by a decision, the line may still name the last one, as systems do that
 * know agents by whom they enrolled.
 */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { foldAgentNumber } from '../../domain/accounts/names';
import type { Language } from '../../domain/portal';
import { date, email, optionalAgentNumber, personName, planId, text, usState, word } from './fields';
import { createKeyedStore } from './keyed-table';
import { refuseUnknownAgents } from './known-agents';
import type { RosterKind, RosterStore } from './roster-kind';
import { KNOWN_FROM } from './staging';

const customerRow = (languages: readonly Language[]) =>
  z.object({
    customerId: text(64),
    firstName: personName(),
    lastName: personName(),
    email: email(),
    language: word(languages),
    state: usState(),
    planId: planId(),
    enrolledOn: date(),
    agentNumber: optionalAgentNumber(),
  });

export type CustomerRow = z.output<ReturnType<typeof customerRow>>;

export function customersRoster(languages: readonly Language[]): RosterKind<CustomerRow> {
  const schema = customerRow(languages);
  const columns = Object.keys(schema.shape);
  return { kind: 'customers', columns, needsPeppers: false, schema, store: createCustomerStore };
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
    },
    async settle(staging) {
      await staging.refuseWhere(IS_OF_NO_PLAN, 'planId', 'is in no plans roster that was imported');
      await refuseUnknownAgents(staging);
      await staging.refuseWhere(
        IS_NOT_ON_RECORD,
        null,
        'is not the enrolment that is on record here: a plan change records another one',
      );
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
