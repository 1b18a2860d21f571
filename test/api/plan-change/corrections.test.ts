/** Reversals and redeterminations over HTTP and real PostgreSQL; the run's step is called directly. */
import { randomUUID } from 'node:crypto';
import { createAorCorrectionActivities } from '../../../src/activities/aor-correction';
import { createAorCorrections } from '../../../src/adapters/postgres/aor-corrections';
import { AppError } from '../../../src/api/http/problems';
import type { AorCorrectionRuns } from '../../../src/ports/aor-correction';
import { DAY_MS } from '../../../src/domain/time';
import { NOW_MS, insertEnrolledCustomer, insertPlanChange } from '../../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  COMPLETION,
  claimed,
  eligible,
  errorsOf,
  recordDecision,
  said,
  seedRosters,
  startDesk,
  withExternalAgent,
  withFieldAgent,
  type PlanChangeDeskApi,
} from './plan-change-desk';
import { planChangePolicy, reversibleDays } from '../../support/brand';

let database: TestDatabase;
let desk: PlanChangeDeskApi;
let carryOut: AorCorrectionRuns['carryOut'];
let auditor: string;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedRosters(database.prisma);
});
afterAll(() => database.drop());
beforeEach(async () => {
  const aorCorrections = createAorCorrections(database.prisma);
  const activities = createAorCorrectionActivities({
    aorCorrections,
    planChangePolicy,
    reversibleDays,
    clock: () => desk.api.nowMs.value,
  });
  carryOut = async ({ correctionId }) => {
    const result = await activities.carryOutCorrection({ correctionId, atMs: desk.api.nowMs.value });
    return result.kind === 'refused' ? result : { kind: 'corrected' };
  };
  desk = await startDesk(database.prisma, {
    aorCorrections,
    aorCorrectionRuns: { carryOut: (...asked) => carryOut(...asked) },
  });
  desk.api.nowMs.value = NOW_MS + DAY_MS;
  auditor = desk.keyOf(null, 'audit').key;
});
afterEach(() => desk.api.close());

const REVERSAL = { reason: 'rejected-by-cms', note: 'Reject code 042.' };
const [EXTERNAL, FIELD] = ['external-agent-application', 'field-agent'] as const;

interface CompletedFields {
  readonly customerId?: string;
  readonly channel?: typeof EXTERNAL | typeof FIELD | 'plan-change-line';
  readonly atMs?: number;
}

/** A completed change of `own-1`'s customer, in favour of `other-2` unless told otherwise. Gives the change's id. */
async function completed({ channel = EXTERNAL, atMs = NOW_MS, ...fields }: CompletedFields = {}) {
  const customerId =
    fields.customerId ?? (await insertEnrolledCustomer(database.prisma, { agentKey: 'OWN1' }));
  const taken = { [EXTERNAL]: withExternalAgent, [FIELD]: withFieldAgent, 'plan-change-line': claimed }[
    channel
  ];
  const id = await insertPlanChange(database.prisma, { ...taken, customerId });
  const staffKey = { [EXTERNAL]: null, [FIELD]: 'S310', 'plan-change-line': 'S201' }[channel];
  const request = {
    planId: COMPLETION.planId,
    effectiveOn: COMPLETION.effectiveDate,
    staffKey,
    apiKeyId: randomUUID(),
  };
  const facilitator = channel === EXTERNAL ? eligible('OTHER2') : null;
  const evidence = { channel, original: eligible('OWN1'), facilitator, atMs };
  await recordDecision(database.prisma, id, request, evidence);
  return { id, customerId };
}

const reverse = (id: string, body: object = REVERSAL, token = desk.intake.key) =>
  desk.post(`/${id}/reversal`, body, { token });
const redetermine = (id: string, body: object = { note: 'A late roster.' }, token = auditor) =>
  desk.post(`/${id}/redetermination`, body, { token });
const requestsFor = (planChangeId: string) =>
  database.prisma.aorCorrection.findMany({ where: { planChangeId } });

it('A reversal is answered with the reversed change, and the agent of record is who it was before', async () => {
  const { id, customerId } = await completed();
  const agentOn = async () => {
    const { body } = await desk.get(`/customers/${customerId}/agent-of-record?on=2027-03-01`, auditor);
    return body.agentOfRecord.agentNumber;
  };
  const before = await agentOn();

  const { status, body } = await reverse(id);

  expect([status, body.stage, body.supersededBy]).toEqual([200, 'reversed', null]);
  expect([before, await agentOn()]).toEqual(['other-2', 'own-1']);
  expect(await requestsFor(id)).toMatchObject([
    {
      kind: 'reversal',
      reason: 'rejected-by-cms',
      note: 'Reject code 042.',
      apiKeyId: desk.intake.id,
      staffKey: null,
    },
  ]);
});

it('A redetermination is answered with the decision that was made again', async () => {
  // The rosters of this test know no standing: with them, `own-1` would not have stayed.
  const { id } = await completed({ channel: 'plan-change-line' });
  const before = await desk.get(`/plan-changes/${id}`);

  const { status, body } = await redetermine(id);

  expect(before.body.agentOfRecord).toMatchObject({ outcome: 'retained', agentNumber: 'own-1' });
  expect([status, body.stage]).toEqual([200, 'completed']);
  expect(body.agentOfRecord).toEqual({
    outcome: 'ended',
    reason: 'agent-not-licensed',
    agentNumber: null,
    commissionContinues: false,
  });
  expect(said(await redetermine(id))).toBe('409 nothing_to_correct');
});

