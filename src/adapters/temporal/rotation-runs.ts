import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { RotationRuns } from '../../ports/password-rotation';
import { PASSWORD_ROTATION_WORKFLOW, passwordChangedSignal } from '../../contracts/password-rotation';
import { searchAttributes } from '../../contracts/search-attributes';
import { passwordRotationId } from '../../contracts/workflow-ids';

/**
 * Starts at most one run per credential and signals it. Not eagerly: nobody waits for the first task, and a sweep that gives it to
 * its own worker with each answer starts a third fewer.
 */
export function createRotationRuns(client: Client, taskQueue: string): RotationRuns {
  return {
    async start(rotation) {
      const { portal, accountId, credentialId } = rotation;
      try {
        await client.workflow.start(PASSWORD_ROTATION_WORKFLOW, {
          workflowId: passwordRotationId(accountId, credentialId),
          taskQueue,
          args: [rotation],
          workflowIdReusePolicy: 'REJECT_DUPLICATE',
          // A sweep starts hundreds: interactive work comes first (3 is the default, 5 the lowest).
          priority: { priorityKey: 5 },
          staticSummary: `the last days of a ${portal}'s password`,
          typedSearchAttributes: [
            { key: searchAttributes.portal, value: portal },
            { key: searchAttributes.account, value: accountId },
            { key: searchAttributes.stage, value: 'due' },
          ],
        });
        return true;
      } catch (error) {
        if (error instanceof WorkflowExecutionAlreadyStartedError) return false;
        throw error;
      }
    },

    async passwordChanged({ accountId, credentialId }) {
      try {
        await client.workflow
          .getHandle(passwordRotationId(accountId, credentialId))
          .signal(passwordChangedSignal);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  };
}
