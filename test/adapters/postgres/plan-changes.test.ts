import { randomUUID } from 'node:crypto';
import type { NewPlanChange, PlanChangeQuery } from '../../../src/ports/plan-change';
import { PLAN_CHANGE_STAGES } from '../../../src/domain/plan-change/plan-change';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import {
  auditOf,
  by,
  changes,
  database,
  insert,
  rowOf,
  system,
  withPlanChanges,
} from './plan-change-database';
import { NOW_MS, insertAgent, insertCustomer, insertStaff } from './records';

withPlanChanges();

function newChange(fields: Partial<NewPlanChange> & { readonly customerId: string }): NewPlanChange {
  return {
    planChangeId: randomUUID(),
    channel: 'external-agent-application',
    route: 'external-agent',
    stage: 'with-facilitator',
    facilitatorKey: 'A7',
    planId: 'H4513-046-000',
    effectiveOn: '2027-01-01',
    ...by,
    ...fields,
  };
}

describe('Opening', () => {
  it('Opening a plan change writes what was taken in, with an audit event', async () => {
    const change = newChange({ customerId: await insertCustomer(database.prisma) });

    expect(await changes().open(change)).toBe(true);

    const { planChangeId, apiKeyId, address, atMs, ...taken } = change;
    expect(await changes().find(planChangeId)).toEqual({
      planChangeId,
      ...taken,
      openedAtMs: atMs,
      waitingSinceMs: atMs,
      claimedBy: null,
      claimUntilMs: null,
      heldFor: null,
      heldSinceMs: null,
      endedAtMs: null,
      outcome: null,
      moves: 0,
    });
    expect(await rowOf(planChangeId)).toMatchObject({ openedBy: apiKeyId });
    expect(await auditOf(planChangeId)).toMatchObject([
      {
        action: 'plan-change-opened',
        outcome: 'success',
        key: null,
        apiKeyId,
        address,
        at: new Date(NOW_MS),
      },
    ]);
  });

  it('Opening a plan change works without a plan, a date or a facilitator', async () => {
    const unit = { channel: 'customer-service', route: 'unit', stage: 'queued' } as const;
    const unknown = { facilitatorKey: null, planId: null, effectiveOn: null };
    const change = newChange({ customerId: await insertCustomer(database.prisma), ...unit, ...unknown });

    await changes().open(change);

    expect(await changes().find(change.planChangeId)).toMatchObject({ ...unit, ...unknown });
  });

  it('Opening a plan change with an id that is in use is refused and writes nothing', async () => {
    const change = newChange({ customerId: await insertCustomer(database.prisma) });
    await changes().open(change);

    expect(await changes().open({ ...change, planId: null, atMs: NOW_MS + 1 })).toBe(false);
    const ofAnother = { ...change, customerId: await insertCustomer(database.prisma) };
    expect(await changes().open(ofAnother)).toBe(false);

    expect(await changes().find(change.planChangeId)).toMatchObject({ customerId: change.customerId });
    expect(await rowOf(change.planChangeId)).toMatchObject({ planId: change.planId });
    expect(await auditOf(change.planChangeId)).toHaveLength(1);
  });

  it('Opening 20 plan changes of a customer at once opens one, which openChangeOf returns', async () => {
    const customerId = await insertCustomer(database.prisma);
    const asked = Array.from({ length: 20 }, () => newChange({ customerId }));

    const opened = await Promise.all(asked.map((change) => changes().open(change)));

    const ids = asked.filter((_, n) => opened[n]).map(({ planChangeId }) => planChangeId);
    expect(ids).toHaveLength(1);
    expect(await changes().openChangeOf(customerId)).toBe(ids[0]);
    expect(await database.prisma.planChange.count({ where: { customerId } })).toBe(1);
    expect(
      await database.prisma.auditEvent.count({
        where: { planChangeId: { in: asked.map(({ planChangeId }) => planChangeId) } },
      }),
    ).toBe(1);
  });

  it.each(PLAN_CHANGE_STAGES)(
    'A second plan change of a customer is opened only if the first one is over: first one %s',
    async (stage) => {
      const customerId = await insertCustomer(database.prisma);
      const isOver = stage === 'completed' || stage === 'withdrawn' || stage === 'abandoned';
      const first = await insert({ customerId, stage });
      const second = newChange({ customerId });

      expect(await changes().openChangeOf(customerId)).toBe(isOver ? null : first);
      expect(await changes().open(second)).toBe(isOver);

      expect(await changes().openChangeOf(customerId)).toBe(isOver ? second.planChangeId : first);
    },
  );
});

