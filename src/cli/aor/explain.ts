/** `aor -- explain`: how the agent of record was decided after a plan change, or the whole story of a customer. */
import { loadBrand } from '../../adapters/brand/load-brand';
import { createAorReplay } from '../../adapters/postgres/aor-replay';
import { findCustomerRecord, findRecordNumbers } from '../../adapters/postgres/customer-records';
import type { Database } from '../../adapters/postgres/database';
import { createPlanChanges } from '../../adapters/postgres/plan-changes';
import { loadBrandFolder } from '../../config';
import { isAorEvidence } from '../../domain/plan-change/aor-replay';
import { playAgain } from '../../domain/plan-change/played-record';
import type { ListedPlanChange } from '../../ports/plan-change';
import { CommandError, isId, type Command } from '../command';
import { tellStory } from './customer-story';
import { explainDecision, explainNoDecision } from './decision-in-words';
import { findingInWords } from './verify';

/** `id`: of a plan change, which is a UUID, or of a customer. */
export const explain =
  (id: string): Command =>
  async (database, { out }, nowMs, _operator, env) => {
    const { planChangeLine } = loadBrand(loadBrandFolder(env));
    const change = isId(id) ? await createPlanChanges(database).look(id) : null;
    if (change !== null) return out(await explainChange(database, change, { planChangeLine, nowMs }));
    const record = await findCustomerRecord(database, id);
    if (record === null)
      throw new CommandError(
        isId(id) ? `There is no plan change ${id}.` : `There is no customer ${JSON.stringify(id)}.`,
      );
    const { played, faults } = playAgain(record);
    out(tellStory(record, played, { ...(await findRecordNumbers(database, id)), planChangeLine }));
    if (faults.length > 0)
      throw new CommandError(
        [
          'Something does not follow:',
          ...faults.map((fault) => findingInWords({ customerId: id, ...fault })),
        ].join('\n'),
      );
  };

async function explainChange(
  database: Database,
  change: ListedPlanChange,
  { planChangeLine, nowMs }: { readonly planChangeLine: string; readonly nowMs: number },
): Promise<string> {
  const { planChangeId } = change;
  const decision = await createAorReplay(database).find(planChangeId);
  if (decision === null) return explainNoDecision(change, nowMs);
  if (!isAorEvidence(decision.evidence))
    throw new CommandError(
      `The evidence of plan change ${planChangeId} is on record in a form that this version cannot read.`,
    );
  return explainDecision(change, decision, planChangeLine);
}
