/** Who is agent of record, and how that was decided. */
import type { GatheredEvidence, RecordDecisionInput } from '../contracts/plan-change';
import type { AorDecision } from '../domain/plan-change/agent-of-record';
import type { EffectiveDates } from '../domain/plan-change/agent-standing';
import type { Addressee } from './mail';

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
   * In one transaction: the decision with its evidence, the enrolment, the history of agents of record, the commission fact, the
   * audit event, and the completion of the change. Idempotent by plan change. `moved`: the change was moved after it was read,
   * and nothing is recorded.
   */
  record(input: RecordDecisionInput): Promise<'recorded' | 'moved'>;
  /** Null if nothing is recorded for this change. */
  findForMail(planChangeId: string): Promise<DecisionForMail | null>;
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