describe('find and look', () => {
  it('find and look return null for an unknown plan change', async () => {
    expect([await changes().find(randomUUID()), await changes().look(randomUUID())]).toEqual([null, null]);
  });

  it('look shows the numbers as the rosters write them, even if an agent and an internal agent share a key', async () => {
    await insertAgent(database.prisma, { agentNumber: 'x-100' });
    await insertStaff(database.prisma, { staffNumber: 'X 100', role: 'field-agent' });
    const key = await insertStaff(database.prisma, { staffNumber: 'r-1' });
    const external = await insert({
      stage: 'with-facilitator',
      channel: 'external-agent-application',
      facilitatorKey: 'X100',
    });
    const referred = await insert({
      channel: 'field-agent',
      route: 'unit',
      stage: 'claimed',
      facilitatorKey: 'X100',
      claimedBy: key,
    });

    expect(await changes().look(external)).toMatchObject({
      facilitatorNumber: 'x-100',
      claimedByNumber: null,
      endedFor: null,
      reason: null,
      agentNumber: null,
      commissionContinues: false,
      outcome: null,
    });
    expect(await changes().look(referred)).toMatchObject({
      facilitatorNumber: 'X 100',
      claimedByNumber: 'r-1',
      claimUntilMs: NOW_MS + HOUR_MS,
    });
  });

  it('look shows why a plan change was withdrawn', async () => {
    const id = await insert();
    await changes().withdraw(id, { ...by, caller: system, reason: 'stays with the old plan' });

    expect(await changes().look(id)).toMatchObject({
      stage: 'withdrawn',
      endedFor: 'stays with the old plan',
      endedAtMs: NOW_MS,
    });
  });
});

describe('List', () => {
  const idsOf = (listed: readonly { planChangeId: string }[]) =>
    listed.map(({ planChangeId }) => planChangeId);
  const list = async (query: Partial<PlanChangeQuery> = {}) =>
    idsOf(await changes().list({ visible: 'all', nowMs: NOW_MS, limit: 100, ...query }));

  it('The list shows plan changes by stage and route, and an expired claim as queued', async () => {
    const internal = { channel: 'field-agent', stage: 'with-facilitator' } as const;
    const minutesAgo = (minutes: number) => ({ waitingSinceMs: NOW_MS - minutes * MINUTE_MS });
    const ids = {
      queued: await insert(minutesAgo(9)),
      over: await insert({ stage: 'claimed', claimUntilMs: NOW_MS, ...minutesAgo(8) }),
      claimed: await insert({ stage: 'claimed', claimUntilMs: NOW_MS + 1, ...minutesAgo(7) }),
      'with-facilitator': await insert({ ...internal, ...minutesAgo(6) }),
      held: await insert({ channel: 'external-call-center', stage: 'held', ...minutesAgo(5) }),
      completed: await insert({ ...internal, stage: 'completed', ...minutesAgo(4) }),
      withdrawn: await insert({ stage: 'withdrawn', ...minutesAgo(3) }),
      abandoned: await insert({ stage: 'abandoned', ...minutesAgo(2) }),
    };

    expect(await list()).toEqual(Object.values(ids));
    expect(await list({ stage: 'queued' })).toEqual([ids.queued, ids.over]);
    for (const stage of PLAN_CHANGE_STAGES.filter((each) => each !== 'queued'))
      expect(await list({ stage })).toEqual([ids[stage]]);
    expect(await list({ stage: 'queued', nowMs: NOW_MS - 1 })).toEqual([ids.queued]);
    expect(await list({ stage: 'claimed', nowMs: NOW_MS - 1 })).toEqual([ids.over, ids.claimed]);
    expect(await list({ route: 'internal-agent' })).toEqual([ids['with-facilitator'], ids.completed]);
    expect(await list({ route: 'internal-agent', stage: 'completed' })).toEqual([ids.completed]);
    expect(await list({ route: 'call-center' })).toEqual([ids.held]);
    expect(await list({ route: 'own-agent' })).toEqual([]);
  });

  it.each([
    ['all', {}, 14],
    ['of a stage', { stage: 'queued' }, 7],
    ['of a route', { route: 'internal-agent' }, 7],
  ] as const)(
    'The list continues where a page ended, even among changes of the same moment: %s',
    async (_what, query, howMany) => {
      for (const minutes of [1, 2, 2, 2, 2, 2, 3]) {
        const waitingSinceMs = NOW_MS - minutes * MINUTE_MS;
        await insert({ waitingSinceMs });
        await insert({ waitingSinceMs, channel: 'field-agent', stage: 'with-facilitator' });
      }

      const seen: string[] = [];
      let after: PlanChangeQuery['after'];
      while (seen.length <= howMany) {
        const page = await changes().list({ ...query, visible: 'all', after, nowMs: NOW_MS, limit: 3 });
        const last = page.at(-1);
        if (last === undefined) break;
        seen.push(...idsOf(page));
        after = { atMs: last.waitingSinceMs, id: last.planChangeId };
      }

      expect(seen).toHaveLength(howMany);
      expect(seen).toEqual(await list(query));
    },
  );
});

