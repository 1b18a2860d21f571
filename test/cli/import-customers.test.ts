import { randomBytes, randomUUID } from 'node:crypto';
import { addHistory } from '../../src/adapters/postgres/customer-histories';
import { demoRosters } from '../../lab/stack/demo-people';
import { CUSTOMERS_HEADER, statementsOf, useImportCommand } from './roster-command';

const { run, importAgents, importPlans, importCustomers, prisma } = useImportCommand();

const peppers = `2026:${randomBytes(32).toString('base64')}`;
const customers = () => prisma().customer.findMany({ orderBy: { customerId: 'asc' } });
const histories = () =>
  prisma().customerHistory.findMany({ orderBy: [{ customerId: 'asc' }, { version: 'asc' }] });
const periods = (table: string) =>
  prisma().$queryRawUnsafe<object[]>(
    `SELECT to_jsonb(t) AS row FROM ${table} t ORDER BY customer_id, version, valid_from`,
  );
const enrolments = () => periods('enrolments');
const agentsOfRecord = () => periods('agents_of_record');
const everything = async () =>
  [await customers(), await histories(), await enrolments(), await agentsOfRecord()] as const;

const [PLAN, OTHER_PLAN, DAY] = ['H4513-046-000', 'H4513-052-000', '2026-01-01'];

/** A line of the roster. Each field that matters may be given. */
function line(fields: Readonly<Record<string, string>> = {}): string {
  const row: Readonly<Record<string, string>> = {
    customerId: 'C1',
    firstName: 'Harold',
    lastName: 'Jennings',
    email: 'harold@example.com',
    language: 'en',
    state: 'TX',
    planId: PLAN,
    enrolledOn: DAY,
    agentNumber: 'A100',
    ...fields,
  };
  return CUSTOMERS_HEADER.split(',')
    .map((column) => row[column])
    .join(',');
}

beforeEach(async () => {
  await importAgents(
    [
      'A100,agent,Dana,Whitfield,,,904417,dana@example.com,,Loyal,',
      'A200,agent,Bert,Bell,,,904418,bert@example.com,,Loyal,',
      '77-1003,corporation,,Whitfield & Partners,,A100,904417,office@example.com,,Sterling,',
    ],
    peppers,
  );
  await importPlans([
    `${PLAN},Preferred,medicare-advantage,TX,2024-10-15,2024-12-31`,
    `${OTHER_PLAN},Preferred 2027,medicare-advantage,TX,2026-10-15,`,
  ]);
});

it('A new customer’s enrolment and agent of record begin, also in a plan that is no longer offered', async () => {
  const result = await importCustomers([
    line({ planId: 'h4513-046-000', agentNumber: 'a-100' }),
    line({ customerId: 'C2', language: 'es', planId: OTHER_PLAN, agentNumber: '77-1003' }),
  ]);

  expect(result).toEqual({ code: 0, summary: '2 created, 0 updated, 0 unchanged, 0 refused', err: '' });
  expect(await customers()).toMatchObject([
    { customerId: 'C1', firstName: 'Harold', lastName: 'Jennings', email: 'harold@example.com' },
    { customerId: 'C2', language: 'es', state: 'TX' },
  ]);
  const first = { version: 1, knownFrom: expect.any(Date), previousKnownFrom: null, cause: 'roster' };
  expect(await histories()).toMatchObject([
    { customerId: 'C1', ...first, planChangeId: null, correctionId: null },
    { customerId: 'C2', ...first, planChangeId: null, correctionId: null },
  ]);
  const began = { version: 1, valid_from: DAY, valid_to: 'infinity', previous_to: null };
  expect(await enrolments()).toEqual([
    { row: { customer_id: 'C1', plan_id: PLAN, ...began } },
    { row: { customer_id: 'C2', plan_id: OTHER_PLAN, ...began } },
  ]);
  expect(await agentsOfRecord()).toEqual([
    { row: { customer_id: 'C1', agent_key: 'A100', ...began } },
    { row: { customer_id: 'C2', agent_key: '771003', ...began } },
  ]);
});

