import {
  insertAgent,
  insertEnrolledCustomer,
  insertPlan,
  insertPlanChange,
} from '../../adapters/postgres/records';
import { createCommissionStatements } from '../../../src/adapters/postgres/commission-statements';
import { DAY_MS } from '../../../src/domain/time';
import { beginHistory } from '../../../lab/system/customer-history';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import type { Called } from '../api';
import { NEW_PLAN, OLD_PLAN, eligible, errorsOf, recordDecision, startDesk } from './plan-change-desk';

const NOW_MS = Date.parse('2027-02-15T15:00:00Z');
const HEADER =
  'agentNumber,month,kind,customerId,planId,from,to,cause,planChangeId,correctionId,reason,knownFrom';

let database: TestDatabase;
let desk: Awaited<ReturnType<typeof startDesk>>;
let audit: string;
beforeAll(async () => {
  database = await createTestDatabase();
  for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(database.prisma, planId);
});
afterAll(() => database.drop());
beforeEach(() => start());
afterEach(() => desk.api.close());

async function start(overrides: Parameters<typeof startDesk>[1] = {}): Promise<void> {
  desk = await startDesk(database.prisma, overrides);
  desk.api.nowMs.value = NOW_MS;
  ({ key: audit } = desk.keyOf(null, 'audit'));
}

const commissionsOf = (number: string, query: string): Promise<Called> =>
  desk.get(`/agents/${encodeURIComponent(number)}/commissions${query}`, audit);
const linesOf = ({ body }: Called): string[] => body.split('\r\n');

let made = 0;
const newAgent = (): Promise<string> => {
  made += 1;
  return insertAgent(database.prisma, { agentNumber: `Ag ${made}` });
};

async function insertCustomersOf(agentKey: string, ids: readonly string[]): Promise<void> {
  const person = { firstName: 'Harold', lastName: 'Jennings', email: 'harold@example.com' };
  await database.prisma.customer.createMany({
    data: ids.map((customerId) => ({ customerId, ...person, language: 'en', state: 'TX' })),
  });
  for (const customerId of ids)
    await beginHistory(database.prisma, customerId, { agentsOfRecord: [{ agentKey, from: '2026-01-01' }] });
}

/** Of `own` by the roster; recorded on the third of February: `other` enrolled them for January. */
async function lateCompletion() {
  const { prisma } = database;
  const [own, other] = [await newAgent(), await newAgent()];
  const customerId = await insertEnrolledCustomer(prisma, { agentKey: own });
  const planChangeId = await insertPlanChange(prisma, {
    customerId,
    channel: 'external-agent-application',
    stage: 'with-facilitator',
    facilitatorKey: other,
  });
  const request = { planId: NEW_PLAN, effectiveOn: '2027-01-01', staffKey: null, apiKeyId: desk.intake.id };
  await recordDecision(prisma, planChangeId, request, {
    channel: 'external-agent-application',
    original: eligible(own),
    facilitator: eligible(other),
    atMs: Date.parse('2027-02-03T12:00:00Z'),
  });
  return { own, other, customerId, planChangeId };
}

