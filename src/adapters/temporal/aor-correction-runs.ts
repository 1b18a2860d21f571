/** Starts and drives runs of `correctAgentOfRecord`, one per correction. */
import { WithStartWorkflowOperation, type Client, type Connection } from '@temporalio/client';
import type { AorCorrectionRuns } from '../../ports/aor-correction';
import { AOR_CORRECTION_WORKFLOW, awaitCorrectionUpdate } from '../../contracts/aor-correction';
import { RUN_REVISION } from '../../contracts/run-revision';
import { searchAttributes } from '../../contracts/search-attributes';
import { aorCorrectionId } from '../../contracts/workflow-ids';
import { UnavailableError } from '../../ports/errors';
import { callUpdate } from './calls';

/** Shown to operators next to every run, at any stage. */
const STATIC_DETAILS =
  'Corrects a completed plan change in one step, then sends the emails to the customer and to every agent concerned. Ends as reversed, ' +
  'redetermined or refused. Who asked for it and why stands in the database (GET /v1/ops/customers/ID/timeline). Cancelling it changes ' +
  'nothing; a reversal is not undone: the customer’s next plan change counts instead.';

export interface AorCorrectionRunsDeps {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
}

export const createAorCorrectionRuns = ({
  client,
  connection,
  taskQueue,
}: AorCorrectionRunsDeps): AorCorrectionRuns => ({
  async carryOut({ correctionId, planChangeId, customerId, kind }, operation) {
    const result = await callUpdate(
      connection,
      (updateId) =>
        client.workflow.executeUpdateWithStart(awaitCorrectionUpdate, {
          updateId,
          // If an earlier run has ended, another one finds the correction carried out, and its emails sent.
          startWorkflowOperation: new WithStartWorkflowOperation(AOR_CORRECTION_WORKFLOW, {
            workflowId: aorCorrectionId(correctionId),
            workflowIdConflictPolicy: 'USE_EXISTING',
            taskQueue,
            args: [{ correctionId, planChangeId, kind, revision: RUN_REVISION }],
            staticSummary: `correction of a plan change: ${kind}`,
            staticDetails: STATIC_DETAILS,
            typedSearchAttributes: [
              { key: searchAttributes.stage, value: 'correction' },
              { key: searchAttributes.customer, value: customerId },
            ],
          }),
        }),
      operation,
    );
    if (result === null) throw new UnavailableError();
    return result;
  },
});
