/** Calls to Temporal from a request: with a deadline, and one error for all transient failures. */
import { randomUUID } from 'node:crypto';
import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Connection,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE_TYPES } from '../../contracts/failures';
import { operationOf, type Operation } from '../../ports/operation';
import { UnavailableError } from '../../ports/errors';

/** A person is waiting and would give up after this time. */
const DEADLINE_MS = 8_000;
const RETRY_AFTER_SECONDS = 2;

const GRPC_DEADLINE_EXCEEDED = 4;
const GRPC_FAILED_PRECONDITION = 9;
const RESENDS = 5;
/** Each takes a minute to fail, so retries succeed long before this limit. */
const UPDATES_OF_AN_OPERATION = 20;

/**
 * Runs `call` within the deadline; a read-only call is retried every `attemptMs`. Throws `UnavailableError` when
 * Temporal or the worker cannot answer. `WorkflowNotFoundError` is passed on, because its meaning depends on the caller.
 */
export async function callTemporal<T>(
  connection: Connection,
  call: () => Promise<T>,
  { attemptMs = DEADLINE_MS }: { readonly attemptMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (let sent = 1; ; sent++) {
    try {
      return await connection.withDeadline(Math.min(deadline, Date.now() + attemptMs), call);
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) throw error;
      if (grpcStatusOf(error) === GRPC_DEADLINE_EXCEEDED && Date.now() < deadline) continue;
      if (wasUndone(error) && sent <= RESENDS) continue;
      if (mayPass(error)) throw new UnavailableError(RETRY_AFTER_SECONDS);
      throw error;
    }
  }
}

/** A query is answered in milliseconds; rarely the server loses one with the worker's task, and it is retried. */
const ASK_AGAIN_AFTER_MS = 2_500;

/** A query's answer; null if Temporal does not know the run or no longer keeps it. Throws `UnavailableError`. */
export async function callQuery<T>(connection: Connection, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await callTemporal(connection, ask, { attemptMs: ASK_AGAIN_AFTER_MS });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/**
 * An update's answer. An update that the workflow rejected because it would change nothing carries its answer; null if
 * the run is closed. `send` gets an id that makes retries safe: Temporal repeats the answer to an accepted id,
 * even after the run has ended. If an earlier try's update failed, that try was answered 503, and the next id is sent.
 * Throws as `callTemporal`.
 */
export async function callUpdate<T>(
  connection: Connection,
  send: (updateId: string) => Promise<T>,
  operation: Operation = operationOf(randomUUID()),
): Promise<T | null> {
  const tries = operation.isRepeated ? UPDATES_OF_AN_OPERATION : 1;
  try {
    return await callTemporal(connection, async () => {
      for (let number = 1; ; number++) {
        try {
          return await send(updateIdOf(operation, number));
        } catch (error) {
          const refused = answerOfRefusal(error);
          if (refused !== undefined) return refused.answer as T;
          if (!(error instanceof WorkflowUpdateFailedError) || number === tries) throw error;
        }
      }
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** The run's answer to this operation's update in an earlier try; null if there was none. Throws as `callTemporal`. */
export function findUpdate<T>(
  connection: Connection,
  run: WorkflowHandle,
  operation: Operation,
): Promise<T | null> {
  return callUpdate(connection, (updateId) => run.getUpdateHandle<T>(updateId).result(), operation);
}

const updateIdOf = (operation: Operation, number: number): string =>
  operation.idFor(number === 1 ? 'update' : `update ${number}`);

function answerOfRefusal(error: unknown): { readonly answer: unknown } | undefined {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  return cause instanceof ApplicationFailure && cause.type === FAILURE_TYPES.updateRefused
    ? { answer: cause.details?.[0] }
    : undefined;
}

/** If another event arrives while a run is ending, its task is retried without the update that was in it. */
const wasUndone = (error: unknown): boolean => grpcStatusOf(error) === GRPC_FAILED_PRECONDITION;

/** Temporal is unavailable, overloaded or has no worker; or a database step of the run timed out. */
const mayPass = (error: unknown): boolean =>
  grpcStatusOf(error) !== undefined ||
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
  error instanceof WorkflowUpdateFailedError;

function grpcStatusOf(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}
