import { randomUUID } from 'node:crypto';
import type { PlanChangeCaller } from '../../../src/domain/plan-change/rights';
import { HOUR_MS } from '../../../src/domain/time';
import { auditOf, by, changes, claim, insert, rowOf, system, withPlanChanges } from './plan-change-database';
import { NOW_MS } from './records';

withPlanChanges();

const rita: PlanChangeCaller = { role: 'plan-change-representative', staffKey: 'S1' };
const walter: PlanChangeCaller = { role: 'field-agent', staffKey: 'S7' };

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
  } as const satisfies Record<string, Parameters<typeof insert>[0]>;

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
      expect(await rowOf(id)).toEqual({ ...before, ...after, moves: before.moves + 1 });
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
