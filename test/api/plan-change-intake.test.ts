import { randomUUID } from 'node:crypto';
import { createPlanChanges } from '../../src/adapters/plan-changes';
import { AppError } from '../../src/api/problems';
import {
  NOW_MS,
  insertAgent,
  insertCallCenter,
  insertCustomer,
  insertEnrolledCustomer,
  insertPlan,
  insertPlanChange,
  insertStaff,
} from '../adapters/records';
import { createTestDatabase, type TestDatabase } from '../support/database';
import type { Called } from './api';
import { ADDRESS, NEW_PLAN, OLD_PLAN, startDesk, type PlanChangeDeskApi } from './plan-change-desk';

const LINE = 'plan-change-line';

let database: TestDatabase;
let desk: PlanChangeDeskApi;
beforeAll(async () => {
  database = await createTestDatabase();
  const { prisma } = database;
  for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(prisma, planId);
  await insertAgent(prisma, { agentNumber: 'own-1' });
  await insertAgent(prisma, { agentNumber: 'other-2' });
  await insertAgent(prisma, { agentNumber: 'center-3' });
  await insertCallCenter(prisma, 'CENTER3');
  await insertStaff(prisma, { staffNumber: 'S-310', role: 'field-agent', licensedFrom: null });
  await insertStaff(prisma, { staffNumber: 'S-311', role: 'telesales-agent' });
  await insertStaff(prisma, { staffNumber: 'S-201' });
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

describe('what is taken in', () => {
  it('is shown as it waits for the unit', async () => {
    const customerId = await customerOfOwn();

    const { status, body } = await take({ customerId });

    expect(status).toBe(201);
    expect(body).toEqual({
      ...{ id: expect.any(String), customerId, channel: LINE, route: 'unit', stage: 'queued' },
      ...{ facilitator: null, planId: null, effectiveDate: null, ageSeconds: 0 },
      ...{ openedAt: '2026-11-22T12:30:15.123Z', waitingSince: '2026-11-22T12:30:15.123Z' },
      ...{ claimedBy: null, claimUntil: null, heldFor: null, endedAt: null, withdrawnFor: null },
      agentOfRecord: null,
    });
    expect((await desk.get(`/plan-changes/${body.id}`)).body).toEqual(body);
  });

  it('keeps the plan and the date where they are known', async () => {
    const customerId = await customerOfOwn();

    const { body } = await take({ customerId, planId: NEW_PLAN, effectiveDate: '2027-01-01' });

    expect(body).toMatchObject({ planId: NEW_PLAN, effectiveDate: '2027-01-01' });
  });

  it('is in the audit log, with the key and the address', async () => {
    const { body } = await take({ customerId: await customerOfOwn() });

    const audited = await database.prisma.auditEvent.findMany({ where: { planChangeId: body.id } });
    expect(audited).toMatchObject([
      { action: 'plan-change-opened', apiKeyId: desk.intake.id, address: ADDRESS, at: new Date(NOW_MS) },
    ]);
  });

  it.each([
    ['customer-service', undefined, 'unit', 'queued', null],
    ['field-agent', { kind: 'internal-agent', number: 'S-310' }, 'internal-agent', 'with-facilitator', 'S310'],
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
  ])('by %s with %j goes to %s', async (channel, facilitator, route, stage, facilitatorKey) => {
    const customerId = await customerOfOwn();

    const { status, body } = await take({ customerId, channel, facilitator });

    expect(status).toBe(201);
    expect(body).toMatchObject({ channel, route, stage, facilitator: facilitator ?? null });
    expect(await changesOf(customerId)).toMatchObject([{ id: body.id, route, stage, facilitatorKey }]);
    expect(desk.runs.started).toMatchObject([{ route, stage, facilitatorKey }]);
  });

  it.each(['OTHER2', 'other 2', ' o-t-h-e-r-2 ', 'Other\u20112', 'oTHER \u2013 2'])(
    'knows the facilitator by %j, and writes the number as the roster does',
    async (number) => {
      const facilitator = { kind: 'external-agent', number };
      const body = { customerId: await customerOfOwn(), channel: 'external-agent-application', facilitator };

      expect((await take(body)).body.facilitator).toEqual({ kind: 'external-agent', number: 'other-2' });
    },
  );

  it('may be a call center’s whose agent is the customer’s own', async () => {
    const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: 'CENTER3' });
    const facilitator = { kind: 'call-center', number: 'center-3' };

    expect(await take({ customerId, channel: 'external-call-center', facilitator })).toMatchObject({
      status: 201,
    });
  });
});

