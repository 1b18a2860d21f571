import fc from 'fast-check';
import {
  asIfUnfinished,
  cancelReset,
  deadlineMs,
  endReset,
  makeNextPin,
  mayChoose,
  openReset,
  progressPercent,
  resetTerms,
  submitProof,
  triesLeft,
  viewFor,
  withBudget,
  type ResetState,
} from '../../../src/domain/password-reset/password-reset';
import { portalPolicies } from '../../../src/domain/portal';
import { MINUTE_MS } from '../../../src/domain/time';

const NOW = Date.UTC(2026, 10, 22, 8, 57);
const DIGESTS = ['digest-of-pin-1', 'digest-of-pin-2', 'digest-of-pin-3'];
const terms = resetTerms(portalPolicies.member);

const opened = (budget = { pinsLeft: 3, guessesLeft: 9 }): ResetState =>
  openReset(terms, budget, 'opener', NOW);
const at = (minutes: number): number => NOW + minutes * MINUTE_MS;
const guess = (state: ResetState, digest: string, nowMs = NOW, token = 'opener') =>
  submitProof(state, DIGESTS, { token, digest }, nowMs);
const proved = (nowMs = NOW, token = 'opener'): ResetState => guess(opened(), DIGESTS[0]!, nowMs, token)[0];

describe('the terms', () => {
  it('are those of spec.md 4 for members', () => {
    expect(terms).toEqual({
      proof: 'pin',
      validForMs: 90 * MINUTE_MS,
      resendAfterMs: 45_000,
      chooseWithinMs: 30 * MINUTE_MS,
      guessesPerProof: 3,
      pinDigits: 4,
    });
  });
});

describe('submitting a proof', () => {
  it.each([
    ['at once', 0, 'accepted'],
    ['a millisecond before 90 minutes', 90 - 1 / MINUTE_MS, 'accepted'],
    ['at 90 minutes', 90, 'over'],
  ])('the right PIN %s is %s', (_when, minutes, kind) => {
    const [, answer] = guess(opened(), DIGESTS[0]!, at(minutes));

    expect(answer.kind).toBe(kind);
  });

  it('counts wrong guesses down and refuses the fourth', () => {
    let state = opened();
    const answers = ['a', 'b', 'c', 'd'].map((digest) => {
      const [next, answer] = guess(state, digest);
      state = next;
      return answer;
    });

    expect(answers).toEqual([
      { kind: 'wrong', triesLeft: 2 },
      { kind: 'wrong', triesLeft: 1 },
      { kind: 'wrong', triesLeft: 0 },
      { kind: 'exhausted' },
    ]);
    expect(state.ending).toBeUndefined();
  });

  it('refuses even the right PIN once its tries are used up', () => {
    const tired = { ...opened(), guessesUsed: 3 };

    expect(guess(tired, DIGESTS[0]!)[1]).toEqual({ kind: 'exhausted' });
  });

  it('tells an older PIN apart and takes no try for it', () => {
    const [state] = makeNextPin(opened(), 'opener', at(1));

    const [next, answer] = guess(state, DIGESTS[0]!, at(2));

    expect(answer).toEqual({ kind: 'superseded' });
    expect(next).toBe(state);
  });

  it('does not know a PIN that was not made yet', () => {
    expect(guess(opened(), DIGESTS[1]!)[1].kind).toBe('wrong');
  });

  it('ends the reset when the last guess of the last PIN is wrong', () => {
    const last = { ...opened({ pinsLeft: 1, guessesLeft: 9 }), guessesUsed: 2 };

    const [state, answer] = guess(last, 'wrong');

    expect(answer).toEqual({ kind: 'wrong', triesLeft: 0 });
    expect(state.ending).toBe('exhausted');
  });

  it('does not let somebody else exhaust a reset whose owner proved identity', () => {
    const state = { ...proved(), guessesUsed: 2, pinsLeft: 0 };

    const [next] = guess(state, 'wrong', NOW, 'attacker');

    expect(next.ending).toBeUndefined();
    expect(mayChoose(next, 'opener', NOW)).toBe('may-choose');
  });

  it('passes the proof to whoever proved identity last', () => {
    const [state] = guess(proved(), DIGESTS[0]!, NOW, 'second-page');

    expect(mayChoose(state, 'second-page', NOW)).toBe('may-choose');
    expect(mayChoose(state, 'opener', NOW)).toBe('not-proved');
  });
});

