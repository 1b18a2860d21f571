/**
 * A reset that succeeded, for the pages that did not prove identity: they see what they would see if nobody had succeeded, like a page
 * for an unknown person. Their guesses count, and the owner is notified of the last one; their new PINs are counted but not
 * sent.
 */
import type { ResetUsageStore } from '../../ports/password-reset';
import { tellIfUsedUp, type RecoveryLimitDeps } from '../../activities/recovery-limit';
import {
  asIfUnfinished,
  makeNextPin,
  submitProof,
  viewFor,
  type BudgetLeft,
  type ProofAnswer,
  type ResendAnswer,
  type ResetState,
  type ResetView,
} from '../../domain/password-reset/password-reset';

export interface FinishedResetDeps extends RecoveryLimitDeps {
  readonly usage: Pick<
    ResetUsageStore,
    'load' | 'ofReset' | 'recordWrongGuess' | 'recordPin' | 'recordLeaving'
  >;
  readonly clock: () => number;
}

/** The reset, the page that asks (`token`: its digest), and the run's outcome. */
export interface FinishedReset {
  readonly resetId: string;
  readonly subjectKey: string;
  readonly token: string;
  readonly state: ResetState;
  readonly budget: BudgetLeft;
}

export function createFinishedResets(deps: FinishedResetDeps) {
  const { usage, clock } = deps;

  async function now(finished: FinishedReset): Promise<[ResetState, number]> {
    const { resetId, token, state, budget } = finished;
    const nowMs = clock();
    return [asIfUnfinished(state, await usage.ofReset(resetId, token), budget, token, nowMs), nowMs];
  }

  return {
    async view(finished: FinishedReset): Promise<ResetView> {
      const [state] = await now(finished);
      return viewFor(state, finished.token);
    },

    /** Never accepted: the right proof has been used. */
    async guess(finished: FinishedReset, guessId: string): Promise<{ answer: ProofAnswer; view: ResetView }> {
      const { resetId, subjectKey, token } = finished;
      const [state, nowMs] = await now(finished);
      const [next, answer] = submitProof(state, [], { token, digest: '' }, nowMs);
      const guess = { resetId, subjectKey, guessId, atMs: nowMs };
      if (answer.kind === 'wrong') await usage.recordWrongGuess(guess);
      // Also with none left: the last one may have been counted during a Temporal outage.
      if (answer.kind === 'wrong' || answer.kind === 'exhausted') await tellIfUsedUp(deps, guess);
      return { answer, view: viewFor(next, token) };
    },

    async resend(
      finished: FinishedReset,
      pinsPerDay: number,
    ): Promise<{ answer: ResendAnswer; view: ResetView }> {
      const { resetId, subjectKey, token } = finished;
      const [state, nowMs] = await now(finished);
      const [next, answer] = makeNextPin(state, token, nowMs);
      if (answer.kind === 'made') {
        await usage.recordPin({ resetId, subjectKey, sequence: next.sequence, atMs: nowMs, pinsPerDay });
      }
      return { answer, view: viewFor(next, token) };
    },

    leave: ({ resetId, subjectKey, token }: Pick<FinishedReset, 'resetId' | 'subjectKey' | 'token'>) =>
      usage.recordLeaving({ resetId, subjectKey, token, atMs: clock() }),
  };
}
