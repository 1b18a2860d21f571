/** `aor -- explain`: how the agent of record was decided after a plan change, or the whole story of a customer. */
import { createAorReplay } from '../../adapters/postgres/aor-replay';
import { findCustomerRecord, findRecordNumbers } from '../../adapters/postgres/customer-records';
import type { Database } from '../../adapters/postgres/database';
import { createPlanChanges } from '../../adapters/postgres/plan-changes';
import { isAorEvidence } from '../../domain/plan-change/aor-replay';
import { playAgain } from '../../domain/plan-change/played-record';
import type { ListedPlanChange } from '../../ports/plan-change';
import { CommandError, isId, type Command, type Console } from '../command';
import { tellStory } from './customer-story';
import { explainDecision, explainNoDecision } from './decision-in-words';
import { findingInWords } from './verify';

/** `id`: of a plan change, which is a UUID, or of a customer. */
export const explain =
  (id: string): Command =>
  async (database, console, nowMs) => {
    const { out, say, brand } = console;
    const { planChangeLine } = brand;
    const change = isId(id) ? await createPlanChanges(database).look(id) : null;
    if (change !== null) return out(await explainChange(database, change, console, nowMs));
    const record = await findCustomerRecord(database, id);
    if (record === null)
      throw new CommandError(
        isId(id)
          ? say('commands.aor.unknown-plan-change', { id })
          : say('commands.aor.unknown-customer', { id: JSON.stringify(id) }),
      );
    const { played, faults } = playAgain(record);
    out(tellStory(record, played, { ...(await findRecordNumbers(database, id)), planChangeLine }, say));
    if (faults.length > 0)
      throw new CommandError(
        [
          say('commands.aor.faults'),
          ...faults.map((fault) => findingInWords({ customerId: id, ...fault }, say)),
        ].join('\n'),
      );
  };

async function explainChange(
  database: Database,
  change: ListedPlanChange,
  { say, brand: { planChangeLine } }: Console,
  nowMs: number,
): Promise<string> {
  const { planChangeId } = change;
  const decision = await createAorReplay(database).find(planChangeId);
  if (decision === null) return explainNoDecision(change, nowMs, say);
  if (!isAorEvidence(decision.evidence))
    throw new CommandError(say('commands.aor.evidence-unreadable', { id: planChangeId }));
  return explainDecision(change, decision, planChangeLine, say);
}
