/** The Temporal Schedule that runs the sweep. Tenure creates it and keeps an operator's changes. */
import { ScheduleAlreadyRunning, type Client, type ScheduleDescription } from '@temporalio/client';
import { ROTATION_SCHEDULE_ID, ROTATION_SWEEP_WORKFLOW } from '../../contracts/rotation-sweep';
import { ROTATION_SWEEP_ID } from '../../contracts/workflow-ids';
import { HOUR_MS } from '../../domain/time';
import { isNotOursToManage } from './connection';

export type ScheduleReport =
  /** `operators-own-spec`: an operator changed its times, and they stay. */
  'created' | 'in-place' | 'operators-own-spec' | 'not-ours-to-manage';

export interface ScheduleOptions {
  readonly taskQueue: string;
  readonly scheduleId?: string;
}

/** After an outage one sweep runs at once and catches up on everything that is due. */
const CATCH_UP = '1 day';

/** A sweep on a task queue that no worker polls any more would keep the next ones from starting for ever. */
const SWEEP_TIMEOUT = '1 day';

/**
 * Creates the hourly schedule, or updates its action. A paused one stays paused, and an operator's own times and
 * policies stay.
 */
export async function ensureRotationSchedule(
  client: Client,
  { taskQueue, scheduleId = ROTATION_SCHEDULE_ID }: ScheduleOptions,
): Promise<ScheduleReport> {
  // No input and no summary: they would be encrypted, and a worker without that key could not read the schedule.
  const action = {
    type: 'startWorkflow',
    workflowType: ROTATION_SWEEP_WORKFLOW,
    workflowId: ROTATION_SWEEP_ID,
    taskQueue,
    workflowExecutionTimeout: SWEEP_TIMEOUT,
  } as const;
  try {
    await client.schedule.create({
      scheduleId,
      action,
      spec: { intervals: [{ every: HOUR_MS }] },
      policies: { overlap: 'SKIP', catchupWindow: CATCH_UP },
    });
    return 'created';
  } catch (error) {
    if (isNotOursToManage(error)) return 'not-ours-to-manage';
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
  let report: ScheduleReport = 'in-place';
  await client.schedule.getHandle(scheduleId).update((previous) => {
    if (!isHourly(previous.spec)) report = 'operators-own-spec';
    return { ...previous, action };
  });
  return report;
}

function isHourly({ intervals = [], calendars = [] }: ScheduleDescription['spec']): boolean {
  const [only, other] = intervals;
  return calendars.length === 0 && other === undefined && only?.every === HOUR_MS;
}
