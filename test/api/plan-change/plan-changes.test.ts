import { randomUUID } from 'node:crypto';
import { PLAN_CHANGE_STAGES, type PlanChangeStage } from '../../../src/domain/plan-change/plan-change';
import { HOUR_MS } from '../../../src/domain/time';
import { NOW_MS, insertEnrolledCustomer, insertPlanChange } from '../../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  ADDRESS,
  COMPLETION,
  claimed,
  said,
  seedRosters,
  startDesk,
  withExternalAgent,
  withFieldAgent,
  type PlanChangeDeskApi,
} from './plan-change-desk';

let database: TestDatabase;
let desk: PlanChangeDeskApi;
/** Representatives' keys of the scope unit. */
let rita: { key: string; id: string };
let noor: { key: string; id: string };
beforeAll(async () => {
  database = await createTestDatabase();
  await seedRosters(database.prisma);
});
afterAll(() => database.drop());
beforeEach(async () => {
  desk = await startDesk(database.prisma);
  rita = desk.keyOf('s201', 'unit');
  noor = desk.keyOf('S-202', 'unit');
});
afterEach(() => desk.api.close());

const insert = (fields: Parameters<typeof insertPlanChange>[1] = {}): Promise<string> =>
  insertPlanChange(database.prisma, fields);
const lapsed = { ...claimed, claimUntilMs: NOW_MS };
/** A change in any stage; where it can be the unit's, the unit's. */
const inStage = (stage: PlanChangeStage) => ({
  ...(stage === 'held' || stage === 'with-facilitator' ? withExternalAgent : claimed),
  stage,
});

describe('Claim', () => {
  it('A claim lasts an hour, is audited and notifies the run', async () => {
    const id = await insert();

    const { status, body } = await desk.post(`/${id}/claim`, undefined, { token: rita.key });

    expect([status, body.stage, body.claimedBy]).toEqual([200, 'claimed', 'S-201']);
    expect(body.claimUntil).toBe('2026-11-22T13:30:15.123Z');
    expect(desk.runs.told).toEqual([id]);
    expect(await database.prisma.auditEvent.findMany({ where: { planChangeId: id } })).toMatchObject([
      { action: 'plan-change-claimed', apiKeyId: rita.id, address: ADDRESS, at: new Date(NOW_MS) },
    ]);
  });

  it('A claim repeated by its holder is answered 200 and not extended', async () => {
    const id = await insert(claimed);
    desk.api.nowMs.value += HOUR_MS - 1;

    const { status, body } = await desk.post(`/${id}/claim`, undefined, { token: rita.key });

    expect([status, body.claimUntil]).toEqual([200, '2026-11-22T13:30:15.123Z']);
    expect(desk.runs.told).toEqual([]);
  });

  it('A plan change is free again as soon as its claim ends or is released', async () => {
    const [taken, released] = [await insert(lapsed), await insert(claimed)];

    const claim = await desk.post(`/${taken}/claim`, undefined, { token: noor.key });
    const release = await desk.post(`/${released}/release`, undefined, { token: rita.key });
    const again = await desk.post(`/${released}/release`, undefined, { token: noor.key });

    expect(claim.body).toMatchObject({ stage: 'claimed', claimedBy: 'S-202' });
    expect(release.body).toMatchObject({ stage: 'queued', claimedBy: null, claimUntil: null });
    expect(again).toMatchObject({ status: 200, body: { stage: 'queued' } });
    expect(desk.runs.told).toEqual([taken, released]);
  });

  it('Only representatives can claim, release or withdraw a plan change with a key of the scope unit', async () => {
    const id = await insert(claimed);
    const { key: token } = desk.keyOf('S-310', 'unit');

    const answers = [
      await desk.post(`/${id}/claim`, undefined, { token }),
      await desk.post(`/${id}/release`, undefined, { token }),
      await desk.post(`/${id}/withdraw`, { reason: 'No more.' }, { token }),
    ];

    expect(answers.map(said)).toEqual(Array(3).fill('403 representative_required'));
  });
});

