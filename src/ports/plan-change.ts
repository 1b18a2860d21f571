/** Plan changes: who has one, at which stage it is, and what it is judged by. */
import type { Operation } from './operation';
import type { CompletionRequest, CompletionResult } from '../contracts/plan-change';
import type { AorDecision } from '../domain/plan-change/agent-of-record';
import type { AgentRecords, StandingDefect } from '../domain/plan-change/agent-standing';
import type { CustomerOnRecord, PlanOffer } from '../domain/plan-change/eligibility';
import type { Escalation, PlanChangeStage, StaffMember } from '../domain/plan-change/plan-change';
import type { PlanChangeCaller, Visible } from '../domain/plan-change/rights';
import type { PlanChangeChannel, PlanChangeRoute } from '../domain/plan-change/routing';

/** Which key something was done with, from where, and when. */
export interface DoneBy {
  /** What is asked for again under the same id was done the first time, and is answered as it was then. */
  readonly moveId?: string;
  readonly apiKeyId: string;
  readonly address: string;
  readonly atMs: number;
}

export interface NewPlanChange extends Omit<DoneBy, 'moveId'> {
  readonly planChangeId: string;
  readonly customerId: string;
  readonly channel: PlanChangeChannel;
  readonly route: PlanChangeRoute;
  readonly stage: PlanChangeStage;
  readonly facilitatorKey: string | null;
  readonly planId: string | null;
  readonly effectiveOn: string | null;
}

/** A plan change as staff see it. Numbers as the rosters write them. */
export interface ListedPlanChange extends PlanChangeRecord {
  readonly facilitatorNumber: string | null;
  readonly claimedByNumber: string | null;
  readonly endedFor: string | null;
  /** Of the decision, once there is one; and which API key it was completed with. */
  readonly reason: AorDecision['reason'] | null;
  readonly completedWith: string | null;
  readonly agentNumber: string | null;
  readonly commissionContinues: boolean;
}

export interface PlanChangeQuery {
  /** What the caller may look at. */
  readonly visible: Visible;
  readonly stage?: PlanChangeStage | undefined;
  readonly route?: PlanChangeRoute | undefined;
  /** Those behind this place of the order. */
  readonly after?: { readonly atMs: number; readonly id: string } | undefined;
  readonly nowMs: number;
  readonly limit: number;
}

/** Where staff take plan changes in and pass them on. Each move happens once, and is in the audit log; false: it was not possible (any more). */
export interface PlanChangeQueue {
  /** False when the customer has an open one, which the database sees to. */
  open(change: NewPlanChange): Promise<boolean>;
  openChangeOf(customerId: string): Promise<string | null>;
  look(planChangeId: string): Promise<ListedPlanChange | null>;
  /** In the order of `waitingSinceMs`, then of ids. */
  list(query: PlanChangeQuery): Promise<readonly ListedPlanChange[]>;
  /** The oldest waiting one, to exactly one of those who ask at once; null when none waits. */
  claimNext(claim: Claim): Promise<string | null>;
  claim(planChangeId: string, claim: Claim): Promise<boolean>;
  release(planChangeId: string, release: DoneBy & { readonly staffKey: string }): Promise<boolean>;
  /** To the unit's queue, from an internal agent; not when it is none of the caller's. */
  refer(planChangeId: string, referral: DoneBy & { readonly caller: PlanChangeCaller }): Promise<boolean>;
  /** Of a held one, which goes on with it. */
  replaceFacilitator(
    planChangeId: string,
    replacement: DoneBy & { readonly facilitatorKey: string },
  ): Promise<boolean>;
  /** Not when it is none of the caller's. */
  withdraw(
    planChangeId: string,
    withdrawal: DoneBy & { readonly reason: string; readonly caller: PlanChangeCaller },
  ): Promise<boolean>;
}

export interface Claim extends DoneBy {
  readonly staffKey: string;
  readonly claimUntilMs: number;
}

/** Starts and drives `planChange` runs. */
export interface PlanChangeRuns {
  /** Before the change is taken in: a run that finds none ends by itself. Throws `AppError('unavailable')`. */
  start(change: NewPlanChange & { readonly agentKey: string | null }): Promise<void>;
  /** That something was done about it. Never fails: a run that was not told finds out by itself. */
  notifyRun(planChangeId: string): Promise<void>;
  /** Throws `AppError('unavailable')` when Temporal or the worker cannot answer; whether it was completed then shows later. */
  complete(
    planChangeId: string,
    request: CompletionRequest,
    operation?: Operation,
  ): Promise<CompletionResult>;
}

/** A change of plan as the database has it. Keys are folded numbers; epoch milliseconds; days `YYYY-MM-DD`. */
export interface PlanChangeRecord {
  readonly planChangeId: string;
  readonly customerId: string;
  readonly channel: PlanChangeChannel;
  readonly route: PlanChangeRoute;
  /** Who facilitates it: an agent's key, or an internal agent's staff key. */
  readonly facilitatorKey: string | null;
  /** As it is written: a claim that is over may still stand here (`stageAt`). */
  readonly stage: PlanChangeStage;
  readonly planId: string | null;
  readonly effectiveOn: string | null;
  readonly openedAtMs: number;
  readonly waitingSinceMs: number;
  readonly claimedBy: string | null;
  readonly claimUntilMs: number | null;
  readonly heldFor: StandingDefect | null;
  /** Since when it is held; null: it is not. */
  readonly heldSinceMs: number | null;
  readonly endedAtMs: number | null;
  readonly outcome: AorDecision['outcome'] | null;
}

/** What the run of a change does to its record. Each is idempotent, and does nothing once somebody has moved the change on. */
export interface PlanChanges {
  find(planChangeId: string): Promise<PlanChangeRecord | null>;
  /** Ends the claim if it is over at `atMs`. */
  putBack(planChangeId: string, atMs: number): Promise<void>;
  /** Unless somebody has it just now, it is held, or it is over. */
  abandon(planChangeId: string, atMs: number): Promise<void>;
  noteEscalation(planChangeId: string, escalation: Escalation, atMs: number): Promise<void>;
  /** A compliance case: noted in the audit log. Not when another facilitator has been put in since. */
  hold(held: {
    readonly planChangeId: string;
    readonly facilitatorKey: string;
    readonly defect: StandingDefect;
    readonly atMs: number;
    readonly apiKeyId: string;
  }): Promise<void>;
}

/** What plan changes are judged by. */
export interface PlanChangeFacts {
  customer(customerId: string): Promise<CustomerOnRecord | null>;
  plan(planId: string): Promise<PlanOffer | null>;
  agent(agentKey: string): Promise<AgentOnRecord | null>;
  staff(staffKey: string): Promise<StaffMember | null>;
  /** Whether the roster says that two numbers are one person: the same SSN digest and the same name. False for what is not on it. */
  isOnePerson(agentKey: string, otherKey: string): Promise<boolean>;
}

export interface AgentOnRecord extends AgentRecords {
  readonly agentKey: string;
  readonly isCallCenter: boolean;
}
