/** What crosses the boundary of the `rotationSweep` workflow: finding the passwords that enter their last days. */

export const ROTATION_SWEEP_WORKFLOW = 'rotationSweep';
export const ROTATION_SCHEDULE_ID = 'password-rotation';

export interface RotationSweepInput {
  /** Maximum credentials per activity; default 1,000. */
  readonly batchSize?: number;
  /** Batches until the run continues as new; default 100. */
  readonly batchesPerRun?: number;
  /** The totals of the previous runs. */
  readonly soFar?: RotationSweepResult;
}

export interface RotationSweepResult {
  /** Runs of `passwordRotation` that were started. */
  readonly started: number;
  /** Runs that already existed: another sweep, or an earlier attempt of this one, had started them. */
  readonly alreadyThere: number;
}

export interface RotationSweepActivities {
  /** Starts the runs of at most `limit` credentials without one. If interrupted and repeated, it continues where it stopped. */
  startDueRotations(input: { readonly limit: number }): Promise<StartDueRotationsResult>;
}

export interface StartDueRotationsResult extends RotationSweepResult {
  /** Whether there may be more. */
  readonly more: boolean;
}