describe('Wrong stage', () => {
  const withdrawal = { reason: 'The customer changed their mind.' };
  const replacement = { facilitator: { kind: 'external-agent', number: 'other-3' } };

  it.each<[move: string, body: object | undefined, possible: PlanChangeStage[]]>([
    ['claim', undefined, ['queued']],
    // Of what nobody has it is as it was wanted.
    ['release', undefined, ['queued']],
    ['facilitator', replacement, ['held']],
    ['withdraw', withdrawal, ['queued', 'with-facilitator', 'held']],
  ])('The move %s is refused at a wrong stage and changes nothing', async (move, body, possible) => {
    for (const stage of PLAN_CHANGE_STAGES.filter((each) => !possible.includes(each))) {
      const id = await insert(inStage(stage));
      const before = await desk.get(`/plan-changes/${id}`);
      const token = move === 'facilitator' ? desk.intake.key : noor.key;
      // The unit's changes take no facilitator at any stage.
      const isUnits = move === 'facilitator' && before.body.route === 'unit';
      const refused = stage === 'claimed' ? '409 claimed_by_other' : `409 wrong_stage ${stage}`;

      expect(said(await desk.post(`/${id}/${move}`, body, { token }))).toBe(
        isUnits ? '422 invalid_fields' : refused,
      );
      expect((await desk.get(`/plan-changes/${id}`)).body).toEqual(before.body);
    }
    expect(desk.runs.told).toEqual([]);
  });

  it('A new facilitator is refused for a plan change that was referred to the unit', async () => {
    const id = await insert(withFieldAgent);
    await desk.post(`/${id}/refer`);
    await desk.post(`/${id}/claim`, undefined, { token: rita.key });
    const internal = { facilitator: { kind: 'internal-agent', number: 'S-310' } };

    expect(said(await desk.post(`/${id}/facilitator`, internal))).toBe('409 wrong_stage claimed');
  });

  it('A new facilitator is refused once the plan change is over', async () => {
    const id = await insert({ ...withExternalAgent, stage: 'abandoned' });

    expect(said(await desk.post(`/${id}/facilitator`, replacement))).toBe('409 wrong_stage abandoned');
  });
});

describe('Referral to the unit', () => {
  it('The facilitating internal agent or a system can refer a plan change to the unit', async () => {
    const [own, systems] = [await insert(withFieldAgent), await insert(withFieldAgent)];
    desk.api.nowMs.value += 5000;

    const byAgent = await desk.post(`/${own}/refer`, {}, { token: desk.keyOf('s 310', 'intake').key });
    const bySystem = await desk.post(`/${systems}/refer`);

    for (const { status, body } of [byAgent, bySystem]) {
      expect(status).toBe(200);
      expect(body).toMatchObject({
        route: 'unit',
        stage: 'queued',
        channel: 'field-agent',
        facilitator: { kind: 'internal-agent', number: 'S-310' },
        openedAt: '2026-11-21T12:30:15.123Z',
        waitingSince: '2026-11-22T12:30:20.123Z',
      });
    }
    expect(desk.runs.told).toEqual([own, systems]);
  });

  it('A repeated referral is answered 200 and notifies the run once', async () => {
    const id = await insert(withFieldAgent);
    await desk.post(`/${id}/refer`);
    await desk.post(`/${id}/claim`, undefined, { token: rita.key });

    expect(await desk.post(`/${id}/refer`)).toMatchObject({ status: 200, body: { stage: 'claimed' } });
    expect(desk.runs.told).toEqual([id, id]);
  });

  it.each<[string, Parameters<typeof insertPlanChange>[1], string | null, string]>([
    ['another internal agent', withFieldAgent, 'S-311', '409 not_the_facilitator'],
    ['an external agent’s system', withExternalAgent, null, '409 wrong_stage with-facilitator'],
    ['whoever takes calls for the unit', {}, null, '409 wrong_stage queued'],
    ['whoever asks for what the unit has claimed', claimed, null, '409 wrong_stage claimed'],
    ['whoever is too late', { ...withFieldAgent, stage: 'withdrawn' }, null, '409 wrong_stage withdrawn'],
  ])('A referral to the unit is refused to %s', async (_, fields, staffNumber, refused) => {
    const id = await insert(fields);
    const { key: token } = desk.keyOf(staffNumber, 'intake');

    expect(said(await desk.post(`/${id}/refer`, undefined, { token }))).toBe(refused);
    expect(desk.runs.told).toEqual([]);
  });
});

describe('Replacing the facilitator', () => {
  const replace = (id: string, number: string, kind = 'external-agent') =>
    desk.post(`/${id}/facilitator`, { facilitator: { kind, number } });
  const heldOf = async () => {
    const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: 'OWN1' });
    return insert({ ...withExternalAgent, customerId, stage: 'held' });
  };

  it('A new facilitator replaces an ineligible one, and the plan change goes on', async () => {
    const id = await heldOf();
    const held = await desk.get(`/plan-changes/${id}`);

    const { status, body } = await replace(id, 'Other 3');

    expect(held.body).toMatchObject({ stage: 'held', heldFor: 'not-licensed' });
    expect([status, body.stage, body.heldFor]).toEqual([200, 'with-facilitator', null]);
    expect(body.facilitator).toEqual({ kind: 'external-agent', number: 'other-3' });
    expect(desk.runs.told).toEqual([id]);
  });

  it.each([
    ['own-1', 'external-agent', '422 not_eligible facilitator-does-not-fit'],
    ['S-310', 'external-agent', '422 invalid_fields'],
    ['other-3', 'call-center', '422 invalid_fields'],
    ['#', 'external-agent', '422 invalid_fields'],
  ])('A new facilitator who does not fit the channel is refused: %s as %s', async (number, kind, refused) => {
    const id = await heldOf();

    expect(said(await replace(id, number, kind))).toBe(refused);
    expect(said(await desk.post(`/${id}/facilitator`, {}))).toBe('422 invalid_fields');
    expect((await desk.get(`/plan-changes/${id}`)).body.facilitator.number).toBe('other-2');
    expect(desk.runs.told).toEqual([]);
  });
});

