import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import type { NewPlanChange, PlanChangeQuery } from '../../../src/ports/plan-change';
import { PLAN_CHANGE_STAGES } from '../../../src/domain/plan-change/plan-change';
import type { PlanChangeCaller } from '../../../src/domain/plan-change/rights';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { NOW_MS, insertAgent, insertCustomer, insertPlanChange, insertStaff } from './records';

const by = { apiKeyId: randomUUID(), address: '192.0.2.7', atMs: NOW_MS };
const claim = { ...by, staffKey: 'S1', claimUntilMs: NOW_MS + HOUR_MS };
const system: PlanChangeCaller = { role: 'system', staffKey: null };
const rita: PlanChangeCaller = { role: 'plan-change-representative', staffKey: 'S1' };
const walter: PlanChangeCaller = { role: 'field-agent', staffKey: 'S7' };

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(() => database.prisma.planChange.deleteMany());
afterAll(() => database.drop());

const changes = () => createPlanChanges(database.prisma);
const insert = (fields: Parameters<typeof insertPlanChange>[1] = {}) =>
  insertPlanChange(database.prisma, fields);
const rowOf = (id: string) => database.prisma.planChange.findUniqueOrThrow({ where: { id } });
const auditOf = (planChangeId: string) =>
  database.prisma.auditEvent.findMany({ where: { planChangeId }, orderBy: { at: 'asc' } });

