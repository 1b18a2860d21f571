/**
 * Histories as if workflow tasks had timed out: a worker froze, came back late, or lost its cache. Events of
 * several tasks then arrive in one, in the SDK's order (signals and updates first), and a run must still behave the same.
 */
import { temporal } from '@temporalio/proto';

export type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

const { EventType } = temporal.api.enums.v1;
const START_TO_CLOSE = temporal.api.enums.v1.TimeoutType.TIMEOUT_TYPE_START_TO_CLOSE;

/** Variants in which all tasks that ended without a command timed out, and each of the first `most` alone. Empty: none. */
export function regroupings(history: History, most = 4): History[] {
  const events = history.events ?? [];
  const idle = [...events.keys()].filter((index) => isIdleEnd(events, index));
  if (idle.length === 0) return [];
  const alone = idle.length === 1 ? [] : idle.slice(0, most).map((index) => [index]);
  return [idle, ...alone].map((indexes) => ({ events: timedOutAt(events, new Set(indexes)) }));
}

/** Whether a task ended without a command: the next event is neither its command nor an answer to an update. */
function isIdleEnd(events: readonly HistoryEvent[], index: number): boolean {
  const event = events[index];
  const next = events[index + 1];
  return (
    event?.eventType === EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED && next != null && !isCommand(next)
  );
}

const NO_COMMANDS: ReadonlySet<number> = new Set([
  EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED,
  EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
  EventType.EVENT_TYPE_TIMER_FIRED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED,
  EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT,
]);

const isCommand = ({ eventType }: HistoryEvent): boolean => !NO_COMMANDS.has(eventType ?? 0);

function timedOutAt(events: readonly HistoryEvent[], indexes: ReadonlySet<number>): HistoryEvent[] {
  return events.map((event, index) => {
    if (!indexes.has(index)) return event;
    const { workflowTaskCompletedEventAttributes: completed, ...rest } = event;
    const { scheduledEventId = null, startedEventId = null } = completed ?? {};
    return {
      ...rest,
      eventType: EventType.EVENT_TYPE_WORKFLOW_TASK_TIMED_OUT,
      workflowTaskTimedOutEventAttributes: { scheduledEventId, startedEventId, timeoutType: START_TO_CLOSE },
    };
  });
}
