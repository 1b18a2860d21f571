/** What crosses the boundary of the `planChange` workflow: one customer's change of plan. Ids of records and fixed identifiers, no personal data. */
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AorDecision, AorEvidence } from '../domain/plan-change/agent-of-record';
import type { StandingDefect } from '../domain/plan-change/agent-standing';
import type { Escalation, PlanChangeStage, PlanChangeSnapshot } from '../domain/plan-change/plan-change';
import type { Ineligibility } from '../domain/plan-change/eligibility';
import type { PlanChangePolicy } from '../domain/plan-change/deadlines';
import type { RightsRefusal } from '../domain/plan-change/rights';
import type { OfRevision } from './run-revision';

export const PLAN_CHANGE_WORKFLOW = 'planChange';

export interface PlanChangeInput extends OfRevision {
  readonly planChangeId: string;
  /** The bounds it was opened with; a later change of the settings leaves them alone. Absent for runs that were begun by an earlier build. */
  readonly terms?: PlanChangePolicy | undefined;
  /** As it was taken in, or as the run before this one left it. */
  readonly standing: PlanChangeSnapshot;
  /** What the unit's lead was told of already. */
  readonly escalated?: readonly Escalation[];
  /** Completions that are asked for until the run continues as new; 500 unless told. */
  readonly completionsPerRun?: number;
}

export interface PlanChangeResult {
  /** `void`: it was announced and never taken in. */
  readonly ending: Extract<PlanChangeStage, 'completed' | 'withdrawn' | 'abandoned'> | 'void';
  readonly agentOfRecord?: AorDecision['outcome'];
}

/** Something was done about the change: the run looks what. Nobody waits for it. */
export const planChangeMovedSignal = defineSignal('planChangeMoved');

/** Somebody completes the change. */
export const completePlanChangeUpdate = defineUpdate<CompletionResult, [CompletionRequest]>(
  'completePlanChange',
);

export interface CompletionRequest {
  readonly planId: string;
  /** `YYYY-MM-DD`. */
  readonly effectiveOn: string;
  /** The staff key of who completes it; null: a system that takes applications in. */
  readonly staffKey: string | null;
  readonly apiKeyId: string;
}

export type CompletionRefusal =
  | { readonly kind: 'wrong-stage'; readonly stage: PlanChangeStage }
  | { readonly kind: Exclude<RightsRefusal, 'wrong-stage'> | 'plan-unknown' }
  | { readonly kind: 'not-eligible'; readonly reason: Ineligibility }
  /** The change is held now. */
  | { readonly kind: 'held'; readonly defect: StandingDefect };

export type CompletionResult = { readonly kind: 'completed' } | CompletionRefusal;

/** What the rule is given, and what it was looked up for. Kept with the decision as it stands. */
export interface GatheredEvidence extends AorEvidence {
  /** The day of completion, where the unit works. */
  readonly day: string;
  /** The customer's state, where an agent must be licensed. */
  readonly state: string;
  /** The year in which the new plan takes effect, which an agent must be certified for. */
  readonly planYear: number;
}

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

/** Whether a completion may go on: with the evidence for its decision, or why not. */
export type CompletionCheck =
  { readonly kind: 'evidence'; readonly evidence: GatheredEvidence } | CompletionRefusal;

/** Steps of the workflow outside Temporal. Each may be run twice. Their names are in histories: later names are the workflow's own. */
export interface PlanChangeActivities {
  /** Null: there is no such change (yet). */
  lookAtPlanChange(input: {
    readonly planChangeId: string;
    readonly terms?: PlanChangePolicy | undefined;
  }): Promise<PlanChangeSnapshot | null>;
  /** Ends a claim that is over. */
  putBackPlanChange(input: OfPlanChange): Promise<void>;
  abandonPlanChange(input: OfPlanChange): Promise<void>;
  /** Notes, and tells the unit's lead, that nobody takes it, or that it is held. */
  escalatePlanChange(input: OfPlanChange & { readonly escalation: Escalation }): Promise<void>;
  gatherAorEvidence(input: CompletionInput): Promise<CompletionCheck>;
  /** The facilitator is not eligible: nothing moves until staff resolve it. Says so, for the run to look at once; older builds said nothing. */
  holdPlanChange(
    input: OfPlanChange & {
      readonly facilitatorKey: string;
      readonly defect: StandingDefect;
      readonly apiKeyId: string;
    },
  ): Promise<'held' | undefined>;
  /** Everything that a decision changes, in one transaction. Refused when somebody moved the change meanwhile. */
  recordAorDecision(input: RecordDecisionInput): Promise<CompletionResult>;
  /** Starts the emails to the customer and the agents. */
  announceAorDecision(input: OfPlanChange): Promise<void>;
}