describe('Moves', () => {
  const external = { channel: 'external-agent-application', facilitatorKey: 'A7' } as const;
  const situations = {
    queued: {},
    'claimed by the one who asks': { stage: 'claimed', claimUntilMs: NOW_MS + 1 },
    'claimed by another': { stage: 'claimed', claimedBy: 'S2', claimUntilMs: NOW_MS + 1 },
    'claimed by the one who asks, until now': { stage: 'claimed', claimUntilMs: NOW_MS },
    'claimed by another, until now': { stage: 'claimed', claimedBy: 'S2', claimUntilMs: NOW_MS },
    'with an internal agent': { stage: 'with-facilitator', channel: 'field-agent', facilitatorKey: 'S7' },
    'with an external agent': { stage: 'with-facilitator', ...external },
    held: { stage: 'held', ...external },
    completed: { stage: 'completed' },
    withdrawn: { stage: 'withdrawn' },
    abandoned: { stage: 'abandoned' },
  } as const satisfies Record<string, Parameters<typeof insertPlanChange>[1]>;

  const noClaim = { claimedBy: null, claimUntil: null };
  const isClaimed = { stage: 'claimed', claimedBy: 'S1', claimUntil: new Date(NOW_MS + HOUR_MS) };
  const isOver = { ...noClaim, heldFor: null, heldAt: null, endedAt: new Date(NOW_MS) };
  const ofStaff = { outcome: 'success', apiKeyId: by.apiKeyId, address: by.address };
  const ofTheRun = { outcome: 'success', apiKeyId: null, address: null };
  const withdrawal = { ...by, reason: 'changed their mind' };
  const withdrawn = { ...isOver, stage: 'withdrawn', endedFor: 'changed their mind' };

  const repeatable = {
    claim: {
      on: {},
      after: isClaimed,
      make: (id: string, moveId: string) => changes().claim(id, { ...claim, moveId }),
    },
    release: {
      on: situations['claimed by the one who asks'],
      after: noClaim,
      make: (id: string, moveId: string) => changes().release(id, { ...by, staffKey: 'S1', moveId }),
    },
    refer: {
      on: situations['with an internal agent'],
      after: { route: 'unit', stage: 'queued' },
      make: (id: string, moveId: string) => changes().refer(id, { ...by, caller: system, moveId }),
    },
    'another facilitator': {
      on: situations.held,
      after: { facilitatorKey: 'A8' },
      make: (id: string, moveId: string) =>
        changes().replaceFacilitator(id, { ...by, facilitatorKey: 'A8', moveId }),
    },
    withdraw: {
      on: {},
      after: withdrawn,
      make: (id: string, moveId: string) => changes().withdraw(id, { ...withdrawal, caller: system, moveId }),
    },
  };

  /** What each does, what is different afterwards, and what the audit log says of it. */
  const moves = {
    claim: {
      make: (id: string) => changes().claim(id, claim),
      after: isClaimed,
      event: { action: 'plan-change-claimed', ...ofStaff },
    },
    'claim as the next': {
      make: async (id: string) => (await changes().claimNext(claim)) === id,
      after: isClaimed,
      event: { action: 'plan-change-claimed', ...ofStaff },
    },
    release: {
      make: (id: string) => changes().release(id, { ...by, staffKey: 'S1' }),
      after: { ...noClaim, stage: 'queued' },
      event: { action: 'plan-change-released', ...ofStaff },
    },
    refer: {
      make: (id: string) => changes().refer(id, { ...by, caller: system }),
      after: { stage: 'queued', route: 'unit', waitingSince: new Date(NOW_MS) },
      event: { action: 'plan-change-referred', ...ofStaff },
    },
    'refer as its internal agent': {
      make: (id: string) => changes().refer(id, { ...by, caller: walter }),
      after: { stage: 'queued', route: 'unit', waitingSince: new Date(NOW_MS) },
      event: { action: 'plan-change-referred', ...ofStaff },
    },
    'refer as another internal agent': {
      make: (id: string) => changes().refer(id, { ...by, caller: { ...walter, staffKey: 'S8' } }),
      after: {},
      event: {},
    },
    'replace the facilitator': {
      make: (id: string) => changes().replaceFacilitator(id, { ...by, facilitatorKey: 'A8' }),
      // Another facilitator has the time that the first one had.
      after: {
        stage: 'with-facilitator',
        heldFor: null,
        heldAt: null,
        facilitatorKey: 'A8',
        waitingSince: new Date(NOW_MS),
      },
      event: { action: 'plan-change-facilitator-replaced', ...ofStaff },
    },
    'withdraw as a representative': {
      make: (id: string) => changes().withdraw(id, { ...withdrawal, caller: rita }),
      after: withdrawn,
      event: { action: 'plan-change-withdrawn', ...ofStaff },
    },
    'withdraw as its internal agent': {
      make: (id: string) => changes().withdraw(id, { ...withdrawal, caller: walter }),
      after: withdrawn,
      event: { action: 'plan-change-withdrawn', ...ofStaff },
    },
    'withdraw as another internal agent': {
      make: (id: string) =>
        changes().withdraw(id, { ...withdrawal, caller: { role: 'telesales-agent', staffKey: 'S7' } }),
      after: {},
      event: {},
    },
    'withdraw with nobody’s key': {
      make: (id: string) => changes().withdraw(id, { ...withdrawal, caller: system }),
      after: withdrawn,
      event: { action: 'plan-change-withdrawn', ...ofStaff },
    },
    'put back': {
      make: (id: string) => changes().putBack(id, NOW_MS),
      after: { ...noClaim, stage: 'queued' },
      event: { action: 'plan-change-claim-lapsed', ...ofTheRun },
    },
    abandon: {
      make: (id: string) => changes().abandon(id, NOW_MS),
      after: { ...isOver, stage: 'abandoned' },
      event: { action: 'plan-change-abandoned', ...ofTheRun },
    },
    hold: {
      make: async (id: string) =>
        changes().hold({
          planChangeId: id,
          defect: 'not-appointed',
          atMs: NOW_MS,
          apiKeyId: by.apiKeyId,
          facilitatorKey: (await changes().find(id))?.facilitatorKey ?? '',
        }),
      after: { stage: 'held', heldFor: 'not-appointed', heldAt: new Date(NOW_MS) },
      event: {
        ...ofTheRun,
        action: 'plan-change-held',
        outcome: 'facilitator-not-appointed',
        apiKeyId: by.apiKeyId,
      },
    },
  };

  const anybody = ['withdraw with nobody’s key', 'abandon'] as const;
  // A compliance case never goes away by itself.
  const whileHeld = ['replace the facilitator', 'withdraw with nobody’s key'] as const;
  const ofTheUnit = ['withdraw as a representative', ...anybody] as const;
  const waiting = ['claim', 'claim as the next', ...ofTheUnit] as const;
  const internals = ['refer', 'refer as its internal agent', 'withdraw as its internal agent'] as const;
  const possible: Record<keyof typeof situations, readonly (keyof typeof moves)[]> = {
    queued: waiting,
    'claimed by the one who asks': ['release', 'withdraw as a representative'],
    'claimed by another': [],
    'claimed by the one who asks, until now': ['put back', ...waiting],
    'claimed by another, until now': ['put back', ...waiting],
    'with an internal agent': [...internals, 'hold', ...anybody],
    'with an external agent': ['hold', ...anybody],
    held: whileHeld,
    completed: [],
    withdrawn: [],
    abandoned: [],
  };
  type Situation = keyof typeof situations;
  type MoveName = keyof typeof moves;
  const cases = (Object.keys(situations) as Situation[]).flatMap((situation) =>
    (Object.keys(moves) as MoveName[]).map((name) => ({
      situation,
      name,
      can: possible[situation].includes(name),
    })),
  );

  it.each(cases.filter(({ can }) => can))(
    'A plan change that is $situation allows the move "$name" once, and audits it',
    async ({ situation, name }) => {
      const { make, after, event } = moves[name];
      const id = await insert(situations[situation]);
      const before = await rowOf(id);

      const answers = [await make(id), await make(id)];

      // The steps of a run answer nothing.
      expect([
        [true, false],
        [undefined, undefined],
      ]).toContainEqual(answers);
      expect(await rowOf(id)).toEqual({ ...before, ...after });
      expect(await auditOf(id)).toEqual([
        expect.objectContaining({ ...event, key: null, at: new Date(NOW_MS), accountId: null }),
      ]);
    },
  );

  it.each(cases.filter(({ can }) => !can))(
    'A plan change that is $situation does not allow the move "$name", and audits nothing',
    async ({ situation, name }) => {
      const id = await insert(situations[situation]);
      const before = await rowOf(id);

      expect(await moves[name].make(id)).not.toBe(true);

      expect(await rowOf(id)).toEqual(before);
      expect(await auditOf(id)).toEqual([]);
    },
  );

  it('A move of an unknown plan change does nothing', async () => {
    const id = randomUUID();

    const answers = await Promise.all(Object.values(moves).map(({ make }) => make(id)));

    expect(answers).not.toContain(true);
    expect(await auditOf(id)).toEqual([]);
  });

  it.each(Object.entries(repeatable))(
    'The move "%s" is made once under its move id, however often it is requested',
    async (_name, move) => {
      const id = await insert(move.on);
      const moveId = randomUUID();

      const answers = [await move.make(id, moveId), await move.make(id, moveId)];
      const after = await rowOf(id);
      for (const caller of [rita, system]) await changes().withdraw(id, { ...withdrawal, caller });
      answers.push(await move.make(id, moveId));
      const other = await move.make(id, randomUUID());

      expect([answers, other]).toEqual([[true, true, true], false]);
      expect(after).toMatchObject(move.after);
      expect((await auditOf(id)).length).toBeLessThanOrEqual(2);
    },
  );

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

  it('claimNext gives the same change to twenty simultaneous requests with one move id', async () => {
    const oldest = await insert({ waitingSinceMs: NOW_MS - 1000 * HOUR_MS });
    await insert({ waitingSinceMs: NOW_MS - 999 * HOUR_MS });
    const next = { ...claim, moveId: randomUUID() };

    const given = await Promise.all(Array.from({ length: 20 }, () => changes().claimNext(next)));

    expect(new Set(given)).toEqual(new Set([oldest]));
    expect(await auditOf(oldest)).toHaveLength(1);
  });

  it('A move is made by only one of twenty simultaneous requests', async () => {
    const [waits, held, claimed] = [await insert(), await insert(situations.held), await insert()];
    await changes().claim(claimed, claim);
    const twenty = <T>(make: () => Promise<T>) => Promise.all(Array.from({ length: 20 }, make));

    const answers = await Promise.all([
      twenty(() => changes().claim(waits, claim)),
      twenty(() => changes().replaceFacilitator(held, { ...by, facilitatorKey: randomUUID() })),
      twenty(() => changes().withdraw(claimed, { ...withdrawal, caller: rita })),
    ]);

    expect(answers.map((each) => each.filter(Boolean))).toEqual([[true], [true], [true]]);
    expect(await auditOf(waits)).toHaveLength(1);
    expect(await auditOf(held)).toHaveLength(1);
    expect(await auditOf(claimed)).toHaveLength(2);
  });
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
});

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
