export { until } from '../../lab/stack/wait-until';

/** Longer than `until` waits: for a transaction that holds a lock meanwhile. */
export const LOCKED_FOR_MS = 150_000;
