import { randomUUID } from 'node:crypto';
import { createActivities } from '../../src/activities';
import { createRotationRuns } from '../../src/adapters/temporal/rotation-runs';
import { ROTATION_SWEEP_WORKFLOW, type RotationSweepInput } from '../../src/contracts/rotation-sweep';
import { passwordRotationId } from '../../src/contracts/workflow-ids';
import { DAY_MS } from '../../src/domain/time';
import { createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { createTestTemporal, type TestTemporal } from '../support/temporal';

let temporal: TestTemporal;
let stopWorker: () => Promise<void>;
let fakes: ActivityFakes;

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());

beforeEach(async () => {
  temporal.newTaskQueue();
  fakes = createActivityFakes();
  fakes.clock = Date.now;
  const rotationRuns = createRotationRuns(temporal.client, temporal.taskQueue);
  ({ stop: stopWorker } = await temporal.startWorker(createActivities({ ...fakes.deps, rotationRuns })));
});
afterEach(() => stopWorker());

function makeDue(howMany: number): string[] {
  const due = Array.from({ length: howMany }, () => ({
    credentialId: randomUUID(),
    accountId: randomUUID(),
    setAtMs: Date.now() - 76 * DAY_MS,
  }));
  fakes.due.set('broker', due);
  return due.map(({ accountId, credentialId }) => passwordRotationId(accountId, credentialId));
}

const startSweep = (input: RotationSweepInput = {}) =>
  temporal.client.workflow.start(ROTATION_SWEEP_WORKFLOW, {
    workflowId: `rotation-sweep/test-${randomUUID()}`,
    taskQueue: temporal.taskQueue,
    args: [input],
  });

async function openRuns(ids: readonly string[]): Promise<number> {
  const found = await Promise.all(ids.map((id) => temporal.client.workflow.getHandle(id).describe()));
  return found.filter(({ status, type }) => status.name === 'RUNNING' && type === 'passwordRotation').length;
}

describe('rotationSweep', () => {
  it('A sweep starts one run for each password that is due and returns how many', async () => {
    const ids = makeDue(30);

    const sweep = await startSweep();
    const result: unknown = await sweep.result();

    expect(result).toEqual({ started: 30, alreadyThere: 0 });
    expect(await openRuns(ids)).toBe(30);
    expect((await sweep.describe()).searchAttributes).toMatchObject({ TenureOutcome: ['swept'] });
  });

  it('Sweeps at the same moment start no run twice', async () => {
    const ids = makeDue(40);

    const sweeps = await Promise.all([startSweep(), startSweep(), startSweep()]);
    const results = (await Promise.all(sweeps.map((sweep) => sweep.result()))) as { started: number }[];

    expect(results.reduce((sum, { started }) => sum + started, 0)).toBe(40);
    expect(await openRuns(ids)).toBe(40);
  });

  it('A large sweep continues as new and keeps counting', async () => {
    const ids = makeDue(23);

    const sweep = await startSweep({ batchSize: 5, batchesPerRun: 2 });
    const result: unknown = await sweep.result();

    expect(result).toEqual({ started: 23, alreadyThere: 0 });
    expect(await openRuns(ids)).toBe(23);
    expect((await temporal.client.workflow.getHandle(sweep.workflowId).describe()).runId).not.toBe(
      sweep.firstExecutionRunId,
    );
  });

  it('A sweep with nothing due ends at once', async () => {
    expect(await (await startSweep()).result()).toEqual({ started: 0, alreadyThere: 0 });
  });
});