it('A change whose place another one took is not corrected: the answer names that one', async () => {
  const { id, customerId } = await completed();
  const { id: later } = await completed({ customerId, channel: 'plan-change-line', atMs: NOW_MS + 1 });

  const refused = [await reverse(id), await redetermine(id)];
  const reversed = await reverse(later);

  expect(refused.map(said)).toEqual([1, 2].map(() => '409 later_change_recorded'));
  expect(refused.map(({ body }) => body.planChangeId)).toEqual([later, later]);
  expect(said(reversed)).toBe('200 reversed');
  expect((await desk.get(`/plan-changes/${id}`)).body).toMatchObject({
    stage: 'completed',
    supersededBy: null,
  });
});

it.each([
  ['queued', 'still-open'],
  ['with-facilitator', 'still-open'],
  ['held', 'still-open'],
  ['withdrawn', 'never-completed'],
  ['abandoned', 'never-completed'],
] as const)('A change at %s is not corrected, and the detail says why', async (stage, reason) => {
  const isUnits = stage !== 'with-facilitator' && stage !== 'held';
  const taken = isUnits ? { stage } : { ...withExternalAgent, stage };
  const id = await insertPlanChange(database.prisma, {
    ...taken,
    customerId: await insertEnrolledCustomer(database.prisma),
  });

  for (const { status, body } of [await reverse(id), await redetermine(id)]) {
    expect([status, body.code, body.stage, body.reason]).toEqual([409, 'wrong_stage', stage, reason]);
    expect(body.detail).toContain('Only a completed plan change is corrected.');
  }
});

it('A change is not reversed twice, and not after 60 days, each with a detail of its own in both languages', async () => {
  const { id } = await completed();
  const { id: old } = await completed();
  const inSpanish = { headers: { 'accept-language': 'es' } };
  await reverse(id);

  const twice = await reverse(id);
  desk.api.nowMs.value = Date.UTC(2027, 2, 3, 17);
  const late = await desk.post(`/${old}/reversal`, REVERSAL, inSpanish);

  expect([twice, late].map(said)).toEqual(['409 wrong_stage reversed', '409 wrong_stage completed']);
  expect([twice.body.reason, late.body.reason]).toEqual(['already-reversed', 'too-old']);
  expect(twice.body.detail).toContain('has been reversed');
  expect(late.body.detail).toContain('demasiado antigua');
  const { body } = await desk.get('/plan-changes?stage=reversed');
  expect(body.planChanges.map((change: { id: string }) => change.id)).toContain(id);
  expect(body.planChanges.map((change: { id: string }) => change.id)).not.toContain(old);
});

it.each([
  [{ reason: 'changed-mind' }, '/reason'],
  [{}, '/reason'],
  [{ ...REVERSAL, note: 'line one\nline two' }, '/note'],
  [{ ...REVERSAL, note: 'a\u0007bell' }, '/note'],
  [{ ...REVERSAL, note: 'turned \u202eround' }, '/note'],
  [{ ...REVERSAL, note: '' }, '/note'],
  [{ ...REVERSAL, note: 'x'.repeat(501) }, '/note'],
])('A reversal with %j is refused, and nothing is requested', async (body, pointer) => {
  const { id } = await completed();

  const refused = await reverse(id, body);

  expect(said(refused)).toBe('422 invalid_fields');
  expect(errorsOf(refused).map((error) => error.split(' ')[0])).toEqual([pointer]);
  expect(await requestsFor(id)).toEqual([]);
});

it('A redetermination needs a note', async () => {
  const { id } = await completed();

  expect(errorsOf(await redetermine(id, {}))).toEqual(['/note required']);
  expect(errorsOf(await redetermine(id, { note: 'a\u0007bell' }))).toEqual(['/note control_character']);
});

it('A change that does not exist is not found', async () => {
  expect([await reverse(randomUUID()), await redetermine(randomUUID())].map(said)).toEqual(
    [1, 2].map(() => '404 not_found'),
  );
});

it.each([
  ['a system', null, EXTERNAL, '200 reversed'],
  ['the agent who had it', 'S-310', FIELD, '200 reversed'],
  ['another internal agent', 'S-311', FIELD, '409 not_the_facilitator'],
  ['an internal agent', 'S-310', EXTERNAL, '403 role_not_allowed'],
  ['a representative', 'S-201', 'plan-change-line', '200 reversed'],
  ['a representative', 'S-201', EXTERNAL, '403 role_not_allowed'],
  ['somebody who is on no roster', 'S-999', 'plan-change-line', '403 role_not_allowed'],
] as const)('By %s (%s), a completed change by %s: %s', async (_, staffNumber, channel, answer) => {
  const { id } = await completed({ channel });

  const reversed = await reverse(id, REVERSAL, desk.keyOf(staffNumber, 'intake').key);

  expect(said(reversed)).toBe(answer);
  const staffKey = staffNumber?.replace('-', '') ?? null;
  expect(await requestsFor(id)).toMatchObject(answer === '200 reversed' ? [{ staffKey }] : []);
});

it('The scope audit corrects and does not reverse, the scope intake the other way round', async () => {
  const { id } = await completed();

  expect(
    [await reverse(id, REVERSAL, auditor), await redetermine(id, undefined, desk.intake.key)].map(said),
  ).toEqual([1, 2].map(() => '403 scope_missing'));
});

it('A correction that was answered 503 is one and the same when it is sent again', async () => {
  const { id } = await completed();
  const send = () => desk.post(`/${id}/reversal`, REVERSAL, { headers: { 'idempotency-key': `r-${id}` } });
  const { carryOut: really } = { carryOut };
  carryOut = async (...asked) => {
    await really(...asked);
    throw new AppError('unavailable', { retryAfterSeconds: 2 });
  };
  const away = await send();
  carryOut = really;

  const again = await send();

  expect([away, again].map(said)).toEqual(['503 unavailable', '200 reversed']);
  expect(await requestsFor(id)).toHaveLength(1);
});
