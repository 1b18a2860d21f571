/** The column `disenrolledOn` of the customers roster: enrolments that ended at the carrier end here. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createPlanChangeFacts } from '../../src/adapters/postgres/plan-change-facts';
import { addHistory } from '../../src/adapters/postgres/customer-histories';
import { ineligibility } from '../../src/domain/plan-change/eligibility';
import { CUSTOMERS_HEADER, useImportCommand } from './roster-command';

const { importing, importAgents, importPlans, importCustomers, prisma } = useImportCommand();

const peppers = `2026:${randomBytes(32).toString('base64')}`;
const [PLAN, OTHER_PLAN, DAY] = ['H4513-046-000', 'H4513-052-000', '2026-01-01'];
const HEADER = `${CUSTOMERS_HEADER},disenrolledOn`;

/** A line of the roster with the column. */
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
    disenrolledOn: '',
    ...fields,
  };
  return HEADER.split(',')
    .map((column) => row[column])
    .join(',');
}

const withColumn = (...lines: string[]) => importing([HEADER, ...lines].join('\n'), {}, 'customers');
const ending = (disenrolledOn: string, fields: Readonly<Record<string, string>> = {}) =>
  withColumn(line({ disenrolledOn, ...fields }));

/** `cause`, and for a disenrolment the enrolment and its last day. */
const versions = async (customerId = 'C1'): Promise<string[]> => {
  const rows = await prisma().$queryRaw<{ words: string }[]>`
    SELECT concat_ws(' ', cause, enrolled_from, last_day) AS words FROM customer_histories
    WHERE customer_id = ${customerId} ORDER BY version`;
  return rows.map(({ words }) => words);
};

/** The periods of the latest version: `plan from to`, then `agent from to`. */
async function known(customerId = 'C1'): Promise<string[]> {
  const rows = await prisma().$queryRaw<{ words: string }[]>`
    SELECT coalesce(what, '-') || ' ' || valid_from || ' ' || valid_to AS words FROM (
      SELECT 1 AS chain, version, customer_id, plan_id AS what, valid_from, valid_to FROM enrolments
      UNION ALL SELECT 2, version, customer_id, agent_key, valid_from, valid_to FROM agents_of_record
    ) p WHERE customer_id = ${customerId} AND version = (SELECT max(version) FROM customer_histories WHERE customer_id = ${customerId})
    ORDER BY chain, valid_from`;
  return rows.map(({ words }) => words);
}

beforeEach(async () => {
  await importAgents(
    [
      'A100,agent,Dana,Whitfield,,,904417,dana@example.com,,Loyal,',
      'A200,agent,Bert,Bell,,,904418,bert@example.com,,Loyal,',
    ],
    peppers,
  );
  await importPlans([
    `${PLAN},Preferred,medicare-advantage,TX,2024-10-15,`,
    `${OTHER_PLAN},Preferred 2027,medicare-advantage,TX,2026-10-15,`,
  ]);
});

const ENDED = [
  `${PLAN} ${DAY} 2026-06-30`,
  '- 2026-07-01 infinity',
  `A100 ${DAY} 2026-06-30`,
  '- 2026-07-01 infinity',
];
const GOES_ON = [`${PLAN} ${DAY} infinity`, `A100 ${DAY} infinity`];

it('An enrolment that ended at the carrier ends here, with a version of its own that is written once', async () => {
  await importCustomers([line().replace(/,$/, '')]);

  const ended = await ending('2026-06-30');
  const again = await ending('2026-06-30');
  const withoutColumn = await importCustomers([line().replace(/,$/, '')]);

  expect(ended).toEqual({ code: 0, summary: '0 created, 1 updated, 0 unchanged, 0 refused', err: '' });
  for (const { code, summary } of [again, withoutColumn])
    expect([code, summary]).toEqual([0, '0 created, 0 updated, 1 unchanged, 0 refused']);
  expect(await versions()).toEqual(['roster', `disenrolment ${DAY} 2026-06-30`]);
  expect(await known()).toEqual(ENDED);
});

it('A disenrolled customer has no active enrolment from the next day on', async () => {
  await ending('2026-06-30');

  const customer = await createPlanChangeFacts(prisma()).customer('C1');

  expect(ineligibility('2026-06-30', customer!, {})).toBeNull();
  expect(ineligibility('2026-07-01', customer!, {})).toBe('no-active-enrolment');
});

