/** Corrections of completed plan changes (spec.md 7b): requested, carried out, and told. */
import type { AorCorrectionResult, CorrectionKind } from '../contracts/aor-correction';
import type { ReversalReason } from '../domain/plan-change/corrections';
import type { CustomerFacts, CustomerHistory, KnownAgents } from '../domain/plan-change/history';
import type { PlanChangeStage } from '../domain/plan-change/plan-change';
import type { CorrectionCause } from './email-templates';
import type { Addressee } from './mail';
import type { Operation } from './operation';

/** What somebody asked for. */
export interface RequestedCorrection {
  readonly correctionId: string;
  readonly planChangeId: string;
  readonly customerId: string;
  readonly kind: CorrectionKind;
  /** Of a reversal. */
  readonly reason: ReversalReason | null;
  /** As typed. */
  readonly note: string | null;
  readonly apiKeyId: string;
  /** Folded; null: no staff number. */
  readonly staffKey: string | null;
}

export interface AorCorrectionRequests {
  /** Kept for good, whatever becomes of it. Idempotent by its id. */
  request(correction: RequestedCorrection & { readonly atMs: number }): Promise<void>;
}

/** Starts and drives `correctAgentOfRecord` runs. */
export interface AorCorrectionRuns {
  /**
   * Starts the run of a requested correction, or joins it, and waits for its result. Throws `UnavailableError` if Temporal or the worker
   * cannot answer; the run goes on.
   */
  carryOut(
    correction: Pick<RequestedCorrection, 'correctionId' | 'planChangeId' | 'customerId' | 'kind'>,
    operation?: Operation,
  ): Promise<AorCorrectionResult>;
}

export interface AorCorrections {
  /**
   * Runs `work` in one transaction, while nobody else decides about the customer: what it reads is still so when it writes. If it throws,
   * nothing is written.
   */
  inCustomersTurn<Result>(
    correctionId: string,
    work: (turn: CorrectionTurn) => Promise<Result>,
  ): Promise<Result>;
  /** What a correction has changed; null: it was not carried out. */
  findEffect(correctionId: string): Promise<CorrectionEffect | null>;
  /** The same for its emails, with whoever is named in them. Also of a completed change, by its id, which may have replaced another one. */
  findForMail(id: string): Promise<CorrectionForMail | null>;
}

export interface CorrectionTurn {
  readonly correction: RequestedCorrection & { readonly stage: PlanChangeStage };
  /** An attempt whose answer was lost did it. */
  readonly isCarriedOut: boolean;
  readonly facts: CustomerFacts;
  /** What the rosters tell of everybody whom the decisions of these facts may need. */
  agentsFor(facts: CustomerFacts): Promise<KnownAgents>;
  /** A new version of the customer's history, with the decisions that were made for it, and the audit event. */
  record(history: CustomerHistory, atMs: number): Promise<void>;
}

export interface CorrectionEffect {
  readonly before: CustomerHistory;
  readonly after: CustomerHistory;
}

export interface CorrectionForMail extends CorrectionEffect {
  readonly customerId: string;
  readonly customer: Addressee;
  readonly cause: CorrectionCause;
  readonly planName: string;
  readonly effectiveOn: string;
  /** By plan id and agent key: every plan and agent in the histories. */
  readonly planNames: ReadonlyMap<string, string>;
  readonly agents: ReadonlyMap<string, Addressee & { readonly name: string }>;
}
