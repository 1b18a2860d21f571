import pLimit, { type Limit } from 'p-limit';

/** Temporal allows ten updates in flight per run, and delays further callers by seconds. */
const IN_FLIGHT = 8;

/** Limits concurrent calls per key to `inFlight`; further calls of this process queue in order. */
export function createKeyedGate(
  inFlight = IN_FLIGHT,
): <T>(key: string, call: () => Promise<T>) => Promise<T> {
  const gates = new Map<string, Limit>();
  return async (key, call) => {
    const gate = gates.get(key) ?? pLimit(inFlight);
    gates.set(key, gate);
    try {
      return await gate(call);
    } finally {
      if (gate.activeCount + gate.pendingCount === 0) gates.delete(key);
    }
  };
}
