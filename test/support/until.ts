export { until } from '../../lab/stack/wait-until';

/** As long as `until` waits, and more: for a transaction that holds a lock meanwhile. */
export const LOCKED_FOR_MS = 150_000;
