/**
 * Whom a correction concerns (spec.md 7b): every agent named in a decision that it changed, and everybody who gains or loses a day as
 * agent of record by it.
 */
import { isSameDecision } from './corrections';
import { periodOn, type AgentPeriod, type CountingDecision, type CustomerHistory } from './history';

/** What a decision had told an agent. */
export type Told = 'kept' | 'gained' | 'lost';

export interface ConcernedAgent {
  readonly agentKey: string;
  /** By the last of the changed decisions that named the agent; null: by none. */
  readonly told: Told | null;
  /**
   * What holds now. `kept`: the agent's days are the same. `regained`: some days that the agent had been told were lost.
   * `gained`: other days. `lost`: days without others in their place.
   */
  readonly now: 'lost' | 'regained' | 'kept' | 'gained';
  /** The first day that changed; null: none. */
  readonly from: string | null;
}

/** In the order of their keys. */
export function concernedAgents(before: CustomerHistory, after: CustomerHistory): readonly ConcernedAgent[] {
  const days = differingDays(before, after);
  const changed = before.decisions.filter((decision) => isChanged(decision, after.decisions));
  const named = [
    ...[...changed, ...after.decisions.filter((decision) => isChanged(decision, before.decisions))].flatMap(
      ({ evidence, decision }) => [evidence.original?.agentKey, decision.agentKey],
    ),
    ...days.flatMap((day) => [agentOn(before.agentsOfRecord, day), agentOn(after.agentsOfRecord, day)]),
  ];
  return [...new Set(named)]
    .filter((agentKey) => agentKey !== null && agentKey !== undefined)
    .toSorted()
    .map((agentKey) => {
      const told = lastTold(agentKey, changed);
      const differing = days.filter(
        (day) =>
          agentOn(before.agentsOfRecord, day) === agentKey || agentOn(after.agentsOfRecord, day) === agentKey,
      );
      const from = differing[0] ?? null;
      if (from === null) return { agentKey, told, now: 'kept', from };
      if (differing.every((day) => agentOn(after.agentsOfRecord, day) !== agentKey))
        return { agentKey, told, now: 'lost', from };
      return { agentKey, told, now: wasLost(agentKey, changed) ? 'regained' : 'gained', from };
    });
}

/**
 * Whom a completed change concerns besides those whom its own decision names: who had gained by the change whose place it takes.
 */
export function alsoConcerned(
  before: CustomerHistory,
  after: CustomerHistory,
  planChangeId: string,
): readonly string[] {
  const own = after.decisions.find((decision) => decision.planChangeId === planChangeId);
  const named = [own?.evidence.original?.agentKey, own?.decision.agentKey];
  return concernedAgents(before, after)
    .map(({ agentKey }) => agentKey)
    .filter((agentKey) => !named.includes(agentKey));
}

const isChanged = (decision: CountingDecision, others: readonly CountingDecision[]): boolean => {
  const other = others.find(({ planChangeId }) => planChangeId === decision.planChangeId);
  return other === undefined || !isSameDecision(decision, other);
};

const agentOn = (periods: readonly AgentPeriod[], day: string): string | null =>
  periodOn(periods, day)?.agentKey ?? null;

/** The first days of the stretches on which another agent is agent of record than before. */
const differingDays = (before: CustomerHistory, after: CustomerHistory): readonly string[] =>
  [...new Set([before, after].flatMap(({ agentsOfRecord }) => agentsOfRecord.map(({ from }) => from)))]
    .filter((day) => agentOn(before.agentsOfRecord, day) !== agentOn(after.agentsOfRecord, day))
    .toSorted();

const toldBy = ({ evidence, decision }: CountingDecision, agentKey: string): Told | null => {
  const isBefore = evidence.original?.agentKey === agentKey;
  if (decision.agentKey === agentKey) return isBefore ? 'kept' : 'gained';
  return isBefore ? 'lost' : null;
};

const lastTold = (agentKey: string, changed: readonly CountingDecision[]): Told | null =>
  changed.map((decision) => toldBy(decision, agentKey)).findLast((told) => told !== null) ?? null;

const wasLost = (agentKey: string, changed: readonly CountingDecision[]): boolean =>
  changed.some((decision) => toldBy(decision, agentKey) === 'lost');
