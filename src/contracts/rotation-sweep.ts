/** What crosses the boundary of the `rotationSweep` workflow: finding the passwords that enter their last days. */

export const ROTATION_SWEEP_WORKFLOW = 'rotationSweep';
export const ROTATION_SCHEDULE_ID = 'password-rotation';

export interface RotationSweepInput {
  /** Credentials that one activity takes on at the most; 1,000 unless told. */
  readonly batchSize?: number;
  /** Batches until the run continues as new; 100 unless told. */
  readonly batchesPerRun?: number;
  /** What the runs before this one did. */
  readonly soFar?: RotationSweepResult;
}

export interface RotationSweepResult {
  /** Runs of `passwordRotation` that were started. */
  readonly started: number;
  /** Those that were there already: another sweep, or an attempt of this one, was faster. */
  readonly alreadyThere: number;
}

export interface RotationSweepActivities {
  /** Starts the runs of at most `limit` credentials that have none yet. Stopped and run again, it goes on where it was. */
  startDueRotations(input: { readonly limit: number }): Promise<StartDueRotationsResult>;
}

export interface StartDueRotationsResult extends RotationSweepResult {
  /** Whether there may be more. */
  readonly more: boolean;
}
