/** Drives `passwordReset` runs: the only place that sees both typed values and what goes to Temporal. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { UpdateDefinition } from '@temporalio/common';
import {
  cancelResetUpdate,
  commitPasswordUpdate,
  resendPinUpdate,
  showUsernameUpdate,
  submitProofUpdate,
  type ChooseResult,
  type ResetStatus,
  type SeenReset,
  type TokenInput,
} from '../../contracts/password-reset';
import type {
  BudgetLeft,
  ClosedAnswer,
  ProofAnswer,
  ProofKind,
  ResendAnswer,
  ResetView,
} from '../../domain/password-reset/password-reset';
import { operationOf, type Operation } from '../../ports/operation';
import type {
  ChooseResetResult,
  ResetForHolder,
  PasswordResets,
  SubmitProofResult,
} from '../../ports/password-reset';
import { ResetRefusedError } from '../../ports/errors';
import { createFinishedResets, type FinishedReset } from './finished-reset';
import { openFlow, type Flow } from './flow-token';
import { createKeyedGate } from './keyed-gate';
import { createResetOpening } from './password-reset-opening';
import {
  askStatus,
  resetForHolder,
  readBudget,
  untilFreeMs,
  workflowIdOf,
  type PasswordResetStarterDeps,
  type ResetRun,
} from './password-reset-run';
import { findBroker, findMember, proofOfAnswers } from './reset-people';
import { callTemporal, callUpdate, findUpdate } from './calls';

/** Longer than a run needs to answer, unless the machine is overloaded, so response times do not depend on the cause. */
const EVEN_MS = 120;

