/** Starts and drives `passwordReset` runs: the only place that knows both what people type and what Temporal may see. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type Connection,
  type WorkflowHandle,
} from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import type { ResetUsageStore } from '../../activities/ports';
import {
  PASSWORD_RESET_WORKFLOW,
  cancelResetUpdate,
  commitPasswordUpdate,
  resendPinUpdate,
  resetStatusQuery,
  showUsernameUpdate,
  submitProofUpdate,
  type ChooseResult,
  type PasswordResetInput,
  type ResetStatus,
  type TokenInput,
} from '../../contracts/password-reset';
import { searchAttributes } from '../../contracts/search-attributes';
import { passwordResetId } from '../../contracts/workflow-ids';
import { openReset, resetTerms, viewFor, type ResetView } from '../../domain/password-reset';
import { portalPolicies } from '../../domain/portal';
import { budgetAt, mayBegin, mergeUsage, type ResetBudget } from '../../domain/reset-budget';
import { foldEmail, maskEmail } from '../../domain/text';
import type {
  AccountStore,
  ChooseResetResult,
  HeldReset,
  OpenedReset,
  PasswordResets,
  TokenDigests,
} from '../ports';
import { AppError } from '../problems';
import { newNonce, openFlow, sealFlow, type Flow } from './flow-token';
import { createKeyedGate } from './keyed-gate';
import { callTemporal, callUpdate } from './temporal-calls';

export interface ResetKeys extends TokenDigests {
  readonly currentId: string;
  readonly ids: readonly string[];
  subjectKey(pepperId: string, portal: 'member' | 'broker', identity: string): string;
  pin(pepperId: string, resetId: string, sequence: number, digits: number): string;
  proofDigest(pepperId: string, resetId: string, typed: string): string;
}

export interface PasswordResetStarterDeps {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  readonly keys: ResetKeys;
  readonly accounts: Pick<AccountStore, 'findIdByEmail'>;
  readonly usage: Pick<ResetUsageStore, 'load'>;
  readonly clock: () => number;
}

/** A run that has just ended closes within milliseconds; so often and so long it is looked at again. */
const OPENING_ATTEMPTS = 20;
const OPENING_PAUSE_MS = 50;

type Reset = WorkflowHandle<(input: PasswordResetInput) => Promise<unknown>>;

