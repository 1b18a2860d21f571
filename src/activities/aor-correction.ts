import type { AorCorrectionActivities } from '../contracts/aor-correction';
import { concernedAgents } from '../domain/plan-change/concerned-agents';
import {
  redetermine,
  reverse,
  toRedetermine,
  toReverse,
  type Corrected,
  type CorrectionRefusal,
} from '../domain/plan-change/corrections';
import { unitDay, type PlanChangePolicy } from '../domain/plan-change/deadlines';
import type { AorCorrections, CorrectionTurn } from '../ports/aor-correction';

export interface AorCorrectionDeps {
  readonly aorCorrections: AorCorrections;
  readonly planChangePolicy: PlanChangePolicy;
  /** How many days after its effective date a change can be reversed. */
  readonly reversibleDays: number;
  readonly clock: () => number;
}

/** The step of the `correctAgentOfRecord` workflow. Idempotent by correction: one that was carried out is found as such. */
export function createAorCorrectionActivities({
  aorCorrections,
  planChangePolicy: policy,
  reversibleDays,
  clock,
}: AorCorrectionDeps): AorCorrectionActivities {
  return {
    async carryOutCorrection({ correctionId, atMs: requestedAtMs }) {
      const today = unitDay(policy, requestedAtMs);
      // This step may be retried for long. What it records is known from now on: no answer about the time until now changes.
      const atMs = Math.max(requestedAtMs, clock());
      const refusal = await aorCorrections.inCustomersTurn(correctionId, (turn) =>
        carryOut(turn, today, atMs),
      );
      if (refusal !== null) return { kind: 'refused', reason: refusal };
      const effect = await aorCorrections.findEffect(correctionId);
      if (effect === null)
        throw new Error(`correction ${correctionId} was carried out, and is not on record`);
      const concerned = concernedAgents(effect.before, effect.after);
      return { kind: 'corrected', agentKeys: concerned.map(({ agentKey }) => agentKey) };
    },
  };

  /** Null: it is carried out. */
  async function carryOut(
    turn: CorrectionTurn,
    today: string,
    atMs: number,
  ): Promise<CorrectionRefusal | null> {
    if (turn.isCarriedOut) return null;
    const corrected = await correct(turn, today, atMs);
    if (corrected.kind === 'refused') return corrected.reason;
    await turn.record(corrected.history, atMs);
    return null;
  }

  async function correct(
    { correction, facts, agentsFor }: CorrectionTurn,
    today: string,
    atMs: number,
  ): Promise<Corrected> {
    const { kind, planChangeId } = correction;
    if (kind === 'redetermination') {
      const agents = await agentsFor(toRedetermine(facts, planChangeId, atMs));
      return redetermine(correction, facts, agents, atMs);
    }
    const agents = await agentsFor(toReverse(facts, planChangeId));
    return reverse(correction, facts, agents, { today, reversibleDays });
  }
}
