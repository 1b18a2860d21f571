/** Who calls about plan changes, and what they are told when a change is not theirs. */
import type { z } from 'zod';
import type { intakeBody } from './schemas';
import { foldAgentNumber } from '../../domain/accounts/names';
import {
  callerOf,
  intakeRefusal,
  type PlanChangeCaller,
  type RightsRefusal,
} from '../../domain/plan-change/rights';
import { unitDay } from '../../domain/plan-change/deadlines';
import type { ApiDeps } from '../deps';
import type { ApiKeyHolder } from '../../ports/api-key';
import { AppError, type ProblemCode } from '../http/problems';

const PROBLEMS: Readonly<Record<Exclude<RightsRefusal, 'wrong-stage'>, ProblemCode>> = {
  'representative-required': 'representative_required',
  'claimed-by-other': 'claimed_by_other',
  'not-the-facilitator': 'not_the_facilitator',
  'role-not-allowed': 'role_not_allowed',
};

export const rightsProblem = (refusal: Exclude<RightsRefusal, 'wrong-stage'>): AppError =>
  new AppError(PROBLEMS[refusal]);

/** Throws the `AppError` that goes with it. What is at another stage shows when the move is tried. */
export function requireNoRefusal(refusal: RightsRefusal | null): void {
  if (refusal !== null && refusal !== 'wrong-stage') throw rightsProblem(refusal);
}

/** By what the staff roster says now. */
export async function callerOfKey(
  {
    planChangeFacts,
    planChangePolicy,
    clock,
  }: Pick<ApiDeps, 'planChangeFacts' | 'planChangePolicy' | 'clock'>,
  { staffNumber }: Pick<ApiKeyHolder, 'staffNumber'>,
): Promise<PlanChangeCaller> {
  const staffKey = staffNumber === null ? null : foldAgentNumber(staffNumber);
  const staff = staffKey === null ? null : await planChangeFacts.staff(staffKey);
  return callerOf(staffKey, staff, unitDay(planChangePolicy, clock()));
}

/** Asked before anything is looked up. A facilitator who is not named, but has to be, is a matter of the fields. */
export function requireIntakeRight(
  caller: PlanChangeCaller,
  { channel, facilitator }: z.output<typeof intakeBody>,
): void {
  const facilitatorKey = facilitator === undefined ? caller.staffKey : foldAgentNumber(facilitator.number);
  requireNoRefusal(intakeRefusal(channel, facilitatorKey, caller));
}