describe('the time to choose', () => {
  it.each([
    ['early: the rest of the 90 minutes', 10, 90],
    ['at 60 minutes: exactly the rest', 60, 90],
    ['late: 30 minutes from the proof', 85, 115],
  ])('for a PIN accepted %s', (_when, provedAtMinutes, untilMinutes) => {
    const state = proved(at(provedAtMinutes));

    expect(viewFor(state, 'opener').expiresAtMs).toBe(at(untilMinutes));
    expect(deadlineMs(state)).toBe(at(untilMinutes));
    expect(mayChoose(state, 'opener', at(untilMinutes) - 1)).toBe('may-choose');
    expect(mayChoose(state, 'opener', at(untilMinutes))).toBe('over');
  });
});

describe('the next PIN', () => {
  it.each([
    [44_999, 'too-soon'],
    [45_000, 'made'],
    [90 * MINUTE_MS, 'over'],
  ])('after %i ms: %s', (afterMs, kind) => {
    expect(makeNextPin(opened(), 'opener', NOW + afterMs)[1].kind).toBe(kind);
  });

  it('brings new tries and 90 minutes of its own', () => {
    const tired = { ...opened(), guessesUsed: 3 };

    const [state] = makeNextPin(tired, 'opener', at(10));

    expect(triesLeft(state)).toBe(3);
    expect(deadlineMs(state)).toBe(at(100));
  });

  it('is not to be had when the budget has none, and not needed by whoever proved identity', () => {
    expect(makeNextPin(opened({ pinsLeft: 1, guessesLeft: 9 }), 'opener', at(1))[1].kind).toBe('exhausted');
    expect(makeNextPin(proved(), 'opener', at(1))[1].kind).toBe('already-proved');
  });
});

describe('what a token sees', () => {
  it('stays at the PIN for everybody but the prover, even after the end', () => {
    const done = endReset(proved(), 'completed');

    expect(viewFor(proved(), 'other').stage).toBe('pin');
    expect(viewFor(done, 'other').stage).toBe('pin');
    expect(viewFor(done, 'opener').stage).toBe('completed');
  });

  it.each(['expired', 'exhausted', 'cancelled'] as const)('tells everybody that it is %s', (ending) => {
    expect(viewFor(endReset(opened(), ending), 'anybody').stage).toBe(ending);
  });

  it('shows tries and the next PIN at the proof, and neither afterwards', () => {
    expect(viewFor(opened(), 'opener')).toEqual({
      stage: 'pin',
      expiresAtMs: at(90),
      triesLeft: 3,
      resendAvailableAtMs: NOW + 45_000,
    });
    expect(viewFor(proved(), 'opener')).toEqual({ stage: 'password', expiresAtMs: at(90) });
  });

  it.each([
    ['pin', 33],
    ['password', 66],
    ['completed', 100],
    ['username-shown', 100],
    ['expired', 33],
  ] as const)('%s is %i percent', (stage, percent) => {
    expect(progressPercent(stage)).toBe(percent);
  });
});

describe('giving up', () => {
  it('ends the reset for its opener, and for its prover once there is one', () => {
    expect(cancelReset(opened(), 'opener').ending).toBe('cancelled');
    expect(cancelReset(proved(NOW, 'second-page'), 'second-page').ending).toBe('cancelled');
  });

  it('leaves the reset to the others when the page only joined, or was overtaken', () => {
    const joined = cancelReset(opened(), 'second-page');
    const overtaken = cancelReset(proved(NOW, 'second-page'), 'opener');

    expect([joined.ending, overtaken.ending]).toEqual([undefined, undefined]);
    expect(viewFor(joined, 'second-page').stage).toBe('cancelled');
    expect(viewFor(joined, 'opener').stage).toBe('pin');
  });

  it('changes nothing the second time, nor after the end', () => {
    const left = cancelReset(opened(), 'second-page');
    const ended = endReset(opened(), 'expired');

    expect(cancelReset(left, 'second-page')).toBe(left);
    expect(cancelReset(ended, 'opener')).toBe(ended);
  });
});

describe('the budget', () => {
  it('takes the smaller of what the run believes and what the database says', () => {
    const state = withBudget(opened(), { pinsLeft: 5, guessesLeft: 2 });

    expect(state).toMatchObject({ pinsLeft: 2, guessesLeft: 2 });
    expect(triesLeft(state)).toBe(2);
  });

  it('ends a reset for which nothing is left', () => {
    expect(withBudget(opened(), { pinsLeft: 0, guessesLeft: 0 }).ending).toBe('exhausted');
  });
});

