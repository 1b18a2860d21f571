import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import { NOW_MS, insertPlanChange, insertStaff } from '../../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import type { Called } from '../api';
import { errorsOf, startDesk, type PlanChangeDeskApi } from './plan-change-desk';

let database: TestDatabase;
let desk: PlanChangeDeskApi;
beforeAll(async () => {
  database = await createTestDatabase();
  const { prisma } = database;
  await insertStaff(prisma, { staffNumber: 'S-201' });
  await insertStaff(prisma, { staffNumber: 'S-202' });
  await insertStaff(prisma, { staffNumber: 'S-310', role: 'field-agent' });
  await insertStaff(prisma, { staffNumber: 'S-203', role: 'customer-service' });
  await insertStaff(prisma, { staffNumber: 'S-204', licensedTo: '2026-11-21' });
  await insertStaff(prisma, { staffNumber: 'S-205', licensedFrom: '2026-11-23' });
  await insertStaff(prisma, { staffNumber: 'S-206', licensedFrom: '2026-11-22', licensedTo: '2026-11-22' });
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.prisma.planChange.deleteMany();
  desk = await startDesk(database.prisma);
});
afterEach(() => desk.api.close());

const insert = (fields: Parameters<typeof insertPlanChange>[1] = {}): Promise<string> =>
  insertPlanChange(database.prisma, fields);
const lapsed = { stage: 'claimed', claimedBy: 'S201', claimUntilMs: NOW_MS } as const;
const list = (query = ''): Promise<Called> => desk.get(`/plan-changes${query}`);
const idsOf = ({ body }: Called): string[] => body.planChanges.map(({ id }: { id: string }) => id);

/** `count` changes that wait, two of each second, in the order of the list. */
async function insertMany(count: number): Promise<string[]> {
  const { prisma } = database;
  await prisma.customer.createMany({
    data: Array.from({ length: count }, (_, at) => ({
      customerId: `P-${at}`,
      firstName: 'Harold',
      lastName: 'Jennings',
      email: `p${at}@example.com`,
      language: 'en',
      state: 'TX',
    })),
    skipDuplicates: true,
  });
  const created = await prisma.planChange.createManyAndReturn({
    data: Array.from({ length: count }, (_, at) => {
      const since = new Date(NOW_MS - HOUR_MS + Math.floor(at / 2) * 1000);
      return {
        id: crypto.randomUUID(),
        customerId: `P-${at}`,
        channel: 'plan-change-line',
        route: 'unit',
        stage: 'queued',
        openedAt: since,
        openedBy: crypto.randomUUID(),
        waitingSince: since,
      };
    }),
  });
  const inOrder = created.toSorted(
    (a, b) => a.waitingSince.getTime() - b.waitingSince.getTime() || (a.id < b.id ? -1 : 1),
  );
  return inOrder.map(({ id }) => id);
}

