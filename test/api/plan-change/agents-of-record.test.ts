import {
  NOW_MS,
  insertAgent,
  insertCustomer,
  insertEnrolledCustomer,
  insertPlan,
  insertPlanChange,
  insertStaff,
} from '../../adapters/postgres/records';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time';
import { beginHistory } from '../../../lab/system/customer-history';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import type { Called } from '../api';
import {
  NEW_PLAN,
  OLD_PLAN,
  eligible,
  errorsOf,
  recordDecision,
  startDesk,
  type PlanChangeDeskApi,
} from './plan-change-desk';

const KNOWN_FROM_MS = NOW_MS - DAY_MS;

let database: TestDatabase;
let desk: PlanChangeDeskApi;
let audit: string;
beforeAll(async () => {
  database = await createTestDatabase();
  const { prisma } = database;
  for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(prisma, planId);
  await insertAgent(prisma, { agentNumber: 'first-1' });
  await insertAgent(prisma, { agentNumber: 'Second 2' });
  await insertStaff(prisma, { staffNumber: 'F-31', role: 'field-agent', licensedFrom: null });
  await insertStaff(prisma, { staffNumber: 'C-31', role: 'customer-service', licensedFrom: null });
  await insertStaff(prisma, { staffNumber: 'R-31' });
  await insertStaff(prisma, { staffNumber: 'R-32', licensedTo: '2025-12-31' });
});
afterAll(() => database.drop());
beforeEach(async () => {
  desk = await startDesk(database.prisma);
  ({ key: audit } = desk.keyOf(null, 'audit'));
});
afterEach(() => desk.api.close());

const agentOf = (customerId: string, query = ''): Promise<Called> =>
  desk.get(`/customers/${encodeURIComponent(customerId)}/agent-of-record${query}`);

/** Of one agent until the end of 2025, of nobody until March 2026, of another from then on. */
async function customerOfTwo(): Promise<string> {
  const { prisma } = database;
  const customerId = await insertCustomer(prisma);
  await beginHistory(prisma, customerId, {
    agentsOfRecord: [
      { agentKey: 'FIRST1', from: '2025-02-01' },
      { agentKey: null, from: '2026-01-01' },
      { agentKey: 'SECOND2', from: '2026-03-01' },
    ],
    knownFromMs: KNOWN_FROM_MS,
  });
  return customerId;
}

const records = {
  terminatedOn: null,
  principalTerminatedOn: null,
  licences: [{ state: 'TX', from: '2020-01-01', to: '2026-12-31' }],
  appointments: [{ from: '2020-01-01', to: null }],
  certifications: [{ planYear: 2027, from: '2026-10-01', to: null }],
};

/** By another external agent, from the beginning of 2027 on. */
async function transferred(customerId: string): Promise<string> {
  const { prisma } = database;
  const planChangeId = await insertPlanChange(prisma, {
    customerId,
    channel: 'external-agent-application',
    stage: 'with-facilitator',
    facilitatorKey: 'SECOND2',
  });
  const request = {
    planId: NEW_PLAN,
    effectiveOn: '2027-01-01',
    staffKey: null,
    apiKeyId: desk.intake.id,
  };
  await recordDecision(prisma, planChangeId, request, {
    channel: 'external-agent-application',
    original: eligible('FIRST1'),
    facilitator: { ...eligible('SECOND2'), records },
  });
  return planChangeId;
}

