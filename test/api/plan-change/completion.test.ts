/** Completing: what the run is asked, and what its answers come to. */
import { createPlanChangeActivities } from '../../../src/activities/plan-change';
import { createAorDecisions } from '../../../src/adapters/postgres/aor-decisions';
import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import { AppError } from '../../../src/api/http/problems';
import type { CompletionRefusal } from '../../../src/contracts/plan-change';
import { PLAN_CHANGE_STAGES } from '../../../src/domain/plan-change/plan-change';
import { insertEnrolledCustomer, insertPlanChange } from '../../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import type { Called } from '../api';
import {
  COMPLETION,
  NEW_PLAN,
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
import { planChangePolicy } from '../../support/brand';

let database: TestDatabase;
let desk: PlanChangeDeskApi;
/** A representative's key. */
let rita: { key: string; id: string };
beforeAll(async () => {
  database = await createTestDatabase();
  await seedRosters(database.prisma);
});
afterAll(() => database.drop());
beforeEach(async () => {
  desk = await startDesk(database.prisma);
  rita = desk.keyOf('s201', 'unit');
});
afterEach(() => desk.api.close());

const insert = (fields: Parameters<typeof insertPlanChange>[1]): Promise<string> =>
  insertPlanChange(database.prisma, fields);
const complete = (id: string, token: string, body: object = COMPLETION) =>
  desk.post(`/${id}/complete`, body, { token });

it('A completed plan change shows the decision about the agent of record', async () => {
  const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: 'OWN1' });
  const id = await insert({ ...claimed, customerId });
  desk.runs.onComplete = (planChangeId, request) =>
    recordDecision(database.prisma, planChangeId, request, { original: eligible('OWN1') });

  const { status, body } = await complete(id, rita.key);

  expect([status, body.stage, body.planId, body.effectiveDate]).toEqual([
    ...[200, 'completed', COMPLETION.planId, COMPLETION.effectiveDate],
  ]);
  expect([body.claimedBy, body.claimUntil]).toEqual(['S-201', null]);
  expect(body.agentOfRecord).toEqual({
    outcome: 'retained',
    reason: 'unit-completed',
    agentNumber: 'own-1',
    commissionContinues: true,
  });
  expect(desk.runs.asked).toEqual([
    {
      planChangeId: id,
      request: { planId: NEW_PLAN, effectiveOn: '2027-01-01', staffKey: 'S201', apiKeyId: rita.id },
    },
  ]);
});

it('A completion is passed to the run with the caller’s staff number', async () => {
  const id = await insert(withFieldAgent);

  await complete(id, desk.intake.key);
  await complete(id.toUpperCase(), desk.keyOf('s-310', 'intake').key);

  expect(desk.runs.asked).toMatchObject([
    { planChangeId: id, request: { staffKey: null } },
    { planChangeId: id, request: { staffKey: 'S310' } },
  ]);
});

it.each<[string, object, string | null, readonly ('intake' | 'unit')[], string]>([
  ['the unit’s by a system', claimed, null, ['intake'], '403 scope_missing'],
  ['the unit’s by a field agent', claimed, 'S-310', ['unit'], '403 representative_required'],
  ['the unit’s by a system of the scope', claimed, null, ['unit', 'intake'], '403 representative_required'],
  ['a field agent’s by the unit', withFieldAgent, 'S-201', ['unit'], '403 scope_missing'],
  ['an external agent’s by the unit', withExternalAgent, 'S-201', ['unit'], '403 scope_missing'],
  [
    'an external agent’s by a representative of both scopes',
    ...([withExternalAgent, 'S-201', ['unit', 'intake'], '403 role_not_allowed'] as const),
  ],
  ['an external agent’s by a field agent', withExternalAgent, 'S-310', ['intake'], '403 role_not_allowed'],
  ['a field agent’s by a telesales agent', withFieldAgent, 'S-311', ['intake'], '409 not_the_facilitator'],
  ['a field agent’s by who is on no roster', withFieldAgent, 'S-999', ['intake'], '403 role_not_allowed'],
])(
  'A completion without the right to it is refused before the run is asked: %s',
  async (_, fields, staffNumber, scopes, refused) => {
    const id = await insert(fields);

    expect(said(await complete(id, desk.keyOf(staffNumber, ...scopes).key))).toBe(refused);
    expect(desk.runs.asked).toEqual([]);
  },
);

