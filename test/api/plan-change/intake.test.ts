import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import { AppError } from '../../../src/api/http/problems';
import { NOW_MS, insertEnrolledCustomer, insertPlanChange } from '../../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import type { Called } from '../api';
import {
  ADDRESS,
  COMPLETION,
  NEW_PLAN,
  eligible,
  recordDecision,
  seedRosters,
  startDesk,
  withExternalAgent,
  type PlanChangeDeskApi,
} from './plan-change-desk';

const LINE = 'plan-change-line';

let database: TestDatabase;
let desk: PlanChangeDeskApi;
beforeAll(async () => {
  database = await createTestDatabase();
  await seedRosters(database.prisma);
});
afterAll(() => database.drop());
beforeEach(async () => {
  desk = await startDesk(database.prisma);
});
afterEach(() => desk.api.close());

const customerOfOwn = () => insertEnrolledCustomer(database.prisma, { agentKey: 'OWN1' });
const changesOf = (customerId: string) => database.prisma.planChange.findMany({ where: { customerId } });

/** By the Dedicated Plan Change line, unless told otherwise. */
const take = (body: object, headers: Record<string, string> = {}): Promise<Called> =>
  desk.post('', { channel: LINE, ...body }, { headers });

describe('Plan change intake', () => {
  it('A new plan change is answered 201 and shown as queued for the unit', async () => {
    const customerId = await customerOfOwn();

    const { status, body } = await take({ customerId });

    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.any(String),
      customerId,
      channel: LINE,
      route: 'unit',
      stage: 'queued',
      facilitator: null,
      planId: null,
      effectiveDate: null,
      ageSeconds: 0,
      openedAt: '2026-11-22T12:30:15.123Z',
      waitingSince: '2026-11-22T12:30:15.123Z',
      claimedBy: null,
      claimUntil: null,
      heldFor: null,
      endedAt: null,
      withdrawnFor: null,
      supersededBy: null,
      agentOfRecord: null,
    });
    expect((await desk.get(`/plan-changes/${body.id}`)).body).toEqual(body);
  });

  it('A new plan change stores the plan and the effective date if they are given', async () => {
    const customerId = await customerOfOwn();

    const { body } = await take({ customerId, planId: NEW_PLAN, effectiveDate: '2027-01-01' });

    expect(body).toMatchObject({ planId: NEW_PLAN, effectiveDate: '2027-01-01' });
  });

  it('A new plan change is audited with its API key and address', async () => {
    const { body } = await take({ customerId: await customerOfOwn() });

    const audited = await database.prisma.auditEvent.findMany({ where: { planChangeId: body.id } });
    expect(audited).toMatchObject([
      { action: 'plan-change-opened', apiKeyId: desk.intake.id, address: ADDRESS, at: new Date(NOW_MS) },
    ]);
  });

  it.each([
    ['customer-service', undefined, 'unit', 'queued', null],
    [
      'field-agent',
      { kind: 'internal-agent', number: 'S-310' },
      'internal-agent',
      'with-facilitator',
      'S310',
    ],
    [
      'telesales-agent',
      { kind: 'internal-agent', number: 'S-311' },
      'internal-agent',
      'with-facilitator',
      'S311',
    ],
    [
      'own-agent-application',
      { kind: 'external-agent', number: 'own-1' },
      'own-agent',
      'with-facilitator',
      'OWN1',
    ],
    [
      'external-agent-application',
      { kind: 'external-agent', number: 'other-2' },
      'external-agent',
      'with-facilitator',
      'OTHER2',
    ],
    [
      'external-call-center',
      { kind: 'call-center', number: 'center-3' },
      'call-center',
      'with-facilitator',
      'CENTER3',
    ],
  ])(
    'A new plan change by %s with %j is routed to %s',
    async (channel, facilitator, route, stage, facilitatorKey) => {
      const customerId = await customerOfOwn();

      const { status, body } = await take({ customerId, channel, facilitator });

      expect(status).toBe(201);
      expect(body).toMatchObject({ channel, route, stage, facilitator: facilitator ?? null });
      expect(await changesOf(customerId)).toMatchObject([{ id: body.id, route, stage, facilitatorKey }]);
      expect(desk.runs.started).toMatchObject([{ route, stage, facilitatorKey }]);
    },
  );

  it.each(['own-1', 'other-2'])(
    'While a recorded change is still to come, the application of %s may take its place, or follow it',
    async (number) => {
      const customerId = await customerOfOwn();
      const earlier = await insertPlanChange(database.prisma, { customerId, ...withExternalAgent });
      const { planId, effectiveDate: effectiveOn } = COMPLETION;
      await recordDecision(
        database.prisma,
        earlier,
        { planId, effectiveOn, staffKey: null, apiKeyId: desk.intake.id },
        {
          channel: 'external-agent-application',
          original: eligible('OWN1'),
          facilitator: eligible('OTHER2'),
        },
      );
      const facilitator = { kind: 'external-agent', number };

      const { status } = await take({ customerId, channel: 'own-agent-application', facilitator });

      expect(status).toBe(201);
    },
  );

  it.each(['OTHER2', 'other 2', ' o-t-h-e-r-2 ', 'Other\u20112', 'oTHER \u2013 2'])(
    'A facilitator is found by %j and shown with the number of the roster',
    async (number) => {
      const facilitator = { kind: 'external-agent', number };
      const body = { customerId: await customerOfOwn(), channel: 'external-agent-application', facilitator };

      expect((await take(body)).body.facilitator).toEqual({ kind: 'external-agent', number: 'other-2' });
    },
  );

  it('A plan change by a call center is accepted even if its agent is the customer’s own', async () => {
    const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: 'CENTER3' });
    const facilitator = { kind: 'call-center', number: 'center-3' };

    expect(await take({ customerId, channel: 'external-call-center', facilitator })).toMatchObject({
      status: 201,
    });
  });
});

