/** Agents whose last day is over: what follows from it, and what compliance is told. Days are `YYYY-MM-DD`. */

/** What happens to the account of a terminated agent. Either way its sessions end, once. */
export type TerminatedAgentsPolicy = 'sign-out' | 'close';

export interface TerminationForMail {
  /** As the roster writes it. */
  readonly agentNumber: string;
  readonly lastDay: string;
  /** How many customers have the agent as agent of record. */
  readonly customers: number;
}

export interface AgentTerminations {
  /**
   * Carries out, once each, up to `limit` terminations whose last day is before `today`; returns how many. A corporation ends with
   * its principal. Agents who never had an account or a customer are left out.
   */
  carryOut(terminations: {
    readonly today: string;
    readonly policy: TerminatedAgentsPolicy;
    readonly atMs: number;
    readonly limit: number;
  }): Promise<number>;
  /** Ids of the terminations that compliance was not told of, the oldest first. */
  unannounced(limit: number): Promise<readonly string[]>;
  markAnnounced(terminationIds: readonly string[], atMs: number): Promise<void>;
  /** With the customers of that day; null if there is no such termination. */
  findForMail(terminationId: string, day: string): Promise<TerminationForMail | null>;
}
