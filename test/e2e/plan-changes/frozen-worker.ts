/** A frozen worker is worse than a dead one: its tasks time out while it still intends to finish them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { planChangeRunId } from '../../../src/contracts/workflow-ids';
import type { TestDatabase } from '../../support/database';
import { until } from '../../support/until';
import { codeOf, openDesk, type Desk } from '../../../lab/system/plan-changes';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

/** Just under a workflow task's timeout. */
const NEARLY_A_TASK_MS = 9_500;

let testDatabase: TestDatabase;
let stack: Stack;
let desk: Desk;

withStack(async (started, database) => {
  stack = started;
  testDatabase = database;
  desk = await openDesk(stack);
});

const runOf = (id: string) => stack.client.workflow.getHandle(planChangeRunId(id));

/**
 * Freezes the worker while a change is claimed, and requests its completion before the worker continues and
 * finds its table locked.
 */
async function completedMeanwhile(name: string, completion: object): Promise<string> {
  const agent = await desk.addAgent(`${name}agent`);
  const { id } = (await desk.take(await desk.addCustomer(name, agent), 'plan-change-line')).body;
  // A task in progress when the worker freezes fails: the SDK allows it five seconds of real time.
  await until(async () => (await runOf(id).describe()).raw.pendingWorkflowTask == null);
  stack.worker.freeze();
  try {
    const claimed = await desk.post(desk.noor, `/${id}/claim`);
    expect(codeOf(claimed)).toBe('200 claimed');
    const frozenAt = Date.now();
    const answer = desk.complete(desk.noor, id, completion);
    await sleep(NEARLY_A_TASK_MS - 500 - (Date.now() - frozenAt));
    const lock = await testDatabase.lockTable('aor_decisions', { readable: false });
    try {
      await sleep(NEARLY_A_TASK_MS - (Date.now() - frozenAt));
      stack.worker.thaw();
      await sleep(2_500);
    } finally {
      await lock.release();
    }
    await answer;
    return id;
  } finally {
    stack.worker.thaw();
  }
}

async function expectItToEndSoundly(id: string): Promise<void> {
  await until(async () => (await runOf(id).describe()).status.name === 'COMPLETED');
  const { events } = await runOf(id).fetchHistory();
  expect(events?.filter((event) => event.workflowTaskFailedEventAttributes != null)).toEqual([]);
}

it('A change is completed by a completion that came while the worker was frozen right after the claim', async () => {
  const id = await completedMeanwhile('frozenfirst', {});

  const again = await desk.complete(desk.noor, id);

  await until(async () => (await desk.look(id)).body.stage === 'completed');
  expect(['200 completed', '409 wrong_stage completed']).toContain(codeOf(again));
  await expectItToEndSoundly(id);
});

it('A valid completion is accepted after one that was refused while the worker was frozen', async () => {
  const id = await completedMeanwhile('frozenrefused', { effectiveDate: '2020-01-01' });

  await until(async () => codeOf(await desk.complete(desk.noor, id)) === '200 completed');

  await expectItToEndSoundly(id);
});
