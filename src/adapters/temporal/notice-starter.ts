import {
  WorkflowExecutionAlreadyStartedError,
  type Client,
  type WorkflowStartOptions,
} from '@temporalio/client';
import type { NoticeResender, NoticeStarter } from '../../ports/mail';
import { DELIVER_NOTICE_WORKFLOW, RESEND_MEMO, type DeliverNoticeInput } from '../../contracts/notice';
import { searchAttributes } from '../../contracts/search-attributes';
import { noticeId } from '../../contracts/workflow-ids';

/**
 * Starts one run per message. Idempotent, even after the message was delivered.
 * `eager`: for a client over a worker's own connection, which then gets the run's first task with the answer.
 */
export function createNoticeStarter(
  client: Client,
  taskQueue: string,
  { eager = false }: { readonly eager?: boolean } = {},
): NoticeStarter & NoticeResender {
  async function startOnce(
    notice: DeliverNoticeInput,
    {
      workflowIdReusePolicy = 'REJECT_DUPLICATE',
      ...different
    }: Pick<WorkflowStartOptions, 'workflowIdReusePolicy' | 'memo'> = {},
  ): Promise<boolean> {
    try {
      await client.workflow.start(DELIVER_NOTICE_WORKFLOW, {
        workflowId: noticeId(notice.messageId, notice.again),
        taskQueue,
        args: [notice],
        workflowIdReusePolicy,
        staticSummary: `email: ${notice.kind}`,
        requestEagerStart: eager,
        typedSearchAttributes: [
          { key: searchAttributes.stage, value: 'mail' },
          ...(notice.accountId === undefined
            ? []
            : [{ key: searchAttributes.account, value: notice.accountId }]),
        ],
        ...different,
      });
      return true;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
      throw error;
    }
  }

  return {
    start: async (notice) => void (await startOnce(notice)),
    // The ledger prevents sending again what an earlier run has sent.
    restart: async (notice) => void (await startOnce(notice, { workflowIdReusePolicy: 'ALLOW_DUPLICATE' })),
    startAgain: (notice, resendId) => startOnce(notice, { memo: { [RESEND_MEMO]: resendId } }),
  };
}
