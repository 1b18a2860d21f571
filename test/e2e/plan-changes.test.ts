/** Plan changes with every part real. The queue comes first: its representatives take any waiting change. */
import './plan-changes/queue';
import './plan-changes/routes';
import './plan-changes/corrections';
import './plan-changes/limits';
import './plan-changes/frozen-worker';
