/** What a flow is: somebody prepared before anything is killed, what they do, and what they were told in the end. */
import type { Random } from '../random';
import type { Visitor } from '../visitor';
import type { World } from '../world';

/** What somebody was told: the database must say the same, whatever was killed. */
export type Told =
  | {
      readonly kind: 'password';
      readonly portal: 'member' | 'broker';
      readonly accountId: string;
      readonly username: string;
      /** The one that counts, and the ones before it, the oldest first. */
      readonly now: string;
      readonly before: readonly string[];
    }
  | { readonly kind: 'reset'; readonly resetId: string; readonly accountId: string; readonly stage: string }
  /** A page gave up that may not be the one that opened the reset: then that goes on. */
  | { readonly kind: 'left-reset'; readonly accountId: string }
  | { readonly kind: 'registration'; readonly agentKey: string; readonly accountId: string | undefined }
  | {
      readonly kind: 'rotation';
      readonly accountId: string;
      readonly credentialId: string;
      readonly changed: boolean;
    }
  | {
      readonly kind: 'plan-change';
      readonly planChangeId: string;
      readonly customerId: string;
      readonly stage: 'completed' | 'withdrawn';
      /** Of the completed. */
      readonly agentOfRecord?: { readonly outcome: string; readonly agentNumber: string | null };
    };

export interface Ending {
  /** For the report: `completed`, `user-id-shown`. */
  readonly outcome: string;
  readonly told: readonly Told[];
}

export interface Prepared {
  readonly world: World;
  readonly random: Random;
  /** Distinct, and in everything that belongs to its people. */
  readonly name: string;
  /** Whether the flow may wait for the 45 seconds until another PIN can be had. */
  readonly slow: boolean;
}

export interface FlowKind {
  readonly name: string;
  /** How often it happens among the others. */
  readonly weight: number;
  /** Gives what the person then does. */
  prepare(prepared: Prepared): Promise<(visitor: Visitor) => Promise<Ending>>;
}