describe('Commission statement', () => {
  it('A statement lists what is owed for the month, taken back and added later, with the reason of each', async () => {
    const { own, other, customerId, planChangeId } = await lateCompletion();

    const loses = await commissionsOf(own, '?month=2027-02');
    const gains = await commissionsOf(other, '?month=2027-02');

    const corrected = {
      customerId,
      from: '2027-01-01',
      to: '2027-01-31',
      cause: 'plan-change',
      planChangeId,
      correctionId: null,
      reason: null,
      knownFrom: '2027-02-03T12:00:00.000Z',
    };
    const about = { month: '2027-02', isFinal: false, nextCursor: null };
    expect([loses.status, gains.status]).toEqual([200, 200]);
    expect(loses.body).toEqual({
      ...about,
      agentNumber: loses.body.agentNumber,
      owed: [],
      takenBack: [{ ...corrected, planId: OLD_PLAN }],
      addedLater: [],
    });
    expect(gains.body).toEqual({
      ...about,
      agentNumber: gains.body.agentNumber,
      owed: [{ customerId, planId: NEW_PLAN, from: '2027-02-01', to: '2027-02-28', planChangeId }],
      takenBack: [],
      addedLater: [{ ...corrected, planId: NEW_PLAN }],
    });
  });

  it('The statement of a month before says what was known then, and is final a day after its end', async () => {
    const { own, customerId } = await lateCompletion();
    const january = () => commissionsOf(own.toLowerCase(), '?month=2027-01');
    desk.api.nowMs.value = Date.parse('2027-02-02T04:59:59.999Z');
    const early = await january();
    desk.api.nowMs.value += 1;
    const final = await january();
    desk.api.nowMs.value += 300 * DAY_MS;

    expect(early.body).toMatchObject({
      isFinal: false,
      owed: [{ customerId, planId: OLD_PLAN, from: '2027-01-01', to: '2027-01-31', planChangeId: null }],
      takenBack: [],
    });
    expect(final.body).toEqual({ ...early.body, isFinal: true });
    expect((await january()).body).toEqual(final.body);
  });

  it('The month is the one where the unit works', async () => {
    const agentKey = await newAgent();
    desk.api.nowMs.value = Date.parse('2027-03-01T04:59:59Z');
    const before = await commissionsOf(agentKey, '?month=2027-03');
    desk.api.nowMs.value += 1000;

    expect(errorsOf(before)).toEqual(['query:month in_the_future']);
    expect((await commissionsOf(agentKey, '?month=2027-03')).status).toBe(200);
  });

  it('A statement has pages of 100 customers and lists each once; as CSV it is one file', async () => {
    const agentKey = await newAgent();
    const ids = Array.from({ length: 203 }, (_, at) => `D-${String(at).padStart(3, '0')}`);
    await insertCustomersOf(agentKey, ids);

    const pages = [await commissionsOf(agentKey, '?month=2027-01')];
    while (pages.at(-1)!.body.nextCursor !== null)
      pages.push(await commissionsOf(agentKey, `?month=2027-01&cursor=${pages.at(-1)!.body.nextCursor}`));
    const csv = await commissionsOf(agentKey, '?month=2027-01&format=csv');
    const rest = await commissionsOf(
      agentKey,
      `?month=2027-01&format=csv&cursor=${pages[0]!.body.nextCursor}`,
    );

    expect(pages.map(({ body }) => body.owed.length)).toEqual([100, 100, 3]);
    const listed = pages.flatMap(({ body }) =>
      body.owed.map((days: { customerId: string }) => days.customerId),
    );
    expect(listed).toEqual(ids);
    expect(linesOf(csv)).toHaveLength(1 + 203 + 1);
    expect(linesOf(rest)).toHaveLength(1 + 103 + 1);
  });

  it.each(['nobody-9', '-', '#1', 'x'.repeat(41), '\u0000', ' '])(
    'The statement of the unknown agent %j is answered 404, as JSON or CSV',
    async (number) => {
      for (const format of ['json', 'csv']) {
        const { status, body } = await commissionsOf(number, `?month=2027-01&format=${format}`);

        expect([status, body.code]).toEqual([404, 'not_found']);
      }
    },
  );

  it.each([
    ['', ['query:month required']],
    ['?month=', ['query:month required']],
    ['?month=2027-13', ['query:month wrong_format']],
    ['?month=2027-00', ['query:month wrong_format']],
    ['?month=2027-1', ['query:month wrong_format']],
    ['?month=2027-01-01', ['query:month too_long']],
    ['?month=January', ['query:month wrong_format']],
    ['?month=1899-12', ['query:month wrong_format']],
    ['?month=2027-03', ['query:month in_the_future']],
    ['?month=9999-12', ['query:month in_the_future']],
    ['?month=2027-01&month=2027-02', ['query:month duplicate_field']],
    ['?month=2027-01&format=xlsx', ['query:format not_one_of']],
    ['?month=2027-01&cursor=somewhere', ['query:cursor wrong_format']],
    ['?month=2027-01&format=csv&cursor=somewhere', ['query:cursor wrong_format']],
    ['?month=2027-01&agent=1', ['query:agent unknown_field']],
  ])('A statement refuses the query %j', async (query, errors) => {
    const answer = await commissionsOf(await newAgent(), query);

    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_fields']);
    expect(errorsOf(answer)).toEqual(errors);
  });
});

