/** Plan changes in HTTP answers, and what the refusals of a move are there. */
import type { z } from 'zod';
import type { CompletionRefusal } from '../../contracts/plan-change';
import type { CorrectionRefusal } from '../../domain/plan-change/corrections';
import type { StandingDefect } from '../../domain/plan-change/agent-standing';
import { stageAt, type PlanChangeStage } from '../../domain/plan-change/plan-change';
import type { RightsRefusal } from '../../domain/plan-change/rights';
import { planChangeRouting } from '../../domain/plan-change/routing';
import type { ListedPlanChange } from '../../ports/plan-change';
import { isoTime } from '../http/fields';
import { AppError, type ProblemCode } from '../http/problems';
import type { planChange } from './schemas';

/** The `PlanChange` of http-api.md at `nowMs`. */
export function planChangeBody(change: ListedPlanChange, nowMs: number): z.input<typeof planChange> {
  const { planChangeId, customerId, channel, route, planId, effectiveOn, openedAtMs, waitingSinceMs } =
    change;
  const { facilitatorNumber, heldFor, endedAtMs, endedFor, outcome, reason } = change;
  const stage = change.isReversed ? 'reversed' : stageAt(change, nowMs);
  const { facilitator } = planChangeRouting[channel];
  const isWaiting = stage === 'queued';
  const timeOf = (ms: number | null): string | null => (ms === null ? null : isoTime(ms));
  return {
    id: planChangeId,
    customerId,
    channel,
    route,
    stage,
    planId,
    effectiveDate: effectiveOn,
    heldFor,
    facilitator:
      facilitator === null || facilitatorNumber === null
        ? null
        : { kind: facilitator, number: facilitatorNumber },
    openedAt: isoTime(openedAtMs),
    waitingSince: isoTime(waitingSinceMs),
    ageSeconds: Math.max(0, Math.floor(((endedAtMs ?? nowMs) - openedAtMs) / 1000)),
    claimedBy: isWaiting ? null : change.claimedByNumber,
    claimUntil: isWaiting ? null : timeOf(change.claimUntilMs),
    endedAt: timeOf(endedAtMs),
    withdrawnFor: endedFor,
    supersededBy: change.supersededBy,
    agentOfRecord:
      outcome === null || reason === null
        ? null
        : {
            outcome,
            reason,
            agentNumber: change.agentNumber,
            commissionContinues: change.commissionContinues,
          },
  };
}

const PROBLEMS: Readonly<Record<Exclude<RightsRefusal, 'wrong-stage'>, ProblemCode>> = {
  'representative-required': 'representative_required',
  'claimed-by-other': 'claimed_by_other',
  'not-the-facilitator': 'not_the_facilitator',
  'role-not-allowed': 'role_not_allowed',
};

export const rightsProblem = (refusal: Exclude<RightsRefusal, 'wrong-stage'>): AppError =>
  new AppError(PROBLEMS[refusal]);

/** Throws the `AppError` that goes with it. What is at another stage shows when the move is tried. */
export function requireNoRefusal(refusal: RightsRefusal | null): void {
  if (refusal !== null && refusal !== 'wrong-stage') throw rightsProblem(refusal);
}

export const wrongStage = (stage: PlanChangeStage): AppError =>
  new AppError('wrong_stage', { extensions: { stage } });

const notEligible = (reason: StandingDefect | null): AppError =>
  new AppError('facilitator_not_eligible', reason === null ? {} : { extensions: { reason } });

/** Why a change was not completed; `heldFor`: what its facilitator lacked before. */
export function completionProblem(result: CompletionRefusal, heldFor: StandingDefect | null): AppError {
  switch (result.kind) {
    case 'wrong-stage':
      return result.stage === 'held' ? notEligible(heldFor) : wrongStage(result.stage);
    case 'representative-required':
    case 'claimed-by-other':
    case 'not-the-facilitator':
    case 'role-not-allowed':
      return rightsProblem(result.kind);
    case 'plan-unknown':
      return new AppError('invalid_fields', { errors: [{ pointer: '/planId', code: 'not_on_record' }] });
    case 'not-eligible':
      return new AppError('not_eligible', { extensions: { reason: result.reason } });
    case 'held':
      return notEligible(result.defect);
  }
}

/** Why a change was not corrected. */
export function correctionProblem(
  reason: CorrectionRefusal,
  change: ListedPlanChange,
  nowMs: number,
): AppError {
  switch (reason) {
    case 'superseded': {
      const { supersededBy } = change;
      return new AppError('later_change_recorded', {
        extensions: supersededBy === null ? {} : { planChangeId: supersededBy },
      });
    }
    case 'nothing-to-correct':
      return new AppError('nothing_to_correct');
    case 'still-open':
    case 'never-completed':
    case 'already-reversed':
    case 'too-old': {
      const { stage } = planChangeBody(change, nowMs);
      return new AppError('wrong_stage', {
        detail: (say) => say(`problems.wrong_stage.reasons.${reason}`),
        extensions: { stage, reason },
      });
    }
  }
}

/** Throws `invalid_fields` if the time of this query parameter is still to come. */
export function refuseFuture(parameter: string, atMs: number, nowMs: number): void {
  if (atMs > nowMs)
    throw new AppError('invalid_fields', {
      errors: [{ pointer: `query:${parameter}`, code: 'in_the_future' }],
    });
}