describe('Run of a new plan change', () => {
  it('The run of a plan change is started, with all its data, before the change is stored', async () => {
    const customerId = await customerOfOwn();
    let atStart: unknown[] = [];
    desk.runs.onStart = async () => void (atStart = await changesOf(customerId));

    const { body } = await take({ customerId });

    expect(atStart).toEqual([]);
    expect(desk.runs.started).toEqual([
      {
        planChangeId: body.id,
        customerId,
        channel: LINE,
        route: 'unit',
        stage: 'queued',
        facilitatorKey: null,
        planId: null,
        effectiveOn: null,
        agentKey: 'OWN1',
        apiKeyId: desk.intake.id,
        address: ADDRESS,
        atMs: NOW_MS,
      },
    ]);
    expect(desk.runs.told).toEqual([]);
  });

  it('The run is notified when another change of the customer was faster, and the answer names that change', async () => {
    const customerId = await customerOfOwn();
    let quicker = '';
    desk.runs.onStart = async () => {
      quicker = await insertPlanChange(database.prisma, { customerId });
    };

    const { status, body } = await take({ customerId });

    expect([status, body.code, body.planChangeId]).toEqual([409, 'plan_change_open', quicker]);
    expect(desk.runs.told).toEqual([desk.runs.started[0]!.planChangeId]);
    expect(await changesOf(customerId)).toHaveLength(1);
  });

  it('The run is notified when the faster change is already over, and the caller is told to retry', async () => {
    const other = await startDesk(database.prisma, {
      planChanges: { ...createPlanChanges(database.prisma), open: async () => false },
    });

    const { status, headers } = await other.post('', { customerId: await customerOfOwn(), channel: LINE });

    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(other.runs.told).toEqual([other.runs.started[0]!.planChangeId]);
    await other.api.close();
  });

  it('A plan change whose run cannot start is not stored, and the next try succeeds', async () => {
    const customerId = await customerOfOwn();
    const headers = { 'idempotency-key': 'try' };
    desk.runs.onStart = async () => {
      throw new AppError('unavailable', { retryAfterSeconds: 2 });
    };

    const refused = await take({ customerId }, headers);
    const left = await changesOf(customerId);
    desk.runs.onStart = async () => {};
    const taken = await take({ customerId }, headers);

    expect([refused.status, refused.body.code, refused.headers.get('retry-after')]).toEqual([
      503,
      'unavailable',
      '2',
    ]);
    expect([left, taken.status]).toEqual([[], 201]);
  });
});

describe('Second plan change of a customer', () => {
  it('A customer’s second plan change is refused while one is open, and starts no run', async () => {
    const customerId = await customerOfOwn();
    const first = await take({ customerId });

    const { status, body } = await take({ customerId });

    expect([status, body.code, body.planChangeId]).toEqual([409, 'plan_change_open', first.body.id]);
    expect(desk.runs.started).toHaveLength(1);
  });

  it('A customer’s second plan change is accepted once the first one is over', async () => {
    const customerId = await customerOfOwn();
    await insertPlanChange(database.prisma, { customerId, stage: 'withdrawn' });

    expect(await take({ customerId })).toMatchObject({ status: 201 });
  });

  it('A plan change repeated under one Idempotency-Key returns the first; another body is refused', async () => {
    const customerId = await customerOfOwn();
    const headers = { 'idempotency-key': 'once' };

    const first = await take({ customerId }, headers);
    const again = await take({ customerId: ` ${customerId}` }, headers);
    const other = await take({ customerId, channel: 'customer-service' }, headers);

    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
    expect(desk.runs.started).toHaveLength(1);
  });
});
