/**
 * Hands the trace that a run or an update was called with on to the activities it schedules. OpenTelemetry itself stays outside:
 * in here it would cost memory with every open run, draw from the run's random numbers and add turns to its promises. This adds
 * no await, and a run without a trace has nothing to carry.
 */
import {
  AsyncLocalStorage,
  type Headers,
  type WorkflowInterceptors,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';

/** Of @temporalio/interceptors-opentelemetry, which writes it in the client and reads it in the activity. */
const TRACE_HEADER = '_tracer-data';

type Trace = Headers[string];

export const interceptors: WorkflowInterceptorsFactory = (): WorkflowInterceptors => {
  const traces = new AsyncLocalStorage<Trace>();

  const under = <T>(trace: Trace | undefined, work: () => T): T =>
    trace === undefined ? work() : traces.run(trace, work);
  const carried = <Input extends { readonly headers: Headers }>(input: Input): Input => {
    const trace = traces.getStore();
    return trace === undefined ? input : { ...input, headers: { ...input.headers, [TRACE_HEADER]: trace } };
  };

  return {
    inbound: [
      {
        execute: (input, next) => under(input.headers[TRACE_HEADER], () => next(input)),
        handleUpdate: (input, next) => under(input.headers[TRACE_HEADER], () => next(input)),
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(carried(input)),
        scheduleLocalActivity: (input, next) => next(carried(input)),
      },
    ],
  };
};
