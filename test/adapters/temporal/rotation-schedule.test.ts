import { randomBytes, randomUUID } from 'node:crypto';
import { Client, Connection, type ScheduleDescription } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { createDataConverter } from '../../../src/adapters/temporal/payload-codec';
import {
  ensureRotationSchedule,
  type ScheduleReport,
} from '../../../src/adapters/temporal/rotation-schedule';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import '../../../lab/system/quiet-temporal';

const address = process.env['TENURE_TEST_TEMPORAL']!;
let connection: Connection;
let client: Client;
let scheduleId: string;

beforeAll(async () => {
  connection = await Connection.connect({ address });
  client = new Client({ connection });
});
afterAll(() => connection.close());
beforeEach(() => {
  scheduleId = `test-${randomUUID()}`;
});
afterEach(() => client.schedule.getHandle(scheduleId).delete());

const ensure = (taskQueue = 'queue-1', by = client): Promise<ScheduleReport> =>
  ensureRotationSchedule(by, { taskQueue, scheduleId });
const describeIt = (): Promise<ScheduleDescription> => client.schedule.getHandle(scheduleId).describe();

it('The rotation schedule is hourly, with one sweep at a time, of a day at most, and a catch-up window of one day', async () => {
  expect(await ensure()).toBe('created');

  const { spec, policies, action, info } = await describeIt();

  expect(spec.intervals).toEqual([expect.objectContaining({ every: HOUR_MS })]);
  expect(policies).toMatchObject({ overlap: 'SKIP', catchupWindow: DAY_MS });
  expect(action).toMatchObject({
    workflowType: 'rotationSweep',
    workflowId: 'rotation-sweep/hourly',
    taskQueue: 'queue-1',
    workflowExecutionTimeout: DAY_MS,
  });
  const [next, afterNext] = info.nextActionTimes;
  expect(afterNext!.getTime() - next!.getTime()).toBe(HOUR_MS);
  expect(next!.getTime() - Date.now()).toBeLessThanOrEqual(HOUR_MS);
});

it('The rotation schedule is created once by workers that start together, even over a worker’s own connection', async () => {
  const native = await NativeConnection.connect({ address });
  const workers = new Client({ connection: native });

  const reports = await Promise.all([ensure(), ensure('queue-1', workers), ensure()]);
  await native.close();

  expect(reports.toSorted()).toEqual(['created', 'in-place', 'in-place']);
});

it('The rotation schedule can be read by workers with other encryption keys', async () => {
  const withKey = (): Client =>
    new Client({ connection, dataConverter: createDataConverter([{ id: 'k', key: randomBytes(32) }]) });

  expect([await ensure('queue-1', withKey()), await ensure('queue-1', withKey()), await ensure()]).toEqual([
    'created',
    'in-place',
    'in-place',
  ]);
});

it('The rotation schedule is updated to the current task queue, and stays paused with its note', async () => {
  await ensure('queue-1');
  await client.schedule.getHandle(scheduleId).pause('until the mail server is moved');

  expect(await ensure('queue-2')).toBe('in-place');

  const { state, action } = await describeIt();
  expect(state).toMatchObject({ paused: true, note: 'until the mail server is moved' });
  expect(action).toMatchObject({ taskQueue: 'queue-2' });
});

it.each([
  ['another interval', { intervals: [{ every: 15 * MINUTE_MS }] }],
  ['a time of day', { calendars: [{ hour: 9 }] }],
])('The rotation schedule keeps an operator’s own spec, %s, and reports it', async (_what, spec) => {
  await ensure();
  const handle = client.schedule.getHandle(scheduleId);
  await handle.update((previous) => ({ ...previous, spec, policies: { overlap: 'BUFFER_ONE' } }));
  const before = await describeIt();

  expect(await ensure()).toBe('operators-own-spec');

  const after = await describeIt();
  expect(after.spec).toEqual(before.spec);
  expect(after.policies).toEqual(before.policies);
});
