/**
 * One reset of a forgotten password, as a state and its transitions (spec.md 4, architecture.md decisions 3-7).
 * - Identity is proved by a digest: of the emailed PIN, or of both security answers.
 * - A guess is counted before anything is compared. The newest PIN counts; an older one costs nothing and proves nothing.
 * - Only the token that proved identity last may choose the password, see the user ID, or see that it was proved.
 *   A token is known by its digest: `token` in state and messages, `holderDigest` as an argument.
 * - A PIN lives 90 minutes; from the accepted proof there are 30 minutes, never less than what was left of the 90.
 * Pure: no I/O, randomness or clock; the time is an argument.
 */
import type { PortalPolicy } from '../portal';
import { MINUTE_MS } from '../time';
import { digestsEqual } from './pin';

export type ProofKind = 'pin' | 'answers';
export type ResetEnding = 'completed' | 'username-shown' | 'expired' | 'exhausted' | 'cancelled';
export type ResetStage = ProofKind | 'password' | ResetEnding;

/** The limits a reset was opened with; a later change of the policy does not affect it. */
export interface ResetTerms {
  readonly proof: ProofKind;
  readonly validForMs: number;
  readonly resendAfterMs: number;
  readonly chooseWithinMs: number;
  readonly guessesPerProof: number;
  /** The number of digits of emailed PINs; absent for runs started before it was a term, and if no PIN is sent. */
  readonly pinDigits?: number | undefined;
}

/** The person's remaining budget: PINs and wrong guesses. */
export interface BudgetLeft {
  readonly pinsLeft: number;
  readonly guessesLeft: number;
}

export interface ResetState extends BudgetLeft {
  readonly terms: ResetTerms;
  /** The number of the newest PIN, from 1. */
  readonly sequence: number;
  readonly madeAtMs: number;
  /** Wrong guesses at the newest PIN. */
  readonly guessesUsed: number;
  readonly openedBy: string;
  readonly proof?: { readonly token: string; readonly expiresAtMs: number };
  /** Pages that joined and then gave up; the reset goes on without them. */
  readonly leftBy: readonly string[];
  readonly ending?: ResetEnding;
}

/** What the holder of a token may know. */
export interface ResetView {
  readonly stage: ResetStage;
  readonly expiresAtMs: number;
  readonly resendAvailableAtMs?: number;
  readonly triesLeft?: number;
}

/** One answer for each kind. */
type Answer<Kind extends string> = Kind extends string ? { readonly kind: Kind } : never;

/** `exhausted`: no try is left, or no PIN. `over`: the reset has ended, or its time has. */
export type ClosedAnswer = Answer<'exhausted' | 'over'>;

export type ProofAnswer =
  Answer<'accepted' | 'superseded'> | { readonly kind: 'wrong'; readonly triesLeft: number } | ClosedAnswer;

export type ResendAnswer =
  | Answer<'made' | 'already-proved'>
  | { readonly kind: 'too-soon'; readonly availableAtMs: number }
  | ClosedAnswer;

export type ChoiceAnswer = 'may-choose' | 'not-proved' | 'over';

/** The proofs that a portal accepts; the first one where nobody says which. */
export function acceptedProofs({
  recovery,
}: Pick<PortalPolicy, 'recovery'>): readonly [ProofKind, ...ProofKind[]] {
  return recovery === 'either' ? ['answers', 'pin'] : [recovery];
}

/** A portal's current terms for a reset with this proof. */
export function resetTerms(policy: PortalPolicy, proof: ProofKind): ResetTerms {
  const { chooseWithinMinutes, resetLimits } = policy;
  const pin = proof === 'pin' ? policy.pin : null;
  return {
    proof,
    validForMs: (pin?.validForMinutes ?? chooseWithinMinutes) * MINUTE_MS,
    resendAfterMs: (pin?.resendAfterSeconds ?? 0) * 1000,
    chooseWithinMs: chooseWithinMinutes * MINUTE_MS,
    guessesPerProof: resetLimits.guessesPerPin,
    pinDigits: pin?.digits,
  };
}

