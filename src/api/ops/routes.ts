/** What operators see and do (docs/operators.md). Everything is audited; actions are audited before they are done. */
import { z } from 'zod';
import type { AuditAction, AuditEvent } from '../../contracts/audit';
import { isoTime } from '../http/fields';
import {
  accountParams,
  accountTimelineParams,
  cancelledRun,
  cancelRunBody,
  customerTimelineParams,
  emailParams,
  recoveryAllowanceBody,
  resentEmail,
  runs,
  runsQuery,
  timeline,
  timelineQuery,
  twoStepOffBody,
} from './schemas';
import { isNotice } from '../../contracts/notice';
import type { Language } from '../../domain/portal';
import { planChangeOfRun } from '../../contracts/workflow-ids';
import { decodeCursor, pageOf, unknownCursor } from '../http/cursor';
import type { ApiDeps } from '../deps';
import type { ApiKeyHolder } from '../../ports/api-key';
import type { LedgerEmail, ResendableEmail, RunFilter, TimelinePage, TimelineRecord } from '../../ports/ops';
import { AppError, type ProblemCode } from '../http/problems';
import { defineRoute, type Route } from '../http/route';
import { recordEntry, runEntry } from './timeline-entries';

const TAG = 'Operators';
const PAGE = 50;
/** How the ids of timelines' records are written. */
const recordId = z.string().regex(/^(?:audit|email|decision):[A-Za-z0-9.-]{1,120}$/);

type OpsDeps = Pick<
  ApiDeps,
  | 'opsRuns'
  | 'accounts'
  | 'recovery'
  | 'twoStep'
  | 'timelines'
  | 'emails'
  | 'audit'
  | 'digests'
  | 'texts'
  | 'clock'
>;

interface Caller {
  readonly key: ApiKeyHolder;
  readonly address: string;
}