it('A repeated customers import changes nothing, and an existing customer’s personal data alone can change', async () => {
  await importCustomers([line(), line({ customerId: 'C2' })]);
  const before = await everything();

  const again = await importCustomers([line(), line({ customerId: 'C2' })]);
  const unchanged = await everything();
  const moved = await importCustomers([line({ state: 'OK', email: 'new@example.com' })]);

  expect(again.summary).toBe('0 created, 0 updated, 2 unchanged, 0 refused');
  expect(unchanged).toEqual(before);
  expect(moved.summary).toBe('0 created, 1 updated, 0 unchanged, 0 refused');
  const [people, ...rest] = await everything();
  expect(people[0]).toMatchObject({ customerId: 'C1', state: 'OK', email: 'new@example.com' });
  expect(people[1]).toEqual(before[0][1]);
  expect(rest).toEqual(before.slice(1));
});

const NOT_ON_RECORD =
  'line 2: is not the enrolment that is on record here: a plan change records another one\n';

it.each([
  ['another plan', { planId: OTHER_PLAN }],
  ['another day', { enrolledOn: '2026-01-02' }],
  ['another agent', { agentNumber: 'A200' }],
])('The customers import does not record %s for an existing customer', async (_what, fields) => {
  await importCustomers([line()]);
  const before = await everything();

  const result = await importCustomers([line({ ...fields, email: 'new@example.com' })]);

  expect(result).toEqual({
    code: 1,
    summary: '0 created, 0 updated, 0 unchanged, 1 refused',
    err: NOT_ON_RECORD,
  });
  expect(await everything()).toEqual(before);
});

describe('after a plan change that passed the customer to another agent', () => {
  beforeEach(async () => {
    await importCustomers([line()]);
    await addHistory(prisma(), {
      customerId: 'C1',
      cause: 'disenrolment',
      disenrolment: { enrolledFrom: DAY, lastDay: '2026-12-31' },
      atMs: Date.now(),
      enrolments: [
        { from: DAY, planId: PLAN },
        { from: '2027-01-01', planId: OTHER_PLAN },
      ],
      agentsOfRecord: [
        { from: DAY, agentKey: 'A100' },
        { from: '2026-11-25', agentKey: 'A200' },
      ],
      decisions: [],
      completedBy: null,
      apiKeyId: randomUUID(),
    });
  });
  const changed = { planId: OTHER_PLAN, enrolledOn: '2027-01-01', agentNumber: 'A200' };

  it.each([
    ['the first enrolment and agent', {}],
    ['the enrolment and agent from then on', changed],
    ['the enrolment that goes on until then, with the new agent', { agentNumber: 'A200' }],
  ])('The customers import recognises %s as on record', async (_what, fields) => {
    const before = await everything();

    const same = await importCustomers([line(fields)]);
    const unchanged = await everything();
    const moved = await importCustomers([line({ ...fields, state: 'FL' })]);

    expect(same.summary).toBe('0 created, 0 updated, 1 unchanged, 0 refused');
    expect(unchanged).toEqual(before);
    expect(moved.summary).toBe('0 created, 1 updated, 0 unchanged, 0 refused');
    expect((await everything()).slice(1)).toEqual(before.slice(1));
  });

  it.each([
    ['the new enrolment with the agent before', { ...changed, agentNumber: 'A100' }],
    ['the new plan from the first day of the one before', { ...changed, enrolledOn: DAY }],
    ['the first plan from the first day of the new one', { enrolledOn: '2027-01-01' }],
  ])('The customers import refuses %s after a plan change', async (_what, fields) => {
    const result = await importCustomers([line({ ...fields, state: 'FL' })]);

    expect(result.err).toBe(NOT_ON_RECORD);
    expect((await customers())[0]!.state).toBe('TX');
  });
});

