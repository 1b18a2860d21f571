/** What every request meets, whatever it asks for. */

/** A request that is over. Small words only: nothing of it holds what somebody sent. */
export interface EndedRequest {
  readonly method: string;
  /** The route's pattern; `unknown` where no route has the path. */
  readonly route: string;
  /** 499: the caller went away before the answer. */
  readonly status: number;
  readonly ms: number;
  /** The code of the problem it was answered with. */
  readonly problem?: string | undefined;
}

/** Who measures or traces requests. */
export interface RequestObserver {
  /** Calls `handle`, the rest of the request, at once; what it gives is called when the request is over. */
  observe(requestId: string, handle: () => void): (ended: EndedRequest) => void;
}

/** Tells the runs that a request starts or drives. */
export interface DrivenRuns {
  /** Calls `handle` at once; the set grows while the request goes on. */
  follow(handle: () => void): ReadonlySet<string>;
}

/** What `/readyz` asks; each resolves to true or false within its own time limit. */
export interface ReadinessChecks {
  database(): Promise<boolean>;
  temporal(): Promise<boolean>;
  worker(): Promise<boolean>;
}

export interface RequestLimiter {
  /** Takes `points` (default 1) from `budget` for `key`; milliseconds until the next try when it is empty, else null. */
  take(budget: LimitName, key: string, points?: number): Promise<number | null>;
  /** Returns one point that turned out not to be due: it was taken before a password that was right. */
  giveBack(budget: LimitName, key: string): Promise<void>;
}

/** What is guessed at: passwords, PINs and security answers, access codes, whose username it is. */
export type GuessKind = 'passwords' | 'proofs' | 'access-codes' | 'usernames';
/** Whose wrong guesses are counted together: those of an address, of its networks, of everybody. */
export type GuessLevel = 'address' | 'network' | 'site' | 'global';

/** Budgets of requests; their sizes stand in one table beside the limiter. */
export type LimitName =
  | 'requests'
  | 'reset-openings'
  | 'proofs'
  | 'sign-ins'
  /** Wrong passwords for one username from one address. */
  | 'wrong-passwords'
  | `wrong-${GuessKind}-${GuessLevel}`
  /** Wrong access codes for one writing number (spec.md 2). */
  | 'access-codes'
  | 'username-reminders';

export interface IdempotencyStore {
  /**
   * Claims the key for this body, or tells what is there. A claim without an answer lapses after a minute. `operationId` is the same
   * each time the key is claimed again, which `isRepeated` tells.
   */
  begin(
    keyDigest: string,
    bodyDigest: string,
  ): Promise<
    | { readonly kind: 'claimed'; readonly operationId: string; readonly isRepeated: boolean }
    | { readonly kind: 'running' | 'other-body' }
    | { readonly kind: 'answered'; readonly status: number; readonly answer: string }
  >;
  /** Keeps the answer (sealed by the caller) for 24 hours. */
  finish(keyDigest: string, status: number, answer: string): Promise<void>;
  /** Ends the claim: nobody knows whether what was asked for is done, and the same body may ask again. */
  release(keyDigest: string): Promise<void>;
  /** Gives the key back: nothing was done, and the next try is another operation. */
  forget(keyDigest: string): Promise<void>;
}
