/** Plan changes over everything real. The queue comes first: its representatives take whatever waits. */
import './plan-changes/queue';
import './plan-changes/routes';
import './plan-changes/limits';
import './plan-changes/frozen-worker';
