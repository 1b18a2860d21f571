/** Files that people really have (test/fixtures/cases), each with what it has to give. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createAccounts } from '../../src/adapters/postgres/accounts';
import { createAorDecisions } from '../../src/adapters/postgres/aor-decisions';
import { decideAgentOfRecord, type AgentEvidence } from '../../src/domain/plan-change/agent-of-record';
import type { PlanChangeChannel } from '../../src/domain/plan-change/routing';
import { insertPlanChange, insertStaff, NOW_MS } from '../adapters/postgres/records';
import { latestHistory } from '../../lab/system/customer-history';
import { CUSTOMERS_HEADER, useImportCommand } from './roster-command';

const {
  importCase,
  importing,
  importLines,
  importAgents,
  importPlans,
  importStanding,
  importCustomers,
  ...world
} = useImportCommand();
const { accounts, agents, memberIds, prisma } = world;

const peppers = `2026:${randomBytes(32).toString('base64')}`;
const ONE_MEMBER = '1 created, 0 updated, 0 unchanged, 0 refused';

describe('members', () => {
  it('Members keep the usernames of older systems and are found by them as they type them', async () => {
    const result = await importCase('members', 'm-usernames');

    expect(result).toEqual({ code: 0, summary: '10 created, 0 updated, 0 unchanged, 0 refused', err: '' });
    const stored = await accounts();
    expect(stored.map(({ username }) => username)).toEqual([
      ...['maria.fernanda.gonzalez@example.com', '123456789', "o'brien77", 'ana+plan', 'josé.ruiz'],
      ...['ana ruiz', 'abc', 'ana_ruiz', 'ANA.RUIZ2', '5551234567'],
    ]);
    const found = await Promise.all(
      [
        ...['Maria.Fernanda.Gonzalez@EXAMPLE.com', ' 123456789 ', "O'Brien77", 'ANA+PLAN', 'JOSE\u0301.ruiz'],
        ...['Ana\u00a0 Ruiz', 'ABC', 'Ana_Ruiz', 'ana.ruiz2', '5551234567\n'],
      ].map((typed) => createAccounts(prisma()).findByUsername('member', typed)),
    );
    expect(found.map((account) => account?.id)).toEqual(stored.map(({ id }) => id));
  });

  it('A username is unique regardless of case, spaces and the encoding of accents', async () => {
    await importCase('members', 'm-usernames');

    const result = await importLines(
      'X1,JOSE\u0301.RUIZ,x1@example.com,A,B,en',
      'X2,Ana  Ruiz,x2@example.com,A,B,en',
      'X3,Abc,x3@example.com,A,B,en',
      'X4,new,x4@example.com,A,B,en',
      'X5,NEW,x5@example.com,A,B,en',
    );

    expect(result.err).toBe(
      [2, 3, 4].map((line) => `line ${line}: username: belongs to another member\n`).join('') +
        'line 6: username: is on line 5 already\n',
    );
  });

  it('Members may swap an email address between two exports', async () => {
    await importCase('members', 'm-swap1');

    const result = await importCase('members', 'm-swap2');

    expect(result).toEqual({ code: 0, summary: '0 created, 2 updated, 0 unchanged, 0 refused', err: '' });
    expect((await accounts()).map(({ email }) => email)).toEqual([
      'new610@example.com',
      'shared610@example.com',
    ]);
  });

  it.each([
    ['m-trailing-cols', 'MX-16', 'ignored: 2 empty columns at the right'],
    ['m-comma-rows', 'MX-19', 'ignored: 3 empty rows'],
  ])('Members are imported from a file with spreadsheet leftovers: %s', async (name, memberId, note) => {
    const result = await importCase('members', name);

    expect(result).toEqual({ code: 0, summary: `${ONE_MEMBER}\n${note}`, err: '' });
    expect(await memberIds()).toEqual([memberId]);
  });
});

describe('a file without its header line', () => {
  const COLUMNS = [
    ...['agentNumber', 'kind', 'firstName', 'lastName', 'previousLastNames', 'principalAgentNumber'],
    ...['ssnLast6', 'email', 'welcomedOn', 'company', 'terminatedOn'],
  ];

  it('A file without a header line is refused with the missing columns, and its values are not repeated', async () => {
    const result = await importCase('agents', 'a-no-header', { peppers });

    expect(result).toEqual({
      code: 1,
      summary: '',
      // What ends the line is empty, and counts as what spreadsheets leave.
      err:
        `The header line (line 1) lacks ${COLUMNS.map((column) => `"${column}"`).join(', ')}, and has 10 unknown columns. ` +
        `The columns of the agents roster are ${COLUMNS.join(',')}. It has none of them: is the header line missing?\n`,
    });
    expect(await agents()).toEqual([]);
  });

  it.each([
    [
      'lines that end in carriage returns',
      'A1,agent,Nina,Secret,,,secret,secret@example.com,,,\rA2,secret\r',
    ],
    ['quotes that never end', '"A1,agent,secret\nA2,secret'],
    ['semicolons', 'A1;agent;secret;secret@example.com'],
    ['values and column names', `${COLUMNS.join(',')},secret\nA1,secret`],
    ['a column twice', `email,email,secret\nsecret`],
  ])('An error about the header line repeats no value of a file with %s', async (_what, content) => {
    const result = await importing(content, { peppers }, 'agents');

    expect(result.code).toBe(1);
    expect(result.err).toMatch(/^The header line \(line 1\)/);
    expect(result.err.toLowerCase()).not.toContain('secret');
  });
});

describe('customers', () => {
  const [OLD_PLAN, NEW_PLAN] = ['H4513-046-000', 'H4513-052-000'] as const;
  const customer = async (customerId: string) => ({
    ...(await prisma().customer.findUniqueOrThrow({ where: { customerId } })),
    ...(await latestHistory(prisma(), customerId)),
  });

  beforeEach(async () => {
    await importAgents(
      ['70011', '70020', '70030'].map(
        (number, at) => `${number},agent,Otto,Grey,,,91234${at},otto@example.com,,Sterling,`,
      ),
      peppers,
    );
    await importPlans([
      `${OLD_PLAN},Preferred,medicare-advantage,TX;PR,2024-10-15,`,
      `${NEW_PLAN},Preferred 2027,medicare-advantage,AS;GU;MP;PR;TX;VI,2026-10-15,`,
    ]);
  });

  it('A customer may have no agent', async () => {
    const result = await importCase('customers', 'c-no-agent');
    const again = await importCase('customers', 'c-no-agent');

    expect(result).toEqual({ code: 0, summary: ONE_MEMBER, err: '' });
    expect(again).toEqual({ code: 0, summary: '0 created, 0 updated, 1 unchanged, 0 refused', err: '' });
    expect(await customer('CX-31')).toMatchObject({
      enrolments: [{ planId: OLD_PLAN, validTo: null }],
      agents: [{ agentKey: null, validFrom: new Date('2026-01-01'), validTo: null }],
    });
  });

  it('A customer may live in a US territory, where plans are offered and agents licensed as well', async () => {
    const licences = await importStanding(
      ['AS', 'GU', 'MP', 'PR', 'VI'].map((state) => `70011,licence,${state},,2025-01-01,`),
    );
    const result = await importCase('customers', 'c-pr');

    expect([licences.code, result]).toEqual([0, { code: 0, summary: ONE_MEMBER, err: '' }]);
    expect(await customer('CX-32')).toMatchObject({ state: 'PR', agents: [{ agentKey: '70011' }] });
    expect((await prisma().plan.findUniqueOrThrow({ where: { planId: NEW_PLAN } })).states).toContain('MP');
  });

  const standing = { active: true, licensed: true, appointed: true, certified: true };
  const eligible = (agentKey: string): AgentEvidence => ({ agentKey, standing });
  const terminated = (agentKey: string): AgentEvidence => ({
    agentKey,
    standing: { ...standing, active: false },
  });

  interface Evidence {
    readonly channel?: PlanChangeChannel;
    readonly original: AgentEvidence | null;
    readonly facilitator?: AgentEvidence;
  }

  /** Completes a change of the customer, with the new plan from 2027 on. Gives the outcome. */
  async function change(customerId: string, evidence: Evidence): Promise<string> {
    const { channel = 'plan-change-line', original, facilitator = null } = evidence;
    const isUnits = channel === 'plan-change-line';
    if (isUnits) await insertStaff(prisma(), { staffNumber: 'S1' });
    const planChangeId = await insertPlanChange(prisma(), {
      customerId,
      channel,
      stage: isUnits ? 'claimed' : 'with-facilitator',
      facilitatorKey: facilitator?.agentKey ?? null,
    });
    const gathered = { channel, referred: false, original, facilitator };
    const answer = decideAgentOfRecord(gathered);
    if (answer.kind !== 'decided') throw new Error(`the rule decides nothing: ${answer.kind}`);
    const { decision } = answer;
    const recorded = await createAorDecisions(prisma()).record({
      planChangeId,
      planId: NEW_PLAN,
      effectiveOn: '2027-01-01',
      staffKey: isUnits ? 'S1' : null,
      apiKeyId: randomUUID(),
      atMs: NOW_MS,
      decision,
      evidence: { ...gathered, day: '2026-11-22', state: 'TX', planYear: 2027 },
    });
    if (recorded !== 'recorded') throw new Error(`the change was ${recorded}`);
    return decision.outcome;
  }

  const line = (planId: string, from: string, agentNumber: string): string =>
    `CX-50,Wanda,Gone,cx50@example.com,en,TX,${planId},${from},${agentNumber}`;
  const before = (agentNumber: string): string => line(OLD_PLAN, '2026-01-01', agentNumber);
  const after = (agentNumber: string): string => line(NEW_PLAN, '2027-01-01', agentNumber);

  it.each<{ outcome: string; first: string; evidence: Evidence; taken: string[]; refused: string[] }>([
    {
      outcome: 'retained',
      first: '70020',
      evidence: { original: eligible('70020') },
      taken: [before('70020'), after('70020')],
      refused: [after(''), after('70030'), before('')],
    },
    {
      outcome: 'transferred',
      first: '70020',
      evidence: {
        channel: 'external-agent-application',
        original: eligible('70020'),
        facilitator: eligible('70030'),
      },
      taken: [before('70020'), after('70030')],
      refused: [after(''), after('70020'), before('')],
    },
    {
      outcome: 'ended',
      first: '70020',
      evidence: { original: terminated('70020') },
      taken: [before('70020'), after(''), after('70020')],
      refused: [after('70030'), before(''), line(NEW_PLAN, '2027-02-01', '')],
    },
    {
      outcome: 'none',
      first: '',
      evidence: { original: null },
      taken: [before(''), after('')],
      refused: [after('70020'), before('70020')],
    },
    {
      outcome: 'transferred',
      first: '',
      evidence: {
        channel: 'external-agent-application',
        original: null,
        facilitator: eligible('70030'),
      },
      taken: [before(''), after('70030')],
      refused: [after(''), after('70020'), before('70020')],
    },
  ])(
    'Customer lines on record import again and others are refused after the outcome $outcome, from agent "$first"',
    async ({ outcome, first, evidence, taken, refused }) => {
      await importCustomers([before(first)]);
      expect(await change('CX-50', evidence)).toBe(outcome);
      const recorded = await customer('CX-50');

      const results = [];
      for (const each of [...taken, ...refused]) results.push(await importCustomers([each]));

      expect(results.map(({ summary }) => summary)).toEqual([
        ...taken.map(() => '0 created, 0 updated, 1 unchanged, 0 refused'),
        ...refused.map(() => '0 created, 0 updated, 0 unchanged, 1 refused'),
      ]);
      expect(await customer('CX-50')).toEqual(recorded);
    },
  );

  it('A customer whose agent of record ended takes new personal data and still has no agent of record', async () => {
    const first = await importCase('customers', 'c-ended-0');
    expect(await change('CX-50', { original: terminated('70020') })).toBe('ended');

    const same = await importCase('customers', 'c-ended-0');
    const result = await importCase('customers', 'c-ended-2');

    expect([first, same].map(({ code }) => code)).toEqual([0, 0]);
    expect(result).toEqual({ code: 0, summary: '0 created, 1 updated, 0 unchanged, 0 refused', err: '' });
    expect(await customer('CX-50')).toMatchObject({
      lastName: 'Newname',
      email: 'cx50new@example.com',
      enrolments: [{ planId: OLD_PLAN }, { planId: NEW_PLAN, validTo: null }],
      agents: [{ agentKey: '70020' }, { agentKey: null, validTo: null }],
    });
  });

  it('A customer without an agent cannot be given one for the same enrolment by import', async () => {
    await importCase('customers', 'c-no-agent');

    const result = await importing(
      `${CUSTOMERS_HEADER}\nCX-31,Walt,Heller,cx31@example.com,en,TX,${OLD_PLAN},2026-01-01,70011\n`,
      {},
      'customers',
    );

    expect(result.err).toContain('line 2: is not the enrolment that is on record here');
  });
});