describe('Agent of record of a customer', () => {
  it.each([
    ['no number', null, 'intake', 200],
    ['no number', null, 'unit', 200],
    ['the number of a field agent', 'F-31', 'intake', 200],
    ['the number of customer service', 'C-31', 'intake', 200],
    ['the number of a representative', 'R-31', 'unit', 200],
    ['the number of a representative whose licence is over', 'R-32', 'unit', 403],
    ['a number that is on no roster', 'X-31', 'intake', 403],
    ['a number that is on no roster', 'X-31', 'unit', 403],
    ['a number that is on no roster, and the scope of auditors', 'X-31', 'audit', 200],
  ] as const)(
    'A request for the agent of record by a key with %s (%s, %s) is answered %i',
    async (_what, staffNumber, scope, status) => {
      const { prisma } = database;
      const customerId = await insertCustomer(prisma);
      const { key } = desk.keyOf(staffNumber, scope);

      const answered = await desk.get(`/customers/${customerId}/agent-of-record`, key);

      expect([answered.status, answered.body.code]).toEqual([
        status,
        status === 403 ? 'role_not_allowed' : undefined,
      ]);
    },
  );

  it.each([
    ['2025-01-31', null],
    ['2025-02-01', { agentNumber: 'first-1', since: '2025-02-01' }],
    ['2025-12-31', { agentNumber: 'first-1', since: '2025-02-01' }],
    ['2026-01-01', null],
    ['2026-02-28', null],
    ['2026-03-01', { agentNumber: 'Second 2', since: '2026-03-01' }],
    ['9999-12-31', { agentNumber: 'Second 2', since: '2026-03-01' }],
    ['1900-01-01', null],
  ])('The agent of record on %s is %j', async (on, agentOfRecord) => {
    const { status, body } = await agentOf(await customerOfTwo(), `?on=${on}`);

    expect([status, body.on, body.agentOfRecord]).toEqual([200, on, agentOfRecord]);
  });

  it('The agent of record is returned with the whole history, whatever the day', async () => {
    const customerId = await customerOfTwo();

    const { body } = await agentOf(customerId, '?on=2025-06-01');

    const knownFrom = new Date(KNOWN_FROM_MS).toISOString();
    expect(body).toEqual({
      customerId,
      on: '2025-06-01',
      knownAt: new Date(NOW_MS).toISOString(),
      agentOfRecord: { agentNumber: 'first-1', since: '2025-02-01' },
      history: [
        { agentNumber: 'first-1', from: '2025-02-01', to: '2025-12-31', knownFrom },
        { agentNumber: null, from: '2026-01-01', to: '2026-02-28', knownFrom },
        { agentNumber: 'Second 2', from: '2026-03-01', to: null, knownFrom },
      ],
      decisions: [],
    });
  });

  it('The agent of record is answered as it was known at a time, in any time zone', async () => {
    const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: 'FIRST1' });
    await transferred(customerId);
    const known = async (ms: number, zone = 'Z') => {
      const local = new Date(ms + (zone === '-05:00' ? -5 * HOUR_MS : 0)).toISOString().replace('Z', zone);
      const { status, body } = await agentOf(
        customerId,
        `?on=2027-01-01&knownAt=${encodeURIComponent(local)}`,
      );
      return [
        status,
        body.knownAt,
        body.agentOfRecord?.agentNumber,
        body.history.length,
        body.decisions.length,
      ];
    };
    const iso = (ms: number) => new Date(ms).toISOString();
    const imported = Date.UTC(2026, 0, 1);

    expect(await known(imported - 1)).toEqual([200, iso(imported - 1), undefined, 0, 1]);
    expect(await known(imported)).toEqual([200, iso(imported), 'first-1', 1, 1]);
    expect(await known(NOW_MS - 1, '-05:00')).toEqual([200, iso(NOW_MS - 1), 'first-1', 1, 1]);
    expect(await known(NOW_MS, '-05:00')).toEqual([200, iso(NOW_MS), 'Second 2', 2, 1]);
  });

  it('The agent of record is by default that of today in the unit’s time zone', async () => {
    const customerId = await insertEnrolledCustomer(database.prisma, {
      agentKey: 'FIRST1',
      from: '2026-11-22',
    });

    const onTheDay = await agentOf(customerId);
    // 23:59 on the day before in New York.
    desk.api.nowMs.value = Date.UTC(2026, 10, 22, 4, 59);
    const before = await agentOf(customerId);

    expect(onTheDay.body).toMatchObject({ on: '2026-11-22', agentOfRecord: { agentNumber: 'first-1' } });
    expect(before.body).toMatchObject({ on: '2026-11-21', agentOfRecord: null });
  });

  it('The agent of record is returned with each decision and its evidence', async () => {
    const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: 'FIRST1' });
    const planChangeId = await transferred(customerId);

    const { body } = await agentOf(customerId);
    const then = await agentOf(customerId, '?on=2027-01-01');

    const standing = { active: true, licensed: true, appointed: true, certified: true };
    expect(body.agentOfRecord).toEqual({ agentNumber: 'first-1', since: '2026-01-01' });
    expect(then.body.agentOfRecord).toEqual({ agentNumber: 'Second 2', since: '2027-01-01' });
    expect(body.decisions).toEqual([
      {
        planChangeId,
        decidedAt: new Date(NOW_MS).toISOString(),
        effectiveDate: '2027-01-01',
        wasMadeAgain: false,
        isReversed: false,
        supersededBy: null,
        outcome: 'transferred',
        reason: 'external-agent-facilitated',
        agentNumber: 'Second 2',
        commissionContinues: false,
        ruleVersion: 2,
        evidence: {
          channel: 'external-agent-application',
          referred: false,
          onePerson: false,
          day: '2026-11-22',
          state: 'TX',
          planYear: 2027,
          original: { agentNumber: 'first-1', ...standing, records: null },
          facilitator: { agentNumber: 'Second 2', ...standing, records },
        },
      },
    ]);
  });

  it('The evidence of a decision names nobody where there was no agent of record', async () => {
    const { prisma } = database;
    const customerId = await insertEnrolledCustomer(prisma);
    const planChangeId = await insertPlanChange(prisma, { customerId, stage: 'claimed', claimedBy: 'S1' });
    await insertStaff(prisma, { staffNumber: 'S1' });
    const request = { planId: NEW_PLAN, effectiveOn: '2027-01-01', staffKey: 'S1' };
    await recordDecision(prisma, planChangeId, { ...request, apiKeyId: desk.intake.id }, {});

    const { body } = await agentOf(customerId);

    expect(body.decisions).toMatchObject([
      {
        outcome: 'none',
        reason: 'no-agent-of-record',
        agentNumber: null,
        commissionContinues: false,
        evidence: { original: null, facilitator: null },
      },
    ]);
  });

  it('The agent of record is found by customer IDs with any characters', async () => {
    for (const customerId of ['C/1 ?#', 'ñandú%2F', "';--", 'C'.repeat(64)]) {
      await database.prisma.customer.create({
        data: {
          customerId,
          firstName: 'Harold',
          lastName: 'Jennings',
          email: 'h@example.com',
          language: 'en',
          state: 'TX',
        },
      });
      const { status, body } = await agentOf(customerId);
      expect([status, body.customerId, body.history]).toEqual([200, customerId, []]);
    }
  });

  it.each(['C-nobody', 'c'.repeat(65), ' ', '\u0000', 'C\n1'])(
    'The agent of record of the unknown customer %j is answered 404',
    async (customerId) => {
      const { status, body } = await agentOf(customerId);

      expect([status, body.code]).toEqual([404, 'not_found']);
    },
  );

  it('The agent of record is answered 404 for a path with broken percent-encoding', async () => {
    expect(await desk.get('/customers/%E0%A4%A/agent-of-record')).toMatchObject({ status: 404 });
  });

  it.each([
    ['?on=', 'query:on wrong_format'],
    ['?on=today', 'query:on wrong_format'],
    ['?on=2026-02-29', 'query:on wrong_format'],
    ['?on=2026-2-1', 'query:on wrong_format'],
    ['?on=2026-03-01T00:00:00Z', 'query:on wrong_format'],
    ['?on=2026-03%20-01', 'query:on wrong_format'],
    ['?on=0000-01-01', 'query:on wrong_format'],
    ['?on=1899-12-31', 'query:on wrong_format'],
    ['?on=10000-01-01', 'query:on wrong_format'],
    ['?on=2026-03-01&on=2026-03-02', 'query:on duplicate_field'],
    ['?date=2026-03-01', 'query:date unknown_field'],
    ['?knownAt=', 'query:knownAt wrong_format'],
    ['?knownAt=2026-03-01', 'query:knownAt wrong_format'],
    ['?knownAt=2026-03-01T10:00:00', 'query:knownAt wrong_format'],
    ['?knownAt=2026-02-30T10:00:00Z', 'query:knownAt wrong_format'],
    ['?knownAt=1899-12-31T23:59:59Z', 'query:knownAt wrong_format'],
    ['?knownAt=0000-01-01T00:00:00Z', 'query:knownAt wrong_format'],
    [`?knownAt=${new Date(NOW_MS + 1).toISOString()}`, 'query:knownAt in_the_future'],
    ['?knownAt=9999-12-31T23:59:59Z', 'query:knownAt in_the_future'],
    ['?knownAt=2026-03-01T10:00:00Z&knownAt=2026-03-01T10:00:00Z', 'query:knownAt duplicate_field'],
  ])('The agent of record is refused for the query %s', async (query, error) => {
    const answer = await agentOf(await customerOfTwo(), query);

    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_fields']);
    expect(errorsOf(answer)).toEqual([error]);
  });
});

