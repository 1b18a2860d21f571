/**
 * Passes the trace of a run's start or update on to the activities it schedules. OpenTelemetry itself stays outside:
 * in the sandbox it would cost memory for every open run, use the run's random numbers and add promise turns. This code adds
 * no await, and does nothing for a run without a trace.
 */
import {
  AsyncLocalStorage,
  type Headers,
  type WorkflowInterceptors,
  type WorkflowInterceptorsFactory,
} from '@temporalio/workflow';

/** The header of @temporalio/interceptors-opentelemetry, which writes it in the client and reads it in the activity. */
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