it.each([
  ['no id', { customerId: '' }, 'customerId: is empty'],
  ['an id without an end', { customerId: 'C'.repeat(65) }, 'customerId: has more than 64 characters'],
  ['no first name', { firstName: '' }, 'firstName: is empty'],
  ['no last name', { lastName: ' ' }, 'lastName: is empty'],
  ['an address that is none', { email: 'harold@' }, 'email: is not an email address'],
  ['a language there is not', { language: 'fr' }, 'language: is none of en, es'],
  ['no state', { state: '' }, 'state: is empty'],
  ['a state that is none', { state: 'ZZ' }, 'state: is not a US state or territory of two capital letters'],
  ['no plan', { planId: '' }, 'planId: is empty'],
  ['a plan id that is none', { planId: 'H4513' }, 'planId: is not a plan id like H4513-046-000'],
  ['a plan nobody knows', { planId: 'H4513-999-000' }, 'planId: is in no plans roster that was imported'],
  ['no day', { enrolledOn: '' }, 'enrolledOn: is empty'],
  ['a day that is none', { enrolledOn: '2026-02-30' }, 'enrolledOn: is not a date like 2026-01-31'],
  ['a number that is none', { agentNumber: '?' }, 'agentNumber: is not 2 to 20 letters and digits'],
  ['an agent nobody knows', { agentNumber: 'A999' }, 'agentNumber: is in no agents roster that was imported'],
  ['who stands further up', { customerId: 'C1' }, 'customerId: is on line 2 already'],
])('A customer line is refused and the other lines go in: %s', async (_what, fields, reason) => {
  const result = await importCustomers([
    line(),
    line({ customerId: 'C2', ...fields }),
    line({ customerId: 'C3' }),
  ]);

  expect(result).toEqual({
    code: 1,
    summary: '2 created, 0 updated, 0 unchanged, 1 refused',
    err: `line 3: ${reason}\n`,
  });
  const ids = ['C1', 'C3'];
  for (const rows of [await customers(), await histories()])
    expect(rows.map(({ customerId }) => customerId)).toEqual(ids);
  for (const rows of [await enrolments(), await agentsOfRecord()])
    expect(rows).toMatchObject(ids.map((customer_id) => ({ row: { customer_id } })));
});

it('The customers import sends as many statements for 3 lines as for 300, and records one history for each', async () => {
  const lines = Array.from({ length: 303 }, (_, n) => line({ customerId: `C${n}` }));
  const [few, many] = [lines.slice(0, 3), lines.slice(3)];
  const statements = (given: readonly string[]) => statementsOf(() => importCustomers(given));

  expect(await statements(many)).toBe(await statements(few));
  expect(await statements(many)).toBe(await statements(few));
  expect(await histories()).toHaveLength(303);
  expect(await enrolments()).toHaveLength(303);
  expect(await agentsOfRecord()).toHaveLength(303);
});

it('The customers import writes lines far apart in slices, each line once', async () => {
  const lines = Array.from({ length: 40 }, (_, n) => line({ customerId: `C${n}` }));
  const empty = Array.from({ length: 10_000 }, () => ',,,,,,,,');
  const apart = [...lines.slice(0, 20), ...empty, ...lines.slice(20)];

  const first = await importCustomers(apart);
  const again = await importCustomers(apart);

  expect(first.summary).toMatch(/^40 created, 0 updated, 0 unchanged, 0 refused/);
  expect(again.summary).toMatch(/^0 created, 0 updated, 40 unchanged, 0 refused/);
  expect(await histories()).toHaveLength(40);
  expect(await enrolments()).toHaveLength(40);
});

it('The demo’s rosters can be imported in the order of the first start', async () => {
  for (const { kind, file } of demoRosters)
    expect(await run([kind, file], { peppers })).toMatchObject({ code: 0, err: '' });

  expect(await customers()).toHaveLength(6);
  expect(await agentsOfRecord()).toHaveLength(6);
});
