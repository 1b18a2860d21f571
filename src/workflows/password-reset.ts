import {
  CancellationScope,
  allHandlersFinished,
  condition,
  currentUpdateInfo,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import {
  cancelResetUpdate,
  commitPasswordUpdate,
  resendPinUpdate,
  resetStatusQuery,
  showUsernameUpdate,
  submitProofUpdate,
  type BudgetedInput,
  type ChooseResult,
  type CommitPasswordInput,
  type PasswordResetActivities,
  type PasswordResetInput,
  type PasswordResetResult,
  type ResendPinResult,
  type ResetStatus,
  type SeenReset,
  type SubmitProofInput,
  type SubmitProofResult,
  type TokenInput,
} from '../contracts/password-reset';
import {
  cancelReset,
  deadlineMs,
  endReset,
  hasSucceeded,
  makeNextPin,
  mayChoose,
  openReset,
  submitProof,
  viewFor,
  withBudget,
  type BudgetLeft,
  type ProofAnswer,
  type ResendAnswer,
  type ResetEnding,
  type ResetState,
} from '../domain/password-reset/password-reset';
import { passwordChangedNotice, type DeliverNoticeInput } from '../contracts/notice';
import { sendsItsNotices } from '../contracts/run-revision';
import { budgetAt, type ResetUsage } from '../domain/password-reset/reset-budget';
import { createNewestEmail } from './newest-email';
import { resetDetails } from './password-reset-details';
import { refuseUpdate } from './refuse-update';
import { markOutcome, markStage, showDetails, utcMinute } from './run-details';
import { sendNotices } from './send-notice';
import { WAITED_FOR, mailStep, mailTimeoutMs, sendAtOnce } from './step-options';

/** No local activities: see ADR 26. */
const waitedFor = proxyActivities<PasswordResetActivities>(WAITED_FOR);
/** For runs started by an earlier build. */
const waitedForLocally = proxyLocalActivities<PasswordResetActivities>(WAITED_FOR);

/**
 * Resets one person's forgotten password, or shows a member's forgotten user ID (spec.md 4 and 5).
 *
 * Ends as `completed`, `username-shown`, `expired` (nobody proved identity, or chose, in time), `exhausted` (no tries left)
 * or `cancelled`. Cancelling the run in the UI ends it as cancelled; a password that is being committed is committed first. A changed
 * password's run goes on until the owner's email about it is delivered, refused or outdated; nobody waits for that.
 * An unknown person gets the same run, which sends no email and whose digests match nothing.
 */
export async function passwordReset(input: PasswordResetInput): Promise<PasswordResetResult> {
  const { sendPin } = proxyActivities<PasswordResetActivities>(mailStep('pin'));
  const { loadResetUsage, recordWrongGuess, commitPassword, recordUsernameShown } =
    input.revision === undefined ? waitedForLocally : waitedFor;
  let state = openReset(input.terms, input.budget, input.openedBy, input.openedAtMs);
  let budgetRead: Promise<void> | undefined;
  let choosing = false;
  const email = createNewestEmail(describe);
  let notified: Promise<void> | undefined;
  let notifying = false;

  setHandler(resetStatusQuery, statusFor, { description: 'The reset as the holder of a token may see it' });
  setHandler(submitProofUpdate, onProof, { validator: refuseIdleGuess, description: 'A PIN was entered' });
  setHandler(resendPinUpdate, onResend, {
    validator: refuseIdleResend,
    description: 'A new PIN was asked for',
  });
  setHandler(commitPasswordUpdate, onCommit, {
    validator: refuseIdleChoice,
    description: 'A password was chosen',
  });
  setHandler(showUsernameUpdate, onShowUsername, {
    validator: refuseIdleChoice,
    description: 'The user ID was asked for',
  });
  setHandler(cancelResetUpdate, onCancel, { validator: refuseIdleCancel, description: 'A page gave up' });

  try {
    advance(state);
    if (input.terms.proof === 'pin') mailNewestPin();
    await untilOver();
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(async () => {
      await nobodyChoosing();
      advance(endReset(state, 'cancelled'));
      await finish();
    });
    throw error;
  }
  await CancellationScope.nonCancellable(finish);
  return { ending: endingOf(state) };

  async function finish(): Promise<void> {
    await condition(allHandlersFinished);
    await notified;
    markOutcome(endingOf(state));
  }

  /** The only place that changes the state; operators see it at once. */
  function advance(next: ResetState): void {
    const provedNow = next.proof !== undefined && state.proof === undefined;
    state = next;
    if (provedNow) markStage('password');
    describe();
  }

  function mailNewestPin(): void {
    const { sequence, madeAtMs } = state;
    email.replace(() => mailPin(sequence, madeAtMs));
  }

  async function mailPin(sequence: number, madeAtMs: number): Promise<string> {
    const expiresAtMs = madeAtMs + input.terms.validForMs;
    const { resetId, portal, subjectKey, accountId, pepperId } = input;
    const { pinsPerDay } = input.limits;
    const digits = input.terms.pinDigits;
    const pin = {
      resetId,
      portal,
      subjectKey,
      accountId,
      pepperId,
      sequence,
      madeAtMs,
      expiresAtMs,
      pinsPerDay,
      digits,
      ...(input.revision === undefined ? {} : { needsNoUsage: true as const }),
    };
    const summary = `PIN ${sequence}, good until ${utcMinute(expiresAtMs)}`;
    const sent = await sendAtOnce(input, (options) => {
      const scheduleToCloseTimeout = mailTimeoutMs(expiresAtMs, Date.now());
      return sendPin.executeWithOptions({ ...options, scheduleToCloseTimeout, summary }, [pin]);
    });
    if (input.revision === undefined && sent.usage !== undefined) {
      budgetRead ??= Promise.resolve();
      takeOver(sent.usage);
    }
    if (sent.outcome === 'over-budget') advance(endReset(state, 'exhausted'));
    return sent.outcome;
  }

  /** Waits until the reset ends. A new PIN does not reset the timer: when it fires, the deadline is checked again. */
  async function untilOver(): Promise<void> {
    const ended = condition(() => state.ending !== undefined);
    while (state.ending === undefined) {
      const leftMs = deadlineMs(state) - Date.now();
      if (leftMs > 0) {
        await Promise.race([
          ended,
          sleep(leftMs, { summary: `looks whether it expired, ${utcMinute(deadlineMs(state))}` }),
        ]);
        continue;
      }
      await nobodyChoosing();
      if (Date.now() >= deadlineMs(state)) advance(endReset(state, 'expired'));
    }
  }

  async function onProof(guess: SubmitProofInput): Promise<SubmitProofResult> {
    const guessId = currentUpdateInfo()?.id ?? '';
    if (guess.budget === undefined) await confirmBudget();
    await nobodyChoosing();
    // No await from here to the comparison, so parallel guesses are counted one by one.
    const [next, answer] = compareProof(guess);
    advance(next);
    if (answer.kind === 'wrong') {
      const { resetId, subjectKey } = input;
      const atMs = Date.now();
      await CancellationScope.nonCancellable(() => recordWrongGuess({ resetId, subjectKey, guessId, atMs }));
    }
    return proofResult(answer, guess);
  }

  async function onResend(request: BudgetedInput): Promise<ResendPinResult> {
    await nobodyChoosing();
    const [next, answer] = nextPin(request);
    advance(next);
    if (answer.kind === 'made') mailNewestPin();
    return { answer, ...seenBy(request.token) };
  }

  function onCommit({ token, stagedId }: CommitPasswordInput): Promise<ChooseResult> {
    return choose(token, 'completed', () => commit(stagedId));
  }

  function onShowUsername({ token }: TokenInput): Promise<ChooseResult> {
    return choose(token, 'username-shown', recordShown);
  }

  /** Serialised: the second caller sees the first one's result. */
  async function choose(
    token: string,
    ending: ResetEnding,
    carryOut: () => Promise<boolean>,
  ): Promise<ChooseResult> {
    await nobodyChoosing();
    const may = mayChoose(state, token, Date.now());
    if (may !== 'may-choose') return { answer: may, ...seenBy(token) };
    choosing = true;
    try {
      // A commit that has started is completed even if the run is cancelled.
      const carriedOut = await CancellationScope.nonCancellable(carryOut);
      if (carriedOut) advance(endReset(state, ending));
      return { answer: carriedOut ? 'done' : 'lost', ...seenBy(token) };
    } finally {
      choosing = false;
    }
  }

  async function commit(stagedId: string): Promise<boolean> {
    const { resetId, subjectKey, accountId } = input;
    if (accountId === undefined) return false;
    const change = { resetId, stagedId, accountId, subjectKey, atMs: Date.now() };
    if (!sendsItsNotices(input)) return (await commitPassword(change)).committed;
    const { committed } = await commitPassword({ ...change, noticeByRun: true });
    if (committed) notifyOwner(passwordChangedNotice(accountId, stagedId, change.atMs));
    return committed;
  }

  /** The caller does not wait for the email, but the run does. A PIN is no longer sent. */
  function notifyOwner(notice: DeliverNoticeInput): void {
    advance(endReset(state, 'completed'));
    email.cancel();
    notifying = true;
    const { facts } = resetDetails(state, email.status);
    notified = CancellationScope.nonCancellable(() =>
      sendNotices(input, 'completed', [notice], facts),
    ).finally(() => (notifying = false));
  }

  async function recordShown(): Promise<boolean> {
    const { resetId, subjectKey, accountId } = input;
    if (accountId === undefined) return false;
    await recordUsernameShown({ resetId, accountId, subjectKey, atMs: Date.now() });
    return true;
  }

  async function onCancel({ token }: TokenInput): Promise<void> {
    await nobodyChoosing();
    advance(cancelReset(state, token));
  }

  function refuseIdleGuess(guess: SubmitProofInput): void {
    refuseIfSucceeded();
    const [, answer] = compareProof(guess);
    if (answer.kind !== 'accepted' && answer.kind !== 'wrong') refuseUpdate(proofResult(answer, guess));
  }

  function refuseIdleResend(request: BudgetedInput): void {
    refuseIfSucceeded();
    const [, answer] = nextPin(request);
    if (answer.kind !== 'made') refuseUpdate({ answer, ...seenBy(request.token) });
  }

  function refuseIdleChoice({ token }: TokenInput): void {
    refuseIfSucceeded();
    const answer = mayChoose(state, token, Date.now());
    if (answer !== 'may-choose') refuseUpdate({ answer, ...seenBy(token) });
  }

  function refuseIdleCancel({ token }: TokenInput): void {
    if (cancelReset(state, token) === state) refuseUpdate(null);
  }

  /** A run that only waits for its notice answers as a closed one: without an answer of its own (ADR 38). */
  function refuseIfSucceeded(): void {
    if (hasSucceeded(state)) refuseUpdate(null);
  }

  function compareProof({ token, digest, budget }: SubmitProofInput): [ResetState, ProofAnswer] {
    return submitProof(within(budget), input.expectedDigests, { token, digest }, Date.now());
  }

  function proofResult(answer: ProofAnswer, { token }: SubmitProofInput): SubmitProofResult {
    return { answer, ...seenBy(token), about: input.accountId };
  }

  function nextPin({ token, budget }: BudgetedInput): [ResetState, ResendAnswer] {
    return makeNextPin(within(budget), token, Date.now());
  }

  /** The state, with the budget limited to what the database says is left: this includes what the person's other resets used. */
  function within(budget: BudgetLeft | undefined): ResetState {
    return budget === undefined ? state : withBudget(state, budget);
  }

  /**
   * If the API of an earlier build sent no budget with a guess, it is read once before the first guess. A local
   * activity's result may arrive earlier in a replay, so no decision may depend on whether it is there.
   */
  function confirmBudget(): Promise<void> {
    budgetRead ??= readBudget();
    return budgetRead;
  }

  async function readBudget(): Promise<void> {
    try {
      takeOver(await loadResetUsage({ subjectKey: input.subjectKey, nowMs: Date.now() }));
    } catch (error) {
      budgetRead = undefined;
      throw error;
    }
  }

  function takeOver(usage: ResetUsage): void {
    advance(withBudget(state, budgetAt(usage, input.limits, Date.now())));
  }

  async function nobodyChoosing(): Promise<void> {
    while (choosing) await condition(() => !choosing);
  }

  function statusFor({ token }: TokenInput): ResetStatus {
    const { resetId, pepperId, terms } = input;
    return {
      resetId,
      runId: workflowInfo().runId,
      pepperId,
      pinDigits: terms.pinDigits,
      open: state.ending === undefined,
      notifying,
      succeeded: hasSucceeded(state) && state.proof?.token !== token ? state : undefined,
      ...seenBy(token),
    };
  }

  function seenBy(token: string): SeenReset {
    const accountId = state.proof?.token === token ? input.accountId : undefined;
    return { view: viewFor(state, token), accountId };
  }

  /** Once the run waits for its notice only, the notice's details stay. */
  function describe(): void {
    if (notified === undefined) showDetails(resetDetails(state, email.status));
  }
}

function endingOf({ ending }: ResetState): ResetEnding {
  if (ending === undefined) throw new Error('a reset that goes on has no ending');
  return ending;
}
