/** Opens a person's reset, or joins the open one. */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { PASSWORD_RESET_WORKFLOW, type PasswordResetInput } from '../../contracts/password-reset';
import { RUN_REVISION } from '../../contracts/run-revision';
import { searchAttributes } from '../../contracts/search-attributes';
import {
  openReset,
  resetTerms,
  viewFor,
  type ProofKind,
  type ResetView,
} from '../../domain/password-reset/password-reset';
import type { Portal } from '../../domain/portal';
import { mayBegin, type ResetBudget } from '../../domain/password-reset/reset-budget';
import { operationOf, type Operation } from '../../ports/operation';
import type { OpenResetResult, OpenedReset } from '../../ports/password-reset';
import { UnavailableError } from '../../ports/errors';
import { NO_RESET, sealFlow, type Flow } from './flow-token';
import {
  askStatus,
  resetForHolder,
  readBudget,
  untilFreeMs,
  workflowIdOf,
  type PasswordResetStarterDeps,
} from './password-reset-run';
import { callTemporal } from './calls';

/** An ending run closes within milliseconds: poll it up to 20 times, 50 ms apart. */
const ATTEMPTS = 20;
const PAUSE_MS = 50;
/** Open resets of one person that no longer stand; no real person has more in 90 minutes. */
const MOST_OUTLIVED = 5;

/** Shown to operators next to every run, at any stage. */
const STATIC_DETAILS =
  'Proves who somebody is and lets them choose a new password, or shows their user ID. Ends as completed, username-shown, ' +
  'expired, exhausted (no tries left) or cancelled. Cancelling it harms nothing: the person starts again.';

/** The person who asks for a reset, known or not, and the possible proofs. */
export interface ResetPerson {
  readonly portal: Portal;
  readonly proof: ProofKind;
  /** Folded text that identifies this person within the portal. */
  readonly identity: string;
  /** Null for an unknown person. */
  readonly accountId: string | null;
  /** Shown and kept by the person's page. */
  readonly page: Pick<Flow, 'sentTo' | 'username' | 'questionIds'>;
  /** The expected proofs, for at most this many PINs, oldest first. */
  proofs(resetId: string, howMany: number): readonly string[];
}

/** The id of a person's run, whether or not it exists. */
type Place = Pick<Flow, 'portal' | 'proof' | 'subjectKey' | 'after'>;

/**
 * Opens a person's reset, or joins the open one, with the same steps, answers and times for known and unknown people. A run is
 * started without waiting for the worker, and the answer comes from the domain's opening state. If a run is already open,
 * it is joined by a query. A run that no longer stands for this person (password, address or account changed, or the
 * address belongs to somebody else now) is left alone; its holders see it as the reset of an unknown person.
 */
