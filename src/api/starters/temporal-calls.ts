/** Calls to Temporal from a request: bounded in time, and one face for everything that may pass. */
import { randomUUID } from 'node:crypto';
import {
  isGrpcServiceError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Connection,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE_TYPES } from '../../contracts/failures';
import { AppError } from '../problems';

/** A person waits for the answer; longer than this they would have given up. */
const DEADLINE_MS = 8_000;
const RETRY_AFTER_SECONDS = 2;

const GRPC_DEADLINE_EXCEEDED = 4;
const GRPC_FAILED_PRECONDITION = 9;
const RESENDS = 5;

/**
 * Runs `call` within the deadline; one that only asks is asked again every `attemptMs`. Throws `AppError('unavailable')` when
 * Temporal or the worker cannot answer; `WorkflowNotFoundError` passes, since the caller knows what it means.
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
      if (mayPass(error)) throw new AppError('unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS });
      throw error;
    }
  }
}

/**
 * An update's answer. One that the workflow refused because it would change nothing brings its answer along; null when
 * the run is closed. `send` is called with an id that makes it safe to send again. Throws as `callTemporal`.
 */
export async function callUpdate<T>(
  connection: Connection,
  send: (updateId: string) => Promise<T>,
): Promise<T | null> {
  const updateId = randomUUID();
  try {
    return await callTemporal(connection, () =>
      send(updateId).catch((error: unknown) => answerOfRefusal(error) as T),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

function answerOfRefusal(error: unknown): unknown {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (cause instanceof ApplicationFailure && cause.type === FAILURE_TYPES.updateRefused)
    return cause.details?.[0];
  throw error;
}

/** A run that ends in the moment something else happens to it has its task done again, without the update that was in it. */
const wasUndone = (error: unknown): boolean => grpcStatusOf(error) === GRPC_FAILED_PRECONDITION;

/** Temporal is away, overloaded or has no worker; or a database step of the run could not be done in its time. */
const mayPass = (error: unknown): boolean =>
  grpcStatusOf(error) !== undefined ||
  error instanceof WorkflowUpdateRPCTimeoutOrCancelledError ||
  error instanceof WorkflowUpdateFailedError;

function grpcStatusOf(error: unknown): number | undefined {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) ? cause.code : undefined;
}
