/** Who calls about plan changes, and whether they may take one in. */
import type { z } from 'zod';
import type { intakeBody } from './schemas';
import { foldAgentNumber } from '../../domain/accounts/names';
import { callerOf, intakeRefusal, type PlanChangeCaller } from '../../domain/plan-change/rights';
import { unitDay } from '../../domain/plan-change/deadlines';
import type { ApiDeps } from '../deps';
import type { ApiKeyHolder } from '../../ports/api-key';
import { requireNoRefusal } from './answers';

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
