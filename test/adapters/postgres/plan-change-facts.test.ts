import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { Database } from '../../../src/adapters/postgres/database';
import { createPlanChangeFacts } from '../../../src/adapters/postgres/plan-change-facts';
import { beginHistory } from '../../../lab/system/customer-history';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  insertAgent,
  insertCallCenter,
  insertCustomer,
  insertEnrolledCustomer,
  insertPlan,
  insertStaff,
  insertStanding,
} from './records';

const [OLD_PLAN, NEW_PLAN] = ['H4513-046-000', 'H4513-052-000'];

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(database.prisma, planId);
});
afterAll(() => database.drop());

/** East and west of UTC: a date that goes through a timestamp becomes another one on one of the two sides. */
const timeZones = ['UTC', 'Pacific/Auckland', 'America/Los_Angeles'];

describe.each(timeZones)('Session in the time zone %s', (timeZone) => {
  let inZone: Database;
  beforeAll(() => {
    inZone = new Database(
      new Pool({ connectionString: database.url, options: `-c TimeZone=${timeZone}`, max: 2 }),
    );
  });
  afterAll(() => inZone.$disconnect());

  const facts = () => createPlanChangeFacts(inZone);

  it('The database session is in the requested time zone', async () => {
    expect(await inZone.$queryRaw`SHOW TimeZone`).toEqual([{ TimeZone: timeZone }]);
  });

  it('The facts about a customer include all enrolments, the latest last, and the latest agent of record', async () => {
    const { prisma } = database;
    const [first, second] = [await insertAgent(prisma), await insertAgent(prisma)];
    const customerId = await insertCustomer(prisma, { state: 'NM' });
    await beginHistory(prisma, customerId, {
      enrolments: [
        { planId: OLD_PLAN, from: '2025-01-01' },
        { planId: NEW_PLAN, from: '2026-03-01' },
        { planId: OLD_PLAN, from: '2027-01-01' },
      ],
      agentsOfRecord: [
        { agentKey: first, from: '2025-01-01' },
        { agentKey: second, from: '2027-01-01' },
      ],
    });

    expect(await facts().customer(customerId)).toEqual({
      customerId,
      state: 'NM',
      agentKey: second,
      agentKeyBefore: first,
      enrolments: [
        { planId: OLD_PLAN, planType: 'medicare-advantage', from: '2025-01-01', to: '2026-02-28' },
        { planId: NEW_PLAN, planType: 'medicare-advantage', from: '2026-03-01', to: '2026-12-31' },
        { planId: OLD_PLAN, planType: 'medicare-advantage', from: '2027-01-01', to: null },
      ],
    });
  });

  it('The facts about a plan include its name, type, states and offer period', async () => {
    const planId = `H1111-00${timeZones.indexOf(timeZone)}-000`;
    await database.prisma.plan.create({
      data: {
        planId,
        name: 'Golden Choice',
        type: 'medicare-advantage',
        states: ['TX', 'NM'],
        offeredFrom: new Date('2026-10-15'),
        offeredTo: new Date('2027-12-31'),
      },
    });

    expect(await facts().plan(planId)).toEqual({
      planId,
      name: 'Golden Choice',
      type: 'medicare-advantage',
      states: ['TX', 'NM'],
      offeredFrom: '2026-10-15',
      offeredTo: '2027-12-31',
    });
  });

  it('The facts about a corporation include the last day of its current principal', async () => {
    const { prisma } = database;
    const [ended, active] = [
      await insertAgent(prisma, { terminatedOn: '2026-05-05' }),
      await insertAgent(prisma),
    ];
    const agentKey = await insertAgent(prisma, { kind: 'corporation', principalKey: ended });

    const before = await facts().agent(agentKey);
    await prisma.agent.update({ where: { agentKey }, data: { principalKey: active } });
    const after = await facts().agent(agentKey);

    expect([before, after]).toMatchObject([
      { terminatedOn: null, principalTerminatedOn: '2026-05-05' },
      { terminatedOn: null, principalTerminatedOn: null },
    ]);
  });

  it('isOnePerson tells whether two agent numbers are one person, by the same rules as accounts', async () => {
    const { prisma } = database;
    const [ssnDigest, others] = [randomUUID(), randomUUID()];
    const own = await insertAgent(prisma, { ssnDigest });
    const maiden = { lastName: 'Boyd', previousLastNames: ['Whitfield'] };
    const numbers = {
      same: own,
      'another number': await insertAgent(prisma, { ssnDigest }),
      'another number and a new last name': await insertAgent(prisma, { ssnDigest, ...maiden }),
      'other digits': await insertAgent(prisma, { ssnDigest: others }),
      'another first name': await insertAgent(prisma, { ssnDigest, firstName: 'Dan' }),
      'another last name': await insertAgent(prisma, { ssnDigest, lastName: 'Boyd' }),
      'their corporation': await insertAgent(prisma, { ssnDigest, kind: 'corporation', principalKey: own }),
      nobody: 'NOBODY',
    };

    const told = await Promise.all(
      Object.entries(numbers).map(async ([what, key]) => [
        what,
        [await facts().isOnePerson(own, key), await facts().isOnePerson(key, own)],
      ]),
    );

    expect(Object.fromEntries(told)).toEqual({
      same: [true, true],
      'another number': [true, true],
      'another number and a new last name': [true, true],
      'other digits': [false, false],
      'another first name': [false, false],
      'another last name': [false, false],
      'their corporation': [false, false],
      nobody: [false, false],
    });
  });

  it('The facts about an agent include all licences, appointments and certifications', async () => {
    const agentKey = await insertAgent(database.prisma, { terminatedOn: '2027-03-01' });
    const other = await insertAgent(database.prisma);
    for (const standing of [
      { type: 'licence', scope: 'TX', from: '2024-01-01', to: '2025-12-31' },
      { type: 'licence', scope: 'TX', from: '2026-03-01' },
      { type: 'licence', scope: 'NM', from: '2026-03-01' },
      { type: 'appointment', from: '2024-02-01', to: '2024-03-01' },
      { type: 'appointment', from: '2025-02-01' },
      { type: 'certification', scope: '2026', from: '2025-09-01', to: '2026-12-31' },
      { type: 'certification', scope: '2027', from: '2026-09-01' },
    ] as const)
      await insertStanding(database.prisma, agentKey, standing);
    await insertStanding(database.prisma, other, { type: 'licence', scope: 'OK' });

    const agent = await facts().agent(agentKey);

    expect(agent).toMatchObject({
      agentKey,
      terminatedOn: '2027-03-01',
      principalTerminatedOn: null,
      isCallCenter: false,
    });
    const byFrom = (one: { from: string }, two: { from: string }) => (one.from < two.from ? -1 : 1);
    const byState = (one: { state: string }, two: { state: string }) => one.state.localeCompare(two.state);
    expect(agent?.licences.toSorted((one, two) => byState(one, two) || byFrom(one, two))).toEqual([
      expect.objectContaining({ state: 'NM', from: '2026-03-01', to: null }),
      expect.objectContaining({ state: 'TX', from: '2024-01-01', to: '2025-12-31' }),
      expect.objectContaining({ state: 'TX', from: '2026-03-01', to: null }),
    ]);
    expect(agent?.appointments.toSorted(byFrom)).toEqual([
      expect.objectContaining({ from: '2024-02-01', to: '2024-03-01' }),
      expect.objectContaining({ from: '2025-02-01', to: null }),
    ]);
    expect(agent?.certifications.toSorted(byFrom)).toEqual([
      expect.objectContaining({ planYear: 2026, from: '2025-09-01', to: '2026-12-31' }),
      expect.objectContaining({ planYear: 2027, from: '2026-09-01', to: null }),
    ]);
  });

  it('The facts about a staff member include the role and the licence period', async () => {
    const licensed = await insertStaff(database.prisma, {
      licensedFrom: '2025-03-01',
      licensedTo: '2027-02-28',
    });

    expect(await facts().staff(licensed)).toEqual({
      staffKey: licensed,
      role: 'plan-change-representative',
      licence: { from: '2025-03-01', to: '2027-02-28' },
    });
  });
});