describe('Escalations', () => {
  it('An escalation is audited once for each kind, and does not change the plan change', async () => {
    const id = await insert();
    const before = await rowOf(id);

    await changes().noteEscalation(id, 'waiting', NOW_MS);
    await changes().noteEscalation(id, 'waiting', NOW_MS + 1000);
    await changes().noteEscalation(id, 'overdue', NOW_MS + 2000);

    expect(await rowOf(id)).toEqual(before);
    expect(await auditOf(id)).toMatchObject([
      {
        action: 'plan-change-escalated',
        outcome: 'waiting',
        key: `plan-change-waiting:${id}`,
        at: new Date(NOW_MS),
        apiKeyId: null,
        address: null,
      },
      {
        action: 'plan-change-escalated',
        outcome: 'overdue',
        key: `plan-change-overdue:${id}`,
        at: new Date(NOW_MS + 2000),
        apiKeyId: null,
        address: null,
      },
    ]);
  });
});

describe('Database constraints on plan changes', () => {
  const query = (text: string, values: readonly unknown[] = []) =>
    database.prisma.pool.query(text, [...values]);
  const add = (columns: Record<string, unknown>) => {
    const row = {
      id: randomUUID(),
      channel: 'plan-change-line',
      route: 'unit',
      stage: 'queued',
      opened_at: new Date(),
      opened_by: randomUUID(),
      waiting_since: new Date(),
      ...columns,
    };
    const names = Object.keys(row);
    const places = names.map((_, n) => `$${n + 1}`);
    return query(`INSERT INTO plan_changes (${names.join()}) VALUES (${places.join()})`, Object.values(row));
  };
  const later = new Date(NOW_MS + HOUR_MS);

  it.each([
    ['a claim without its end', { stage: 'claimed', claimed_by: 'S1' }, 'claimed_check'],
    ['a claim of nobody', { stage: 'claimed', claim_until: later }, 'claimed_check'],
    ['the end of a claim that is none', { claim_until: later }, 'claimed_check'],
    ['one in the queue that is not the unit’s', { route: 'internal-agent' }, 'queued_check'],
    ['a held one without a defect', { stage: 'held', route: 'own-agent' }, 'held_check'],
    ['a defect of one that is not held', { held_for: 'terminated' }, 'held_check'],
    ['one that is over without an end', { stage: 'withdrawn' }, 'ended_check'],
    ['an end of one that is not over', { ended_at: later }, 'ended_check'],
    ['another stage', { stage: 'lost' }, 'stage_check'],
    ['another route', { route: 'post', stage: 'with-facilitator' }, 'route_check'],
    ['another channel', { channel: 'post' }, 'channel_check'],
    ['another defect', { stage: 'held', held_for: 'unfriendly' }, 'held_for_check'],
  ])('The database refuses %s', async (_what, columns, constraint) => {
    const customer_id = await insertCustomer(database.prisma);

    await expect(add({ customer_id, ...columns })).rejects.toMatchObject({
      constraint: `plan_changes_${constraint}`,
    });
  });

  it('The database refuses two open plan changes of a customer', async () => {
    const customer_id = await insertCustomer(database.prisma);
    await add({ customer_id });

    await expect(add({ customer_id })).rejects.toMatchObject({ constraint: 'plan_changes_open_key' });
  });

  it.each([
    ...["stage = 'queued', ended_at = NULL", "stage = 'abandoned'", "ended_for = 'another reason'"],
    ...["plan_id = 'H4513-052-000'", 'id = id'],
  ])('The database refuses to change a plan change that has ended: %s', async (set) => {
    const id = await insert({ stage: 'withdrawn' });
    const before = await rowOf(id);

    await expect(query(`UPDATE plan_changes SET ${set} WHERE id = $1`, [id])).rejects.toThrow(
      'plan_changes is append-only: UPDATE refused',
    );
    expect(await rowOf(id)).toEqual(before);
  });
});