describe('Withdrawal', () => {
  const reason = 'The customer changed their mind.';

  it('A withdrawal ends a plan change and stores the trimmed reason', async () => {
    const id = await insert();
    desk.api.nowMs.value += 500;

    const { status, body } = await desk.post(`/${id}/withdraw`, { reason: `  ${reason}\u00a0` });

    expect([status, body.stage, body.withdrawnFor]).toEqual([200, 'withdrawn', reason]);
    expect([body.endedAt, body.ageSeconds]).toEqual(['2026-11-22T12:30:15.623Z', 86_400]);
    expect(desk.runs.told).toEqual([id]);
  });

  it.each<[string, object, () => string, string]>([
    ['the unit of its own', claimed, () => rita.key, '200 withdrawn'],
    ['the unit of what waits', {}, () => rita.key, '200 withdrawn'],
    ['a representative of what another has', claimed, () => noor.key, '409 claimed_by_other'],
    ['a system of what a representative has', claimed, () => desk.intake.key, '409 claimed_by_other'],
    ['a system of what one had', lapsed, () => desk.intake.key, '200 withdrawn'],
    [
      'a representative with a key of both scopes',
      claimed,
      () => desk.keyOf('S-201', 'intake', 'unit').key,
      '200 withdrawn',
    ],
  ])('A withdrawal is allowed depending on who has the plan change: %s', async (_, fields, token, answer) => {
    const id = await insert(fields);

    expect(said(await desk.post(`/${id}/withdraw`, { reason }, { token: token() }))).toBe(answer);
    expect(desk.runs.told).toEqual(answer.startsWith('200') ? [id] : []);
  });

  it.each<[unknown, string]>([
    [undefined, 'required'],
    ['', 'required'],
    [' \u2003 ', 'required'],
    [7, 'wrong_type'],
    ['x'.repeat(501), 'too_long'],
    ['line\nbreak', 'control_character'],
  ])('A withdrawal is refused for the reason %j', async (given, code) => {
    const id = await insert();

    const { status, body } = await desk.post(`/${id}/withdraw`, { reason: given });

    expect([status, body.errors]).toEqual([422, [expect.objectContaining({ pointer: '/reason', code })]]);
  });

  it('A withdrawal accepts a reason of 500 characters and can be repeated under one Idempotency-Key', async () => {
    const id = await insert();
    const long = 'ñ'.repeat(500);
    const headers = { 'idempotency-key': 'w' };

    const first = await desk.post(`/${id}/withdraw`, { reason: long }, { headers });
    const again = await desk.post(`/${id}/withdraw`, { reason: ` ${long} ` }, { headers });

    expect([first.status, first.body.withdrawnFor]).toEqual([200, long]);
    expect(again.body).toEqual(first.body);
    expect(desk.runs.told).toEqual([id]);
  });
});

it.each<[Parameters<typeof insertPlanChange>[1], string, string]>([
  [claimed, 'claim', 'Otro representante tiene este cambio de plan'],
  [withExternalAgent, 'claim', 'El cambio de plan no está en ese paso'],
  [withExternalAgent, 'withdraw', 'Algunos campos no se pueden aceptar'],
])('A refused move of %j is explained in Spanish: %s', async (fields, move, title) => {
  const id = await insert(fields);
  const headers = { 'accept-language': 'es-US, en;q=0.5' };

  const { body } = await desk.post(`/${id}/${move}`, {}, { token: noor.key, headers });

  expect(body.title).toBe(title);
});

describe('Plan change ID', () => {
  const moves: [method: string, move: string, body: object | undefined][] = [
    ['GET', '', undefined],
    ['POST', '/claim', undefined],
    ['POST', '/release', undefined],
    ['POST', '/refer', undefined],
    ['POST', '/facilitator', { facilitator: { kind: 'external-agent', number: 'other-2' } }],
    ['POST', '/complete', COMPLETION],
    ['POST', '/withdraw', { reason: 'No more.' }],
  ];

  it.each(moves)(
    'An unknown or malformed plan change ID is answered 404: %s %s',
    async (method, move, body) => {
      const { key: token } = desk.keyOf('S-201', 'intake', 'unit');
      const options = { token, ...(body !== undefined && { body }) };
      for (const id of [randomUUID(), '1', `${randomUUID()}0`, '%00', "';--"]) {
        const { status, body: problem } = await desk.call(method, `/v1/plan-changes/${id}${move}`, options);
        expect([id, status, problem.code]).toEqual([id, 404, 'not_found']);
      }
      expect([desk.runs.told, desk.runs.asked]).toEqual([[], []]);
    },
  );

  it('A plan change ID in capital letters is the same ID, also for the run', async () => {
    const id = await insert();

    const { status, body } = await desk.post(`/${id.toUpperCase()}/withdraw`, { reason: 'No more.' });

    expect([status, body.id]).toEqual([200, id]);
    expect(desk.runs.told).toEqual([id]);
  });
});
