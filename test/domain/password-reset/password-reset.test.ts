import fc from 'fast-check';
import {
  acceptedProofs,
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
import { MINUTE_MS } from '../../../src/domain/time';
import { portalPolicies, withBrokerPins } from '../../support/brand';

const NOW = Date.UTC(2026, 10, 22, 8, 57);
const DIGESTS = ['digest-of-pin-1', 'digest-of-pin-2', 'digest-of-pin-3'];
const terms = resetTerms(portalPolicies.member, 'pin');

const opened = (budget = { pinsLeft: 3, guessesLeft: 9 }): ResetState =>
  openReset(terms, budget, 'opener', NOW);
const at = (minutes: number): number => NOW + minutes * MINUTE_MS;
const guess = (state: ResetState, digest: string, nowMs = NOW, token = 'opener') =>
  submitProof(state, DIGESTS, { token, digest }, nowMs);
const proved = (nowMs = NOW, token = 'opener'): ResetState => guess(opened(), DIGESTS[0]!, nowMs, token)[0];

describe('resetTerms', () => {
  it('Member resets have the terms of spec.md 4', () => {
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

describe('submitProof', () => {
  it.each([
    ['at once', 0, 'accepted'],
    ['a millisecond before 90 minutes', 90 - 1 / MINUTE_MS, 'accepted'],
    ['at 90 minutes', 90, 'over'],
  ])('The right PIN %s is %s', (_when, minutes, kind) => {
    const [, answer] = guess(opened(), DIGESTS[0]!, at(minutes));

    expect(answer.kind).toBe(kind);
  });

  it('submitProof counts wrong guesses down and refuses the fourth', () => {
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

  it('The right PIN is refused once its tries are used up', () => {
    const tired = { ...opened(), guessesUsed: 3 };

    expect(guess(tired, DIGESTS[0]!)[1]).toEqual({ kind: 'exhausted' });
  });

  it('An older PIN is answered as superseded and costs no try', () => {
    const [state] = makeNextPin(opened(), 'opener', at(1));

    const [next, answer] = guess(state, DIGESTS[0]!, at(2));

    expect(answer).toEqual({ kind: 'superseded' });
    expect(next).toBe(state);
  });

  it('A PIN that was not made yet counts as wrong', () => {
    expect(guess(opened(), DIGESTS[1]!)[1].kind).toBe('wrong');
  });

  it('A wrong last guess at the last PIN ends the reset', () => {
    const last = { ...opened({ pinsLeft: 1, guessesLeft: 9 }), guessesUsed: 2 };

    const [state, answer] = guess(last, 'wrong');

    expect(answer).toEqual({ kind: 'wrong', triesLeft: 0 });
    expect(state.ending).toBe('exhausted');
  });

  it('Another page cannot exhaust a reset whose owner proved identity', () => {
    const state = { ...proved(), guessesUsed: 2, pinsLeft: 0 };

    const [next] = guess(state, 'wrong', NOW, 'attacker');

    expect(next.ending).toBeUndefined();
    expect(mayChoose(next, 'opener', NOW)).toBe('may-choose');
  });

  it('The right to choose a password passes to the page that proved identity last', () => {
    const [state] = guess(proved(), DIGESTS[0]!, NOW, 'second-page');

    expect(mayChoose(state, 'second-page', NOW)).toBe('may-choose');
    expect(mayChoose(state, 'opener', NOW)).toBe('not-proved');
  });
});

describe('time to choose', () => {
  it.each([
    ['early: the rest of the 90 minutes', 10, 90],
    ['at 60 minutes: exactly the rest', 60, 90],
    ['late: 30 minutes from the proof', 85, 115],
  ])(
    'The time to choose depends on when the PIN was accepted: %s',
    (_when, provedAtMinutes, untilMinutes) => {
      const state = proved(at(provedAtMinutes));

      expect(viewFor(state, 'opener').expiresAtMs).toBe(at(untilMinutes));
      expect(deadlineMs(state)).toBe(at(untilMinutes));
      expect(mayChoose(state, 'opener', at(untilMinutes) - 1)).toBe('may-choose');
      expect(mayChoose(state, 'opener', at(untilMinutes))).toBe('over');
    },
  );
});

describe('makeNextPin', () => {
  it.each([
    [44_999, 'too-soon'],
    [45_000, 'made'],
    [90 * MINUTE_MS, 'over'],
  ])('A next PIN requested after %i ms is answered: %s', (afterMs, kind) => {
    expect(makeNextPin(opened(), 'opener', NOW + afterMs)[1].kind).toBe(kind);
  });

  it('The next PIN brings new tries and 90 minutes of its own', () => {
    const tired = { ...opened(), guessesUsed: 3 };

    const [state] = makeNextPin(tired, 'opener', at(10));

    expect(triesLeft(state)).toBe(3);
    expect(deadlineMs(state)).toBe(at(100));
  });

  it('A next PIN is refused when the budget has none left or identity is already proved', () => {
    expect(makeNextPin(opened({ pinsLeft: 1, guessesLeft: 9 }), 'opener', at(1))[1].kind).toBe('exhausted');
    expect(makeNextPin(proved(), 'opener', at(1))[1].kind).toBe('already-proved');
  });
});

describe('viewFor', () => {
  it('A page that did not prove identity sees the PIN stage, even after the reset succeeded', () => {
    const done = endReset(proved(), 'completed');

    expect(viewFor(proved(), 'other').stage).toBe('pin');
    expect(viewFor(done, 'other').stage).toBe('pin');
    expect(viewFor(done, 'opener').stage).toBe('completed');
  });

  it.each(['expired', 'exhausted', 'cancelled'] as const)('Every page sees that a reset is %s', (ending) => {
    expect(viewFor(endReset(opened(), ending), 'anybody').stage).toBe(ending);
  });

  it('A page sees the tries and the time of the next PIN only before the proof', () => {
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
  ] as const)('The stage %s is %i percent', (stage, percent) => {
    expect(progressPercent(stage)).toBe(percent);
  });
});

describe('cancelReset', () => {
  it('Giving up ends the reset for its opener, or for the page that proved identity once there is one', () => {
    expect(cancelReset(opened(), 'opener').ending).toBe('cancelled');
    expect(cancelReset(proved(NOW, 'second-page'), 'second-page').ending).toBe('cancelled');
  });

  it('A page that only joined or was overtaken leaves the reset open for the others when it gives up', () => {
    const joined = cancelReset(opened(), 'second-page');
    const overtaken = cancelReset(proved(NOW, 'second-page'), 'opener');

    expect([joined.ending, overtaken.ending]).toEqual([undefined, undefined]);
    expect(viewFor(joined, 'second-page').stage).toBe('cancelled');
    expect(viewFor(joined, 'opener').stage).toBe('pin');
  });

  it('Giving up changes nothing a second time or after the end', () => {
    const left = cancelReset(opened(), 'second-page');
    const ended = endReset(opened(), 'expired');

    expect(cancelReset(left, 'second-page')).toBe(left);
    expect(cancelReset(ended, 'opener')).toBe(ended);
  });
});

describe('withBudget', () => {
  it('withBudget takes the smaller of the run’s and the database’s budget', () => {
    const state = withBudget(opened(), { pinsLeft: 5, guessesLeft: 2 });

    expect(state).toMatchObject({ pinsLeft: 2, guessesLeft: 2 });
    expect(triesLeft(state)).toBe(2);
  });

  it('withBudget ends a reset that has nothing left', () => {
    expect(withBudget(opened(), { pinsLeft: 0, guessesLeft: 0 }).ending).toBe('exhausted');
  });
});

describe('any sequence of steps', () => {
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

  it('A reset never takes more than nine wrong guesses or makes more than three PINs', () => {
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

  it('At most one token may choose a password, and none after the end', () => {
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

  it('Tries and budget never fall below zero', () => {
    fc.assert(
      fc.property(steps, (played) => {
        play(played, (state) => {
          expect(Math.min(triesLeft(state), state.pinsLeft, state.guessesLeft)).toBeGreaterThanOrEqual(0);
        });
      }),
    );
  });
});

describe('asIfUnfinished', () => {
  const succeeded = endReset(proved(NOW + 1_000, 'prover'), 'completed');
  const budget = { pinsLeft: 2, guessesLeft: 9 };
  const nothing = { pins: [], wrongGuessesAtMs: [], left: false };

  it('A page without proof sees a reset that succeeded as if nobody had succeeded', () => {
    const found = asIfUnfinished(succeeded, nothing, budget, 'joined', NOW + 2_000);

    expect(viewFor(found, 'joined')).toEqual(viewFor(opened(), 'joined'));
  });

  it('A reset that succeeded takes over the newest PIN and counts the other pages’ guesses at it', () => {
    const record = {
      pins: [{ sequence: 2, atMs: NOW + 50_000 }],
      left: false,
      wrongGuessesAtMs: [NOW + 2_000, NOW + 50_000, NOW + 60_000],
    };
    const found = asIfUnfinished(succeeded, record, { pinsLeft: 1, guessesLeft: 6 }, 'joined', NOW + 61_000);

    expect(found).toMatchObject({ sequence: 2, madeAtMs: NOW + 50_000, guessesUsed: 2, pinsLeft: 1 });
    expect(triesLeft(found)).toBe(1);
  });

  it('A reset that succeeded is over for a page that gave up, and for all once the PIN has expired', () => {
    const left = asIfUnfinished(succeeded, { ...nothing, left: true }, budget, 'joined', NOW + 2_000);
    const late = asIfUnfinished(succeeded, nothing, budget, 'joined', NOW + 90 * MINUTE_MS);

    expect(viewFor(left, 'joined').stage).toBe('cancelled');
    expect(submitProof(left, [], { token: 'joined', digest: '' }, NOW + 2_000)[1]).toEqual({ kind: 'over' });
    expect(makeNextPin(left, 'joined', NOW + 60_000)[1]).toEqual({ kind: 'over' });
    expect(viewFor(late, 'joined').stage).toBe('expired');
  });
});

describe('the proofs of a portal', () => {
  it.each([
    ['answers', ['answers']],
    ['pin', ['pin']],
    ['either', ['answers', 'pin']],
  ] as const)('A portal whose recovery is %s accepts %j', (recovery, proofs) => {
    expect(acceptedProofs({ recovery })).toEqual(proofs);
  });

  it('A broker’s terms with a PIN are those of the PIN, and with answers those of choosing', () => {
    expect(resetTerms(withBrokerPins.broker, 'pin')).toEqual({
      proof: 'pin',
      validForMs: 20 * 60_000,
      resendAfterMs: 60_000,
      chooseWithinMs: 30 * 60_000,
      guessesPerProof: 3,
      pinDigits: 4,
    });
    expect(resetTerms(withBrokerPins.broker, 'answers')).toEqual({
      proof: 'answers',
      validForMs: 30 * 60_000,
      resendAfterMs: 0,
      chooseWithinMs: 30 * 60_000,
      guessesPerProof: 3,
      pinDigits: undefined,
    });
  });
});
