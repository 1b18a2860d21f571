import fc from 'fast-check';
import {
  endSignIn,
  expiresAtMs,
  makeNextCode,
  openSignIn,
  signInTerms,
  signInView,
  submitCode,
  triesLeft,
  type SignInState,
} from '../../../src/domain/sign-in/sign-in';
import { MINUTE_MS } from '../../../src/domain/time';
import { portalPolicies } from '../../support/brand';

const NOW = Date.UTC(2026, 10, 22, 8, 57);
const DIGESTS = ['code-1', 'code-2', 'code-3', 'code-4', 'code-5'];
const terms = signInTerms(portalPolicies.member.twoStep!);

const opened = openSignIn(terms, NOW);
const type = (state: SignInState, digest: string, nowMs = NOW) => submitCode(state, DIGESTS, digest, nowMs);

/** After wrong codes. */
function after(state: SignInState, wrong: number): SignInState {
  return Array.from({ length: wrong }).reduce<SignInState>((at) => type(at, 'wrong', at.madeAtMs)[0], state);
}

/** With its `sequence`-th code, each made when the one before allowed it. */
function withCode(sequence: number): SignInState {
  let state = opened;
  while (state.sequence < sequence) [state] = makeNextCode(state, state.madeAtMs + terms.resendAfterMs);
  return state;
}

it('Sign-ins have the terms of spec.md 3', () => {
  expect(terms).toEqual({
    codeDigits: 6,
    validForMs: 10 * MINUTE_MS,
    resendAfterMs: 45_000,
    triesPerCode: 3,
    codesPerHour: 5,
  });
});

describe('submitCode', () => {
  it.each([
    ['at once', 0, 'accepted'],
    ['a millisecond before 10 minutes', 10 * MINUTE_MS - 1, 'accepted'],
    ['at 10 minutes', 10 * MINUTE_MS, 'over'],
  ])('The right code %s is %s', (_when, ms, kind) => {
    expect(type(opened, 'code-1', NOW + ms)[1].kind).toBe(kind);
  });

  it('The right code ends the sign-in as verified, once', () => {
    const [verified] = type(opened, 'code-1');

    expect(verified.ending).toBe('verified');
    expect(type(verified, 'code-1')).toEqual([verified, { kind: 'over' }]);
  });

  it('Wrong codes are counted down, and then the right one is refused too', () => {
    const answers = [0, 1, 2].map((wrong) => type(after(opened, wrong), 'wrong')[1]);

    expect(answers).toEqual([2, 1, 0].map((left) => ({ kind: 'wrong', triesLeft: left })));
    expect(type(after(opened, 3), 'code-1')[1]).toEqual({ kind: 'exhausted' });
  });

  it.each(['code-1', 'code-3'])('With the second code sent, %s is a wrong one', (digest) => {
    expect(type(withCode(2), digest, NOW + MINUTE_MS)[1]).toEqual({ kind: 'wrong', triesLeft: 2 });
  });

  it('The last wrong try of the last code ends the sign-in as exhausted', () => {
    const state = after(withCode(5), 3);

    expect(state.ending).toBe('exhausted');
    expect(type(state, 'code-5', state.madeAtMs)[1]).toEqual({ kind: 'exhausted' });
    expect(makeNextCode(state, state.madeAtMs + MINUTE_MS)[1]).toEqual({ kind: 'exhausted' });
  });

  it('No sequence of tries compares more than three with one code', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('wrong', 'code-2', 'code-1'), { maxLength: 12 }), (typed) => {
        let state = withCode(2);
        const compared = typed.filter((digest) => {
          const [next, { kind }] = type(state, digest, state.madeAtMs);
          state = next;
          return kind === 'accepted' || kind === 'wrong';
        });
        expect(compared.length).toBeLessThanOrEqual(3);
        expect(triesLeft(state)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('makeNextCode', () => {
  it.each([
    ['a millisecond before 45 seconds', 44_999, { kind: 'too-soon', availableAtMs: NOW + 45_000 }],
    ['after 45 seconds', 45_000, { kind: 'made' }],
    ['at 10 minutes', 10 * MINUTE_MS, { kind: 'over' }],
  ])('A new code %s', (_when, ms, answer) => {
    expect(makeNextCode(opened, NOW + ms)[1]).toEqual(answer);
  });

  it('A new code has its own tries and its own ten minutes', () => {
    const [state] = makeNextCode(after(opened, 3), NOW + MINUTE_MS);

    expect(signInView(state)).toEqual({
      triesLeft: 3,
      expiresAtMs: NOW + 11 * MINUTE_MS,
      resendAvailableAtMs: NOW + MINUTE_MS + 45_000,
    });
  });

  it('A sign-in gets no more codes than an hour has', () => {
    const last = withCode(5);

    expect(makeNextCode(last, last.madeAtMs + MINUTE_MS)).toEqual([last, { kind: 'exhausted' }]);
    expect(signInView(last)).not.toHaveProperty('resendAvailableAtMs');
  });
});

it.each(['expired', 'cancelled'] as const)('A sign-in that ended as %s stays so', (ending) => {
  const ended = endSignIn(opened, ending);

  expect(endSignIn(ended, 'verified')).toBe(ended);
  expect(type(ended, 'code-1')).toEqual([ended, { kind: 'over' }]);
  expect(expiresAtMs(ended)).toBe(NOW + 10 * MINUTE_MS);
});
