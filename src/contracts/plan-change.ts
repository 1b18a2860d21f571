/**
 * What crosses the boundary of the `planChange` workflow: one customer's plan change. Record ids and fixed
 * identifiers, no personal data.
 */
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AorDecision, GatheredEvidence } from '../domain/plan-change/agent-of-record';
import type { StandingDefect } from '../domain/plan-change/agent-standing';
import type {
  Escalation,
  MovedChange,
  PlanChangeStage,
  PlanChangeSnapshot,
} from '../domain/plan-change/plan-change';
import type { Ineligibility } from '../domain/plan-change/eligibility';
import type { PlanChangePolicy } from '../domain/plan-change/deadlines';
import type { RightsRefusal } from '../domain/plan-change/rights';
import type { OfRevision } from './run-revision';

export const PLAN_CHANGE_WORKFLOW = 'planChange';

export interface PlanChangeInput extends OfRevision {
  readonly planChangeId: string;
  /**
   * The limits it was opened with; later changes of the settings do not affect them. Absent for runs started by an earlier build.
   */
  readonly terms?: PlanChangePolicy | undefined;
  /** As taken in, or as the previous run left it. */
  readonly standing: PlanChangeSnapshot;
  /** The escalations the unit's lead was already told of. */
  readonly escalated?: readonly Escalation[];
  /** Completion requests until the run continues as new; default 500. */
  readonly completionsPerRun?: number;
}

export interface PlanChangeResult {
  /** `void`: it was announced and never taken in. */
  readonly ending: Extract<PlanChangeStage, 'completed' | 'withdrawn' | 'abandoned'> | 'void';
  readonly agentOfRecord?: AorDecision['outcome'];
}

/** The change was moved, to this; absent, also from an earlier build: the run loads it. Nobody waits for this. */
export const planChangeMovedSignal = defineSignal<[moved?: MovedChange]>('planChangeMoved');

/** A request to complete the change. */
export const completePlanChangeUpdate = defineUpdate<CompletionResult, [CompletionRequest]>(
  'completePlanChange',
);

export interface CompletionRequest {
  readonly planId: string;
  /** `YYYY-MM-DD`. */
  readonly effectiveOn: string;
  /** The staff key of the person who completes it; null: an intake system. */
  readonly staffKey: string | null;
  readonly apiKeyId: string;
}

export type CompletionRefusal =
  | { readonly kind: 'wrong-stage'; readonly stage: PlanChangeStage }
  | { readonly kind: Exclude<RightsRefusal, 'wrong-stage'> | 'plan-unknown' }
  | { readonly kind: 'not-eligible'; readonly reason: Ineligibility }
  /** The change is now held. */
  | { readonly kind: 'held'; readonly defect: StandingDefect };

export type CompletionResult = { readonly kind: 'completed' } | CompletionRefusal;

/** The result, and for the run what became of the agent of record, and who else is told. */
export type CompletionOutcome =
  (CompletedDecision & { readonly outcome: AorDecision['outcome'] }) | CompletionRefusal;

interface CompletedDecision extends Pick<PlanChangeSnapshot, 'alsoConcerned'> {
  readonly kind: 'completed';
}

export type { GatheredEvidence };

interface OfPlanChange {
  readonly planChangeId: string;
  readonly atMs: number;
}

export interface CompletionInput extends OfPlanChange, CompletionRequest {
  readonly terms?: PlanChangePolicy | undefined;
}

export interface RecordDecisionInput extends CompletionInput {
  readonly evidence: GatheredEvidence;
  readonly decision: AorDecision;
}

/** Whether a completion may proceed: with the evidence for its decision, or the reason why not. */
export type CompletionCheck =
  { readonly kind: 'evidence'; readonly evidence: GatheredEvidence } | CompletionRefusal;

/**
 * Steps of the workflow outside Temporal. Each is idempotent. Their names are in histories and cannot change: the workflow
 * renames some of them locally.
 */
export interface PlanChangeActivities {
  /** Null: there is no such change (yet). */
  lookAtPlanChange(input: {
    readonly planChangeId: string;
    readonly terms?: PlanChangePolicy | undefined;
  }): Promise<PlanChangeSnapshot | null>;
  /** Ends an expired claim. */
  putBackPlanChange(input: OfPlanChange): Promise<void>;
  abandonPlanChange(input: OfPlanChange): Promise<void>;
  /** Records that nobody takes it, or that it is held, and tells the unit's lead. */
  escalatePlanChange(input: OfPlanChange & { readonly escalation: Escalation }): Promise<void>;
  /**
   * In one transaction: evidence, decision, and the record of everything that it changes, or the change is held because the
   * facilitator is not eligible. The same input gets the same result again.
   */
  completePlanChange(input: CompletionInput): Promise<CompletionOutcome>;
  /** This step and the next two are for runs of earlier builds, which complete a change in several. */
  gatherAorEvidence(input: CompletionInput): Promise<CompletionCheck>;
  /**
   * The facilitator is not eligible: the change is held until staff resolve it. Returns that, so that the run loads the change at
   * once; the oldest builds returned nothing.
   */
  holdPlanChange(
    input: OfPlanChange & {
      readonly facilitatorKey: string;
      readonly defect: StandingDefect;
      readonly apiKeyId: string;
    },
  ): Promise<'held' | undefined>;
  /** Everything that a decision changes, in one transaction. Refused if the change was moved meanwhile. */
  recordAorDecision(input: RecordDecisionInput): Promise<CompletedDecision | CompletionRefusal>;
  /** For runs of earlier builds: starts the emails to the customer and the agents. */
  announceAorDecision(input: OfPlanChange): Promise<void>;
}
