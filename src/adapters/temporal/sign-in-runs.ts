/** Starts and drives `signIn` runs: the only place that sees both typed codes and what goes to Temporal. */
import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type Connection,
  type WorkflowHandle,
} from '@temporalio/client';
import { RUN_REVISION } from '../../contracts/run-revision';
import { searchAttributes } from '../../contracts/search-attributes';
import {
  resendCodeUpdate,
  SIGN_IN_WORKFLOW,
  signInStatusQuery,
  submitCodeUpdate,
  type SignInInput,
} from '../../contracts/sign-in';
import { signInRunId } from '../../contracts/workflow-ids';
import type { TwoStepRule } from '../../domain/portal';
import { openSignIn, signInTerms, signInView, type SignInView } from '../../domain/sign-in/sign-in';
import { UnavailableError } from '../../ports/errors';
import type {
  LookedSignIn,
  SignInForHolder,
  SignInRecord,
  SignInRecords,
  SignIns,
} from '../../ports/sign-in';
import { callQuery, callTemporal, callUpdate } from './calls';
import { createKeyedGate } from './keyed-gate';
import type { ResetKeys } from './password-reset-run';

/** Shown to operators next to every run, at any stage. */
const STATIC_DETAILS =
  'Emails a code and waits until it is entered: after the right password, or to turn two-step verification on. Ends as verified, expired, ' +
  'exhausted (no tries left, and no codes) or cancelled. Cancelling it harms nothing: the person starts again.';

export interface SignInDeps {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  readonly keys: Pick<ResetKeys, 'currentId' | 'pin' | 'proofDigest'>;
  readonly records: SignInRecords;
  /** Null: two-step verification is not offered, and nothing is opened. */
  readonly rule: TwoStepRule | null;
  readonly clock: () => number;
}

export function createSignInRuns({
  client,
  connection,
  taskQueue,
  keys,
  records,
  rule,
  clock,
}: SignInDeps): SignIns {
  const gate = createKeyedGate();

  return {
    async open(subject, operation) {
      if (rule === null) throw new Error('two-step verification is not offered');
      const { accountId, purpose } = subject;
      const [signInId, pepperId, atMs] = [operation.idFor('sign-in'), keys.currentId, clock()];
      const terms = signInTerms(rule);
      await records.open({ ...subject, signInId, pepperId, codeDigits: terms.codeDigits, atMs });
      const record = await records.find(signInId);
      if (record === null) return { kind: 'over' };
      const first = { signInId, accountId, sequence: 1, atMs, codesPerHour: terms.codesPerHour };
      if (!(await records.countCode(first))) return exhausted(accountId);

      const input: SignInInput = {
        signInId,
        accountId,
        purpose,
        terms,
        openedAtMs: atMs,
        expectedDigests: expectedDigests(record, terms.codesPerHour),
        pepperId: record.pepperId,
        revision: RUN_REVISION,
      };
      const isNew = await start(input).catch(async (error: unknown) => {
        // Otherwise an outage would use up the codes of people who try again.
        if (error instanceof UnavailableError) await records.uncountCode(signInId);
        throw error;
      });
      return isNew ? open(record, signInView(openSignIn(terms, atMs))) : look(record);
    },

    look,

    async submitCode(record, code, operation) {
      if (!record.stands) return { kind: 'over' };
      const digest = keys.proofDigest(record.pepperId, signInRunId(record.signInId), code);
      const args: [{ digest: string }] = [{ digest }];
      const result = await callUpdate(
        connection,
        (updateId) => gated(record, (run) => run.executeUpdate(submitCodeUpdate, { args, updateId })),
        operation,
      );
      if (result === null) return closed(record);
      const { answer, view } = result;
      if (answer.kind !== 'exhausted') return answer;
      // A new code has tries of its own.
      const { resendAvailableAtMs } = view;
      if (resendAvailableAtMs === undefined) return exhausted(record.accountId);
      return { kind: 'exhausted', retryAfterMs: Math.max(0, resendAvailableAtMs - clock()) };
    },

    async resend(record, operation) {
      if (!record.stands) return { kind: 'over' };
      const result = await callUpdate(
        connection,
        (updateId) => gated(record, (run) => run.executeUpdate(resendCodeUpdate, { updateId })),
        operation,
      );
      if (result === null) return closed(record);
      const { answer, view } = result;
      switch (answer.kind) {
        case 'made':
          return open(record, view);
        case 'too-soon':
          return {
            kind: 'too-soon',
            retryAfterMs: answer.availableAtMs - clock(),
            signIn: holder(record, view),
          };
        case 'exhausted':
          return exhausted(record.accountId);
        case 'over':
          return { kind: 'over' };
      }
    },
  };

  /** False if the run is open, or was. */
  async function start(input: SignInInput): Promise<boolean> {
    const { signInId, accountId, purpose } = input;
    try {
      await callTemporal(connection, () =>
        client.workflow.start(SIGN_IN_WORKFLOW, {
          workflowId: signInRunId(signInId),
          taskQueue,
          args: [input],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          staticSummary:
            purpose === 'sign-in' ? 'member: code for signing in' : 'member: code for turning two-step on',
          staticDetails: STATIC_DETAILS,
          typedSearchAttributes: [
            { key: searchAttributes.portal, value: 'member' },
            { key: searchAttributes.stage, value: 'code' },
            { key: searchAttributes.account, value: accountId },
          ],
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  async function look(record: SignInRecord): Promise<LookedSignIn> {
    if (!record.stands) return { kind: 'over' };
    const status = await callQuery(connection, () => gated(record, (run) => run.query(signInStatusQuery)));
    if (status === null) return { kind: 'over' };
    const { ending, view } = status;
    if (ending === 'exhausted') return exhausted(record.accountId);
    return ending === undefined && clock() < view.expiresAtMs ? open(record, view) : { kind: 'over' };
  }

  /** Of a run that takes no updates. */
  async function closed(record: SignInRecord) {
    const looked = await look(record);
    return looked.kind === 'open' ? ({ kind: 'over' } as const) : looked;
  }

  function expectedDigests({ signInId, pepperId, codeDigits }: SignInRecord, howMany: number): string[] {
    const whose = signInRunId(signInId);
    return Array.from({ length: howMany }, (_, index) =>
      keys.proofDigest(pepperId, whose, keys.pin(pepperId, whose, index + 1, codeDigits)),
    );
  }

  async function exhausted(accountId: string) {
    const nowMs = clock();
    const freeAtMs = rule === null ? nowMs : await records.freeAgainAtMs(accountId, rule.codesPerHour, nowMs);
    return { kind: 'exhausted', retryAfterMs: Math.max(0, freeAtMs - nowMs) } as const;
  }

  function gated<T>({ signInId }: SignInRecord, call: (run: WorkflowHandle) => Promise<T>): Promise<T> {
    return gate(signInId, () => call(client.workflow.getHandle(signInRunId(signInId))));
  }
}

const holder = ({ signInId, sentTo }: SignInRecord, view: SignInView): SignInForHolder => ({
  signInId,
  sentTo,
  view,
});

const open = (record: SignInRecord, view: SignInView): LookedSignIn => ({
  kind: 'open',
  signIn: holder(record, view),
});
