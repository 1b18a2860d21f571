/** `aor -- replay`: makes recorded decisions again, with the rule of today. */
import { createAorReplay, type DecisionToReplay } from '../../adapters/postgres/aor-replay';
import { AOR_RULE_VERSION } from '../../domain/plan-change/agent-of-record';
import { differenceOnReplay, type ReplayAnswer } from '../../domain/plan-change/aor-replay';
import { agentNumberIn } from '../../domain/plan-change/aor-review';
import type { Say } from '../../ports/texts';
import { CommandError, type Command } from '../command';
import { decisionInWords } from './decision-in-words';
import { speed, startOf } from './since';

export function replay(since: string, pageSize: number): Command {
  return async (database, { out, say }, nowMs) => {
    const sinceMs = startOf(since, nowMs, say);
    const startedAtMs = performance.now();
    const count = { evaluated: 0, different: 0 };
    for await (const page of createAorReplay(database).pagesSince(sinceMs, pageSize)) {
      for (const decision of page) {
        const now = differenceOnReplay(decision);
        count.evaluated += 1;
        if (now === null) continue;
        count.different += 1;
        out(`${describeDifference(decision, now, say)}\n`);
      }
    }
    const summary = describeCounts(since, count, (performance.now() - startedAtMs) / 1000, say);
    if (count.different > 0) throw new CommandError(summary);
    out(`${summary}\n`);
  };
}

function describeDifference(stored: DecisionToReplay, now: ReplayAnswer, say: Say): string {
  const stands = decisionInWords({ ...stored, agentNumber: stored.agentNumber ?? stored.agentKey }, say);
  return say('commands.aor.replay.difference', {
    planChangeId: stored.planChangeId,
    stands,
    now: describeAnswer(stored, now, say),
  });
}

function describeAnswer(stored: DecisionToReplay, now: ReplayAnswer, say: Say): string {
  switch (now.kind) {
    case 'decided': {
      const { agentKey } = now.decision;
      const agentNumber = agentKey && agentNumberIn(stored, agentKey);
      return decisionInWords({ ...now.decision, agentNumber }, say);
    }
    case 'facilitator-not-eligible':
      return say('commands.aor.replay.held', { defect: now.defect });
    case 'facilitator-does-not-fit':
      return say('commands.aor.replay.does-not-fit');
    case 'evidence-unreadable':
      return say('commands.aor.replay.evidence-unreadable');
  }
}

const describeCounts = (
  since: string,
  { evaluated, different }: { readonly evaluated: number; readonly different: number },
  seconds: number,
  say: Say,
): string =>
  say('commands.aor.replay.counts', {
    since,
    evaluated,
    version: AOR_RULE_VERSION,
    count: different,
    ...speed(evaluated, seconds),
  });
