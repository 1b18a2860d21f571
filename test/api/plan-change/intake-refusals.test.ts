import { randomUUID } from 'node:crypto';
import { insertCustomer, insertEnrolledCustomer } from '../../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import type { Called } from '../api';
import {
  NEW_PLAN,
  OLD_PLAN,
  errorsOf,
  seedRosters,
  startDesk,
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

describe('Malformed intake', () => {
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
    [{ customerId, planId: `${NEW_PLAN} 1` }, ['/planId wrong_format']],
    [{ customerId, effectiveDate: '2027-02-30' }, ['/effectiveDate wrong_format']],
    [{ customerId, effectiveDate: '2027-1-1' }, ['/effectiveDate wrong_format']],
    [{ customerId, effectiveDate: '2027-01-01T00:00:00Z' }, ['/effectiveDate wrong_format']],
    [{ customerId, effectiveDate: '' }, ['/effectiveDate wrong_format']],
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
    [
      { customerId, facilitator: { kind: 'call-center', number: '#7' } },
      ['/facilitator/number wrong_format'],
    ],
    [{ customerId, facilitator: { kind: 'call-center', number: long } }, ['/facilitator/number too_long']],
    [{ customerId, stage: 'completed', route: 'unit' }, ['/stage unknown_field', '/route unknown_field']],
    [
      {
        channel: 'pigeon',
        planId: 7,
        effectiveDate: 'soon',
        facilitator: { kind: 'nobody', number: '' },
        now: true,
      },
      [
        ...[
          '/customerId required',
          '/channel not_one_of',
          '/planId wrong_type',
          '/effectiveDate wrong_format',
        ],
        ...['/facilitator/kind not_one_of', '/facilitator/number required', '/now unknown_field'],
      ],
    ],
  ])('The intake body %j is answered with every refused field: %j', async (body, errors) => {
    const answer = await take(body);

    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_fields']);
    expect(errorsOf(answer)).toEqual(errors);
    expect(desk.runs.started).toEqual([]);
  });
});

describe('Refused intake', () => {
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
  ])('Intake with %j is refused: %s', async (given, error) => {
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
  ])('Intake refuses %s', async (_, given) => {
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
  ])('Intake refuses an ineligible plan change: %s', async (reason, given) => {
    const customerId = await customerOfOwn();

    const { status, body } = await take({ customerId, ...given });

    expect([status, body.code, body.reason]).toEqual([422, 'not_eligible', reason]);
    expect(await changesOf(customerId)).toEqual([]);
  });

  it('Intake refuses a plan that is not offered where the customer lives', async () => {
    const customerId = await insertEnrolledCustomer(database.prisma, { state: 'FL' });

    expect((await take({ customerId, planId: NEW_PLAN })).body.reason).toBe('plan-not-offered');
  });

  it('Intake refuses a customer without an active enrolment, in the language of the page', async () => {
    const customerId = await insertCustomer(database.prisma);

    const { body } = await take({ customerId }, { 'accept-language': 'es' });

    expect(body).toMatchObject({
      code: 'not_eligible',
      reason: 'no-active-enrolment',
      title: 'Este cambio de plan no es posible',
      detail: 'reason indica el motivo. No se ha modificado nada.',
    });
  });

  it('Intake explains a refused field in the language of the page', async () => {
    const { body } = await take({ customerId: randomUUID() }, { 'accept-language': 'es' });

    expect(body.title).toBe('Algunos campos no se pueden aceptar');
    expect(body.errors).toMatchObject([{ detail: 'Este número no consta en nuestros registros.' }]);
  });
});
