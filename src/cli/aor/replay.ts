/** `aor -- replay`: makes recorded decisions again, with the rule of today. */
import { createAorReplay, type DecisionToReplay } from '../../adapters/postgres/aor-replay';
import { AOR_RULE_VERSION } from '../../domain/plan-change/agent-of-record';
import { differenceOnReplay, type ReplayAnswer } from '../../domain/plan-change/aor-replay';
import { agentNumberIn } from '../../domain/plan-change/aor-review';
import { CommandError, type Command } from '../command';
import { decisionInWords } from './decision-in-words';
import { startOf } from './since';

export function replay(since: string, pageSize: number): Command {
  return async (database, { out }, nowMs) => {
    const sinceMs = startOf(since, nowMs);
    const startedAtMs = performance.now();
    const count = { evaluated: 0, different: 0 };
    for await (const page of createAorReplay(database).pagesSince(sinceMs, pageSize)) {
      for (const decision of page) {
        const now = differenceOnReplay(decision);
        count.evaluated += 1;
        if (now === null) continue;
        count.different += 1;
        out(`${describeDifference(decision, now)}\n`);
      }
    }
    const summary = describeCounts(since, count, (performance.now() - startedAtMs) / 1000);
    if (count.different > 0) throw new CommandError(summary);
    out(`${summary}\n`);
  };
}

function describeDifference(stored: DecisionToReplay, now: ReplayAnswer): string {
  const stands = decisionInWords({ ...stored, agentNumber: stored.agentNumber ?? stored.agentKey });
  return `${stored.planChangeId} stands: ${stands}; now: ${describeAnswer(stored, now)}`;
}

function describeAnswer(stored: DecisionToReplay, now: ReplayAnswer): string {
  switch (now.kind) {
    case 'decided': {
      const { agentKey } = now.decision;
      const agentNumber = agentKey && agentNumberIn(stored, agentKey);
      return decisionInWords({ ...now.decision, agentNumber });
    }
    case 'facilitator-not-eligible':
      return `nothing, held: the facilitator is ${now.defect}`;
    case 'facilitator-does-not-fit':
      return 'nothing: the facilitator does not fit the channel';
    case 'evidence-unreadable':
      return 'nothing: the evidence cannot be read';
  }
}

const describeCounts = (
  since: string,
  { evaluated, different }: { readonly evaluated: number; readonly different: number },
  seconds: number,
): string =>
  `Decisions since ${since} 00:00 UTC: ${evaluated} evaluated with version ${AOR_RULE_VERSION} of the rule, ` +
  `${different} differ; ${seconds.toFixed(1)} s, ${Math.round(evaluated / seconds)} a second.`;
