/** `aor -- review`: compares the evidence of decisions that count with what the rosters tell today. */
import { createAorReviews } from '../../adapters/postgres/aor-reviews';
import { reviewDecision, type AorReview } from '../../domain/plan-change/aor-review';
import type { AorReviews, DecisionOnReview, DecisionsOnReview } from '../../ports/agent-of-record';
import type { Command } from '../command';
import { decisionInWords, inUtc } from './decision-in-words';
import { startOf } from './since';

/** Decisions that would have other evidence are what it looks for: finding some is no failure. */
export function review(since: string, pageSize: number): Command {
  return async (database, { out }, nowMs) => {
    const sinceMs = startOf(since, nowMs);
    const startedAtMs = performance.now();
    const count = { reviewed: 0, different: 0, otherOutcome: 0 };
    const reviews = createAorReviews(database);
    for await (const { decisions, agents } of pages(reviews, sinceMs, pageSize)) {
      for (const decision of decisions) {
        count.reviewed += 1;
        const found = reviewDecision(decision, agents, nowMs);
        if (found === null) continue;
        count.different += 1;
        if (found.outcomeDiffers) count.otherOutcome += 1;
        out(`${describeReview(decision, found)}\n`);
      }
    }
    const seconds = (performance.now() - startedAtMs) / 1000;
    out(
      `Decisions since ${since} 00:00 UTC that count: ${count.reviewed} reviewed, ${count.different} would have other evidence today, ` +
        `${count.otherOutcome} another outcome; ${seconds.toFixed(1)} s, ${Math.round(count.reviewed / seconds)} a second.\n`,
    );
  };
}

async function* pages(reviews: AorReviews, sinceMs: number, limit: number): AsyncIterable<DecisionsOnReview> {
  let after: { atMs: number; id: string } | undefined;
  for (;;) {
    const page = await reviews.page({ sinceMs, after, limit });
    yield page;
    const last = page.decisions.at(-1);
    if (last === undefined || page.decisions.length < limit) return;
    after = { atMs: last.decidedAtMs, id: last.planChangeId };
  }
}

function describeReview(stored: DecisionOnReview, { differences, redetermined }: AorReview): string {
  const { planChangeId, customerId, decidedAtMs } = stored;
  const stands = decisionInWords({ ...stored, agentNumber: stored.agentNumber ?? stored.agentKey });
  const wouldBe = redetermined === null ? 'nothing' : decisionInWords(redetermined);
  return [
    `${planChangeId}, customer ${customerId}, decided ${inUtc(decidedAtMs)}`,
    ...differences.map((difference) => `  ${difference}`),
    `  stands: ${stands}; would be: ${wouldBe}`,
  ].join('\n');
}
