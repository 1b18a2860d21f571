import type { HeldReset } from '../ports';

/** Pages that proved identity through this process and have not chosen yet; the oldest are forgotten first. */
const MOST = 10_000;

export interface ProofMemory {
  remember(nonce: string, reset: HeldReset): HeldReset;
  /** The reset as it was when this page proved identity; undefined when that was elsewhere, or is over. */
  of(nonce: string): HeldReset | undefined;
}

/** Spares a question to Temporal between the accepted proof and the choice. A process that does not remember asks. */
export function createProofMemory(clock: () => number, most = MOST): ProofMemory {
  const proved = new Map<string, HeldReset>();
  return {
    remember(nonce, reset) {
      proved.delete(nonce);
      proved.set(nonce, reset);
      const [oldest] = proved.keys();
      if (proved.size > most && oldest !== undefined) proved.delete(oldest);
      return reset;
    },
    of(nonce) {
      const reset = proved.get(nonce);
      if (reset !== undefined && reset.view.expiresAtMs > clock()) return reset;
      proved.delete(nonce);
      return undefined;
    },
  };
}