describe('Commission statement as CSV', () => {
  it('A statement as CSV has the same lines, by customer, and is downloaded under a name', async () => {
    const { own, other, customerId: id, planChangeId } = await lateCompletion();

    const loses = await commissionsOf(own, '?month=2027-02&format=csv');
    const gains = await commissionsOf(other, '?month=2027-02&format=csv');

    const because = `plan-change,${planChangeId},,,2027-02-03T12:00:00.000Z`;
    const number = (agentKey: string): string => `"Ag ${agentKey.slice(2)}"`;
    expect(linesOf(loses)).toEqual([
      HEADER,
      `${number(own)},2027-02,taken-back,${id},${OLD_PLAN},2027-01-01,2027-01-31,${because}`,
      '',
    ]);
    expect(linesOf(gains)).toEqual([
      HEADER,
      `${number(other)},2027-02,owed,${id},${NEW_PLAN},2027-02-01,2027-02-28,plan-change,${planChangeId},,,`,
      `${number(other)},2027-02,added-later,${id},${NEW_PLAN},2027-01-01,2027-01-31,${because}`,
      '',
    ]);
    expect(loses.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(loses.headers.get('content-disposition')).toBe(
      `attachment; filename="commissions-${own}-2027-02.csv"`,
    );
    expect(loses.headers.get('cache-control')).toBe('no-store');
  });

  it('Customer numbers that a spreadsheet would run as formulas are defused, and separators are quoted', async () => {
    const agentKey = await newAgent();
    const shown: [customerId: string, cell: string][] = [
      ['+1', `"'+1"`],
      ['-1', `"'-1"`],
      ['@SUM(A1)', `"'@SUM(A1)"`],
      [`=HYPERLINK("x";"y")`, `"'=HYPERLINK(""x"";""y"")"`],
      ['C,1', '"C,1"'],
      ['C;=1', '"C;=1"'],
      ['C"1', '"C""1"'],
      ['C-1', 'C-1'],
      ['Ñ1', '"Ñ1"'],
    ];
    await insertCustomersOf(
      agentKey,
      shown.map(([customerId]) => customerId),
    );

    const lines = linesOf(await commissionsOf(agentKey, '?month=2027-01&format=csv')).slice(1, -1);

    const number = `"Ag ${agentKey.slice(2)}"`;
    const after = ',,2027-01-01,2027-01-31,roster,,,,';
    expect(lines.toSorted()).toEqual(
      shown.map(([, cell]) => `${number},2027-01,owed,${cell}${after}`).toSorted(),
    );
  });

  it('A statement as CSV that breaks off is no whole file', async () => {
    await desk.api.close();
    const agentKey = await newAgent();
    const pages = createCommissionStatements(database.prisma);
    let asked = 0;
    await start({
      commissionStatements: {
        page: async (query) => {
          asked += 1;
          if (asked > 1) throw new Error('the database is away');
          const found = await pages.page(query);
          const one = { customerId: 'C-1', versions: [] };
          return found && { ...found, customers: Array.from({ length: query.limit }, () => one) };
        },
      },
    });

    await expect(commissionsOf(agentKey, '?month=2027-01&format=csv')).rejects.toThrow();
    expect(asked).toBe(2);
  });

  it('A statement as CSV that fails at once is answered with a problem', async () => {
    await desk.api.close();
    const unreachable = Object.assign(new Error('no database'), { code: 'ECONNREFUSED' });
    await start({ commissionStatements: { page: () => Promise.reject(unreachable) } });

    const { status, body } = await commissionsOf('1', '?month=2027-01&format=csv');

    expect([status, body.code]).toEqual([503, 'unavailable']);
  });
});
