/** Lists and cancels runs for operators, and starts another run for an email. */
import {
  WorkflowNotFoundError,
  type Client,
  type Connection,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import type { RunStatus } from '../../contracts/run-status';
import {
  DELIVER_NOTICE_WORKFLOW,
  RESEND_MEMO,
  correctionOf,
  isDecisionNotice,
  noticeAgain,
} from '../../contracts/notice';
import { PASSWORD_RESET_WORKFLOW } from '../../contracts/password-reset';
import { searchAttributes } from '../../contracts/search-attributes';
import { aorCorrectionId, noticeId, planChangeRunId } from '../../contracts/workflow-ids';
import type { NoticeResender } from '../../ports/mail';
import type { LedgerEmail, LedgerEmails, OpsRun, OpsRuns, ResendableEmail, RunFilter } from '../../ports/ops';
import { UnavailableError } from '../../ports/errors';
import { callTemporal } from './calls';

type RawRun = temporal.api.workflow.v1.IWorkflowExecutionInfo;
type RawTime = NonNullable<RawRun['startTime']>;

const PAGE = 50;
const CONCERNING = 20;
/** A run that was cancelled before its first attempt uses up a number. Stop after this many. */
const RESEND_NUMBERS = 20;

const { WorkflowExecutionStatus: Status } = temporal.api.enums.v1;

const STATUSES: Readonly<Record<number, RunStatus>> = {
  [Status.WORKFLOW_EXECUTION_STATUS_RUNNING]: 'open',
  [Status.WORKFLOW_EXECUTION_STATUS_PAUSED]: 'paused',
  [Status.WORKFLOW_EXECUTION_STATUS_COMPLETED]: 'completed',
  [Status.WORKFLOW_EXECUTION_STATUS_FAILED]: 'failed',
  [Status.WORKFLOW_EXECUTION_STATUS_CANCELED]: 'cancelled',
  [Status.WORKFLOW_EXECUTION_STATUS_TERMINATED]: 'terminated',
  [Status.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW]: 'continued-as-new',
  [Status.WORKFLOW_EXECUTION_STATUS_TIMED_OUT]: 'timed-out',
};

export interface OpsRunsDeps {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  readonly notices: NoticeResender;
  readonly emails: LedgerEmails;
}

export function createOpsRuns({ client, connection, taskQueue, notices, emails }: OpsRunsDeps): OpsRuns {
  const { namespace } = client.options;

  return {
    async list(filter, page) {
      const { executions, nextPageToken } = await listing(conditionsOf(filter), PAGE, page);
      const hasNext = nextPageToken.length > 0;
      return {
        runs: executions.map(toRun),
        nextPage: hasNext ? Buffer.from(nextPageToken).toString('base64url') : null,
      };
    },

    async concerning(whom) {
      const isNoSettledEmail = `(WorkflowType != ${quoted(DELIVER_NOTICE_WORKFLOW)} OR ExecutionStatus != 'Completed')`;
      try {
        const { executions } = await listing([...conditionsOf(whom), isNoSettledEmail], CONCERNING);
        return executions.map(toRun);
      } catch (error) {
        if (error instanceof UnavailableError) return null;
        throw error;
      }
    },

    findOpen,

    async findCancelled(workflowId) {
      const run = await find(workflowId);
      return run?.status === 'cancelled' ? run : null;
    },

    async requestCancel(workflowId) {
      try {
        await callTemporal(connection, () => client.workflow.getHandle(workflowId).cancel());
        return true;
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return false;
        throw error;
      }
    },

    isBeingSent: async (email) =>
      email.status === 'pending' &&
      ((await findOpen(noticeId(email.messageId, email.resends))) !== null || (await isSentByItsRun(email))),

    async findResend({ messageId, resends }, resendId) {
      for (let again = Math.max(1, resends); again <= resends + RESEND_NUMBERS; again++) {
        const run = await describe(noticeId(messageId, again));
        if (run?.memo?.[RESEND_MEMO] === resendId) return noticeId(messageId, again);
        if (run === null && again > resends) return null;
      }
      return null;
    },

    async resend(email, resendId) {
      const { messageId, resends } = email;
      for (let again = resends + 1; again <= resends + RESEND_NUMBERS; again++) {
        if (await startAgain(email, again, resendId)) return noticeId(messageId, again);
        if ((await findOpen(noticeId(messageId, again))) !== null) return null;
        // The run has ended: it has sent the email in the meantime, or was stopped before it tried.
        if (((await emails.find(messageId))?.resends ?? again) >= again) return null;
      }
      return null;
    },
  };

  function listing(
    conditions: readonly string[],
    pageSize: number,
    page?: string,
  ): Promise<temporal.api.workflowservice.v1.ListWorkflowExecutionsResponse> {
    const query = [`TaskQueue = ${quoted(taskQueue)}`, ...conditions].join(' AND ');
    const nextPageToken = page === undefined ? new Uint8Array() : Buffer.from(page, 'base64url');
    return callTemporal(connection, () =>
      client.workflowService.listWorkflowExecutions({ namespace, query, pageSize, nextPageToken }),
    );
  }

  /** Whether the run that caused the email is still open: it closes when its emails have ended. */
  async function isSentByItsRun(email: LedgerEmail): Promise<boolean> {
    const { messageId, kind, accountId, reference, resends } = email;
    if (resends > 0) return false;
    const correction = correctionOf(messageId);
    if (correction !== null) {
      const { correctionId } = correction;
      // A change that took another one's place tells of it itself.
      const isOfChange = correctionId === reference;
      const runId = isOfChange ? planChangeRunId(reference) : aorCorrectionId(correctionId);
      return (await findOpen(runId)) !== null;
    }
    if (isDecisionNotice(kind)) return (await findOpen(planChangeRunId(reference))) !== null;
    if (kind !== 'password-changed' || accountId === null) return false;
    const resetsOf = conditionsOf({ type: PASSWORD_RESET_WORKFLOW, account: accountId });
    const { executions } = await listing([...resetsOf, "ExecutionStatus = 'Running'"], CONCERNING);
    return executions.map(toRun).some(({ stage }) => stage === 'password' || stage === 'mail');
  }

  async function findOpen(workflowId: string): Promise<OpsRun | null> {
    const run = await find(workflowId);
    return run?.closedAtMs === null ? run : null;
  }

  /** The newest run with this id, if it is on this task queue. */
  async function find(workflowId: string): Promise<OpsRun | null> {
    const info = (await describe(workflowId))?.raw.workflowExecutionInfo;
    return info && info.taskQueue === taskQueue ? toRun(info) : null;
  }

  async function describe(workflowId: string): Promise<WorkflowExecutionDescription | null> {
    try {
      return await callTemporal(connection, () => client.workflow.getHandle(workflowId).describe());
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return null;
      throw error;
    }
  }

  function startAgain(
    { accountId, ...email }: ResendableEmail,
    again: number,
    resendId: string,
  ): Promise<boolean> {
    const { messageId, kind, reference, firstTriedAtMs, validUntilMs } = email;
    const about = { messageId, kind, reference, firstTriedAtMs, validUntilMs };
    const notice = noticeAgain({ ...about, accountId: accountId ?? undefined }, again);
    return callTemporal(connection, () => notices.startAgain(notice, resendId));
  }
}

function conditionsOf(filter: RunFilter): string[] {
  const { type, portal, stage, account, customer, outcome } = filter;
  const wanted: readonly [string, string | undefined][] = [
    ['WorkflowType', type],
    [searchAttributes.portal.name, portal],
    [searchAttributes.stage.name, stage],
    [searchAttributes.account.name, account],
    [searchAttributes.customer.name, customer],
    [searchAttributes.outcome.name, outcome],
  ];
  return wanted.flatMap(([name, value]) => (value === undefined ? [] : [`${name} = ${quoted(value)}`]));
}

/** As a string of a visibility query. */
const quoted = (value: string): string => `'${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`;

function toRun(raw: RawRun): OpsRun {
  const { execution, type, status, startTime, closeTime } = raw;
  const fields = raw.searchAttributes?.indexedFields ?? {};
  const attribute = (name: keyof typeof searchAttributes): string | null => {
    const payload = fields[searchAttributes[name].name];
    return payload ? defaultPayloadConverter.fromPayload<string>(payload) : null;
  };
  return {
    workflowId: execution?.workflowId ?? '',
    runId: execution?.runId ?? '',
    type: type?.name ?? '',
    status: STATUSES[status ?? 0] ?? 'unknown',
    startedAtMs: startTime ? millisecondsOf(startTime) : 0,
    closedAtMs: closeTime ? millisecondsOf(closeTime) : null,
    portal: attribute('portal'),
    stage: attribute('stage'),
    account: attribute('account'),
    customer: attribute('customer'),
    agent: attribute('agent'),
    route: attribute('route'),
    outcome: attribute('outcome'),
  };
}

const millisecondsOf = ({ seconds, nanos }: RawTime): number =>
  Number(seconds ?? 0) * 1000 + Math.floor((nanos ?? 0) / 1e6);