const facts = () => createPlanChangeFacts(database.prisma);

it('The facts about a customer may lack an enrolment or an agent of record', async () => {
  const bare = await insertCustomer(database.prisma);
  const nobodys = await insertEnrolledCustomer(database.prisma, { agentKey: null });

  expect(await facts().customer(bare)).toEqual({
    customerId: bare,
    state: 'TX',
    agentKey: null,
    agentKeyBefore: null,
    enrolments: [],
  });
  expect(await facts().customer(nobodys)).toMatchObject({
    agentKey: null,
    enrolments: [{ planId: OLD_PLAN, from: '2026-01-01', to: null }],
  });
});

it('The facts about a customer name no agent once the last agent of record has ended', async () => {
  const agentKey = await insertAgent(database.prisma);
  const customerId = await insertCustomer(database.prisma);
  await beginHistory(database.prisma, customerId, {
    agentsOfRecord: [
      { agentKey, from: '2025-01-01' },
      { agentKey: null, from: '2027-01-01' },
    ],
  });

  expect(await facts().customer(customerId)).toMatchObject({ agentKey: null });
});

it('The facts about a customer name the agent of record of the day before the change takes effect', async () => {
  const agentKey = await insertAgent(database.prisma);
  const customerId = await insertCustomer(database.prisma);
  await beginHistory(database.prisma, customerId, {
    agentsOfRecord: [
      { agentKey, from: '2025-01-01' },
      { agentKey: null, from: '2027-01-01' },
    ],
  });

  const on = async (effectiveOn: string) => (await facts().customer(customerId, effectiveOn))?.agentKey;

  expect([await on('2027-01-01'), await on('2027-02-01'), await on('2025-01-01')]).toEqual([
    agentKey,
    null,
    null,
  ]);
});

