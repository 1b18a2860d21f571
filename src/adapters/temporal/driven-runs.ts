/** The runs that a request starts or drives, for its log line. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { DrivenRuns } from '../../ports/request';

export interface DrivenRunsByClient extends DrivenRuns {
  /** For the client that requests use: records the workflow ids of their calls. */
  readonly clientInterceptor: WorkflowClientInterceptor;
}

export function createDrivenRuns(): DrivenRunsByClient {
  const requests = new AsyncLocalStorage<Set<string>>();
  const note = (workflowId: string): void => void requests.getStore()?.add(workflowId);

  return {
    follow(handle) {
      const workflowIds = new Set<string>();
      requests.run(workflowIds, handle);
      return workflowIds;
    },

    clientInterceptor: {
      startWithDetails(input, next) {
        note(input.options.workflowId);
        return next(input);
      },
      startUpdate(input, next) {
        note(input.workflowExecution.workflowId);
        return next(input);
      },
      startUpdateWithStart(input, next) {
        note(input.workflowStartOptions.workflowId);
        return next(input);
      },
      signal(input, next) {
        note(input.workflowExecution.workflowId);
        return next(input);
      },
      signalWithStart(input, next) {
        note(input.options.workflowId);
        return next(input);
      },
      cancel(input, next) {
        note(input.workflowExecution.workflowId);
        return next(input);
      },
      terminate(input, next) {
        note(input.workflowExecution.workflowId);
        return next(input);
      },
      query(input, next) {
        note(input.workflowExecution.workflowId);
        return next(input);
      },
    },
  };
}
