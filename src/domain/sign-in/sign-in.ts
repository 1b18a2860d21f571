/**
 * One run of two-step verification, as a state and its transitions (spec.md 3): a member signs in, or turns it on.
 * - A try is counted before anything is compared. The newest code alone counts: an older one is a wrong one.
 * - The tries of a code are counted here; the codes of a person's hour, over all sign-ins, in the database.
 * - It ends with the newest code's time, or when the last code of the sign-in has no tries left.
 * Pure: no I/O, randomness or clock; the time is an argument.
 */
import { digestsEqual } from '../password-reset/pin';
import type { TwoStepRule } from '../portal';
import { MINUTE_MS } from '../time';

export type SignInPurpose = 'sign-in' | 'turn-on';
export type SignInEnding = 'verified' | 'expired' | 'exhausted' | 'cancelled';

/** The limits a sign-in was opened with; a later change of the policy does not affect it. */
export interface SignInTerms {
  readonly codeDigits: number;
  readonly validForMs: number;
  readonly resendAfterMs: number;
  readonly triesPerCode: number;
  readonly codesPerHour: number;
}

export interface SignInState {
  readonly terms: SignInTerms;
  /** The number of the newest code, from 1. */
  readonly sequence: number;
  readonly madeAtMs: number;
  /** Tries of the newest code. */
  readonly triesUsed: number;
  readonly ending?: SignInEnding;
}

/** An open sign-in, as a page shows it. */
export interface SignInView {
  readonly expiresAtMs: number;
  /** Absent when the sign-in has had all its codes. */
  readonly resendAvailableAtMs?: number;
  readonly triesLeft: number;
}

/** `exhausted`: no try is left, or no code. `over`: the sign-in has ended, or its time has. */
type ClosedAnswer = { readonly kind: 'exhausted' } | { readonly kind: 'over' };

export type CodeAnswer =
  { readonly kind: 'accepted' } | { readonly kind: 'wrong'; readonly triesLeft: number } | ClosedAnswer;

export type NextCodeAnswer =
  { readonly kind: 'made' } | { readonly kind: 'too-soon'; readonly availableAtMs: number } | ClosedAnswer;

export function signInTerms(rule: TwoStepRule): SignInTerms {
  return {
    codeDigits: rule.digits,
    validForMs: rule.validForMinutes * MINUTE_MS,
    resendAfterMs: rule.resendAfterSeconds * 1000,
    triesPerCode: rule.triesPerCode,
    codesPerHour: rule.codesPerHour,
  };
}

/** The initial state, with the first code made at `nowMs`. */
export const openSignIn = (terms: SignInTerms, nowMs: number): SignInState => ({
  terms,
  sequence: 1,
  madeAtMs: nowMs,
  triesUsed: 0,
});

/** When the newest code, and with it the sign-in, is over. */
export const expiresAtMs = ({ madeAtMs, terms }: SignInState): number => madeAtMs + terms.validForMs;

export const triesLeft = ({ terms, triesUsed }: SignInState): number => terms.triesPerCode - triesUsed;

const hasCodesLeft = ({ terms, sequence }: SignInState): boolean => sequence < terms.codesPerHour;

/** Compares the digest of a typed code with that of the newest one. `expectedDigests`: of each code, in order. */
export function submitCode(
  state: SignInState,
  expectedDigests: readonly string[],
  digest: string,
  nowMs: number,
): [SignInState, CodeAnswer] {
  const closed = closedAnswer(state, nowMs);
  if (closed !== null) return [state, closed];
  if (triesLeft(state) === 0) return [state, { kind: 'exhausted' }];

  const counted = { ...state, triesUsed: state.triesUsed + 1 };
  if (digestsEqual(expectedDigests[state.sequence - 1] ?? '', digest))
    return [endSignIn(counted, 'verified'), { kind: 'accepted' }];
  const isLast = triesLeft(counted) === 0 && !hasCodesLeft(counted);
  return [
    isLast ? endSignIn(counted, 'exhausted') : counted,
    { kind: 'wrong', triesLeft: triesLeft(counted) },
  ];
}

/** Replaces the newest code with another one. */
export function makeNextCode(state: SignInState, nowMs: number): [SignInState, NextCodeAnswer] {
  const closed = closedAnswer(state, nowMs);
  if (closed !== null) return [state, closed];
  if (!hasCodesLeft(state)) return [state, { kind: 'exhausted' }];
  const availableAtMs = state.madeAtMs + state.terms.resendAfterMs;
  if (nowMs < availableAtMs) return [state, { kind: 'too-soon', availableAtMs }];
  return [{ ...state, sequence: state.sequence + 1, madeAtMs: nowMs, triesUsed: 0 }, { kind: 'made' }];
}

/** Ends the sign-in; the first ending stays. */
export const endSignIn = (state: SignInState, ending: SignInEnding): SignInState =>
  state.ending === undefined ? { ...state, ending } : state;

export function signInView(state: SignInState): SignInView {
  return {
    expiresAtMs: expiresAtMs(state),
    triesLeft: triesLeft(state),
    ...(hasCodesLeft(state) && { resendAvailableAtMs: state.madeAtMs + state.terms.resendAfterMs }),
  };
}

function closedAnswer(state: SignInState, nowMs: number): ClosedAnswer | null {
  if (state.ending === 'exhausted') return { kind: 'exhausted' };
  const isOver = state.ending !== undefined || nowMs >= expiresAtMs(state);
  return isOver ? { kind: 'over' } : null;
}