describe('Book of business', () => {
  const bookOf = (number: string, query = ''): Promise<Called> =>
    desk.get(`/agents/${encodeURIComponent(number)}/customers${query}`, audit);
  const newAgent = (): Promise<string> => insertAgent(database.prisma);

  it('A book of business lists each customer with plan and date, the longest-standing first', async () => {
    const { prisma } = database;
    const agentKey = await newAgent();
    const young = await insertEnrolledCustomer(prisma, { agentKey, from: '2026-11-22' });
    const old = await insertEnrolledCustomer(prisma, { agentKey, from: '1968-05-01' });
    const without = await insertCustomer(prisma);
    await beginHistory(prisma, without, { agentsOfRecord: [{ agentKey, from: '2020-01-01' }] });
    // Not today's: theirs from tomorrow on, until yesterday, and somebody else's.
    await insertEnrolledCustomer(prisma, { agentKey, from: '2026-11-23' });
    const lost = await insertCustomer(prisma);
    await beginHistory(prisma, lost, {
      agentsOfRecord: [
        { agentKey, from: '2020-01-01' },
        { agentKey: 'FIRST1', from: '2026-11-22' },
      ],
    });

    const { status, body } = await bookOf(agentKey.toLowerCase());

    expect(status).toBe(200);
    expect(body.customers).toEqual([
      { customerId: old, since: '1968-05-01', planId: OLD_PLAN },
      { customerId: without, since: '2020-01-01', planId: null },
      { customerId: young, since: '2026-11-22', planId: OLD_PLAN },
    ]);
    expect(body.nextCursor).toBeNull();
  });

  it('A book of business applies a change of plan and agent from its effective date on', async () => {
    const { prisma } = database;
    const customerId = await insertEnrolledCustomer(prisma, { agentKey: 'FIRST1' });
    await transferred(customerId);
    const entryOf = async (number: string): Promise<unknown> => {
      const { body } = await bookOf(number);
      return body.customers.find((customer: { customerId: string }) => customer.customerId === customerId);
    };

    const before = [await entryOf('first-1'), await entryOf('second-2')];
    desk.api.nowMs.value = Date.UTC(2027, 0, 1, 12);
    const after = [await entryOf('first-1'), await entryOf('second-2')];

    expect(before).toEqual([{ customerId, since: '2026-01-01', planId: OLD_PLAN }, undefined]);
    expect(after).toEqual([undefined, { customerId, since: '2027-01-01', planId: NEW_PLAN }]);
  });

  it('A book of business is of any day, as it was known at any time', async () => {
    const { prisma } = database;
    const customerId = await insertEnrolledCustomer(prisma, { agentKey: 'FIRST1' });
    await transferred(customerId);
    const inBook = async (number: string, on: string, knownAt?: string): Promise<boolean> => {
      const query = knownAt === undefined ? '' : `&knownAt=${knownAt}`;
      const { body } = await bookOf(number, `?on=${on}${query}`);
      expect([body.on, body.knownAt]).toEqual([on, knownAt ?? new Date(NOW_MS).toISOString()]);
      return body.customers.some((customer: { customerId: string }) => customer.customerId === customerId);
    };
    const both = (on: string, knownAt?: string) =>
      Promise.all(['first-1', 'second-2'].map((number) => inBook(number, on, knownAt)));
    const [beforeRoster, roster, before] = [
      '2025-12-31T23:59:59.999Z',
      '2026-01-01T00:00:00.000Z',
      new Date(NOW_MS - 1).toISOString(),
    ];

    expect(await both('2026-12-31')).toEqual([true, false]);
    expect(await both('2027-01-01')).toEqual([false, true]);
    for (const time of [roster, before]) {
      expect(await both('2026-12-31', time)).toEqual([true, false]);
      expect(await both('2027-01-01', time)).toEqual([true, false]);
    }
    expect(await both('2027-01-01', new Date(NOW_MS).toISOString())).toEqual([false, true]);
    expect(await both('2026-12-31', beforeRoster)).toEqual([false, false]);
  });

  it.each(['second2', 'SECOND-2', ' s\u2010e-c o n d 2 '])(
    'A book of business is found by %j and shows the number of the roster',
    async (number) => {
      expect((await bookOf(number)).body.agentNumber).toBe('Second 2');
    },
  );

  it('A book of business has pages of 100 and lists each customer once, even many with one date', async () => {
    const { prisma } = database;
    const agentKey = await newAgent();
    const ids = Array.from({ length: 203 }, (_, at) => `B-${String(at).padStart(3, '0')}`);
    await prisma.customer.createMany({
      data: ids.map((customerId) => ({
        customerId,
        firstName: 'Harold',
        lastName: 'Jennings',
        email: `${customerId}@example.com`,
        language: 'en',
        state: 'TX',
      })),
    });
    // Three days, so that pages begin in the middle of one; the first is before 1970.
    const dayOf = (at: number): string => ['1965-07-01', '2020-01-01', '2026-01-01'][Math.floor(at / 70)]!;
    for (const [at, customerId] of ids.entries())
      await beginHistory(prisma, customerId, { agentsOfRecord: [{ agentKey, from: dayOf(at) }] });

    const pages = [await bookOf(agentKey)];
    while (pages.at(-1)!.body.nextCursor !== null)
      pages.push(await bookOf(agentKey, `?cursor=${pages.at(-1)!.body.nextCursor}`));

    const customers = pages.flatMap(({ body }) => body.customers);
    expect(pages.map(({ body }) => body.customers.length)).toEqual([100, 100, 3]);
    expect(customers.map(({ since }) => since)).toEqual(ids.map((_, at) => dayOf(at)));
    expect(new Set(customers.map(({ customerId }) => customerId))).toEqual(new Set(ids));
  });

  it('A book of business is empty for an agent without customers and after the last page', async () => {
    const agentKey = await newAgent();
    const behind = Buffer.from(JSON.stringify([Date.UTC(2100, 0, 1), crypto.randomUUID()]));

    expect((await bookOf(agentKey)).body).toMatchObject({ customers: [], nextCursor: null });
    expect(await bookOf('first-1', `?cursor=${behind.toString('base64url')}`)).toMatchObject({
      status: 200,
      body: { customers: [], nextCursor: null },
    });
  });

  it.each(['nobody-9', '-', '#1', 'x'.repeat(41), '\u0000', ' '])(
    'The book of business of the unknown agent %j is answered 404',
    async (number) => {
      const { status, body } = await bookOf(number);

      expect([status, body.code]).toEqual([404, 'not_found']);
    },
  );

  it.each([
    ['?cursor=', 'query:cursor required'],
    ['?cursor=somewhere', 'query:cursor wrong_format'],
    [
      `?cursor=${Buffer.from(JSON.stringify([-9e15, crypto.randomUUID()])).toString('base64url')}`,
      'query:cursor wrong_format',
    ],
    ['?day=2026-01-01', 'query:day unknown_field'],
    ['?on=2026-02-30', 'query:on wrong_format'],
    ['?knownAt=2026-01-01', 'query:knownAt wrong_format'],
    ['?knownAt=2026-11-22T12:30:15.124Z', 'query:knownAt in_the_future'],
  ])('A book of business refuses the query %s', async (query, error) => {
    const answer = await bookOf('first-1', query);

    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_fields']);
    expect(errorsOf(answer)).toEqual([error]);
  });
});