export function createPasswordResets(deps: PasswordResetStarterDeps): PasswordResets {
  const { client, connection, taskQueue, keys, accounts, usage, clock } = deps;
  const gate = createKeyedGate();

  return {
    async openForMember({ email }) {
      const identity = foldEmail(email);
      const subjectKeys = keys.ids.map((id) => keys.subjectKey(id, 'member', identity));
      const person = { subjectKeys, sentTo: maskEmail(email) };
      const [accountId, budget] = await Promise.all([
        accounts.findIdByEmail('member', identity),
        budgetOf(subjectKeys),
      ]);

      for (let attempt = 0; attempt < OPENING_ATTEMPTS; attempt++) {
        if (attempt > 0) await sleep(OPENING_PAUSE_MS);
        const begun = mayBegin(budget) ? await begin(person, accountId, budget) : null;
        if (begun) return { kind: 'opened', reset: begun };
        const joined = await join(person);
        if (joined) return { kind: 'opened', reset: joined };
        if (!mayBegin(budget)) return { kind: 'exhausted', retryAfterMs: untilFree(budget) };
      }
      throw new AppError('unavailable', { retryAfterSeconds: 1 });
    },

    async look(resetId, token) {
      const flow = flowOf(resetId, token);
      return held(flow, await statusOf(flow));
    },

    async submitPin(resetId, token, pin) {
      const flow = flowOf(resetId, token);
      const digest = keys.proofDigest(flow.pepperId, resetId, pin);
      const result = await update(flow, submitProofUpdate, { digest });
      if (result === null) return closed(flow);
      switch (result.answer.kind) {
        case 'accepted':
          return { kind: 'accepted', reset: held(flow, { view: result.view }) };
        case 'exhausted':
          return { kind: 'exhausted', retryAfterMs: await untilNextTry(flow, result.view) };
        default:
          return result.answer;
      }
    },

    async resend(resetId, token) {
      const flow = flowOf(resetId, token);
      const result = await update(flow, resendPinUpdate, {});
      if (result === null) return closed(flow);
      switch (result.answer.kind) {
        case 'made':
          return { kind: 'made', reset: held(flow, { view: result.view }) };
        case 'too-soon':
          return { kind: 'too-soon', retryAfterMs: result.answer.availableAtMs - clock() };
        case 'exhausted':
          return { kind: 'exhausted', retryAfterMs: await untilNextTry(flow, result.view) };
        default:
          return { kind: result.answer.kind };
      }
    },

    commitPassword(resetId, token, stagedId) {
      return choose(resetId, token, (flow) => update(flow, commitPasswordUpdate, { stagedId }));
    },

    showUsername(resetId, token) {
      return choose(resetId, token, (flow) => update(flow, showUsernameUpdate, {}));
    },

    async cancel(resetId, token) {
      const flow = flowOf(resetId, token);
      await update(flow, cancelResetUpdate, {});
    },
  };

  /** Starts a run and answers from its opening state, without waiting for the worker; null when one is there already. */
  async function begin(
    person: { readonly subjectKeys: readonly string[]; readonly sentTo: string },
    accountId: string | null,
    budget: ResetBudget,
  ): Promise<OpenedReset | null> {
    const portal = 'member';
    const policy = portalPolicies[portal];
    const subjectKey = person.subjectKeys[0]!;
    const [resetId, nonce, openedAtMs] = [randomUUID(), newNonce(), clock()];
    const terms = resetTerms(policy);
    const input: PasswordResetInput = {
      resetId,
      portal,
      subjectKey,
      accountId: accountId ?? undefined,
      terms,
      limits: policy.resetLimits,
      budget: { pinsLeft: budget.pinsLeft, guessesLeft: budget.guessesLeft },
      openedAtMs,
      openedBy: keys.tokenDigest(nonce),
      expectedDigests: pinDigests(resetId, budget.pinsLeft, policy.pin?.digits ?? 0, accountId !== null),
      pepperId: keys.currentId,
    };
    try {
      const reset = await callTemporal(connection, () =>
        client.workflow.start(PASSWORD_RESET_WORKFLOW, {
          workflowId: passwordResetId(portal, subjectKey),
          taskQueue,
          args: [input],
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `${portal}: forgotten password`,
          typedSearchAttributes: [
            { key: searchAttributes.portal, value: portal },
            { key: searchAttributes.stage, value: terms.proof },
            ...(accountId === null ? [] : [{ key: searchAttributes.account, value: accountId }]),
          ],
        }),
      );
      const runId = reset.firstExecutionRunId;
      const flow = {
        portal,
        resetId,
        subjectKey,
        runId,
        pepperId: keys.currentId,
        sentTo: person.sentTo,
        nonce,
      } as const;
      return opened(
        flow,
        viewFor(openReset(terms, input.budget, input.openedBy, openedAtMs), input.openedBy),
      );
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
      throw error;
    }
  }

  /** Takes hold of the person's open run, whichever pepper it was opened under; null when there is none. */
  async function join({
    subjectKeys,
    sentTo,
  }: {
    readonly subjectKeys: readonly string[];
    readonly sentTo: string;
  }): Promise<OpenedReset | null> {
    const portal = 'member';
    const nonce = newNonce();
    for (const subjectKey of subjectKeys) {
      const status = await ask(
        client.workflow.getHandle(passwordResetId(portal, subjectKey)),
        keys.tokenDigest(nonce),
      );
      if (status?.open) {
        const { resetId, runId, pepperId } = status;
        return opened({ portal, resetId, subjectKey, runId, pepperId, sentTo, nonce }, status.view);
      }
    }
    return null;
  }

  async function choose(
    resetId: string,
    token: string,
    send: (flow: Flow) => Promise<ChooseResult | null>,
  ): Promise<ChooseResetResult> {
    const flow = flowOf(resetId, token);
    const result = await send(flow);
    if (result === null) return { kind: 'over' };
    return result.answer === 'done'
      ? { kind: 'done', reset: held(flow, { view: result.view }) }
      : { kind: result.answer };
  }

  /** The answer to an update from the flow's page; null when its run is closed. */
  function update<Input extends TokenInput, Result>(
    flow: Flow,
    definition: UpdateDefinition<Result, [Input]>,
    input: Omit<Input, 'token'>,
  ): Promise<Result | null> {
    const args: [Input] = [{ ...input, token: keys.tokenDigest(flow.nonce) } as Input];
    return gate(flow.runId, () =>
      callUpdate(connection, (updateId) => handleOf(flow).executeUpdate(definition, { args, updateId })),
    );
  }

  async function statusOf(flow: Flow): Promise<Pick<ResetStatus, 'view' | 'accountId'>> {
    const status = await ask(handleOf(flow), keys.tokenDigest(flow.nonce));
    if (status) return status;
    throw new AppError('reset_expired');
  }

  /** The run's status; null when Temporal knows no such run, or keeps it no longer. */
  async function ask(reset: Reset, token: string): Promise<ResetStatus | null> {
    try {
      return await callTemporal(connection, () => reset.query(resetStatusQuery, { token }));
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  /** What a closed run answers to a guess or a wish for a new PIN. */
  async function closed(
    flow: Flow,
  ): Promise<{ kind: 'over' } | { kind: 'exhausted'; retryAfterMs: number | null }> {
    const { view } = await statusOf(flow);
    return view.stage === 'exhausted'
      ? { kind: 'exhausted', retryAfterMs: await untilNextTry(flow, view) }
      : { kind: 'over' };
  }

  /** Until a new PIN may be asked for, where one can be had; else until the budget has something again. */
  async function untilNextTry(flow: Flow, view: ResetView): Promise<number | null> {
    if (view.stage !== 'exhausted' && view.resendAvailableAtMs !== undefined)
      return view.resendAvailableAtMs - clock();
    return untilFree(await budgetOf([flow.subjectKey]));
  }

  async function budgetOf(subjectKeys: readonly string[]): Promise<ResetBudget> {
    const nowMs = clock();
    const used = await Promise.all(subjectKeys.map((subjectKey) => usage.load(subjectKey, nowMs)));
    return budgetAt(mergeUsage(used), portalPolicies.member.resetLimits, nowMs);
  }

  function untilFree({ freeAgainAtMs }: ResetBudget): number | null {
    return freeAgainAtMs === null ? null : Math.max(0, freeAgainAtMs - clock());
  }

  /** Digests of the PINs that may be made. For somebody we do not know: digests that no PIN has. */
  function pinDigests(resetId: string, howMany: number, digits: number, known: boolean): string[] {
    return Array.from({ length: howMany }, (_, index) => {
      const pin = keys.pin(keys.currentId, resetId, index + 1, digits);
      const typed = known ? pin : randomBytes(16).toString('hex');
      return keys.proofDigest(keys.currentId, resetId, typed);
    });
  }

  /** Throws `AppError('unauthorized')` unless the token was sealed here for this reset. */
  function flowOf(resetId: string, token: string): Flow {
    const flow = openFlow(keys, token);
    if (flow?.resetId !== resetId) throw new AppError('unauthorized');
    return flow;
  }

  function handleOf({ portal, subjectKey, runId }: Flow): Reset {
    return client.workflow.getHandle(passwordResetId(portal, subjectKey), runId);
  }

  function opened(flow: Flow, view: ResetView): OpenedReset {
    return { ...held(flow, { view }), token: sealFlow(keys, flow) };
  }

  function held(
    { resetId, portal, sentTo }: Flow,
    { view, accountId }: Pick<ResetStatus, 'view' | 'accountId'>,
  ): HeldReset {
    return { resetId, portal, sentTo, view, ...(accountId === undefined ? {} : { accountId }) };
  }
}
