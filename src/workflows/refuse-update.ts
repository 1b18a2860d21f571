import { ApplicationFailure } from '@temporalio/workflow';
import { FAILURE_TYPES } from '../contracts/failures';

/** For validators. An update that would change nothing is rejected with its answer: it leaves no event, so nobody can fill a history with it. */
export function refuseUpdate(answer: unknown): never {
  throw ApplicationFailure.nonRetryable('it would change nothing', FAILURE_TYPES.updateRefused, answer);
}