describe('List of plan changes', () => {
  it('The plan change list is empty when there are no plan changes', async () => {
    expect(await list()).toMatchObject({ status: 200, body: { planChanges: [], nextCursor: null } });
  });

  it('The plan change list shows each change as it is shown by itself, the longest waiting first', async () => {
    const young = await insert({ openedAtMs: NOW_MS - 90_500 });
    // Opened first, and on its route only since a minute.
    const referred = await insert({
      channel: 'field-agent',
      route: 'unit',
      facilitatorKey: 'S310',
      openedAtMs: NOW_MS - 3 * HOUR_MS,
      waitingSinceMs: NOW_MS - MINUTE_MS,
    });
    const over = await insert({ stage: 'withdrawn', openedAtMs: NOW_MS - 2 * HOUR_MS });

    const listed = await list();

    expect(idsOf(listed)).toEqual([over, young, referred]);
    expect(listed.body.planChanges).toMatchObject([
      { stage: 'withdrawn', ageSeconds: 3600, endedAt: '2026-11-22T11:30:15.123Z' },
      { stage: 'queued', ageSeconds: 90, facilitator: null },
      { route: 'unit', ageSeconds: 10_800, facilitator: { kind: 'internal-agent', number: 'S-310' } },
    ]);
    for (const change of listed.body.planChanges)
      expect((await desk.get(`/plan-changes/${change.id}`)).body).toEqual(change);
  });

  it('The plan change list shows no negative age when a clock is behind', async () => {
    await insert({ openedAtMs: NOW_MS + 5000 });

    expect((await list()).body.planChanges).toMatchObject([{ ageSeconds: 0 }]);
  });

  it('The plan change list shows who has claimed a change, and until when', async () => {
    await insert({ stage: 'claimed', claimedBy: 'S201', claimUntilMs: NOW_MS + 1 });

    expect((await list()).body.planChanges).toMatchObject([
      { stage: 'claimed', claimedBy: 'S-201', claimUntil: '2026-11-22T12:30:15.124Z' },
    ]);
  });

  it('The plan change list shows a change whose claim has lapsed as queued', async () => {
    const id = await insert(lapsed);

    const queued = await list('?stage=queued');
    const claimed = await list('?stage=claimed');

    expect(queued.body.planChanges).toMatchObject([
      { id, stage: 'queued', claimedBy: null, claimUntil: null },
    ]);
    expect(claimed.body.planChanges).toEqual([]);
  });

  it('The plan change list can be filtered by stage, by route or by both', async () => {
    const queued = await insert();
    const claimed = await insert({ stage: 'claimed', openedAtMs: NOW_MS - 5 });
    const internal = await insert({
      channel: 'field-agent',
      stage: 'with-facilitator',
      facilitatorKey: 'S310',
      openedAtMs: NOW_MS - 4,
    });
    const held = await insert({
      channel: 'external-agent-application',
      stage: 'held',
      openedAtMs: NOW_MS - 3,
    });
    const abandoned = await insert({ stage: 'abandoned', openedAtMs: NOW_MS - 2 });

    const found = async (query: string): Promise<string[]> => idsOf(await list(query));

    expect(await found('?stage=queued')).toEqual([queued]);
    expect(await found('?stage=claimed')).toEqual([claimed]);
    expect(await found('?stage=with-facilitator')).toEqual([internal]);
    expect(await found('?stage=held')).toEqual([held]);
    expect(await found('?stage=completed')).toEqual([]);
    expect(await found('?stage=abandoned')).toEqual([abandoned]);
    expect(await found('?route=unit')).toEqual([queued, claimed, abandoned]);
    expect(await found('?route=external-agent')).toEqual([held]);
    expect(await found('?route=own-agent')).toEqual([]);
    expect(await found('?route=unit&stage=abandoned')).toEqual([abandoned]);
    expect(await found('?route=internal-agent&stage=queued')).toEqual([]);
  });

  it('The plan change list has pages of 100 and lists each change once', async () => {
    const ids = await insertMany(205);
    const last = await insert({ stage: 'withdrawn', openedAtMs: NOW_MS });

    const first = await list();
    const second = await list(`?cursor=${first.body.nextCursor}`);
    const third = await list(`?cursor=${second.body.nextCursor}`);

    expect([first, second, third].map(idsOf)).toEqual([
      ...[ids.slice(0, 100), ids.slice(100, 200)],
      [...ids.slice(200), last],
    ]);
    expect(third.body.nextCursor).toBeNull();
  });

  it('The next page of the plan change list omits changes that no longer match the filter', async () => {
    const ids = await insertMany(104);
    const claim = { stage: 'claimed', claimedBy: 'S201', claimUntil: new Date(NOW_MS + HOUR_MS) };

    const first = await list('?stage=queued&route=unit');
    await database.prisma.planChange.update({ where: { id: ids[101]! }, data: claim });
    const second = await list(`?stage=queued&route=unit&cursor=${first.body.nextCursor}`);

    expect(idsOf(second)).toEqual([ids[100], ids[102], ids[103]]);
  });

  it('The plan change list has no next page after exactly 100 changes', async () => {
    await insertMany(100);

    const { body } = await list();

    expect([body.planChanges.length, body.nextCursor]).toEqual([100, null]);
  });

  const cursorOf = (place: unknown): string => Buffer.from(JSON.stringify(place)).toString('base64url');
  const someId = '4b0d7c1e-27f4-4f0a-9f5f-1c9e0f6f2f10';

  it.each([
    ['?stage=asleep', ['query:stage not_one_of']],
    ['?route=nobody&stage=', ['query:stage not_one_of', 'query:route not_one_of']],
    ['?customerId=C-1&page=2', ['query:customerId unknown_field', 'query:page unknown_field']],
    ['?stage=queued&stage=held', ['query:stage duplicate_field']],
    ['?cursor=', ['query:cursor required']],
    ['?cursor=somewhere', ['query:cursor wrong_format']],
    [`?cursor=${'x'.repeat(201)}`, ['query:cursor too_long']],
    [`?cursor=${cursorOf([NOW_MS, 'x'])}`, ['query:cursor wrong_format']],
    [`?cursor=${cursorOf([NOW_MS + 0.5, someId])}`, ['query:cursor wrong_format']],
    [`?cursor=${cursorOf([NOW_MS, someId, 1])}`, ['query:cursor wrong_format']],
    [`?cursor=${cursorOf({ atMs: NOW_MS, id: someId })}`, ['query:cursor wrong_format']],
    [`?cursor=${cursorOf([Number.MIN_SAFE_INTEGER, someId])}`, ['query:cursor wrong_format']],
    [`?cursor=${cursorOf([Number.MAX_SAFE_INTEGER, someId])}`, ['query:cursor wrong_format']],
  ])('The plan change list refuses %s and says what is wrong', async (query, errors) => {
    const answer = await list(query);

    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_fields']);
    expect(errorsOf(answer)).toEqual(errors);
  });
});

