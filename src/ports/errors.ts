/** What ports throw where the caller has to hear of it. Everything else that goes wrong is a fault. */

/** A system that the answer depends on is away, or too slow: the same request may be sent again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';

  constructor(readonly retryAfterSeconds = 1) {
    super('unavailable');
  }
}

/** A reset's token is none, its proof is of another kind, or its run is over and forgotten. */
export class ResetRefusedError extends Error {
  override readonly name = 'ResetRefusedError';

  constructor(readonly reason: 'unauthorized' | 'wrong_proof' | 'reset_expired') {
    super(reason);
  }
}
