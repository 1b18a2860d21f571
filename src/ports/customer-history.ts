/** What is known of a customer, as a history: from which day on which plan, and which agent of record. Days are `YYYY-MM-DD`. */
import type { AorDecision, GatheredEvidence } from '../domain/plan-change/agent-of-record';
import type { Disenrolment, HistoryCause } from '../domain/plan-change/history';

/** What holds from now on, whole. A period goes on until the next one begins, and the last one goes on for good. */
export interface NewHistory {
  readonly customerId: string;
  /** A disenrolment says which; the others but the roster name the change they are about, and corrections themselves too. */
  readonly cause: HistoryCause;
  readonly planChangeId?: string;
  readonly correctionId?: string;
  readonly disenrolment?: Disenrolment;
  /** When it becomes known; later if that is not after what was known before. */
  readonly atMs: number;
  /** `planId`: null if the customer is in no plan from then on. */
  readonly enrolments: readonly { readonly from: string; readonly planId: string | null }[];
  /** `agentKey`: null if nobody is agent of record from then on. */
  readonly agentsOfRecord: readonly { readonly from: string; readonly agentKey: string | null }[];
  /** Those that were made for it, maybe about changes that had been decided before. */
  readonly decisions: readonly NewDecision[];
  /**
   * The staff key of the person it was done by, and the API key it was done with; null: a roster did it, and its decisions keep who
   * completed the changes.
   */
  readonly completedBy: string | null;
  readonly apiKeyId: string | null;
}

export interface NewDecision {
  readonly planChangeId: string;
  readonly effectiveOn: string;
  readonly decision: AorDecision;
  readonly evidence: GatheredEvidence;
}
