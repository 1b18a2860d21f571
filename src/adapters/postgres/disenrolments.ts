/** Enrolments that ended at the carrier, as a roster tells it (spec.md 7b). Days are `YYYY-MM-DD`. */
import { whatHolds, type Disenrolment } from '../../domain/plan-change/history';
import { addHistory, findCustomerFacts } from './customer-histories';
import { takeEverybodysTurn } from './customers-turn';
import type { Statements } from './database';
import { findKnownAgents } from './known-agents';

export interface CustomersDisenrolment extends Disenrolment {
  readonly customerId: string;
  /** When it became known. */
  readonly atMs: number;
}

/**
 * Adds a version to each customer's history, in the transaction of the import. From here to its end all decisions about plan changes
 * wait, a second for some hundreds of customers: it comes last.
 */
export async function recordDisenrolments(
  statements: Statements,
  disenrolments: readonly CustomersDisenrolment[],
): Promise<void> {
  if (disenrolments.length === 0) return;
  await takeEverybodysTurn(statements);
  for (const { customerId, atMs, ...disenrolment } of disenrolments) {
    const known = await findCustomerFacts(statements, customerId);
    if (known === null) throw new Error('the end of an enrolment that is not on record');
    const facts = { ...known, disenrolments: [...known.disenrolments, disenrolment] };
    const holds = whatHolds(facts, await findKnownAgents(statements, facts));
    await addHistory(statements, {
      customerId,
      cause: 'disenrolment',
      disenrolment,
      atMs,
      enrolments: holds.enrolments,
      agentsOfRecord: holds.agentsOfRecord,
      decisions: holds.decisions.filter(({ madeAgain }) => madeAgain),
      completedBy: null,
      apiKeyId: null,
    });
  }
}
