/** Who is agent of record, and how that was decided. */
import type { CompletionInput, GatheredEvidence, RecordDecisionInput } from '../contracts/plan-change';
import type { AorDecision } from '../domain/plan-change/agent-of-record';
import type { EffectiveDates, StandingDefect } from '../domain/plan-change/agent-standing';
import type { CustomerOnRecord, PlanOffer } from '../domain/plan-change/eligibility';
import type { StaffMember } from '../domain/plan-change/plan-change';
import type { Addressee } from './mail';
import type { AgentOnRecord, HeldChange, PlanChangeRecord } from './plan-change';

/** Past, current and future agents of record. Days are `YYYY-MM-DD`; numbers as the roster writes them. */
export interface AgentsOfRecord {
  /** Null if there is no such customer. */
  ofCustomer(customerId: string): Promise<CustomersAgentOfRecord | null>;
  /** The customers whose agent of record this agent is on `day`, ordered by (since, id); null if there is no such agent. */
  customersOf(query: {
    readonly agentKey: string;
    readonly day: string;
    readonly after?: { readonly atMs: number; readonly id: string } | undefined;
    readonly limit: number;
  }): Promise<AgentsCustomers | null>;
}

export interface CustomersAgentOfRecord {
  readonly history: readonly (EffectiveDates & { readonly agentNumber: string | null })[];
  readonly decisions: readonly RecordedDecision[];
}

export interface RecordedDecision {
  readonly planChangeId: string;
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
    readonly id: string;
    readonly customerId: string;
    readonly since: string;
    readonly sinceMs: number;
    readonly planId: string | null;
  }[];
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
}

/** What can be read and written in a customer's turn. */
export interface CustomersTurn {
  /** Nobody moves the change until the turn ends. Null: there is no such change. */
  factsFor(completion: CompletionInput): Promise<CompletionFacts | null>;
  agents(keys: Readonly<Record<'original' | 'facilitator', string | null>>): Promise<CompletionAgents>;
  /**
   * The decision with its evidence, the enrolment, the history of agents of record, the commission fact, the audit event, and the
   * completion of the change.
   */
  record(input: RecordDecisionInput): Promise<void>;
  hold(held: HeldChange): Promise<void>;
}

/** What a completion is judged by, except for the agents. */
export interface CompletionFacts {
  readonly change: PlanChangeRecord;
  /** Who completes it: null if that is a system, or nobody on the roster. */
  readonly staff: StaffMember | null;
  readonly customer: CustomerOnRecord;
  readonly plan: PlanOffer | null;
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
