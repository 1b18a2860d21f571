import pLimit, { type Limit } from 'p-limit';

/** Temporal takes ten updates in flight for one run, and makes callers beyond that wait for seconds. */
const IN_FLIGHT = 8;

/** Lets at most `inFlight` calls for one key go out at once; the others of this process wait for their turn, in order. */
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
