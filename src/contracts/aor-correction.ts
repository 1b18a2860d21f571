/**
 * What crosses the boundary of the `correctAgentOfRecord` workflow: one correction of a completed plan change. Record ids and fixed
 * identifiers: what somebody typed stays in the database.
 */
import { defineUpdate } from '@temporalio/workflow';
import type { CorrectionRefusal } from '../domain/plan-change/corrections';
import type { OfRevision } from './run-revision';

export const AOR_CORRECTION_WORKFLOW = 'correctAgentOfRecord';

export const CORRECTION_KINDS = ['reversal', 'redetermination'] as const;
export type CorrectionKind = (typeof CORRECTION_KINDS)[number];

export interface AorCorrectionInput extends OfRevision {
  /** It was requested before the run was started: the database has it. */
  readonly correctionId: string;
  readonly planChangeId: string;
  readonly kind: CorrectionKind;
}

/** What became of the correction. */
export type AorCorrectionResult = { readonly kind: 'corrected' } | RefusedCorrection;

interface RefusedCorrection {
  readonly kind: 'refused';
  readonly reason: CorrectionRefusal;
}

/** Waits until the correction is carried out or refused. */
export const awaitCorrectionUpdate = defineUpdate<AorCorrectionResult>('awaitCorrection');

/** `agentKeys`: of everybody who is told of it. */
export type CarriedOutCorrection =
  { readonly kind: 'corrected'; readonly agentKeys: readonly string[] } | RefusedCorrection;

/** The step of the workflow outside Temporal. */
export interface AorCorrectionActivities {
  /** In one transaction: what holds without the change, or with its new decision, or why not. Once carried out, it stays so. */
  carryOutCorrection(input: {
    readonly correctionId: string;
    readonly atMs: number;
  }): Promise<CarriedOutCorrection>;
}
