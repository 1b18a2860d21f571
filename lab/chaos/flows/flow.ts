/** A flow: a person prepared before anything is killed, their actions, and the result they were told. */
import type { Random } from '../random';
import type { Visitor } from '../visitor';
import type { World } from '../world';

/** What a person was told: the database must agree, whatever was killed. */
export type Told =
  | {
      readonly kind: 'password';
      readonly portal: 'member' | 'broker';
      readonly accountId: string;
      readonly username: string;
      /** The current one, and the earlier ones, oldest first. */
      readonly now: string;
      readonly before: readonly string[];
    }
  | { readonly kind: 'reset'; readonly resetId: string; readonly accountId: string; readonly stage: string }
  /** A page gave up that may not be the opener; then the reset goes on. */
  | { readonly kind: 'left-reset'; readonly accountId: string }
  /** Turned on and off once. */
  | { readonly kind: 'two-step'; readonly accountId: string }
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
    }
  | {
      readonly kind: 'corrections';
      readonly customerId: string;
      /** Of the versions after the roster's. */
      readonly causes: readonly ('plan-change' | 'reversal' | 'redetermination')[];
      /** The agent of record in the end. */
      readonly agentKey: string | null;
    };

export interface Ending {
  /** For the report: `completed`, `user-id-shown`. */
  readonly outcome: string;
  readonly told: readonly Told[];
}

export interface Prepared {
  readonly world: World;
  readonly random: Random;
  /** Unique, and part of every value that belongs to its people. */
  readonly name: string;
  /** Whether the flow may wait the 45 seconds until a new PIN can be requested. */
  readonly slow: boolean;
}

export interface FlowKind {
  readonly name: string;
  /** Relative frequency. */
  readonly weight: number;
  /** Returns the person's actions. */
  prepare(prepared: Prepared): Promise<(visitor: Visitor) => Promise<Ending>>;
}