const refusals: [CompletionRefusal, string][] = [
  ...PLAN_CHANGE_STAGES.filter((stage) => stage !== 'held').map((stage): [CompletionRefusal, string] => [
    { kind: 'wrong-stage', stage },
    `409 wrong_stage ${stage}`,
  ]),
  [{ kind: 'wrong-stage', stage: 'held' }, '409 facilitator_not_eligible'],
  [{ kind: 'claimed-by-other' }, '409 claimed_by_other'],
  [{ kind: 'not-the-facilitator' }, '409 not_the_facilitator'],
  [{ kind: 'plan-unknown' }, '422 invalid_fields'],
  [{ kind: 'not-eligible', reason: 'same-plan' }, '422 not_eligible same-plan'],
  [{ kind: 'held', defect: 'not-certified' }, '409 facilitator_not_eligible not-certified'],
];

it.each(refusals)('A completion that the run refuses with %j is answered %s', async (refusal, answer) => {
  const id = await insert(withExternalAgent);
  desk.runs.onComplete = async () => refusal;

  const refused = await complete(id, desk.intake.key);

  expect(said(refused)).toBe(answer);
  if (refusal.kind === 'plan-unknown')
    expect(refused.body.errors).toMatchObject([{ pointer: '/planId', code: 'not_on_record' }]);
});

it('A completion is answered 503 without Temporal, and the next try under the same key succeeds', async () => {
  const id = await insert(withExternalAgent);
  const send = () => desk.post(`/${id}/complete`, COMPLETION, { headers: { 'idempotency-key': `c-${id}` } });
  desk.runs.onComplete = async () => {
    throw new AppError('unavailable', { retryAfterSeconds: 2 });
  };

  const away = await send();
  desk.runs.onComplete = async () => ({ kind: 'completed' });
  const [done, again] = [await send(), await send()];

  expect([away.status, away.headers.get('retry-after')]).toEqual([503, '2']);
  expect([done.status, again.status, again.body]).toEqual([200, 200, done.body]);
  expect(desk.runs.asked).toHaveLength(2);
});

it.each<[object, string[]]>([
  [{}, ['/planId required', '/effectiveDate required']],
  [{ ...COMPLETION, facilitator: {} }, ['/facilitator unknown_field']],
  [{ planId: 7, effectiveDate: '2027-13-01' }, ['/planId wrong_type', '/effectiveDate wrong_format']],
])('A completion requires a plan and an effective date: %j', async (body, errors) => {
  const id = await insert(withExternalAgent);

  const refused = await complete(id, desk.intake.key, body);

  expect(said(refused)).toBe('422 invalid_fields');
  expect(errorsOf(refused)).toEqual(errors);
  expect(desk.runs.asked).toEqual([]);
});

describe('Completion after the effective date', () => {
  const EFFECTIVE_DATE = '2026-12-01';
  const AFTER_MS = Date.UTC(2026, 11, 2, 17);

  /** Taken in while the date was possible, and completed when it is over, by the step that a run takes over the database. */
  async function completeAfterwards(askedFor: object): Promise<Called> {
    const { prisma } = database;
    const { completePlanChange } = createPlanChangeActivities({
      planChanges: createPlanChanges(prisma),
      aorDecisions: createAorDecisions(prisma),
      planChangePolicy,
      notices: { start: async () => {} },
    });
    desk.runs.onComplete = (planChangeId, request) =>
      completePlanChange({ planChangeId, ...request, atMs: AFTER_MS });
    const customerId = await insertEnrolledCustomer(prisma);
    const { id } = (await desk.post('', { customerId, channel: 'plan-change-line', ...askedFor })).body;
    desk.api.nowMs.value = AFTER_MS;
    await desk.post(`/${id}/claim`, undefined, { token: rita.key });
    return complete(id, rita.key, { planId: NEW_PLAN, effectiveDate: EFFECTIVE_DATE });
  }

  it('A completion after its effective date is accepted if intake asked for that date', async () => {
    const { status, body } = await completeAfterwards({ effectiveDate: EFFECTIVE_DATE });

    expect([status, body.stage, body.effectiveDate]).toEqual([200, 'completed', EFFECTIVE_DATE]);
  });

  it.each([{}, { effectiveDate: '2027-01-01' }])(
    'A completion after its effective date is refused if intake asked for %j',
    async (askedFor) => {
      expect(said(await completeAfterwards(askedFor))).toBe('422 not_eligible effective-date-past');
    },
  );
});