it('A new customer’s line may say that the enrolment has ended', async () => {
  const result = await withColumn(line({ disenrolledOn: '2026-06-30' }), line({ customerId: 'C2' }));

  expect(result.summary).toBe('2 created, 0 updated, 0 unchanged, 0 refused');
  expect(await versions()).toEqual(['roster', `disenrolment ${DAY} 2026-06-30`]);
  expect(await known()).toEqual(ENDED);
  expect([await versions('C2'), await known('C2')]).toEqual([['roster'], GOES_ON]);
});

it('Of several ends of one enrolment the last import’s counts, and an empty field takes the end back', async () => {
  await ending('2026-03-31');
  await ending('2026-06-30');
  const moved = await known();

  const emptied = await ending('');
  const takenBack = await known();
  const again = await ending('');
  const once = await versions();
  await ending('2026-06-30');

  expect(moved).toEqual(ENDED);
  expect(emptied.summary).toBe('0 created, 1 updated, 0 unchanged, 0 refused');
  expect(takenBack).toEqual(GOES_ON);
  expect(again.summary).toBe('0 created, 0 updated, 1 unchanged, 0 refused');
  expect(once).toEqual([
    'roster',
    `disenrolment ${DAY} 2026-03-31`,
    `disenrolment ${DAY} 2026-06-30`,
    `disenrolment ${DAY} infinity`,
  ]);
  expect(await known()).toEqual(ENDED);
});

it('Personal data and the end of the enrolment may change by one line', async () => {
  await ending('');

  await ending('2026-06-30', { state: 'OK' });

  expect(await prisma().customer.findMany()).toMatchObject([{ state: 'OK' }]);
  expect(await known()).toEqual(ENDED);
});

describe('after a plan change', () => {
  const changed = { planId: OTHER_PLAN, enrolledOn: '2027-01-01', agentNumber: 'A200' };
  let planChangeId: string;

  beforeEach(async () => {
    await ending('');
    planChangeId = randomUUID();
    const [at, effectiveOn] = [new Date(), '2027-01-01'];
    await prisma().planChange.create({
      data: {
        ...{ id: planChangeId, customerId: 'C1', channel: 'external-agent-application', stage: 'completed' },
        ...{ route: 'external-agent', facilitatorKey: 'A200', openedBy: randomUUID() },
        ...{ planId: OTHER_PLAN, effectiveOn: new Date(effectiveOn) },
        ...{ openedAt: at, waitingSince: at, endedAt: at },
      },
    });
    const standing = { active: true, licensed: true, appointed: true, certified: true };
    await addHistory(prisma(), {
      customerId: 'C1',
      cause: 'plan-change',
      planChangeId,
      atMs: Date.now(),
      enrolments: [
        { from: DAY, planId: PLAN },
        { from: effectiveOn, planId: OTHER_PLAN },
      ],
      agentsOfRecord: [
        { from: DAY, agentKey: 'A100' },
        { from: effectiveOn, agentKey: 'A200' },
      ],
      decisions: [
        {
          planChangeId,
          effectiveOn,
          decision: {
            ...{ ruleVersion: 3, outcome: 'transferred', reason: 'external-agent-facilitated' },
            ...{ agentKey: 'A200', commissionContinues: false },
          },
          evidence: {
            ...{ channel: 'external-agent-application', referred: false, onePerson: false },
            ...{ day: '2026-11-20', state: 'TX', planYear: 2027 },
            original: { agentKey: 'A100', standing },
            facilitator: { agentKey: 'A200', standing },
          },
        },
      ],
      completedBy: 'S1',
      apiKeyId: '00000000-0000-4000-8000-000000000001',
    });
  });

  it('The line of the later enrolment ends that one', async () => {
    const result = await ending('2027-03-31', changed);

    expect(result.code).toBe(0);
    expect(await known()).toEqual([
      `${PLAN} ${DAY} 2026-12-31`,
      `${OTHER_PLAN} 2027-01-01 2027-03-31`,
      '- 2027-04-01 infinity',
      `A100 ${DAY} 2026-12-31`,
      'A200 2027-01-01 2027-03-31',
      '- 2027-04-01 infinity',
    ]);
  });

  it('A line of the earlier enrolment cannot end the later one', async () => {
    const before = [await versions(), await known()];

    const result = await ending('2027-03-31', { state: 'OK' });

    expect(result).toEqual({
      code: 1,
      summary: '0 created, 0 updated, 0 unchanged, 1 refused',
      err: 'line 2: disenrolledOn: is after the last day of that enrolment: a plan change follows it\n',
    });
    expect([await versions(), await known()]).toEqual(before);
    expect(await prisma().customer.findMany()).toMatchObject([{ state: 'TX' }]);
  });

  it('The last day before the change is no news', async () => {
    const result = await ending('2026-12-31');

    expect(result.summary).toBe('0 created, 0 updated, 1 unchanged, 0 refused');
    expect(await versions()).toEqual(['roster', 'plan-change']);
  });

  it('An end before the change is followed by days without a plan, and the change is decided again from nobody', async () => {
    await ending('2026-10-31');
    const ended = await known();
    const decisions = await prisma().aorDecision.findMany({ orderBy: { version: 'asc' } });
    await ending('');

    expect(ended).toEqual([
      `${PLAN} ${DAY} 2026-10-31`,
      '- 2026-11-01 2026-12-31',
      `${OTHER_PLAN} 2027-01-01 infinity`,
      `A100 ${DAY} 2026-10-31`,
      '- 2026-11-01 infinity',
    ]);
    // A200 is neither licensed nor appointed by these rosters. Who completed the change stays on record.
    expect(decisions).toMatchObject([
      { version: 2, outcome: 'transferred', completedBy: 'S1' },
      {
        ...{ version: 3, outcome: 'none', previousAgentKey: null, completedBy: 'S1' },
        apiKeyId: '00000000-0000-4000-8000-000000000001',
      },
    ]);
    expect((await known()).slice(0, 2)).toEqual([
      `${PLAN} ${DAY} 2026-12-31`,
      `${OTHER_PLAN} 2027-01-01 infinity`,
    ]);
    expect(await versions()).toHaveLength(4);
  });
});

