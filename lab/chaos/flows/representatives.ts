/** The unit's representatives: each claims the next change and completes or releases it, until the round is over. */
import type { Json } from '../../system/json-client';
import type { Random } from '../random';
import { unexpected, type Visitor } from '../visitor';
import type { Representative } from '../world';
import { complete, lookAt } from './plan-change';

const IDLE_MS = 400;
const RELEASE_SHARE = 0.12;

export interface UnitWork {
  completed: number;
  released: number;
  /** Claimed by a call whose answer was lost, and found in the list. */
  foundAgain: number;
}

export async function work(
  { key, staffNumber }: Representative,
  visitor: Visitor,
  random: Random,
  isOver: () => boolean,
  done: UnitWork,
): Promise<void> {
  while (!isOver()) {
    const { answer, unsure } = await visitor.send('POST', '/v1/plan-changes/next', { token: key });
    if (answer.status !== 200 && answer.status !== 204) throw unexpected('asking for the next one', answer);
    if (answer.status === 200) await deal(answer.body.id);
    // A change claimed by a call whose answer was lost is theirs, and nobody else can complete it.
    if (unsure) for (const id of await claimed()) await dealAgain(id);
    if (answer.status === 204) await visitor.wait(IDLE_MS);
  }

  async function deal(id: string): Promise<void> {
    if (random.chance(RELEASE_SHARE)) return release(id);
    await complete(visitor, key, key, id);
    done.completed += 1;
  }

  async function dealAgain(id: string): Promise<void> {
    done.foundAgain += 1;
    await complete(visitor, key, key, id);
    done.completed += 1;
  }

  async function release(id: string): Promise<void> {
    const { answer, unsure } = await visitor.send('POST', `/v1/plan-changes/${id}/release`, { token: key });
    // Somebody else may have claimed it before the late answer.
    if (answer.status !== 200 && !(unsure && (await lookAt(visitor, key, id)).claimedBy !== staffNumber))
      throw unexpected('releasing', answer);
    done.released += 1;
  }

  async function claimed(): Promise<string[]> {
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const page: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { answer } = await visitor.send('GET', `/v1/plan-changes?stage=claimed${page}`, { token: key });
      if (answer.status !== 200) throw unexpected('listing', answer);
      const mine = answer.body.planChanges.filter(({ claimedBy }: Json) => claimedBy === staffNumber);
      ids.push(...mine.map(({ id }: Json) => id));
      cursor = answer.body.nextCursor;
    } while (cursor !== null);
    return ids;
  }
}