describe('the run', () => {
  it('is started before the change is written, with all that it is about', async () => {
    const customerId = await customerOfOwn();
    let atStart: unknown[] = [];
    desk.runs.onStart = async () => void (atStart = await changesOf(customerId));

    const { body } = await take({ customerId });

    expect(atStart).toEqual([]);
    expect(desk.runs.started).toEqual([
      {
        ...{ planChangeId: body.id, customerId, channel: LINE, route: 'unit', stage: 'queued' },
        ...{ facilitatorKey: null, planId: null, effectiveOn: null, agentKey: 'OWN1' },
        ...{ apiKeyId: desk.intake.id, address: ADDRESS, atMs: NOW_MS },
      },
    ]);
    expect(desk.runs.told).toEqual([]);
  });

  it('is told when somebody else’s change for the customer was quicker, and which one is answered', async () => {
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

  it('is told as well when the quicker one is over by then, and the caller asks again', async () => {
    const other = await startDesk(database.prisma, {
      planChanges: { ...createPlanChanges(database.prisma), open: async () => false },
    });

    const { status, headers } = await other.post('', { customerId: await customerOfOwn(), channel: LINE });

    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(other.runs.told).toEqual([other.runs.started[0]!.planChangeId]);
    await other.api.close();
  });

  it('that cannot be started leaves no change, and the next try is a new one', async () => {
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

describe('a second change of a customer', () => {
  it('is refused while one is open, and starts no run', async () => {
    const customerId = await customerOfOwn();
    const first = await take({ customerId });

    const { status, body } = await take({ customerId });

    expect([status, body.code, body.planChangeId]).toEqual([409, 'plan_change_open', first.body.id]);
    expect(desk.runs.started).toHaveLength(1);
  });

  it('is taken in once the first one is over', async () => {
    const customerId = await customerOfOwn();
    await insertPlanChange(database.prisma, { customerId, stage: 'withdrawn' });

    expect(await take({ customerId })).toMatchObject({ status: 201 });
  });

  it('is the first one when it carries the same Idempotency-Key, and refused with another body', async () => {
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

/** `pointer code` of each entry. */
const errorsOf = ({ body }: Called): string[] =>
  (body.errors ?? []).map(({ pointer, code }: Record<string, string>) => `${pointer} ${code}`);

describe('a body that does not fit', () => {
  const customerId = 'C-500001';
  const long = 'x'.repeat(41);

  it.each<[object, string[]]>([
    [{ channel: undefined }, ['/customerId required', '/channel required']],
    [{ customerId: 500001 }, ['/customerId wrong_type']],
    [{ customerId: '  ' }, ['/customerId required']],
    [{ customerId: 'C'.repeat(65) }, ['/customerId too_long']],
    [{ customerId: 'C\u0000' }, ['/customerId control_character']],
    [{ customerId: 'C\ud800' }, ['/customerId malformed_text']],
    [{ customerId, channel: 'carrier-pigeon' }, ['/channel not_one_of']],
    [{ customerId, channel: [LINE] }, ['/channel not_one_of']],
    [{ customerId, planId: null }, ['/planId wrong_type']],
    [{ customerId, planId: 'h4513-052-000' }, ['/planId wrong_format']],
    [{ customerId, planId: ` ${NEW_PLAN}` }, ['/planId wrong_format']],
    [{ customerId, effectiveDate: '2027-02-30' }, ['/effectiveDate wrong_format']],
    [{ customerId, effectiveDate: '2027-1-1' }, ['/effectiveDate wrong_format']],
    [{ customerId, effectiveDate: '2027-01-01T00:00:00Z' }, ['/effectiveDate wrong_format']],
    [{ customerId, effectiveDate: '1899-12-01' }, ['/effectiveDate wrong_format']],
    [{ customerId, effectiveDate: 20270101 }, ['/effectiveDate wrong_type']],
    [{ customerId, facilitator: 'S-310' }, ['/facilitator wrong_type']],
    [{ customerId, facilitator: {} }, ['/facilitator/kind required', '/facilitator/number required']],
    [{ customerId, facilitator: { kind: 'own-agent', number: '1' } }, ['/facilitator/kind not_one_of']],
    [
      { customerId, facilitator: { kind: 'call-center', number: '1', name: 'Lone Star' } },
      ['/facilitator/name unknown_field'],
    ],
    [{ customerId, facilitator: { kind: 'call-center', number: 7 } }, ['/facilitator/number wrong_type']],
    [{ customerId, facilitator: { kind: 'call-center', number: '#7' } }, ['/facilitator/number wrong_format']],
    [{ customerId, facilitator: { kind: 'call-center', number: long } }, ['/facilitator/number too_long']],
    [{ customerId, stage: 'completed', route: 'unit' }, ['/stage unknown_field', '/route unknown_field']],
    [
      {
        ...{ channel: 'pigeon', planId: 7, effectiveDate: 'soon' },
        ...{ facilitator: { kind: 'nobody', number: '' }, now: true },
      },
      [
        ...['/customerId required', '/channel not_one_of', '/planId wrong_type', '/effectiveDate wrong_format'],
        ...['/facilitator/kind not_one_of', '/facilitator/number required', '/now unknown_field'],
      ],
    ],
  ])('%j is answered with every field: %j', async (body, errors) => {
    const answer = await take(body);

    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_fields']);
    expect(errorsOf(answer)).toEqual(errors);
    expect(desk.runs.started).toEqual([]);
  });
});

describe('what is on no roster, or does not go with the channel', () => {
  const external = (number: string) => ({ kind: 'external-agent', number });
  const internal = (number: string) => ({ kind: 'internal-agent', number });
  const center = (number: string) => ({ kind: 'call-center', number });

  it.each<[object, string]>([
    [{ customerId: 'C-nobody' }, '/customerId not_on_record'],
    [{ planId: 'H9999-001-000' }, '/planId not_on_record'],
    [{ facilitator: internal('S-310') }, '/facilitator not_for_this_channel'],
    [{ channel: 'customer-service', facilitator: internal('S-310') }, '/facilitator not_for_this_channel'],
    [{ channel: 'field-agent' }, '/facilitator required'],
    [{ channel: 'own-agent-application' }, '/facilitator required'],
    [{ channel: 'external-call-center' }, '/facilitator required'],
    [{ channel: 'field-agent', facilitator: external('own-1') }, '/facilitator/kind not_for_this_channel'],
    [
      { channel: 'external-call-center', facilitator: external('center-3') },
      '/facilitator/kind not_for_this_channel',
    ],
    [
      { channel: 'external-agent-application', facilitator: center('center-3') },
      '/facilitator/kind not_for_this_channel',
    ],
    [{ channel: 'field-agent', facilitator: internal('S-999') }, '/facilitator/number not_on_record'],
    [{ channel: 'field-agent', facilitator: internal('own-1') }, '/facilitator/number not_on_record'],
    [
      { channel: 'own-agent-application', facilitator: external('S-310') },
      '/facilitator/number not_on_record',
    ],
    [{ channel: 'own-agent-application', facilitator: external('--') }, '/facilitator/number not_on_record'],
  ])('%j: %s', async (given, error) => {
    const customerId = await customerOfOwn();

    const answer = await take({ customerId, ...given });

    expect([answer.status, answer.body.code, errorsOf(answer)]).toEqual([422, 'invalid_fields', [error]]);
    expect(desk.runs.started).toEqual([]);
  });

  it.each<[string, object]>([
    ['a telesales agent who was reached as a field agent', ['field-agent', internal('S-311')]],
    ['a representative of the unit', ['telesales-agent', internal('S-201')]],
    ['another agent’s application as the own agent’s', ['own-agent-application', external('other-2')]],
    ['the own agent’s application as another’s', ['external-agent-application', external('own-1')]],
    ['an agent who is no call center', ['external-call-center', center('other-2')]],
  ])('refuses %s', async (_, given) => {
    const [channel, facilitator] = given as [string, object];
    const customerId = await customerOfOwn();

    const { status, body } = await take({ customerId, channel, facilitator });

    expect([status, body.code, body.reason]).toEqual([422, 'not_eligible', 'facilitator-does-not-fit']);
    expect(desk.runs.started).toEqual([]);
  });

  it.each<[string, object]>([
    ['effective-date-past', { effectiveDate: '2026-11-01' }],
    ['effective-date-not-first-of-month', { effectiveDate: '2026-12-02' }],
    ['effective-date-too-far', { effectiveDate: '2028-01-01' }],
    ['same-plan', { planId: OLD_PLAN }],
  ])('refuses what is not possible: %s', async (reason, given) => {
    const customerId = await customerOfOwn();

    const { status, body } = await take({ customerId, ...given });

    expect([status, body.code, body.reason]).toEqual([422, 'not_eligible', reason]);
    expect(await changesOf(customerId)).toEqual([]);
  });

  it('refuses a plan that is not offered where the customer lives', async () => {
    const customerId = await insertEnrolledCustomer(database.prisma, { state: 'FL' });

    expect((await take({ customerId, planId: NEW_PLAN })).body.reason).toBe('plan-not-offered');
  });

  it('refuses a customer without an active enrolment, in the language of the page', async () => {
    const customerId = await insertCustomer(database.prisma);

    const { body } = await take({ customerId }, { 'accept-language': 'es' });

    expect(body).toMatchObject({
      ...{ code: 'not_eligible', reason: 'no-active-enrolment', title: 'Este cambio de plan no es posible' },
      detail: 'reason indica el motivo. No se ha modificado nada.',
    });
  });

  it('says which field it is in the language of the page', async () => {
    const { body } = await take({ customerId: randomUUID() }, { 'accept-language': 'es' });

    expect(body.title).toBe('Algunos campos no se pueden aceptar');
    expect(body.errors[0].detail).not.toBe('');
  });
});