/** The initial state of a reset, with the first PIN created at `nowMs`. */
export function openReset(
  terms: ResetTerms,
  budget: BudgetLeft,
  openedBy: string,
  nowMs: number,
): ResetState {
  return {
    terms,
    sequence: 1,
    madeAtMs: nowMs,
    guessesUsed: 0,
    pinsLeft: budget.pinsLeft - 1,
    guessesLeft: budget.guessesLeft,
    openedBy,
    leftBy: [],
  };
}

/** When the newest PIN expires, epoch milliseconds. */
export function proofExpiresAtMs({ madeAtMs, terms }: ResetState): number {
  return madeAtMs + terms.validForMs;
}

/** When the whole reset ends if nothing more happens, epoch milliseconds. */
export function deadlineMs(state: ResetState): number {
  return Math.max(proofExpiresAtMs(state), state.proof?.expiresAtMs ?? 0);
}

/** Wrong guesses left for the newest PIN. */
export function triesLeft({ terms, guessesUsed, guessesLeft }: ResetState): number {
  return Math.max(0, Math.min(terms.guessesPerProof - guessesUsed, guessesLeft));
}

/**
 * Compares a proof typed by the holder of `token` with the expected digests, oldest PIN first.
 * A wrong guess is counted here, in the same step; the last one ends a reset that is not proved yet.
 */
export function submitProof(
  state: ResetState,
  expectedDigests: readonly string[],
  guess: { readonly token: string; readonly digest: string },
  nowMs: number,
): [ResetState, ProofAnswer] {
  if (state.ending === 'exhausted') return [state, { kind: 'exhausted' }];
  if (state.ending !== undefined || nowMs >= proofExpiresAtMs(state)) return [state, { kind: 'over' }];
  // A page that gave up must not learn from later answers whether it ended the reset.
  if (state.leftBy.includes(guess.token)) return [state, { kind: 'over' }];
  if (triesLeft(state) === 0) return [state, { kind: 'exhausted' }];

  const matches = expectedDigests
    .slice(0, state.sequence)
    .map((expected) => digestsEqual(expected, guess.digest));
  if (matches.at(-1)) {
    const expiresAtMs = Math.max(nowMs + state.terms.chooseWithinMs, proofExpiresAtMs(state));
    return [{ ...state, proof: { token: guess.token, expiresAtMs } }, { kind: 'accepted' }];
  }
  if (matches.includes(true)) return [state, { kind: 'superseded' }];

  const counted = { ...state, guessesUsed: state.guessesUsed + 1, guessesLeft: state.guessesLeft - 1 };
  return [endIfExhausted(counted), { kind: 'wrong', triesLeft: triesLeft(counted) }];
}

/** Uses the database's remaining budget if it is smaller than the run's. */
export function withBudget(state: ResetState, budget: BudgetLeft): ResetState {
  return endIfExhausted({
    ...state,
    pinsLeft: Math.min(state.pinsLeft, budget.pinsLeft),
    guessesLeft: Math.min(state.guessesLeft, budget.guessesLeft),
  });
}

/** Creates the next PIN: it has its own tries and 90 minutes, and older ones become invalid. */
export function makeNextPin(
  state: ResetState,
  holderDigest: string,
  nowMs: number,
): [ResetState, ResendAnswer] {
  if (state.ending !== undefined || nowMs >= deadlineMs(state)) return [state, { kind: 'over' }];
  if (state.leftBy.includes(holderDigest)) return [state, { kind: 'over' }];
  if (state.proof?.token === holderDigest) return [state, { kind: 'already-proved' }];
  if (!canResend(state)) return [state, { kind: 'exhausted' }];
  const availableAtMs = state.madeAtMs + state.terms.resendAfterMs;
  if (nowMs < availableAtMs) return [state, { kind: 'too-soon', availableAtMs }];
  const next = {
    ...state,
    sequence: state.sequence + 1,
    madeAtMs: nowMs,
    guessesUsed: 0,
    pinsLeft: state.pinsLeft - 1,
  };
  return [next, { kind: 'made' }];
}

/** Whether the holder of a token may choose the password, or see the user ID, at `nowMs`. */
export function mayChoose(state: ResetState, holderDigest: string, nowMs: number): ChoiceAnswer {
  if (state.ending !== undefined) return 'over';
  if (state.proof?.token !== holderDigest) return nowMs >= deadlineMs(state) ? 'over' : 'not-proved';
  return nowMs >= state.proof.expiresAtMs ? 'over' : 'may-choose';
}

