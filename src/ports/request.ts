/** What applies to every request. */

/** A finished request. Fixed identifiers only: nothing the caller sent. */
export interface EndedRequest {
  readonly method: string;
  /** The route's pattern; `unknown` if no route has the path. */
  readonly route: string;
  /** 499: the client disconnected before the answer. */
  readonly status: number;
  readonly ms: number;
  /** The code of the problem it was answered with. */
  readonly problem?: string | undefined;
}

/** Measures or traces requests. */
export interface RequestObserver {
  /** Calls `handle`, the rest of the request, immediately. The returned function is called when the request is over. */
  observe(requestId: string, handle: () => void): (ended: EndedRequest) => void;
}

/** Reports the runs that a request starts or drives. */
export interface DrivenRuns {
  /** Calls `handle` immediately. The set grows during the request. */
  follow(handle: () => void): ReadonlySet<string>;
}

/** What `/readyz` checks; each resolves to true or false within its own time limit. */
export interface ReadinessChecks {
  database(): Promise<boolean>;
  temporal(): Promise<boolean>;
  worker(): Promise<boolean>;
}

export interface RequestLimiter {
  /**
   * Takes `points` (default 1) from `budget` for `key`; returns the milliseconds until the next try if it is empty, else null.
   */
  take(budget: LimitName, key: string, points?: number): Promise<number | null>;
  /** Returns one point: it was taken before a password that turned out to be right. */
  giveBack(budget: LimitName, key: string): Promise<void>;
}

/** What a guess is about: passwords, PINs and security answers, access codes, usernames. */
export type GuessKind = 'passwords' | 'proofs' | 'access-codes' | 'usernames';
/** Whose wrong guesses are counted together: one address's, its networks', or everybody's. */
export type GuessLevel = 'address' | 'network' | 'site' | 'global';

/** Budgets of requests; the limiter has the table of their sizes. */
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
   * Claims the key for this body, or returns what exists. A claim without an answer lapses after a minute. `operationId` stays
   * the same when the key is claimed again; `isRepeated` is then true.
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
  /** Ends the claim. Whether the request's work was done is unknown; the same body may be sent again. */
  release(keyDigest: string): Promise<void>;
  /** Frees the key: nothing was done, and the next try is another operation. */
  forget(keyDigest: string): Promise<void>;
}