describe('Next plan change', () => {
  const next = (staffNumber: string | null, headers: Record<string, string> = {}): Promise<Called> =>
    desk.post('/next', undefined, { token: desk.keyOf(staffNumber, 'unit').key, headers });

  it('The next plan change is the longest waiting one, claimed for an hour, and its run is notified', async () => {
    await insert({ openedAtMs: NOW_MS - HOUR_MS });
    const oldest = await insert({ openedAtMs: NOW_MS - 2 * HOUR_MS });
    await insert({ channel: 'field-agent', stage: 'with-facilitator', facilitatorKey: 'S310' });
    await insert({ stage: 'claimed', openedAtMs: NOW_MS - 3 * HOUR_MS });

    const { status, body } = await next('s 201');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      id: oldest,
      stage: 'claimed',
      claimedBy: 'S-201',
      claimUntil: '2026-11-22T13:30:15.123Z',
    });
    expect(desk.runs.told).toEqual([oldest]);
  });

  it('The next plan change can be one whose claim has lapsed', async () => {
    const id = await insert(lapsed);

    expect((await next('S-202')).body).toMatchObject({ id, stage: 'claimed', claimedBy: 'S-202' });
  });

  it('Concurrent requests for the next plan change get different ones until none is left', async () => {
    const ids = [await insert(), await insert(), await insert()];

    const answers = await Promise.all(
      ['S-201', 'S-202', 'S-206', 'S-201', 'S-202'].map((number) => next(number)),
    );
    const { status, body } = await next('S-201');

    const taken = answers.filter((answer) => answer.status === 200).map((answer) => answer.body.id);
    expect(new Set(taken)).toEqual(new Set(ids));
    expect(taken).toHaveLength(3);
    expect([status, body]).toEqual([204, '']);
    expect(desk.runs.told.toSorted()).toEqual(ids.toSorted());
  });

  it('A request for the next plan change repeated under one Idempotency-Key returns the same one', async () => {
    const [first, second] = [
      await insert({ openedAtMs: NOW_MS - HOUR_MS }),
      await insert({ openedAtMs: NOW_MS }),
    ];
    const options = {
      token: desk.keyOf('S-201', 'unit').key,
      headers: { 'idempotency-key': 'one' },
    };

    const answers = [await desk.post('/next', undefined, options), await desk.post('/next', {}, options)];

    expect(answers.map(({ body }) => body.id)).toEqual([first, first]);
    expect(answers[1]!.headers.get('idempotency-replayed')).toBe('true');
    expect((await desk.get(`/plan-changes/${second}`)).body.stage).toBe('queued');
  });

  it.each([
    ['of a system', null],
    ['of nobody on the roster', 'S-999'],
    ['of a field agent', 'S-310'],
    ['of customer service, licensed as it may be', 'S-203'],
    ['of one whose license ended yesterday', 'S-204'],
    ['of one whose license begins tomorrow', 'S-205'],
  ])('The next plan change is refused to a key %s', async (_, staffNumber) => {
    const id = await insert();

    const { status, body } = await next(staffNumber);

    expect([status, body.code]).toEqual([403, 'representative_required']);
    expect((await desk.get(`/plan-changes/${id}`)).body.stage).toBe('queued');
    expect(desk.runs.told).toEqual([]);
  });

  it('The next plan change requires a licence that is valid today in the unit’s time zone', async () => {
    await insert();
    // 23:30 on 21 November in New York.
    desk.api.nowMs.value = Date.UTC(2026, 10, 22, 4, 30);

    expect(await next('S-206')).toMatchObject({ status: 403 });
    expect(await next('S-204')).toMatchObject({ status: 200 });
  });
});
