import { randomUUID } from 'node:crypto';
import { createAorCorrections } from '../../../src/adapters/postgres/aor-corrections';
import { createCommissionStatements } from '../../../src/adapters/postgres/commission-statements';
import { statementMonth, statementOf } from '../../../src/domain/plan-change/commission-statement';
import type { RecordDecisionInput } from '../../../src/contracts/plan-change';
import { reverse } from '../../../src/domain/plan-change/corrections';
import { planChangePolicy } from '../../support/brand';
import { beginHistory } from '../../../lab/system/customer-history';
import {
  FROM,
  NEW_PLAN,
  OLD_PLAN,
  apiKeyId,
  database,
  eligible,
  ready,
  record,
  withDecisions,
} from './aor-decision-database';
import { NOW_MS, insertAgent, insertCustomer, insertEnrolledCustomer } from './records';

withDecisions();

const at = (time: string): number => Date.parse(`${time}T12:00Z`);

const page = (
  agentKey: string,
  month: string,
  { limit = 100, after }: { limit?: number; after?: string } = {},
) =>
  createCommissionStatements(database.prisma).page({
    agentKey,
    month: statementMonth(planChangePolicy, month),
    after,
    limit,
  });

/** Each line of the statement: what, which customer, for which plan, from when to when, and why. */
async function linesOf(agentKey: string, month: string): Promise<string[]> {
  const found = await page(agentKey, month);
  return found!.customers.flatMap(({ customerId, versions }) => {
    const { owed, takenBack, addedLater } = statementOf(
      agentKey,
      versions,
      statementMonth(planChangePolicy, month),
    );
    return [
      ...owed.map((days) => [`owed ${customerId}`, days.planId, days.from, days.to, days.planChangeId]),
      ...takenBack.map((days) => [`taken back ${customerId}`, days.planId, days.from, days.to, days.cause]),
      ...addedLater.map((days) => [`added ${customerId}`, days.planId, days.from, days.to, days.cause]),
    ].map((cells) => cells.map((cell) => cell ?? 'roster').join(' '));
  });
}

async function reversed(planChangeId: string, customerId: string, atMs: number): Promise<string> {
  const correctionId = randomUUID();
  const corrections = createAorCorrections(database.prisma);
  const about = { kind: 'reversal', reason: 'rejected-by-cms', note: null, staffKey: null } as const;
  await corrections.request({ correctionId, planChangeId, customerId, apiKeyId, atMs, ...about });
  await corrections.inCustomersTurn(correctionId, async ({ correction, facts, agentsFor, record: write }) => {
    const rules = { today: '2027-02-10', reversibleDays: 60 };
    const answer = reverse(correction, facts, await agentsFor(facts), rules);
    if (answer.kind === 'refused') throw new Error(answer.reason);
    await write(answer.history, atMs);
  });
  return correctionId;
}

/** An application of the agent, for the customer of `original`. Gives the change's id. */
async function applied(
  customerId: string,
  agentKey: string,
  { original, atMs, ...different }: { original: string; atMs: number } & Partial<RecordDecisionInput>,
): Promise<string> {
  const channel = agentKey === original ? 'own-agent-application' : 'external-agent-application';
  const agents = { original: eligible(original), facilitator: eligible(agentKey) };
  const { planChangeId, input } = await ready({ customerId, channel, ...agents });
  expect(await record({ ...input, ...different, atMs })).toBe('recorded');
  return planChangeId;
}

/** Of `own`, who takes the place of `other`'s application for January in December, and is reversed in February. */
async function customerOfTwo() {
  const [own, other] = [await insertAgent(database.prisma), await insertAgent(database.prisma)];
  const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: own });
  const first = await applied(customerId, other, { original: own, atMs: at('2026-11-25') });
  const again = { original: own, planId: OLD_PLAN, atMs: at('2026-12-10') };
  const second = await applied(customerId, own, again);
  const correctionId = await reversed(second, customerId, at('2027-02-10'));
  return { own, other, customerId, first, second, correctionId };
}

it('A statement follows what was known at the end of its month: superseded, reversed, and counting again', async () => {
  const { own, other, customerId: id, first, second } = await customerOfTwo();

  expect(await linesOf(own, '2026-12')).toEqual([`owed ${id} ${OLD_PLAN} 2026-12-01 2026-12-31 roster`]);
  expect(await linesOf(own, '2027-01')).toEqual([`owed ${id} ${OLD_PLAN} 2027-01-01 2027-01-31 ${second}`]);
  expect(await linesOf(own, '2027-02')).toEqual([
    `taken back ${id} ${OLD_PLAN} 2027-01-01 2027-01-31 reversal`,
  ]);
  expect(await linesOf(own, '2027-03')).toEqual([]);
  expect(await linesOf(other, '2027-01')).toEqual([]);
  expect(await linesOf(other, '2027-02')).toEqual([
    `owed ${id} ${NEW_PLAN} 2027-02-01 2027-02-28 ${first}`,
    `added ${id} ${NEW_PLAN} 2027-01-01 2027-01-31 reversal`,
  ]);
  expect(await linesOf(other, '2027-03')).toEqual([`owed ${id} ${NEW_PLAN} 2027-03-01 2027-03-31 ${first}`]);
});

