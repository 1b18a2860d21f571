import {
  CancellationScope,
  allHandlersFinished,
  condition,
  isCancellation,
  proxyActivities,
  setHandler,
  sleep,
} from '@temporalio/workflow';
import {
  resendCodeUpdate,
  signInStatusQuery,
  submitCodeUpdate,
  type ResendCodeResult,
  type SignInActivities,
  type SignInInput,
  type SignInResult,
  type SignInStatus,
  type SubmitCodeResult,
} from '../contracts/sign-in';
import {
  endSignIn,
  expiresAtMs,
  makeNextCode,
  openSignIn,
  signInView,
  submitCode,
  triesLeft,
  type CodeAnswer,
  type NextCodeAnswer,
  type SignInEnding,
  type SignInState,
} from '../domain/sign-in/sign-in';
import { createNewestEmail } from './newest-email';
import { refuseUpdate } from './refuse-update';
import { OVER, markOutcome, showDetails, utcMinute, type RunDetails } from './run-details';
import { WAITED_FOR, mailStep, mailTimeoutMs, sendAtOnce } from './step-options';

const { countSignInCode } = proxyActivities<SignInActivities>(WAITED_FOR);

/**
 * Asks a member for an emailed code: after the right password, or to turn two-step verification on (spec.md 3). What an accepted code is
 * good for, the API does.
 *
 * Ends as `verified`, `expired` (no right code in time), `exhausted` (no tries left, and no codes) or `cancelled`. Cancelling the run in
 * the UI ends it as cancelled; the person starts again.
 */
export async function signIn(input: SignInInput): Promise<SignInResult> {
  const { sendSignInCode } = proxyActivities<SignInActivities>(mailStep('pin'));
  const { signInId, accountId, purpose, pepperId, terms } = input;
  let state = openSignIn(terms, input.openedAtMs);
  let counting = false;
  const email = createNewestEmail(describe);

  setHandler(signInStatusQuery, status, { description: 'The sign-in as its page shows it' });
  setHandler(submitCodeUpdate, onCode, { validator: refuseIdleCode, description: 'A code was entered' });
  setHandler(resendCodeUpdate, onResend, {
    validator: refuseIdleResend,
    description: 'A new code was asked for',
  });

  try {
    describe();
    mailNewestCode();
    await untilOver();
  } catch (error) {
    if (!isCancellation(error)) throw error;
    advance(endSignIn(state, 'cancelled'));
    await CancellationScope.nonCancellable(finish);
    throw error;
  }
  return { ending: await CancellationScope.nonCancellable(finish) };

  async function finish(): Promise<SignInEnding> {
    await condition(allHandlersFinished);
    const ending = endingOf(state);
    markOutcome(ending);
    return ending;
  }

  /** The only place that changes the state; operators see it at once. */
  function advance(next: SignInState): void {
    state = next;
    describe();
  }

  function mailNewestCode(): void {
    const { sequence, madeAtMs } = state;
    const untilMs = expiresAtMs(state);
    const digits = terms.codeDigits;
    const expiry = { madeAtMs, expiresAtMs: untilMs };
    const code = { signInId, accountId, purpose, pepperId, sequence, digits, ...expiry };
    const summary = `code ${sequence}, good until ${utcMinute(untilMs)}`;
    email.replace(async () => {
      const sent = await sendAtOnce(input, (options) => {
        const scheduleToCloseTimeout = mailTimeoutMs(untilMs, Date.now());
        return sendSignInCode.executeWithOptions({ ...options, scheduleToCloseTimeout, summary }, [code]);
      });
      return sent.outcome;
    });
  }

  /** A new code does not reset the timer: when it fires, the deadline is checked again. */
  async function untilOver(): Promise<void> {
    const ended = condition(() => state.ending !== undefined);
    while (state.ending === undefined) {
      const untilMs = expiresAtMs(state);
      const leftMs = untilMs - Date.now();
      if (leftMs <= 0) advance(endSignIn(state, 'expired'));
      else
        await Promise.race([
          ended,
          sleep(leftMs, { summary: `looks whether it expired, ${utcMinute(untilMs)}` }),
        ]);
    }
  }

  /** Without an await: parallel tries are counted one by one. */
  function onCode(typed: { readonly digest: string }): SubmitCodeResult {
    const [next, answer] = compare(typed);
    advance(next);
    return { answer, view: signInView(state) };
  }

  /** Serialised: the second caller comes too soon. */
  async function onResend(): Promise<ResendCodeResult> {
    while (counting) await condition(() => !counting);
    const [, may] = nextCode();
    if (may.kind !== 'made') return resendResult(may);
    counting = true;
    try {
      return await countAndMake();
    } finally {
      counting = false;
    }
  }

  async function countAndMake(): Promise<ResendCodeResult> {
    const code = { signInId, accountId, sequence: state.sequence + 1, atMs: Date.now() };
    const { counted } = await CancellationScope.nonCancellable(() =>
      countSignInCode({ ...code, codesPerHour: terms.codesPerHour }),
    );
    if (!counted) return resendResult({ kind: 'exhausted' });
    // Meanwhile a code was right, or the time was over.
    const [next, answer] = nextCode();
    advance(next);
    if (answer.kind === 'made') mailNewestCode();
    return resendResult(answer);
  }

  function refuseIdleCode(typed: { readonly digest: string }): void {
    const [next, answer] = compare(typed);
    if (next === state) refuseUpdate({ answer, view: signInView(state) });
  }

  function refuseIdleResend(): void {
    const [, answer] = nextCode();
    if (answer.kind !== 'made') refuseUpdate(resendResult(answer));
  }

  function compare({ digest }: { readonly digest: string }): [SignInState, CodeAnswer] {
    return submitCode(state, input.expectedDigests, digest, Date.now());
  }

  function nextCode(): [SignInState, NextCodeAnswer] {
    return makeNextCode(state, Date.now());
  }

  function resendResult(answer: NextCodeAnswer): ResendCodeResult {
    return { answer, view: signInView(state) };
  }

  function status(): SignInStatus {
    return { view: signInView(state), ending: state.ending };
  }

  function describe(): void {
    showDetails(signInDetails(state, email.status));
  }
}

/** A sign-in as operators see it: what it waits for and until when, and the state of the newest email. */
function signInDetails(state: SignInState, mail: string): RunDetails {
  const facts = { 'Email of the newest code': mail };
  if (state.ending !== undefined) return { stage: state.ending, waitsFor: OVER, facts };
  return {
    stage: 'code',
    waitsFor: 'the person to enter the code',
    untilMs: expiresAtMs(state),
    facts: { 'Newest code': `number ${state.sequence}`, ...facts, 'Tries left': triesLeft(state) },
  };
}

function endingOf({ ending }: SignInState): SignInEnding {
  if (ending === undefined) throw new Error('a sign-in that goes on has no ending');
  return ending;
}
