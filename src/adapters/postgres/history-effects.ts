/** What a version of a customer's history has changed. */
import { alsoConcerned } from '../../domain/plan-change/concerned-agents';
import { whatHolds, type CustomerHistory } from '../../domain/plan-change/history';
import type { CorrectionEffect } from '../../ports/aor-correction';
import { findCustomerFacts } from './customer-histories';
import type { Statements } from './database';
import { findKnownAgents } from './known-agents';
import { query } from './query';

/** A version of a customer's history. */
export interface Caused {
  readonly customerId: string;
  readonly version: number;
}

/** The version that a correction, or the completion of a change, has caused; null: none. */
export async function findCaused(statements: Statements, id: string): Promise<Caused | null> {
  const [caused] = await query<Caused>(statements, { customerId: 'string', version: 'number' })`
    SELECT customer_id AS "customerId", version FROM customer_histories
    WHERE correction_id = ${id}::uuid OR (plan_change_id = ${id}::uuid AND cause = 'plan-change')`;
  return caused ?? null;
}

export async function findEffect(statements: Statements, caused: Caused): Promise<CorrectionEffect> {
  const before = await historyAt(statements, { ...caused, version: caused.version - 1 });
  return { before, after: await historyAt(statements, caused) };
}

/** The agents whom a completed change concerns although its decision does not name them. */
export async function findAlsoConcerned(
  statements: Statements,
  planChangeId: string,
): Promise<readonly string[]> {
  const caused = await findCaused(statements, planChangeId);
  if (caused === null) return [];
  const { before, after } = await findEffect(statements, caused);
  return alsoConcerned(before, after, planChangeId);
}

/** The history that was written as this version, with the decisions that count in it. */
async function historyAt(statements: Statements, { customerId, version }: Caused): Promise<CustomerHistory> {
  const facts = await findCustomerFacts(statements, customerId, version);
  if (facts === null) throw new Error(`nothing is known of customer ${customerId}`);
  return whatHolds(facts, await findKnownAgents(statements, facts));
}
