/** Runs that cannot continue, and how an operator repairs them (docs/operations.md, "Workflow tasks fail"). */
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { Registry } from 'prom-client';
import { addTemporalGauges } from '../../src/adapters/telemetry/metrics/temporal-gauges';
import { DELIVER_NOTICE_WORKFLOW, planChangeNotice } from '../../src/contracts/notice';
import {
  PLAN_CHANGE_WORKFLOW,
  planChangeMovedSignal,
  type PlanChangeInput,
} from '../../src/contracts/plan-change';
import { RUN_REVISION } from '../../src/contracts/run-revision';
import { noticeId, planChangeRunId } from '../../src/contracts/workflow-ids';
import type { PlanChangeSnapshot } from '../../src/domain/plan-change/plan-change';
import { DAY_MS } from '../../src/domain/time';
import { samplesIn, valuesOf } from '../support/exposition';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

let temporal: TestTemporal;
/** The steps executed, among those that must not be lost. */
let done: string[];
/** Whether the steps return something with which no run can continue. */
let spoiled: boolean;

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());
beforeEach(async () => {
  temporal.newTaskQueue();
  done = [];
  spoiled = true;
  await temporal.startWorker({
    lookAtPlanChange: async () => (spoiled ? {} : completed),
    sendNotice: async () => {
      if (spoiled) return null;
      done.push('sent');
      return { outcome: 'delivered' };
    },
  });
});

const queued: PlanChangeSnapshot = {
  stage: 'queued',
  route: 'unit',
  claimUntilMs: null,
  escalateAtMs: { waiting: Date.now() + DAY_MS, overdue: Date.now() + DAY_MS },
  abandonAtMs: Date.now() + 30 * DAY_MS,
};
const completed: PlanChangeSnapshot = { ...queued, stage: 'completed', outcome: 'retained' };

/** As described in the guide. */
async function resetRun(workflowId: string): Promise<void> {
  const cli = process.env['TENURE_TEST_TEMPORAL_CLI']!;
  const args = ['workflow', 'reset', '--workflow-id', workflowId, '--type', 'FirstWorkflowTask'];
  const all = [...args, '--reason', 'it cannot go on', '--address', process.env['TENURE_TEST_TEMPORAL']!];
  // A run whose tasks keep failing may be busy at that moment: an operator would try again.
  await until(() =>
    promisify(execFile)(cli, all).then(
      () => true,
      (error: Error) => {
        if (!error.message.includes('busy')) throw error;
        return false;
      },
    ),
  );
}

/** As the API reports it, and as an alert queries it. */
async function stuckRuns(): Promise<number | undefined> {
  const registry = new Registry();
  const { client, connection, taskQueue } = temporal;
  addTemporalGauges(registry, { client, connection, taskQueue });
  return valuesOf(samplesIn(await registry.metrics()), 'tenure_runs_stuck')[0];
}

async function untilStuck(workflowId: string): Promise<void> {
  await until(async () => {
    const { raw } = await temporal.client.workflow.getHandle(workflowId).describe();
    return (raw.pendingWorkflowTask?.attempt ?? 0) > 2;
  });
}

it('A stuck plan change run sends the emails of its decision once an operator resets it', async () => {
  const planChangeId = randomUUID();
  const workflowId = planChangeRunId(planChangeId);
  const input: PlanChangeInput = { planChangeId, standing: queued, revision: RUN_REVISION };
  const run = await temporal.client.workflow.start(PLAN_CHANGE_WORKFLOW, {
    workflowId,
    taskQueue: temporal.taskQueue,
    args: [input],
  });
  await run.signal(planChangeMovedSignal);
  await untilStuck(workflowId);
  await until(async () => (await stuckRuns()) === 1);

  spoiled = false;
  await resetRun(workflowId);

  const result: unknown = await temporal.client.workflow.getHandle(workflowId).result();
  expect(result).toEqual({ ending: 'completed', agentOfRecord: 'retained' });
  expect(done).toEqual(['sent', 'sent']);
});

it('A stuck email run sends its email once an operator resets it', async () => {
  const notice = planChangeNotice('plan-change-completed', randomUUID(), Date.now());
  const workflowId = noticeId(notice.messageId);
  await temporal.client.workflow.start(DELIVER_NOTICE_WORKFLOW, {
    workflowId,
    taskQueue: temporal.taskQueue,
    args: [notice],
  });
  await untilStuck(workflowId);

  spoiled = false;
  await resetRun(workflowId);

  const result: unknown = await temporal.client.workflow.getHandle(workflowId).result();
  expect(result).toEqual({ outcome: 'delivered' });
  expect(done).toEqual(['sent']);
});