export function createPasswordResets(deps: PasswordResetStarterDeps): PasswordResets {
  const { client, connection, keys, records, usage, policies, clock, evenMs = EVEN_MS } = deps;
  const open = createResetOpening(deps);
  const gate = createKeyedGate();
  const finished = createFinishedResets({
    ...deps,
    standingResets: { accountOf: async (resetId) => (await records.holder(resetId))?.accountId ?? null },
    notices: { start: (notice) => callTemporal(connection, () => deps.notices.start(notice)) },
  });
  const oneByOne = createKeyedGate(1);
  /** Pending queries about closed runs, by page. */
  const closings = new Map<string, Promise<ResetStatus>>();

  return {
    openForMember: async (email, operation) => open(await findMember(deps, email), operation),

    openForBroker: async (names, proof, operation) => open(await findBroker(deps, names, proof), operation),

    readToken: (resetId, token) => flowOf(resetId, token),

    async look(resetId, token) {
      const flow = flowOf(resetId, token);
      return evenly(
        async () => toHolder(flow, await seenBy(flow)),
        ({ accountId }) => accountId === undefined,
      );
    },

    async submitPin(resetId, token, pin, operation) {
      return submitProof(provedBy('pin', flowOf(resetId, token)), pin, operation);
    },

    async submitAnswers(resetId, token, answers, operation) {
      const flow = provedBy('answers', flowOf(resetId, token));
      const typed = await proofOfAnswers(deps, flow.username ?? '', answers);
      return submitProof(flow, typed, operation);
    },

    async resend(resetId, token, operation) {
      const flow = provedBy('pin', flowOf(resetId, token));
      return evenly(async () => {
        const budget = await budgetOf(flow);
        const result =
          (await update(flow, resendPinUpdate, { budget }, operation)) ?? (await resendClosed(flow, budget));
        switch (result.answer.kind) {
          case 'made':
            return { kind: 'made', reset: resetForHolder(flow, result) };
          case 'too-soon':
            return { kind: 'too-soon', retryAfterMs: result.answer.availableAtMs - clock() };
          case 'exhausted':
            return { kind: 'exhausted', retryAfterMs: await untilNextTry(flow, result.view) };
          default:
            return { kind: result.answer.kind };
        }
      });
    },

    commitPassword(resetId, token, stagedId, operation) {
      return choose(resetId, token, (flow) => update(flow, commitPasswordUpdate, { stagedId }, operation));
    },

    async findCommit(resetId, token, operation) {
      const flow = flowOf(resetId, token);
      const result = await findUpdate<ChooseResult>(connection, handleOf(flow), operation);
      return result && chosen(flow, result);
    },

    async showUsername(resetId, token, operation) {
      const flow = provedBy('pin', flowOf(resetId, token));
      if (flow.portal !== 'member') throw new ResetRefusedError('wrong_proof');
      // A reset that no longer stands shows nothing, and must not be audited as shown.
      const { view } = await toHolder(flow, await statusOf(flow));
      if (view.stage === 'cancelled') return { kind: 'over' };
      return choose(resetId, token, () => update(flow, showUsernameUpdate, {}, operation));
    },

    async cancel(resetId, token) {
      const flow = flowOf(resetId, token);
      if ((await update(flow, cancelResetUpdate, {})) !== null) return;
      const status = await closedStatusOf(flow);
      const { resetId: id, subjectKey } = flow;
      if (status.succeeded)
        await finished.leave({ resetId: id, subjectKey, token: keys.tokenDigest(flow.nonce) });
    },
  };

  function submitProof(flow: Flow, typed: string, operation?: Operation): Promise<SubmitProofResult> {
    return evenly(
      () => prove(flow, typed, operation),
      ({ kind }) => kind !== 'accepted',
    );
  }

  /** A guess at a reset that no longer stands is wrong, and counts, like one for an unknown person. */
  async function prove(
    flow: Flow,
    typed: string,
    operation: Operation = operationOf(randomUUID()),
  ): Promise<SubmitProofResult> {
    const guessId = operation.idFor('update');
    const [budget, account] = await Promise.all([takeGuess(flow, guessId), records.holder(flow.resetId)]);
    const compared = account === null ? randomBytes(16).toString('hex') : typed;
    const digest = keys.proofDigest(flow.pepperId, flow.resetId, compared);
    const answered = await update(flow, submitProofUpdate, { digest, budget }, operation);
    const accountId = answered?.about;
    const { answer, view } = answered ?? (await proveClosed(flow, budget, guessId));
    if (flow.portal === 'broker') await usage.endGuess({ resetId: flow.resetId, guessId });
    switch (answer.kind) {
      case 'accepted':
        return { kind: 'accepted', reset: resetForHolder(flow, { view }), accountId };
      case 'exhausted':
        return { kind: 'exhausted', retryAfterMs: await untilNextTry(flow, view), accountId };
      default:
        return { ...answer, accountId };
    }
  }

  async function choose(
    resetId: string,
    token: string,
    send: (flow: Flow) => Promise<ChooseResult | null>,
  ): Promise<ChooseResetResult> {
    const flow = flowOf(resetId, token);
    const result = await send(flow);
    return result === null ? { kind: 'over' } : chosen(flow, result);
  }

  async function chosen(flow: Flow, result: ChooseResult): Promise<ChooseResetResult> {
    if (result.answer === 'done') return { kind: 'done', reset: await toHolder(flow, result) };
    // Not committed: the staged password is gone, or the reset stopped standing at that moment.
    const isOver = result.answer === 'lost' && (await records.holder(flow.resetId)) === null;
    return { kind: isOver ? 'over' : result.answer };
  }

  /** The prover sees the account while the reset stands, and afterwards that it is over; others see no difference. */
  async function toHolder(flow: Flow, seen: SeenReset): Promise<ResetForHolder> {
    if (seen.accountId === undefined) return resetForHolder(flow, seen);
    const account = await records.holder(flow.resetId);
    if (account !== null) return { ...resetForHolder(flow, seen), ...account };
    const stage = seen.view.stage === 'password' ? 'cancelled' : seen.view.stage;
    return resetForHolder(flow, { view: { ...seen.view, stage } });
  }

  /** The remaining budget. Read after the run has started, it includes everything that the person's earlier resets used. */
  async function budgetOf(flow: Flow): Promise<BudgetLeft> {
    const { pinsLeft, guessesLeft } = await readBudget(deps, flow, [flow.subjectKey]);
    return { pinsLeft, guessesLeft };
  }

  /**
   * The budget for one guess. A broker may have a run for each proof: what is being compared in the other one counts too, so parallel
   * guesses cannot exceed the budget. If nobody learns the outcome, the guess counts for a while.
   */
  async function takeGuess(flow: Flow, guessId: string): Promise<BudgetLeft> {
    if (flow.portal === 'member') return budgetOf(flow);
    const { resetId, subjectKey } = flow;
    const comparing = await usage.beginGuess({ resetId, subjectKey, guessId, atMs: clock() });
    const budget = await budgetOf(flow);
    return comparing < budget.guessesLeft ? budget : { ...budget, guessesLeft: 0 };
  }

  /** The answer to an update from the flow's page; null if its run is closed. */
  function update<Input extends TokenInput, Result>(
    flow: Flow,
    definition: UpdateDefinition<Result, [Input]>,
    input: Omit<Input, 'token'>,
    operation?: Operation,
  ): Promise<Result | null> {
    const args: [Input] = [{ ...input, token: keys.tokenDigest(flow.nonce) } as Input];
    return gate(flow.runId, () =>
      callUpdate(
        connection,
        (updateId) => handleOf(flow).executeUpdate(definition, { args, updateId }),
        operation,
      ),
    );
  }

  async function statusOf(flow: Flow): Promise<ResetStatus> {
    const status = await gate(flow.runId, () =>
      askStatus(connection, handleOf(flow), keys.tokenDigest(flow.nonce)),
    );
    if (status) return status;
    throw new ResetRefusedError('reset_expired');
  }

  /** A closed run does not change: concurrent calls of a page share one query. */
  function closedStatusOf(flow: Flow): Promise<ResetStatus> {
    const asked = closings.get(flow.nonce) ?? statusOf(flow).finally(() => closings.delete(flow.nonce));
    closings.set(flow.nonce, asked);
    return asked;
  }

  /** What the page sees; if the reset succeeded elsewhere, what it would see if nobody had succeeded. */
  async function seenBy(flow: Flow): Promise<SeenReset> {
    const status = await statusOf(flow);
    if (status.succeeded === undefined) return status;
    const unfinished = finishedOf(flow, status, await budgetOf(flow));
    return unfinished === null ? status : { view: await finished.view(unfinished) };
  }

  /** A closed run's answer to a guess. */
  function proveClosed(
    flow: Flow,
    budget: BudgetLeft,
    guessId: string,
  ): Promise<{ answer: ProofAnswer; view: ResetView }> {
    return oneByOne(flow.resetId, async () => {
      const status = await closedStatusOf(flow);
      const unfinished = finishedOf(flow, status, budget);
      return unfinished === null ? overOf(status) : finished.guess(unfinished, guessId);
    });
  }

  /** A closed run's answer to a request for a new PIN. */
  function resendClosed(flow: Flow, budget: BudgetLeft): Promise<{ answer: ResendAnswer; view: ResetView }> {
    return oneByOne(flow.resetId, async () => {
      const status = await closedStatusOf(flow);
      const unfinished = finishedOf(flow, status, budget);
      const { pinsPerDay } = policies[flow.portal].resetLimits;
      return unfinished === null ? overOf(status) : finished.resend(unfinished, pinsPerDay);
    });
  }

  function finishedOf(
    { resetId, subjectKey, nonce }: Flow,
    { succeeded }: ResetStatus,
    budget: BudgetLeft,
  ): FinishedReset | null {
    if (succeeded === undefined) return null;
    return { resetId, subjectKey, token: keys.tokenDigest(nonce), state: succeeded, budget };
  }

  function overOf({ view }: ResetStatus): { answer: ClosedAnswer; view: ResetView } {
    return { answer: { kind: view.stage === 'exhausted' ? 'exhausted' : 'over' }, view };
  }

  /** Delays answers that match `isHeldBack` until `evenMs` have passed, so that timing does not reveal a reset's progress. */
  async function evenly<T>(
    call: () => Promise<T>,
    isHeldBack: (result: T) => boolean = () => true,
  ): Promise<T> {
    const readyAt = performance.now() + evenMs;
    const result = await call();
    if (isHeldBack(result)) await sleep(Math.max(0, readyAt - performance.now()));
    return result;
  }

  /** Time until a new PIN may be requested, if one is left; otherwise until the budget allows another. */
  async function untilNextTry(flow: Flow, view: ResetView): Promise<number | null> {
    if (view.stage !== 'exhausted' && view.resendAvailableAtMs !== undefined)
      return view.resendAvailableAtMs - clock();
    return untilFreeMs(await readBudget(deps, flow, [flow.subjectKey]), clock());
  }

  /** Throws `ResetRefusedError('unauthorized')` unless the token was sealed here for this reset. */
  function flowOf(resetId: string, token: string): Flow {
    const flow = openFlow(keys, token);
    if (flow?.resetId !== resetId) throw new ResetRefusedError('unauthorized');
    return flow;
  }

  /** A call that does not match the reset's kind of proof is refused before anything is counted. */
  function provedBy(proof: ProofKind, flow: Flow): Flow {
    if (proof !== flow.proof) throw new ResetRefusedError('wrong_proof');
    return flow;
  }

  function handleOf(flow: Flow): ResetRun {
    return client.workflow.getHandle(workflowIdOf(flow), flow.runId);
  }
}
