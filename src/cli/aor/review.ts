/** `aor -- review`: compares the evidence of decisions that count with what the rosters tell today. */
import { createAorReviews } from '../../adapters/postgres/aor-reviews';
import { reviewDecision, type AorReview } from '../../domain/plan-change/aor-review';
import type { AorReviews, DecisionOnReview, DecisionsOnReview } from '../../ports/agent-of-record';
import { differenceInWords } from '../../ports/standing-in-words';
import type { Say } from '../../ports/texts';
import type { Command } from '../command';
import { decisionInWords, inUtc } from './decision-in-words';
import { speed, startOf } from './since';

/** Decisions that would have other evidence are what it looks for: finding some is no failure. */
export function review(since: string, pageSize: number): Command {
  return async (database, { out, say }, nowMs) => {
    const sinceMs = startOf(since, nowMs, say);
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
        out(`${describeReview(decision, found, say)}\n`);
      }
    }
    const seconds = (performance.now() - startedAtMs) / 1000;
    out(`${say('commands.aor.review.counts', { since, ...count, ...speed(count.reviewed, seconds) })}\n`);
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

function describeReview(
  stored: DecisionOnReview,
  { differences, redetermined }: AorReview,
  say: Say,
): string {
  const { planChangeId, customerId, decidedAtMs } = stored;
  const stands = decisionInWords({ ...stored, agentNumber: stored.agentNumber ?? stored.agentKey }, say);
  const wouldBe = redetermined === null ? say('commands.aor.nothing') : decisionInWords(redetermined, say);
  return [
    say('commands.aor.review.decision', { planChangeId, customerId, time: inUtc(decidedAtMs) }),
    ...differences.map((difference) => `  ${differenceInWords(difference, stored.evidence, say)}`),
    `  ${say('commands.aor.review.would-be', { stands, wouldBe })}`,
  ].join('\n');
}