/** `/v1/ops`. */
export function opsRoutes(deps: OpsDeps): Route[] {
  const { opsRuns, accounts, recovery, twoStep, timelines, emails, audit, digests, texts, clock } = deps;
  const auth = { apiKey: ['ops'] } as const;

  return [
    defineRoute({
      method: 'get',
      path: '/v1/ops/runs',
      tag: TAG,
      summary: 'List the runs of this system',
      auth,
      query: runsQuery,
      responses: { 200: runs },
      problems: [],
      handle: async ({ query: { cursor, ...filter }, ...caller }) => {
        const page = cursor === undefined ? undefined : openPage(cursor, filter);
        const { account } = filter;
        await note(caller, 'runs-listed', 'success', {
          about: aboutFilter(filter),
          ...(account !== undefined && { accountId: account }),
        });
        const found = await opsRuns.list(filter, page);
        return {
          status: 200,
          body: {
            runs: found.runs.map(({ startedAtMs, closedAtMs, ...run }) => ({
              ...run,
              startedAt: isoTime(startedAtMs),
              closedAt: closedAtMs === null ? null : isoTime(closedAtMs),
            })),
            nextCursor: found.nextPage === null ? null : digests.seal(purposeOf(filter), found.nextPage),
          },
        };
      },
    }),

    defineRoute({
      method: 'get',
      path: '/v1/ops/accounts/{id}/timeline',
      tag: TAG,
      summary: 'The timeline of an account',
      description:
        'Sign-ins, resets, changes, emails and runs of an account; for an agent also the decisions about them.',
      auth,
      params: accountTimelineParams,
      query: timelineQuery,
      responses: { 200: timeline },
      problems: [],
      handle: async ({ params: { id }, query: { cursor }, language, ...caller }) => {
        const records = await timelines.ofAccount(id, pageAfter(cursor));
        await note(caller, 'timeline-read', records === null ? 'not_found' : 'success', { accountId: id });
        return { status: 200, body: await timelineBody(records, { account: id }, cursor, language) };
      },
    }),

    defineRoute({
      method: 'get',
      path: '/v1/ops/customers/{id}/timeline',
      tag: TAG,
      summary: 'The timeline of a customer’s plan changes',
      auth,
      params: customerTimelineParams,
      query: timelineQuery,
      responses: { 200: timeline },
      problems: [],
      handle: async ({ params: { id }, query: { cursor }, language, ...caller }) => {
        const records = await timelines.ofCustomer(id, pageAfter(cursor));
        const about = aboutFilter({ customer: id });
        await note(caller, 'timeline-read', records === null ? 'not_found' : 'success', { about });
        return { status: 200, body: await timelineBody(records, { customer: id }, cursor, language) };
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/ops/runs/cancel',
      tag: TAG,
      summary: 'Cancel an open run',
      description:
        'The run finishes what it is writing, then ends as `cancelled`. A plan change goes on without its run; to stop one, withdraw it.',
      auth,
      body: cancelRunBody,
      responses: { 202: cancelledRun },
      problems: ['not_found'],
      handle: async ({ body: { workflowId, reason }, operation, ...caller }) => {
        // An earlier try may have cancelled it, so it is no longer open.
        const cancelled = operation.isRepeated ? await opsRuns.findCancelled(workflowId) : null;
        if (cancelled !== null) return { status: 202, body: { workflowId, runId: cancelled.runId } };
        const run = await opsRuns.findOpen(workflowId);
        const planChangeId = planChangeOfRun(workflowId);
        await note(caller, 'run-cancel-requested', run === null ? 'not_found' : 'success', {
          about: workflowId,
          reason,
          ...(planChangeId !== undefined && { planChangeId }),
          ...(typeof run?.account === 'string' && { accountId: run.account }),
        });
        if (run === null || !(await opsRuns.requestCancel(workflowId))) throw new AppError('not_found');
        return { status: 202, body: { workflowId, runId: run.runId } };
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/ops/accounts/{id}/recovery-allowance',
      tag: TAG,
      summary: 'Restore somebody’s password reset tries',
      description:
        'Restores the used recovery budget: PINs of the day, wrong guesses of the day, of the month and in a row. First verify that the owner is asking: anybody who can read the mailbox, or knows the answers, may guess again.',
      auth,
      params: accountParams,
      body: recoveryAllowanceBody,
      responses: { 204: null },
      problems: [],
      handle: async ({ params: { id }, body: { reason }, ...caller }) => {
        const isKnown = (await accounts.findById(id)) !== null;
        const outcome = isKnown ? 'success' : 'not_found';
        await note(caller, 'recovery-allowed', outcome, { accountId: id, reason });
        if (!isKnown || !(await recovery.allow(id, clock()))) throw new AppError('not_found');
        return { status: 204 };
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/ops/accounts/{id}/two-step-off',
      tag: TAG,
      summary: 'Turn off somebody’s two-step verification',
      description:
        'For a member whose mailbox is gone. First verify that the owner is asking: afterwards the password alone signs in. The owner is told by email, at the address on record.',
      auth,
      params: accountParams,
      body: twoStepOffBody,
      responses: { 204: null },
      problems: [],
      handle: async ({ params: { id }, body: { reason }, ...caller }) => {
        const { key, address } = caller;
        const change = { accountId: id, atMs: clock(), apiKeyId: key.id, address, reason };
        // The statement that turns it off audits it.
        if (await twoStep.turnOff(change)) return { status: 204 };
        await note(caller, 'two-step-off', 'not_found', { accountId: id, reason });
        throw new AppError('not_found');
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/ops/emails/{messageId}/resend',
      tag: TAG,
      summary: 'Send an email again',
      description:
        'For an email that was delivered, refused or stopped, while its content is valid. It keeps its Message-ID, so a mail program that already has it shows it once.',
      auth,
      params: emailParams,
      responses: { 202: resentEmail },
      problems: ['email_not_resendable', 'email_outdated', 'email_being_sent'],
      handle: async ({ params: { messageId }, operation, ...caller }) => {
        const email = await emails.find(messageId);
        const resendId = operation.idFor('resend');
        const started = email && operation.isRepeated ? await opsRuns.findResend(email, resendId) : null;
        if (started !== null) return { status: 202, body: { messageId, workflowId: started } };
        const refusal = email === null ? 'not_found' : await refusalOf(email);
        await note(caller, 'email-resend-requested', refusal ?? 'success', {
          about: messageId,
          ...(typeof email?.accountId === 'string' && { accountId: email.accountId }),
          ...(email !== null && isOfPlanChange(email) && { planChangeId: email.reference }),
        });
        if (email === null || !isResendable(email) || refusal !== null)
          throw new AppError(refusal ?? 'not_found');
        const workflowId = await opsRuns.resend(email, resendId);
        if (workflowId === null) throw new AppError('email_being_sent');
        return { status: 202, body: { messageId, workflowId } };
      },
    }),
  ];

  function note(
    { key, address }: Caller,
    action: AuditAction,
    outcome: string,
    about: Pick<AuditEvent, 'accountId' | 'planChangeId' | 'about' | 'reason'>,
  ): Promise<void> {
    return audit.record({ atMs: clock(), action, outcome, apiKeyId: key.id, address, ...about });
  }

  /** Temporal's page token from a cursor, which is valid only for the same search. */
  function openPage(cursor: string, filter: RunFilter): string {
    const page = digests.open(purposeOf(filter), cursor);
    if (page === null) throw unknownCursor();
    return page;
  }

  async function timelineBody(
    records: readonly TimelineRecord[] | null,
    whom: Pick<RunFilter, 'account' | 'customer'>,
    cursor: string | undefined,
    language: Language,
  ): Promise<z.input<typeof timeline>> {
    if (records === null) throw new AppError('not_found');
    const theirRuns = cursor === undefined ? await opsRuns.concerning(whom) : null;
    const { page, nextCursor } = pageOf(records, PAGE, (record) => record);
    const entries = [
      ...(theirRuns ?? []).map((run) => runEntry(run, texts, language)),
      ...page.map((record) => recordEntry(record, clock(), texts, language)),
    ];
    return {
      entries: entries.toSorted((one, other) => Date.parse(other.at) - Date.parse(one.at)),
      runsListed: theirRuns !== null,
      nextCursor,
    };
  }

  async function refusalOf(email: LedgerEmail): Promise<ProblemCode | null> {
    if (!isResendable(email)) return 'email_not_resendable';
    if (clock() >= email.validUntilMs) return 'email_outdated';
    return (await opsRuns.isBeingSent(email)) ? 'email_being_sent' : null;
  }
}

/** Reads one more than it returns, to see whether there is another page. */
const pageAfter = (cursor: string | undefined): TimelinePage => ({
  after: cursor === undefined ? undefined : decodeCursor(cursor, recordId),
  limit: PAGE + 1,
});

const isResendable = (email: LedgerEmail): email is ResendableEmail => isNotice(email.kind);

const isOfPlanChange = ({ kind }: LedgerEmail): boolean =>
  kind.startsWith('plan-change-') || kind.startsWith('agent-of-record-');

/** `account=... stage=pin`; without filters `everything`. */
const aboutFilter = (filter: RunFilter): string =>
  Object.entries(filter)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || 'everything';

const purposeOf = (filter: RunFilter): string => `ops-runs/${aboutFilter(filter)}`;