/** Ends the reset; the first ending stays. */
export function endReset(state: ResetState, ending: ResetEnding): ResetState {
  return state.ending === undefined ? { ...state, ending } : state;
}

/**
 * The holder of a token gives up. Whoever proved identity, or while nobody has, whoever opened the reset, ends it;
 * a page that only joined leaves alone, so that knowing an address is not enough to stop its owner's reset.
 */
export function cancelReset(state: ResetState, holderDigest: string): ResetState {
  if (state.ending !== undefined || state.leftBy.includes(holderDigest)) return state;
  const owner = state.proof?.token ?? state.openedBy;
  return holderDigest === owner
    ? endReset(state, 'cancelled')
    : { ...state, leftBy: [...state.leftBy, holderDigest] };
}

/**
 * The reset as the holder of a token may see it. Who has proved identity sees how it goes on and ends;
 * everybody else stays at the proof, and cannot tell that somebody got further.
 */
export function viewFor(state: ResetState, holderDigest: string): ResetView {
  const proved = state.proof?.token === holderDigest;
  const expiresAtMs = proved && state.proof ? state.proof.expiresAtMs : proofExpiresAtMs(state);
  if (state.leftBy.includes(holderDigest)) return { stage: 'cancelled', expiresAtMs };
  if (state.ending !== undefined && (proved || !isSuccess(state.ending)))
    return { stage: state.ending, expiresAtMs };
  if (proved) return { stage: 'password', expiresAtMs };
  return {
    stage: state.terms.proof,
    expiresAtMs,
    triesLeft: triesLeft(state),
    ...(canResend(state) ? { resendAvailableAtMs: state.madeAtMs + state.terms.resendAfterMs } : {}),
  };
}

/** The record of one reset: its PINs, its wrong guesses, and whether the asking page has given up. */
export interface ResetRecord {
  readonly pins: readonly { readonly sequence: number; readonly atMs: number }[];
  readonly wrongGuessesAtMs: readonly number[];
  readonly left: boolean;
}

/**
 * A reset that succeeded, as the other pages must see it: as if nobody had succeeded, with what was used since. Otherwise a page that only joined
 * would learn that the owner succeeded.
 */
export function asIfUnfinished(
  state: ResetState,
  { pins, wrongGuessesAtMs, left }: ResetRecord,
  budget: BudgetLeft,
  holderDigest: string,
  nowMs: number,
): ResetState {
  const { ending: _ending, proof: _proof, ...open } = state;
  const atClose = { sequence: state.sequence, atMs: state.madeAtMs };
  const newest = pins.reduce((latest, pin) => (pin.sequence > latest.sequence ? pin : latest), atClose);
  const unfinished = withBudget(
    {
      ...open,
      sequence: newest.sequence,
      madeAtMs: newest.atMs,
      guessesUsed: wrongGuessesAtMs.filter((atMs) => atMs >= newest.atMs).length,
      ...budget,
      leftBy: left ? [...state.leftBy, holderDigest] : state.leftBy,
    },
    budget,
  );
  return nowMs >= deadlineMs(unfinished) ? endReset(unfinished, 'expired') : unfinished;
}

/** 33, 66 or 100, as the pages show it (spec.md 4). */
export function progressPercent(stage: ResetStage): 33 | 66 | 100 {
  if (stage === 'password') return 66;
  return stage === 'completed' || stage === 'username-shown' ? 100 : 33;
}

function canResend({ terms, pinsLeft, guessesLeft }: ResetState): boolean {
  return terms.proof === 'pin' && pinsLeft > 0 && guessesLeft > 0;
}

/** Nobody proved identity, no try is left, and no new PIN is available. */
function endIfExhausted(state: ResetState): ResetState {
  const over = state.proof === undefined && triesLeft(state) === 0 && !canResend(state);
  return over ? endReset(state, 'exhausted') : state;
}

/** Whether it ended with a password or a user ID. */
export const hasSucceeded = ({ ending }: ResetState): boolean => ending !== undefined && isSuccess(ending);

const isSuccess = (ending: ResetEnding): boolean => ending === 'completed' || ending === 'username-shown';
