/** Plan changes: their customers, their stages, and the facts they are judged by. */
import type { Operation } from './operation';
import type { CompletionRequest, CompletionResult } from '../contracts/plan-change';
import type { AorDecision } from '../domain/plan-change/agent-of-record';
import type { AgentRecords, StandingDefect } from '../domain/plan-change/agent-standing';
import type { CustomerOnRecord, PlanOffer } from '../domain/plan-change/eligibility';
import type { Escalation, PlanChangeStage, ShownStage, StaffMember } from '../domain/plan-change/plan-change';
import type { PlanChangeCaller, Visible } from '../domain/plan-change/rights';
import type { PlanChangeChannel, PlanChangeRoute } from '../domain/plan-change/routing';

/** The key an action was done with, the address, and the time. */
export interface DoneBy {
  /** A repeated move with the same id is carried out once and gets the first answer. */
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

/** A plan change as shown to staff. Numbers as the rosters write them. */
export interface ListedPlanChange extends PlanChangeRecord {
  readonly facilitatorNumber: string | null;
  readonly claimedByNumber: string | null;
  readonly endedFor: string | null;
  /** Completed, and taken back since. */
  readonly isReversed: boolean;
  /** The change for the same effective date that took its place. */
  readonly supersededBy: string | null;
  /** Of the decision, once there is one, and the API key that completed it. */
  readonly reason: AorDecision['reason'] | null;
  readonly completedWith: string | null;
  readonly agentNumber: string | null;
  readonly commissionContinues: boolean;
}

export interface PlanChangeQuery {
  /** What the caller may see. */
  readonly visible: Visible;
  readonly stage?: ShownStage | undefined;
  readonly route?: PlanChangeRoute | undefined;
  /** Only entries after this position. */
  readonly after?: { readonly atMs: number; readonly id: string } | undefined;
  readonly nowMs: number;
  readonly limit: number;
}

/** Where staff take plan changes in and pass them on. Each move happens once and is audited; false: not possible (any more). */
export interface PlanChangeQueue {
  /** False if the customer has an open one; the database enforces this. */
  open(change: NewPlanChange): Promise<boolean>;
  openChangeOf(customerId: string): Promise<string | null>;
  look(planChangeId: string): Promise<ListedPlanChange | null>;
  /** Ordered by `waitingSinceMs`, then by id. */
  list(query: PlanChangeQuery): Promise<readonly ListedPlanChange[]>;
  /** The oldest waiting change, given to exactly one of several concurrent callers; null if none waits. */
  claimNext(claim: Claim): Promise<string | null>;
  claim(planChangeId: string, claim: Claim): Promise<boolean>;
  release(planChangeId: string, release: DoneBy & { readonly staffKey: string }): Promise<boolean>;
  /** Moves it from an internal agent to the unit's queue. False if it does not belong to the caller. */
  refer(planChangeId: string, referral: DoneBy & { readonly caller: PlanChangeCaller }): Promise<boolean>;
  /** Of a held change, which then continues with the new facilitator. */
  replaceFacilitator(
    planChangeId: string,
    replacement: DoneBy & { readonly facilitatorKey: string },
  ): Promise<boolean>;
  /** False if it does not belong to the caller. */
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
  /** Called before the change is written: a run that finds no change ends by itself. Throws `UnavailableError`. */
  start(change: NewPlanChange & { readonly agentKey: string | null }): Promise<void>;
  /**
   * Tells the run that the change was moved, and to what; without `moved` the run reads it. Never fails: a run that misses the call
   * finds out by itself.
   */
  notifyRun(planChangeId: string, moved?: PlanChangeRecord): Promise<void>;
  /** Throws `UnavailableError` if Temporal or the worker cannot answer; whether the change was completed shows later. */
  complete(
    planChangeId: string,
    request: CompletionRequest,
    operation?: Operation,
  ): Promise<CompletionResult>;
}

/** A plan change as the database has it. Keys are folded numbers; times are epoch milliseconds; days are `YYYY-MM-DD`. */
export interface PlanChangeRecord {
  readonly planChangeId: string;
  readonly customerId: string;
  readonly channel: PlanChangeChannel;
  readonly route: PlanChangeRoute;
  /** The facilitator: an agent's key, or an internal agent's staff key. */
  readonly facilitatorKey: string | null;
  /** As stored: it may still show an expired claim (`stageAt`). */
  readonly stage: PlanChangeStage;
  readonly planId: string | null;
  readonly effectiveOn: string | null;
  readonly openedAtMs: number;
  readonly waitingSinceMs: number;
  readonly claimedBy: string | null;
  readonly claimUntilMs: number | null;
  readonly heldFor: StandingDefect | null;
  /** When it became held; null if it is not held. */
  readonly heldSinceMs: number | null;
  readonly endedAtMs: number | null;
  readonly outcome: AorDecision['outcome'] | null;
  /** How often it was moved: of two records, the one with more is the later. */
  readonly moves: number;
}

/** What a change's run does to its record. Each call is idempotent, and has no effect once the change has been moved on. */
export interface PlanChanges {
  find(planChangeId: string): Promise<PlanChangeRecord | null>;
  /** Ends the claim if it has expired by `atMs`. */
  putBack(planChangeId: string, atMs: number): Promise<void>;
  /** Unless the change is claimed at the moment, held or over. */
  abandon(planChangeId: string, atMs: number): Promise<void>;
  noteEscalation(planChangeId: string, escalation: Escalation, atMs: number): Promise<void>;
  /** A compliance case: recorded in the audit log. No effect if the facilitator has been replaced since. */
  hold(held: HeldChange): Promise<void>;
}

export interface HeldChange {
  readonly planChangeId: string;
  readonly facilitatorKey: string;
  readonly defect: StandingDefect;
  readonly atMs: number;
  readonly apiKeyId: string;
}

/** The facts that plan changes are judged by. */
export interface PlanChangeFacts {
  /** As a change from `effectiveOn` on finds them; null: on a day that is not known yet. */
  customer(customerId: string, effectiveOn?: string | null): Promise<CustomerOnRecord | null>;
  plan(planId: string): Promise<PlanOffer | null>;
  /** What was known of the agent at that time, or is known now; null if nothing was. */
  agent(agentKey: string, knownAtMs?: number): Promise<AgentOnRecord | null>;
  staff(staffKey: string): Promise<StaffMember | null>;
  /** Whether the roster shows two numbers as one person: same SSN digest, same name. False for a number that is not on it. */
  isOnePerson(agentKey: string, otherKey: string): Promise<boolean>;
}

export interface AgentOnRecord extends AgentRecords {
  readonly agentKey: string;
  readonly isCallCenter: boolean;
}
