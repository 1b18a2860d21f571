/** The decisions that would have other evidence with what the rosters tell now (spec.md 7b.5). */
import { isoTime } from '../http/fields';
import { refuseFuture } from './answers';
import { aorReviews as body, reviewsQuery } from './schemas';
import { reviewDecision, type AorReview } from '../../domain/plan-change/aor-review';
import { decodeCursor, pageOf } from '../http/cursor';
import type { ApiDeps } from '../deps';
import type { DecisionOnReview, RecordedDecision } from '../../ports/agent-of-record';
import { differenceInWords } from '../../ports/standing-in-words';
import { sayIn, type Say } from '../../ports/texts';
import { defineRoute, type Route } from '../http/route';

/** Decisions reviewed a page; they take a fraction of a second. */
const REVIEWED = 1000;

export function reviewRoutes({
  aorReviews,
  texts,
  clock,
}: Pick<ApiDeps, 'aorReviews' | 'texts' | 'clock'>): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/aor/reviews',
      tag: 'Plan changes',
      summary: 'Decisions that would have other evidence with what the rosters tell now',
      auth: { apiKey: ['audit'] },
      query: reviewsQuery,
      responses: { 200: body },
      problems: [],
      handle: async ({ query: { since, cursor }, language }) => {
        const sinceMs = Date.parse(`${since}T00:00:00Z`);
        const nowMs = clock();
        refuseFuture('since', sinceMs, nowMs);
        const { decisions, agents } = await aorReviews.page({
          sinceMs,
          after: cursor === undefined ? undefined : decodeCursor(cursor),
          limit: REVIEWED + 1,
        });
        const { page, nextCursor } = pageOf(decisions, REVIEWED, ({ decidedAtMs, planChangeId }) => ({
          atMs: decidedAtMs,
          id: planChangeId,
        }));
        const reviews = page.flatMap((decision) => {
          const review = reviewDecision(decision, agents, nowMs);
          return review === null ? [] : [reviewView(decision, review, sayIn(texts, language))];
        });
        return { status: 200, body: { reviews, nextCursor } };
      },
    }),
  ];
}

function reviewView(
  decision: DecisionOnReview,
  { differences, redetermined, outcomeDiffers }: AorReview,
  say: Say,
) {
  const { planChangeId, customerId, decidedAtMs, effectiveOn } = decision;
  return {
    planChangeId,
    customerId,
    decidedAt: isoTime(decidedAtMs),
    effectiveDate: effectiveOn,
    differences: differences.map((each) => differenceInWords(each, decision.evidence, say)),
    ...decidedView(decision),
    outcomeDiffers,
    redetermined: redetermined && decidedView(redetermined),
  };
}

const decidedView = ({
  outcome,
  agentNumber,
  reason,
  commissionContinues,
}: Pick<RecordedDecision, 'outcome' | 'agentNumber' | 'reason' | 'commissionContinues'>) => ({
  outcome,
  agentNumber,
  reason,
  commissionContinues,
});
