/** A run's status, as shown to operators. */
export const RUN_STATUSES = [
  ...(['open', 'paused', 'completed', 'failed', 'cancelled', 'terminated'] as const),
  ...(['continued-as-new', 'timed-out', 'unknown'] as const),
] as const;

export type RunStatus = (typeof RUN_STATUSES)[number];
