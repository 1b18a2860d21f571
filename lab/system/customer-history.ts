/** Histories of customers, written and read directly: a roster command for each customer would take long. */
import { addHistory } from '../../src/adapters/postgres/customer-histories';
import type { Database } from '../../src/adapters/postgres/database';
import type { NewHistory } from '../../src/ports/customer-history';

/** A customer's first version, as a roster brings it; what is left out is nothing from the first day on. */
export async function beginHistory(
  database: Database,
  customerId: string,
  {
    enrolments = [],
    agentsOfRecord = [],
    knownFromMs = Date.UTC(2026, 0, 1),
  }: Partial<Pick<NewHistory, 'enrolments' | 'agentsOfRecord'>> & { readonly knownFromMs?: number },
): Promise<void> {
  const from = [...enrolments, ...agentsOfRecord].map((period) => period.from).toSorted()[0]!;
  await addHistory(database, {
    customerId,
    cause: 'roster',
    atMs: knownFromMs,
    enrolments: enrolments.length > 0 ? enrolments : [{ from, planId: null }],
    agentsOfRecord: agentsOfRecord.length > 0 ? agentsOfRecord : [{ from, agentKey: null }],
    decisions: [],
    completedBy: null,
    apiKeyId: '00000000-0000-4000-8000-000000000000',
  });
}

interface Period {
  readonly validFrom: Date;
  /** Null: no end. */
  readonly validTo: Date | null;
}

/** What is known of a customer now; `version` is 0 if nothing is. */
export async function latestHistory(database: Database, customerId: string) {
  const [latest] = await database.$queryRaw<[{ version: number }]>`
    SELECT coalesce(max(version), 0) AS version FROM customer_histories WHERE customer_id = ${customerId}`;
  const { version } = latest;
  const enrolments = await database.$queryRaw<(Period & { readonly planId: string | null })[]>`
    SELECT plan_id AS "planId", valid_from AS "validFrom", nullif(valid_to, 'infinity') AS "validTo" FROM enrolments
    WHERE customer_id = ${customerId} AND version = ${version} ORDER BY valid_from`;
  const agents = await database.$queryRaw<(Period & { readonly agentKey: string | null })[]>`
    SELECT agent_key AS "agentKey", valid_from AS "validFrom", nullif(valid_to, 'infinity') AS "validTo" FROM agents_of_record
    WHERE customer_id = ${customerId} AND version = ${version} ORDER BY valid_from`;
  return { version, enrolments, agents };
}