it('The facts about a plan that is offered without an end have no last day', async () => {
  expect(await facts().plan(NEW_PLAN)).toMatchObject({ offeredFrom: '2025-10-15', offeredTo: null });
});

it('The facts about an agent of whom nothing is on record say that the agent is active and no call center', async () => {
  const agentKey = await insertAgent(database.prisma);

  expect(await facts().agent(agentKey)).toEqual({
    agentKey,
    terminatedOn: null,
    principalTerminatedOn: null,
    isCallCenter: false,
    licences: [],
    appointments: [],
    certifications: [],
  });
});

it('The facts about an agency say that a call center works under it, whatever else is on record', async () => {
  const agentKey = await insertAgent(database.prisma);
  await insertCallCenter(database.prisma, agentKey);
  await insertStanding(database.prisma, agentKey, { type: 'appointment' });

  expect(await facts().agent(agentKey)).toMatchObject({ agentKey, isCallCenter: true, licences: [] });
});

it('The facts about a staff member may lack a licence or the end of a licence', async () => {
  const { prisma } = database;
  const unlicensed = await insertStaff(prisma, { role: 'telesales-agent', licensedFrom: null });
  const licensed = await insertStaff(prisma, { licensedFrom: '2025-03-01' });

  expect(await facts().staff(unlicensed)).toEqual({
    staffKey: unlicensed,
    role: 'telesales-agent',
    licence: null,
  });
  expect(await facts().staff(licensed)).toMatchObject({ licence: { from: '2025-03-01', to: null } });
});

it('The facts are null for a customer, plan, agent or staff member on no roster', async () => {
  const { customer, plan, agent, staff } = facts();

  expect(await Promise.all([customer('C-none'), plan('H0000-000-000'), agent('A0'), staff('S0')])).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
