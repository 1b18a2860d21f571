/** Who is agent of record, and how that was decided. */
import type { CompletionInput, GatheredEvidence, RecordDecisionInput } from '../contracts/plan-change';
import type { AorDecision } from '../domain/plan-change/agent-of-record';
import type { EarningsVersion, StatementMonth } from '../domain/plan-change/commission-statement';
import type { CustomerFacts, CustomerHistory, KnownAgents } from '../domain/plan-change/history';
import type { EffectiveDates, StandingDefect } from '../domain/plan-change/agent-standing';
import type { CustomerOnRecord, PlanOffer } from '../domain/plan-change/eligibility';
import type { StaffMember } from '../domain/plan-change/plan-change';
import type { Addressee } from './mail';
import type { AgentOnRecord, HeldChange, PlanChangeRecord } from './plan-change';

/** Past, current and future agents of record. Days are `YYYY-MM-DD`; numbers as the roster writes them. */
export interface AgentsOfRecord {
  /** As it was known at `knownAtMs`; undefined: as it is known now. Null if there is no such customer. */
  ofCustomer(customerId: string, knownAtMs?: number): Promise<CustomersAgentOfRecord | null>;
  /**
   * The customers whose agent of record this agent is on `day`, as known at `knownAtMs` or now, ordered by (since, customer); null if
   * there is no such agent.
   */
  customersOf(query: {
    readonly agentKey: string;
    readonly day: string;
    readonly knownAtMs?: number | undefined;
    readonly after?: { readonly atMs: number; readonly customerId: string } | undefined;
    readonly limit: number;
  }): Promise<AgentsCustomers | null>;
}

export interface CustomersAgentOfRecord {
  readonly history: readonly KnownPeriod[];
  /** All that were ever made, in their order. */
  readonly decisions: readonly CustomersDecision[];
}

export interface KnownPeriod extends EffectiveDates {
  readonly agentNumber: string | null;
  /** Since when it has been known with these dates. */
  readonly knownFromMs: number;
}

export interface CustomersDecision extends RecordedDecision {
  /** Whether the change was decided again later: that decision counts. */
  readonly wasMadeAgain: boolean;
  /** Whether the change was taken back, and the change that took its place: as it is now. */
  readonly isReversed: boolean;
  readonly supersededBy: string | null;
}

/** A decision about a plan change, which may have several: the one of the highest version counts. */
export interface RecordedDecision {
  readonly planChangeId: string;
  /** The version of the customer's history that it was made for. */
  readonly version: number;
  readonly decidedAtMs: number;
  readonly effectiveOn: string;
  readonly outcome: AorDecision['outcome'];
  readonly reason: AorDecision['reason'];
  readonly ruleVersion: number;
  readonly commissionContinues: boolean;
  readonly evidence: GatheredEvidence;
  /** The agent of record from then on, the one until then, and the facilitator. */
  readonly agentNumber: string | null;
  readonly originalNumber: string | null;
  readonly facilitatorNumber: string | null;
}

export interface AgentsCustomers {
  readonly agentNumber: string;
  readonly customers: readonly {
    readonly customerId: string;
    readonly since: string;
    readonly sinceMs: number;
    readonly planId: string | null;
  }[];
}

export interface CommissionStatements {
  /**
   * What a month's statement (`statementOf`) needs of everybody whose agent of record this agent is or was, in some version, by the end
   * of the month; ordered by customer; null if there is no such agent.
   */
  page(query: {
    readonly agentKey: string;
    readonly month: StatementMonth;
    /** A customer's id. */
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<{
    readonly agentNumber: string;
    readonly customers: readonly CustomersEarnings[];
  } | null>;
}

export interface CustomersEarnings {
  readonly customerId: string;
  readonly versions: readonly EarningsVersion[];
}

/** Decisions to review by what the rosters tell now. */
export interface AorReviews {
  /** Of those that count and were made at `sinceMs` or later: in the order of (decided at, plan change), after the position. */
  page(query: {
    readonly sinceMs: number;
    readonly after?: { readonly atMs: number; readonly id: string } | undefined;
    readonly limit: number;
  }): Promise<DecisionsOnReview>;
}

export interface DecisionsOnReview {
  readonly decisions: readonly DecisionOnReview[];
  /** All that they name, as known now. */
  readonly agents: KnownAgents;
}

export interface DecisionOnReview extends RecordedDecision {
  readonly customerId: string;
  /** The agent of record from then on, even if no longer on the roster. */
  readonly agentKey: string | null;
}

export interface AorDecisions {
  /**
   * Runs `work` in one transaction, while nobody else decides about this change's customer: what it reads is still so when it writes.
   * If it throws, nothing is written.
   */
  inCustomersTurn<Result>(
    planChangeId: string,
    work: (turn: CustomersTurn) => Promise<Result>,
  ): Promise<Result>;
  /**
   * Records a decision that was made before, in a turn of its own. Idempotent by plan change. `moved`: the change was moved after it
   * was read, and nothing is recorded.
   */
  record(input: RecordDecisionInput): Promise<'recorded' | 'moved'>;
  /** Null if nothing is recorded for this change. */
  findForMail(planChangeId: string): Promise<DecisionForMail | null>;
  /** The agents whom a completed change concerns although its decision does not name them: who had gained by one that it replaced. */
  alsoConcerned(planChangeId: string): Promise<readonly string[]>;
}

/** What can be read and written in a customer's turn. */
export interface CustomersTurn {
  /** Nobody moves the change until the turn ends. Null: there is no such change. */
  factsFor(completion: CompletionInput): Promise<CompletionFacts | null>;
  agents(keys: Readonly<Record<'original' | 'facilitator', string | null>>): Promise<CompletionAgents>;
  /**
   * The next version of the customer's history: what holds from now on, with the decision and its evidence, the commission fact, the
   * audit event, and the completion of the change.
   */
  record(completed: CompletedChange, holds: CustomerHistory): Promise<void>;
  /** Once the change is recorded, as below. */
  alsoConcerned(): Promise<readonly string[]>;
  hold(held: HeldChange): Promise<void>;
}

export interface CompletedChange extends RecordDecisionInput {
  readonly customerId: string;
}

/** What a completion is judged by, except for the agents. */
export interface CompletionFacts {
  readonly change: PlanChangeRecord;
  /** Who completes it: null if that is a system, or nobody on the roster. */
  readonly staff: StaffMember | null;
  readonly customer: CustomerOnRecord;
  readonly plan: PlanOffer | null;
  /** What the customer's history follows from; null: nothing is known of the customer. */
  readonly known: CustomerFacts | null;
  /** What the facilitator lacked when this same completion held the change; null: it did not. */
  readonly heldBefore: StandingDefect | null;
}

/** An agent is null if not asked for, or on no roster. */
export interface CompletionAgents {
  readonly original: AgentOnRecord | null;
  readonly facilitator: AgentOnRecord | null;
  /** Whether the roster shows both as one person. */
  readonly onePerson: boolean;
}

export interface DecisionForMail {
  readonly customerId: string;
  readonly customer: Addressee;
  readonly planName: string;
  readonly effectiveOn: string;
  readonly outcome: AorDecision['outcome'];
  readonly reason: AorDecision['reason'];
  /** The agent of record from then on, and the one until then. */
  readonly agent: AgentForMail | null;
  readonly previousAgent: AgentForMail | null;
}

export interface AgentForMail extends Addressee {
  /** As shown to customers: first and last name, or a firm's. */
  readonly name: string;
}
