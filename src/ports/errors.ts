/** Errors of ports that the caller must see. Any other error is an internal fault. */

/** A system that the answer depends on is unavailable or too slow: the same request may be sent again. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';

  constructor(readonly retryAfterSeconds = 1) {
    super('unavailable');
  }
}

/** The token is not a reset's, the proof is of another kind, or the run has ended and is no longer kept. */
export class ResetRefusedError extends Error {
  override readonly name = 'ResetRefusedError';

  constructor(readonly reason: 'unauthorized' | 'wrong_proof' | 'reset_expired') {
    super(reason);
  }
}