it('A page has the versions of the month and the latest one before it, each with the changes that counted in it', async () => {
  const { own, other, customerId, first, second, correctionId } = await customerOfTwo();

  const [december, january, february] = await Promise.all(
    ['2026-12', '2027-01', '2027-02'].map(async (month) => (await page(other, month))!.customers),
  );

  const causes = (customers = december) =>
    customers!.map(({ versions }) => versions.map(({ cause }) => cause));
  expect([december, january, february].map((each) => causes(each))).toEqual([
    [],
    [['plan-change']],
    [['plan-change', 'reversal']],
  ]);
  expect(january).toMatchObject([{ customerId, versions: [{ agentsOfRecord: [] }] }]);
  expect(february![0]!.versions[0]).toMatchObject({
    knownFromMs: at('2026-12-10'),
    cause: 'plan-change',
    planChangeId: second,
    correctionId: null,
    reason: null,
    decisions: [{ planChangeId: second, effectiveOn: FROM, outcome: 'retained', commissionContinues: true }],
  });
  expect(february![0]!.versions[1]).toEqual({
    knownFromMs: at('2027-02-10'),
    cause: 'reversal',
    planChangeId: second,
    correctionId,
    reason: 'rejected-by-cms',
    enrolments: [
      { from: '2026-01-01', to: '2026-12-31', planId: OLD_PLAN },
      { from: FROM, to: null, planId: NEW_PLAN },
    ],
    agentsOfRecord: [{ from: FROM, to: null, agentKey: other }],
    decisions: [
      { planChangeId: first, effectiveOn: FROM, outcome: 'transferred', commissionContinues: false },
    ],
  });
  expect((await page(own, '2026-11'))!.customers).toMatchObject([
    { versions: [{ cause: 'roster' }, { cause: 'plan-change', planChangeId: first }] },
  ]);
});

it('A change that was decided again counts with its last decision by then', async () => {
  const [own, other] = [await insertAgent(database.prisma), await insertAgent(database.prisma)];
  const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: own });
  const first = await applied(customerId, other, { original: own, atMs: at('2026-11-25') });
  const later = { original: other, effectiveOn: '2027-02-01', planId: OLD_PLAN, atMs: at('2026-12-01') };
  const second = await applied(customerId, other, later);

  await reversed(first, customerId, at('2027-03-02'));

  const [before, after] = (await page(other, '2027-03'))!.customers[0]!.versions;
  expect(before!.decisions).toMatchObject([
    { planChangeId: first, outcome: 'transferred' },
    { planChangeId: second, outcome: 'retained' },
  ]);
  // No roster tells anything of either agent.
  expect(after!.decisions).toMatchObject([{ planChangeId: second, outcome: 'ended' }]);
});

it('A statement has pages in the order of customers, past ones included, and each customer once', async () => {
  const { prisma } = database;
  const agentKey = await insertAgent(prisma, { agentNumber: 'Pager-1' });
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.push(await insertEnrolledCustomer(prisma, { agentKey }));
  const past = await insertCustomer(prisma);
  await beginHistory(prisma, past, {
    agentsOfRecord: [
      { agentKey, from: '2024-01-01' },
      { agentKey: null, from: '2025-01-01' },
    ],
  });
  await applied(ids[0]!, agentKey, { original: agentKey, atMs: NOW_MS });
  await insertEnrolledCustomer(prisma, { agentKey, from: '2027-06-01' });

  const seen: string[] = [];
  for (;;) {
    const after = seen.at(-1);
    const found = await page(agentKey, '2026-11', { limit: 2, ...(after !== undefined && { after }) });
    expect(found!.agentNumber).toBe('Pager-1');
    if (found!.customers.length === 0) break;
    seen.push(...found!.customers.map(({ customerId }) => customerId));
  }

  expect(seen).toEqual([...ids, past].toSorted());
  expect(await linesOf(agentKey, '2026-11')).toHaveLength(5);
});

it('A statement is empty for an agent without customers, and null for an unknown agent', async () => {
  const agentKey = await insertAgent(database.prisma, { agentNumber: 'Lone-2' });

  expect(await page(agentKey, '2026-11')).toEqual({ agentNumber: 'Lone-2', customers: [] });
  expect(await page('A-none', '2026-11')).toBeNull();
});
