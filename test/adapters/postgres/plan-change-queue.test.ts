import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import {
  auditOf,
  by,
  changes,
  claim,
  database,
  insert,
  rowOf,
  withPlanChanges,
} from './plan-change-database';
import { NOW_MS } from './records';

withPlanChanges();

describe('Queue', () => {
  it('The queue gives out the change that has waited longest, including those whose claim is over', async () => {
    const third = await insert({ waitingSinceMs: NOW_MS - 3 * MINUTE_MS, openedAtMs: NOW_MS - 9 * DAY_MS });
    const first = await insert({ waitingSinceMs: NOW_MS - 5 * MINUTE_MS });
    const second = await insert({
      stage: 'claimed',
      claimUntilMs: NOW_MS,
      waitingSinceMs: NOW_MS - 4 * MINUTE_MS,
    });
    await insert({ stage: 'claimed', claimUntilMs: NOW_MS + 1, waitingSinceMs: NOW_MS - DAY_MS });

    const given: unknown[] = [];
    for (let n = 0; n < 4; n += 1) given.push(await changes().claimNext(claim));

    expect(given).toEqual([first, second, third, null]);
  });

  it('The queue gives out changes of the same moment in the order of their ids', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => insert()));

    const given: unknown[] = [];
    for (const _id of ids) given.push(await changes().claimNext(claim));

    expect(given).toEqual(ids.toSorted());
  });

  it('The queue keeps the place of a change that is released', async () => {
    const first = await insert({ waitingSinceMs: NOW_MS - 2 * MINUTE_MS });
    await insert({ waitingSinceMs: NOW_MS - MINUTE_MS });
    await changes().claimNext(claim);
    await changes().release(first, { ...by, staffKey: 'S1' });

    expect(await changes().claimNext(claim)).toBe(first);
  });

  it('The queue gives each of 30 changes once to 50 simultaneous requests, and nothing to 20 of them', async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => insert()));

    const given = await Promise.all(
      Array.from({ length: 50 }, (_, n) => changes().claimNext({ ...claim, staffKey: `S${n}` })),
    );

    const claimed = given.flatMap((id, n) => (id === null ? [] : [{ id, staffKey: `S${n}` }]));
    expect(claimed.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    for (const { id, staffKey } of claimed) {
      expect(await rowOf(id)).toMatchObject({ claimedBy: staffKey });
      expect(await auditOf(id)).toHaveLength(1);
    }
  });

  it('The queue passes over a change that somebody is taking, and does not wait', async () => {
    const [first, second] = [
      await insert({ waitingSinceMs: NOW_MS - 2 * MINUTE_MS }),
      await insert({ waitingSinceMs: NOW_MS - MINUTE_MS }),
    ];

    const given = await database.prisma.$transaction(async (transaction) => {
      await transaction.$queryRaw`SELECT FROM plan_changes WHERE id = ${first}::uuid FOR UPDATE`;
      return changes().claimNext(claim);
    });

    expect(given).toBe(second);
  });

  it('claimNext gives the same change to twenty simultaneous requests with one move id', async () => {
    const oldest = await insert({ waitingSinceMs: NOW_MS - 1000 * HOUR_MS });
    await insert({ waitingSinceMs: NOW_MS - 999 * HOUR_MS });
    const next = { ...claim, moveId: randomUUID() };

    const given = await Promise.all(Array.from({ length: 20 }, () => changes().claimNext(next)));

    expect(new Set(given)).toEqual(new Set([oldest]));
    expect(await auditOf(oldest)).toHaveLength(1);
  });
});

describe('Claims repeated while the first request is not committed', () => {
  let first: Client;
  const next = () => ({ ...claim, moveId: randomUUID() });
  beforeEach(async () => {
    first = new Client({ connectionString: database.url });
    await first.connect();
    await first.query('BEGIN');
  });
  afterEach(() => first.end());

  /** What the first request has done so far: it holds the change and the key. */
  async function claimFirst(planChangeId: string, moveId: string): Promise<void> {
    await first.query(
      `UPDATE plan_changes SET stage = 'claimed', claimed_by = 'S1', claim_until = $2 WHERE id = $1`,
      [planChangeId, new Date(claim.claimUntilMs)],
    );
    await first.query(
      `INSERT INTO audit_events (key, at, action, outcome, plan_change_id) VALUES ($1, now(), 'plan-change-claimed', 'success', $2)`,
      [`plan-change-claimed:${moveId}`, planChangeId],
    );
  }

  async function answerAfter(asking: Promise<unknown>, end: 'COMMIT' | 'ROLLBACK'): Promise<unknown> {
    await Promise.race([database.untilOneWaits(), asking]);
    await first.query(end);
    return asking;
  }

  it.each(['COMMIT', 'ROLLBACK'] as const)(
    'A repeated claimNext gets the change of the first request, which ends with %s',
    async (end) => {
      const id = await insert();
      const again = next();
      await claimFirst(id, again.moveId);

      expect(await answerAfter(changes().claimNext(again), end)).toBe(id);
      expect(await auditOf(id)).toHaveLength(1);
    },
  );

  it('A repeated claimNext gets the change of the first request even if another one is free', async () => {
    const [id, other] = [await insert({ waitingSinceMs: NOW_MS - HOUR_MS }), await insert()];
    const again = next();
    await claimFirst(id, again.moveId);

    expect(await answerAfter(changes().claimNext(again), 'COMMIT')).toBe(id);
    expect(await rowOf(other)).toMatchObject({ stage: 'queued' });
  });

  it('A repeated claim of a named change is told that the change is claimed', async () => {
    const id = await insert();
    const again = next();
    await claimFirst(id, again.moveId);

    expect(await answerAfter(changes().claim(id, again), 'COMMIT')).toBe(true);
    expect(await auditOf(id)).toHaveLength(1);
  });
});