it.each([
  ['no day', '2026-02-30', 'disenrolledOn: is not a date like 2026-01-31'],
  ['a word', 'never', 'disenrolledOn: is not a date like 2026-01-31'],
  ['the end of days', 'infinity', 'disenrolledOn: is not a date like 2026-01-31'],
  ['a day before the first', '2025-12-31', 'disenrolledOn: is before enrolledOn'],
])(
  'A line whose enrolment ended on %s is refused, and the others are imported',
  async (_what, day, reason) => {
    const result = await withColumn(line(), line({ customerId: 'C2', disenrolledOn: day }));

    expect(result).toEqual({
      code: 1,
      summary: '1 created, 0 updated, 0 unchanged, 1 refused',
      err: `line 3: ${reason}\n`,
    });
  },
);

it('A line that is refused for another reason ends nothing', async () => {
  await ending('');

  const result = await ending('2026-06-30', { enrolledOn: '2026-01-02' });

  expect(result.code).toBe(1);
  expect([await versions(), await known()]).toEqual([['roster'], GOES_ON]);
});

it('A header that repeats the column is refused, and the message says that it may be left out', async () => {
  const result = await importing(`${HEADER},disenrolledOn\n${line()},`, {}, 'customers');

  expect(result.code).toBe(1);
  expect(result.err).toContain('repeats "disenrolledOn"');
  expect(result.err).toContain('It may lack "disenrolledOn".');
});

it('Of 1,000 enrolments the 200 that ended get a version of their own, and no other when they are imported again', async () => {
  const lines = Array.from({ length: 1000 }, (_, n) => line({ customerId: `C${n}` }));
  await withColumn(...lines);
  const left = lines.map((each, n) => (n % 5 === 0 ? `${each}2026-06-30` : each));

  const ended = await withColumn(...left);
  const again = await withColumn(...left);

  expect(ended.summary).toBe('0 created, 200 updated, 800 unchanged, 0 refused');
  expect(again.summary).toBe('0 created, 0 updated, 1000 unchanged, 0 refused');
  expect(await prisma().customerHistory.count()).toBe(1200);
});
