/** How a route finds a plan change for its caller, and shows it. */
import type { z } from 'zod';
import { moveRefusal, type PlanChangeMove } from '../../domain/plan-change/rights';
import type { ApiKeyHolder } from '../../ports/api-key';
import type { ListedPlanChange } from '../../ports/plan-change';
import type { ApiDeps } from '../deps';
import { AppError } from '../http/problems';
import { planChangeBody, requireNoRefusal } from './answers';
import { callerOfKey } from './callers';
import type { planChange } from './schemas';

type LookupDeps = Pick<ApiDeps, 'planChanges' | 'planChangeFacts' | 'planChangePolicy' | 'clock'>;

/** Each throws `AppError('not_found')` if there is no such change. */
export function createLookup(deps: LookupDeps) {
  const { planChanges, clock } = deps;
  return { found, foundFor, shown };

  async function found(id: string): Promise<ListedPlanChange> {
    const change = await planChanges.look(id);
    if (change === null) throw new AppError('not_found');
    return change;
  }

  /** The change, if the caller may make the move. Throws the `AppError` that says why not. */
  async function foundFor(move: PlanChangeMove, id: string, key: ApiKeyHolder) {
    const [change, caller] = await Promise.all([found(id), callerOfKey(deps, key)]);
    requireNoRefusal(moveRefusal(change, move, caller, clock()));
    return { change, caller };
  }

  /** The answer about a change, as it is now. */
  async function shown(id: string): Promise<z.input<typeof planChange>> {
    return planChangeBody(await found(id), clock());
  }
}
