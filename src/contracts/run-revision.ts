/**
 * How a run was started. A run started by an earlier build has no revision, and replays the way it began. All code that starts
 * runs passes this one. Cheaper than `patched` for differences from the first step on: it costs no event.
 */
export const RUN_REVISION = 2;

export interface OfRevision {
  /** Absent: started by a build that ran database steps as local activities. */
  readonly revision?: typeof RUN_REVISION | undefined;
}