describe('whatever happens', () => {
  interface Step {
    readonly kind: 'guess' | 'resend' | 'cancel';
    readonly token: string;
    readonly digest: string;
  }
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('guess', 'guess', 'resend', 'cancel'),
    token: fc.constantFrom('opener', 'b', 'c'),
    digest: fc.constantFrom('wrong', ...DIGESTS),
  });
  const steps = fc.array(fc.tuple(step, fc.integer({ min: 0, max: 20 * MINUTE_MS })), { maxLength: 60 });

  /** Plays the steps, each so many milliseconds after the one before. */
  function play(
    played: readonly (readonly [Step, number])[],
    visit: (state: ResetState, kind: string, nowMs: number) => void,
  ): void {
    let state = opened();
    let nowMs = NOW;
    for (const [{ kind, token, digest }, afterMs] of played) {
      nowMs += afterMs;
      if (kind === 'guess') {
        const [next, answer] = submitProof(state, DIGESTS, { token, digest }, nowMs);
        state = next;
        visit(state, answer.kind, nowMs);
      } else if (kind === 'resend') {
        const [next, answer] = makeNextPin(state, token, nowMs);
        state = next;
        visit(state, answer.kind, nowMs);
      } else {
        state = cancelReset(state, token);
        visit(state, 'cancel', nowMs);
      }
    }
  }

  it('never takes more than nine wrong guesses, nor makes more than three PINs', () => {
    fc.assert(
      fc.property(steps, (played) => {
        const counts: Record<string, number> = {};
        play(played, (_state, kind) => {
          counts[kind] = (counts[kind] ?? 0) + 1;
        });
        return (counts['wrong'] ?? 0) <= 9 && (counts['made'] ?? 0) <= 2;
      }),
    );
  });

  it('lets at most one token choose, and none after the end', () => {
    fc.assert(
      fc.property(steps, (played) => {
        play(played, (state, _kind, nowMs) => {
          const choosers = ['opener', 'b', 'c'].filter(
            (token) => mayChoose(state, token, nowMs) === 'may-choose',
          );
          expect(choosers.length).toBeLessThanOrEqual(state.ending === undefined ? 1 : 0);
        });
      }),
    );
  });

  it('never lets the tries or the budget fall below nothing', () => {
    fc.assert(
      fc.property(steps, (played) => {
        play(played, (state) => {
          expect(Math.min(triesLeft(state), state.pinsLeft, state.guessesLeft)).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });
});

describe('a reset that succeeded, for pages that did not prove identity', () => {
  const succeeded = endReset(proved(NOW + 1_000, 'prover'), 'completed');
  const budget = { pinsLeft: 2, guessesLeft: 9 };
  const nothing = { pins: [], wrongGuessesAtMs: [], left: false };

  it('stands as if nobody had succeeded', () => {
    const found = asIfUnfinished(succeeded, nothing, budget, 'joined', NOW + 2_000);

    expect(viewFor(found, 'joined')).toEqual(viewFor(opened(), 'joined'));
  });

  it('counts the guesses at the newest PIN, and takes over the newest PIN', () => {
    const record = {
      pins: [{ sequence: 2, atMs: NOW + 50_000 }],
      left: false,
      wrongGuessesAtMs: [NOW + 2_000, NOW + 50_000, NOW + 60_000],
    };
    const found = asIfUnfinished(succeeded, record, { pinsLeft: 1, guessesLeft: 6 }, 'joined', NOW + 61_000);

    expect(found).toMatchObject({ sequence: 2, madeAtMs: NOW + 50_000, guessesUsed: 2, pinsLeft: 1 });
    expect(triesLeft(found)).toBe(1);
  });

  it('is over for a page that gave up, and for all once the PIN has expired', () => {
    const left = asIfUnfinished(succeeded, { ...nothing, left: true }, budget, 'joined', NOW + 2_000);
    const late = asIfUnfinished(succeeded, nothing, budget, 'joined', NOW + 90 * MINUTE_MS);

    expect(viewFor(left, 'joined').stage).toBe('cancelled');
    expect(submitProof(left, [], { token: 'joined', digest: '' }, NOW + 2_000)[1]).toEqual({ kind: 'over' });
    expect(makeNextPin(left, 'joined', NOW + 60_000)[1]).toEqual({ kind: 'over' });
    expect(viewFor(late, 'joined').stage).toBe('expired');
  });
});
