/**
 * How a run was started. A run started by an earlier build has an earlier revision or none, and replays the way it began. All code
 * that starts runs passes this one. Cheaper than `patched` for differences from the first step on: it costs no event.
 */
export const RUN_REVISION = 4;

export interface OfRevision {
  /**
   * Absent: started by a build that ran database steps as local activities. 2: by one whose runs left notices to runs of their own.
   * 3: by one that sent every email by the mail queue, completed a plan change in several steps, and loaded it after each move.
   */
  readonly revision?: 2 | 3 | typeof RUN_REVISION | undefined;
}

/** Whether the run sends the notices of what it did itself, and ends when they have ended. */
export const sendsItsNotices = ({ revision }: OfRevision): boolean => (revision ?? 0) >= 3;

/** Whether the run's own queue makes the first attempt at an email (ADR 46). */
export const sendsEmailsAtOnce = ({ revision }: OfRevision): boolean => (revision ?? 0) >= 4;

/** Whether the run completes a plan change in one step, and takes a moved change from the signal. */
export const completesInOneStep = ({ revision }: OfRevision): boolean => (revision ?? 0) >= 4;
