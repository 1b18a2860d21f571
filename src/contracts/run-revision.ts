/**
 * How a run was begun. A run that was started by an earlier build has no revision, and replays the way it began; everything that
 * starts runs passes this one on. Cheaper than `patched` for what differs from the first step on: it costs no event.
 */
export const RUN_REVISION = 2;

export interface OfRevision {
  /** Absent: started by a build that ran database steps as local activities. */
  readonly revision?: typeof RUN_REVISION | undefined;
}