export function createResetOpening(
  deps: PasswordResetStarterDeps,
): (person: ResetPerson, operation?: Operation) => Promise<OpenResetResult> {
  const { client, connection, taskQueue, keys, records, policies, clock } = deps;

  return async (person, operation = operationOf(randomUUID())) => {
    // A page that opened a reset but missed the answer is its opener again when it retries.
    const nonce = keys.keyedDigest(`flow-nonce\0${operation.idFor('flow')}`);
    const { portal, identity } = person;
    const accountId = person.accountId ?? undefined;
    const subjectKeys = keys.ids.map((id) => keys.subjectKey(id, portal, identity));
    const budget = await readBudget(deps, person, subjectKeys);

    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (attempt > 0) await sleep(PAUSE_MS);
      const reset = await openOnce(person, subjectKeys, budget, nonce);
      if (reset) return { kind: 'opened', reset, accountId };
      if (!mayBegin(budget))
        return { kind: 'exhausted', retryAfterMs: untilFreeMs(budget, clock()), accountId };
    }
    throw new UnavailableError();
  };

  /** Null if no run may start and none is open, or if a run ended in between. */
  async function openOnce(
    person: ResetPerson,
    [current = '', ...earlier]: readonly string[],
    budget: ResetBudget,
    nonce: string,
  ): Promise<OpenedReset | null> {
    for (const subjectKey of earlier) {
      const openUnderEarlierPepper = await beginOrJoin(person, subjectKey, null, nonce);
      if (openUnderEarlierPepper) return openUnderEarlierPepper;
    }
    return beginOrJoin(person, current, mayBegin(budget) ? budget : null, nonce);
  }

  /** Starts a run within `budget`, if any is left; otherwise, or if a run is already open, joins the one that stands. */
  async function beginOrJoin(
    person: ResetPerson,
    subjectKey: string,
    budget: ResetBudget | null,
    nonce: string,
  ): Promise<OpenedReset | null> {
    let after = NO_RESET;
    for (let outlived = 0; outlived <= MOST_OUTLIVED; outlived++) {
      const { portal, proof } = person;
      const place: Place = { portal, proof, subjectKey, after };
      const begun = budget === null ? null : await begin(person, place, budget, nonce);
      const found = begun ?? (await join(person, place, nonce));
      if (found === null || typeof found === 'object') return found;
      after = found;
    }
    return null;
  }

  /** Null if a run is already open. */
  async function begin(
    person: ResetPerson,
    place: Place,
    budget: ResetBudget,
    nonce: string,
  ): Promise<OpenedReset | null> {
    const { portal, proof, accountId, page } = person;
    const { subjectKey } = place;
    const policy = policies[portal];
    const [resetId, openedAtMs] = [randomUUID(), clock()];
    const pepperId = keys.currentId;
    const input: PasswordResetInput = {
      resetId,
      portal,
      subjectKey,
      accountId: accountId ?? undefined,
      terms: resetTerms(policy, proof),
      limits: policy.resetLimits,
      budget: { pinsLeft: budget.pinsLeft, guessesLeft: budget.guessesLeft },
      openedAtMs,
      openedBy: keys.tokenDigest(nonce),
      expectedDigests: expectedDigests(person, resetId, budget.pinsLeft),
      pepperId,
      revision: RUN_REVISION,
    };
    await records.open({ resetId, accountId, atMs: openedAtMs });
    const runId = await start(input, place);
    if (runId === null) return null;
    const view = viewFor(openReset(input.terms, input.budget, input.openedBy, openedAtMs), input.openedBy);
    const { pinDigits } = input.terms;
    return opened({ ...place, resetId, runId, pepperId, pinDigits, nonce, ...page }, view);
  }

  /** The started run's id; null if one is already open. */
  async function start(input: PasswordResetInput, place: Place): Promise<string | null> {
    const { portal, accountId, terms } = input;
    try {
      const run = await callTemporal(connection, () =>
        client.workflow.start(PASSWORD_RESET_WORKFLOW, {
          workflowId: workflowIdOf(place),
          taskQueue,
          args: [input],
          workflowIdConflictPolicy: 'FAIL',
          workflowIdReusePolicy: 'ALLOW_DUPLICATE',
          staticSummary: `${portal}: forgotten password`,
          staticDetails: STATIC_DETAILS,
          typedSearchAttributes: [
            { key: searchAttributes.portal, value: portal },
            { key: searchAttributes.stage, value: terms.proof },
            ...(accountId === undefined ? [] : [{ key: searchAttributes.account, value: accountId }]),
          ],
        }),
      );
      return run.firstExecutionRunId;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
      throw error;
    }
  }

  /**
   * Joins the open run. Null if there is none; its reset's id if that does not stand for this person, or is over and only waits for
   * its notice.
   */
  async function join(
    { accountId, page }: ResetPerson,
    place: Place,
    nonce: string,
  ): Promise<OpenedReset | string | null> {
    const run = client.workflow.getHandle(workflowIdOf(place));
    const status = await askStatus(connection, run, keys.tokenDigest(nonce));
    if (!status) return null;
    const { resetId, runId, pepperId, pinDigits, view } = status;
    if (!status.open) return status.notifying ? resetId : null;
    if (!(await records.isFor(resetId, accountId))) return resetId;
    return opened({ ...place, resetId, runId, pepperId, pinDigits, nonce, ...page }, view);
  }

  /** For an unknown person: digests that no input matches. */
  function expectedDigests({ accountId, proofs }: ResetPerson, resetId: string, howMany: number): string[] {
    return proofs(resetId, howMany).map((proof) => {
      const typed = accountId === null ? randomBytes(16).toString('hex') : proof;
      return keys.proofDigest(keys.currentId, resetId, typed);
    });
  }

  function opened(flow: Flow, view: ResetView): OpenedReset {
    return { ...resetForHolder(flow, { view }), token: sealFlow(keys, flow) };
  }
}
