/** Corrections over real PostgreSQL: what holds afterwards, what is on record, who is told, and what is refused. */
import { randomUUID } from 'node:crypto';
import { createAorCorrectionActivities } from '../../src/activities/aor-correction';
import { correctionLetter } from '../../src/activities/correction-letters';
import { createEmailTemplates } from '../../src/adapters/mail/templates';
import { createAorCorrections } from '../../src/adapters/postgres/aor-corrections';
import type { CorrectionKind } from '../../src/contracts/aor-correction';
import { correctionNotices } from '../../src/contracts/notice';
import { DAY_MS } from '../../src/domain/time';
import type { RequestedCorrection } from '../../src/ports/aor-correction';
import { latestHistory } from '../../lab/system/customer-history';
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
} from '../adapters/postgres/aor-decision-database';
import {
  NOW_MS,
  insertAgent,
  insertEnrolledCustomer,
  insertPlanChange,
  insertStanding,
} from '../adapters/postgres/records';
import { brand, planChangePolicy } from '../support/brand';

withDecisions();

const [OWN, OTHER, THIRD] = ['OWN', 'OTHER', 'THIRD'] as const;
const LATER = '2027-02-01';
const AT = NOW_MS + DAY_MS;
const corrections = () => createAorCorrections(database.prisma);
const activities = (reversibleDays = 60, clock = () => AT) =>
  createAorCorrectionActivities({ aorCorrections: corrections(), planChangePolicy, reversibleDays, clock });

beforeAll(async () => {
  for (const agentNumber of [OWN, OTHER, THIRD]) await insertKnownAgent(agentNumber);
});

/** Licensed, appointed and, unless told otherwise, certified, as it has been known for a year. */
async function insertKnownAgent(
  agentNumber: string,
  { certified = true, ...fields }: Parameters<typeof insertAgent>[1] & { readonly certified?: boolean } = {},
): Promise<void> {
  const knownFromMs = NOW_MS - 365 * DAY_MS;
  const agentKey = await insertAgent(database.prisma, { agentNumber, lastName: agentNumber, ...fields });
  await database.prisma.agentActivity.create({ data: { agentKey, knownFrom: new Date(knownFromMs) } });
  for (const standing of [
    { type: 'licence', scope: 'TX' },
    { type: 'appointment' },
    ...(certified ? [{ type: 'certification', scope: '2027' } as const] : []),
  ] as const)
    await insertStanding(database.prisma, agentKey, { ...standing, knownFromMs });
}

/** A completed change of the customer: by the unit, or by an external agent. Gives its id. */
async function completed(
  customerId: string,
  original: ReturnType<typeof eligible>,
  { by, effectiveOn = FROM, atMs = NOW_MS }: { by?: string; effectiveOn?: string; atMs?: number } = {},
): Promise<string> {
  const { input } = await ready({
    customerId,
    original,
    ...(by === undefined ? {} : { channel: 'external-agent-application', facilitator: eligible(by) }),
  });
  await record({ ...input, effectiveOn, atMs });
  return input.planChangeId;
}

const customerOf = (agentKey: string) => insertEnrolledCustomer(database.prisma, { agentKey });

type Asked = Pick<RequestedCorrection, 'planChangeId'> & Partial<RequestedCorrection>;

async function requested(kind: CorrectionKind, { planChangeId, ...asked }: Asked): Promise<string> {
  const correctionId = randomUUID();
  const { customerId } = await database.prisma.planChange.findUniqueOrThrow({ where: { id: planChangeId } });
  const isReversal = kind === 'reversal';
  const reason = isReversal ? ('rejected-by-cms' as const) : null;
  const about = { correctionId, planChangeId, customerId, kind, reason, apiKeyId, staffKey: 'S1' };
  await corrections().request({ note: isReversal ? null : 'a late roster', ...about, ...asked, atMs: AT });
  return correctionId;
}

const carryOut = async (kind: CorrectionKind, planChangeId: string, atMs = AT) =>
  activities().carryOutCorrection({ correctionId: await requested(kind, { planChangeId }), atMs });

/** `agent from-to` of each period, then the same of the plans. */
async function known(customerId: string): Promise<string[]> {
  const { agents, enrolments } = await latestHistory(database.prisma, customerId);
  const dates = ({ validFrom, validTo }: { validFrom: Date; validTo: Date | null }): string =>
    [validFrom, validTo].map((date) => date?.toISOString().slice(0, 10) ?? '').join(' to ');
  return [
    ...agents.map((period) => `${period.agentKey} ${dates(period)}`),
    ...enrolments.map((period) => `${period.planId} ${dates(period)}`),
  ];
}

const UNCHANGED = [`${OWN} 2026-01-01 to `, `${OLD_PLAN} 2026-01-01 to `];
const [OWN_TILL, OLD_TILL, NEW_FROM] = [
  `${OWN} 2026-01-01 to 2026-12-31`,
  `${OLD_PLAN} 2026-01-01 to 2026-12-31`,
  `${NEW_PLAN} 2027-01-01 to `,
];

it('A reversal gives agent, plan and commission back, and says so once, however often it is tried', async () => {
  const customerId = await customerOf(OWN);
  const planChangeId = await completed(customerId, eligible(OWN), { by: OTHER });
  const before = await known(customerId);
  const correctionId = await requested('reversal', { planChangeId, note: 'reject code 042' });

  const first = await activities().carryOutCorrection({ correctionId, atMs: AT });
  const second = await activities().carryOutCorrection({ correctionId, atMs: AT + 1 });

  expect(before).toEqual([OWN_TILL, `${OTHER} 2027-01-01 to `, OLD_TILL, NEW_FROM]);
  expect(first).toEqual({ kind: 'corrected', agentKeys: [OTHER, OWN] });
  expect(second).toEqual(first);
  expect(await known(customerId)).toEqual(UNCHANGED);
  const { prisma } = database;
  const versions = await prisma.customerHistory.findMany({
    where: { customerId },
    orderBy: { version: 'asc' },
    select: { cause: true, knownFrom: true, correctionId: true },
  });
  expect(versions.map(({ cause }) => cause)).toEqual(['roster', 'plan-change', 'reversal']);
  expect(versions[2]).toMatchObject({ correctionId, knownFrom: new Date(AT) });
  const audited = await prisma.auditEvent.findMany({
    where: { planChangeId, action: 'plan-change-reversed' },
  });
  expect(audited).toMatchObject([{ outcome: 'rejected-by-cms', reason: 'reject code 042', apiKeyId }]);
  expect(await prisma.aorDecision.count({ where: { customerId } })).toBe(1);
});

it('A correction that is carried out late is known from then on, and judged by the day it was requested', async () => {
  const customerId = await customerOf(OWN);
  const planChangeId = await completed(customerId, eligible(OWN), { by: OTHER });
  const correctionId = await requested('reversal', { planChangeId });
  const lastDay = Date.UTC(2027, 2, 2, 12);
  const late = lastDay + 5 * DAY_MS;

  const result = await activities(60, () => late).carryOutCorrection({ correctionId, atMs: lastDay });

  expect(result).toMatchObject({ kind: 'corrected' });
  expect(await database.prisma.customerHistory.findUnique({ where: { correctionId } })).toMatchObject({
    knownFrom: new Date(late),
  });
});

it('Of two changes for one day the last counts, and once it is reversed the first one does again', async () => {
  const customerId = await customerOf(OWN);
  const first = await completed(customerId, eligible(OWN), { by: OTHER });
  const second = await completed(customerId, eligible(OWN), { by: THIRD, atMs: NOW_MS + 1 });

  const refused = await carryOut('reversal', first);
  const reversed = await carryOut('reversal', second);
  const both = await carryOut('reversal', first, AT + 1);

  expect(refused).toEqual({ kind: 'refused', reason: 'superseded' });
  // The own agent stays out of it, and was named in the decision that is gone.
  expect(reversed).toEqual({ kind: 'corrected', agentKeys: [OTHER, OWN, THIRD] });
  expect(both).toEqual({ kind: 'corrected', agentKeys: [OTHER, OWN] });
  expect(await known(customerId)).toEqual(UNCHANGED);
});

it('What a later change was decided from is decided again, with a record and evidence of its own', async () => {
  const customerId = await customerOf(OWN);
  const first = await completed(customerId, eligible(OWN), { by: OTHER });
  const later = await completed(customerId, eligible(OTHER), { effectiveOn: LATER, atMs: NOW_MS + 1 });

  const reversed = await carryOut('reversal', first);

  expect(reversed).toEqual({ kind: 'corrected', agentKeys: [OTHER, OWN] });
  expect(await known(customerId)).toEqual([
    `${OWN} 2026-01-01 to `,
    `${OLD_PLAN} 2026-01-01 to 2027-01-31`,
    `${NEW_PLAN} ${LATER} to `,
  ]);
  const decisions = await database.prisma.aorDecision.findMany({
    where: { planChangeId: later },
    orderBy: { version: 'asc' },
  });
  expect(decisions).toMatchObject([
    { version: 3, outcome: 'retained', agentKey: OTHER, completedBy: 'S1' },
    { version: 4, outcome: 'retained', agentKey: OWN, evidence: { again: true } },
  ]);
  expect(decisions[1]!.evidence).toMatchObject({
    original: { agentKey: OWN, records: { certifications: [{ planYear: 2027, from: '2025-01-01' }] } },
  });
});

it('An agent who was terminated meanwhile gets the customer back: what was known when it was decided counts', async () => {
  await insertKnownAgent('LEAVES');
  const customerId = await customerOf('LEAVES');
  const first = await completed(customerId, eligible('LEAVES'), { by: OTHER });
  await completed(customerId, eligible(OTHER), { effectiveOn: LATER, atMs: NOW_MS + 1 });
  await database.prisma.agent.update({
    where: { agentKey: 'LEAVES' },
    data: { terminatedOn: new Date('2026-11-20') },
  });

  const reversed = await carryOut('reversal', first);

  expect(reversed).toEqual({ kind: 'corrected', agentKeys: ['LEAVES', OTHER] });
  expect((await known(customerId))[0]).toBe('LEAVES 2026-01-01 to ');
});

it('An application of another agent is the own agent’s, if it was sent in under another number of theirs', async () => {
  const ssnDigest = randomUUID();
  for (const number of ['TWO1', 'TWO2']) await insertKnownAgent(number, { lastName: 'Twofold', ssnDigest });
  const customerId = await customerOf('TWO1');
  const first = await completed(customerId, eligible('TWO1'), { by: OTHER });
  const later = { by: 'TWO2', effectiveOn: LATER, atMs: NOW_MS + 1 };
  const second = await completed(customerId, eligible(OTHER), later);
  const before = await known(customerId);

  await carryOut('reversal', first);

  expect(before[2]).toBe(`TWO2 ${LATER} to `);
  expect((await known(customerId))[0]).toBe('TWO1 2026-01-01 to ');
  expect(
    await database.prisma.aorDecision.findMany({
      where: { planChangeId: second },
      orderBy: { version: 'asc' },
    }),
  ).toMatchObject([
    { reason: 'external-agent-facilitated' },
    { reason: 'own-agent-applied', agentKey: 'TWO1' },
  ]);
});

it('A certification that was learnt late gives the agent back, and then there is nothing to correct', async () => {
  await insertKnownAgent('LATE', { certified: false });
  const customerId = await customerOf('LATE');
  const notCertified = { ...eligible('LATE'), standing: { ...eligible('LATE').standing, certified: false } };
  const planChangeId = await completed(customerId, notCertified);
  const ended = await known(customerId);
  const early = await carryOut('redetermination', planChangeId);
  await insertStanding(database.prisma, 'LATE', {
    ...({ type: 'certification', scope: '2027', from: '2026-10-01' } as const),
    knownFromMs: AT + 10,
  });

  const again = await carryOut('redetermination', planChangeId, AT + 20);
  const once = await carryOut('redetermination', planChangeId, AT + 30);

  expect(ended.slice(0, 2)).toEqual(['LATE 2026-01-01 to 2026-12-31', 'null 2027-01-01 to ']);
  expect([early, once]).toEqual([1, 2].map(() => ({ kind: 'refused', reason: 'nothing-to-correct' })));
  expect(again).toEqual({ kind: 'corrected', agentKeys: ['LATE'] });
  expect(await known(customerId)).toEqual(['LATE 2026-01-01 to ', OLD_TILL, NEW_FROM]);
  expect(
    await database.prisma.auditEvent.findMany({
      where: { planChangeId, action: 'agent-of-record-redetermined' },
    }),
  ).toMatchObject([{ outcome: 'success', reason: 'a late roster' }]);
});

it('A redetermination while a roster is imported counts what was known before, and the next one the roster', async () => {
  await insertKnownAgent('ATONCE', { certified: false });
  const customerId = await customerOf('ATONCE');
  const notCertified = {
    ...eligible('ATONCE'),
    standing: { ...eligible('ATONCE').standing, certified: false },
  };
  const planChangeId = await completed(customerId, notCertified);
  const { prisma } = database;

  const early = await prisma.$transaction(async (roster) => {
    const standing = { type: 'certification', scope: '2027', from: new Date('2026-10-01') };
    await roster.agentStanding.create({
      data: { agentKey: 'ATONCE', ...standing, knownFrom: new Date(AT - 1) },
    });
    return carryOut('redetermination', planChangeId);
  });
  const results = await Promise.all([1, 2].map((ms) => carryOut('redetermination', planChangeId, AT + ms)));

  expect(early).toEqual({ kind: 'refused', reason: 'nothing-to-correct' });
  expect(results.map(({ kind }) => kind).toSorted()).toEqual(['corrected', 'refused']);
  expect(await known(customerId)).toEqual(['ATONCE 2026-01-01 to ', OLD_TILL, NEW_FROM]);
});

it.each([
  ['queued', 'still-open'],
  ['claimed', 'still-open'],
  ['with-facilitator', 'still-open'],
  ['held', 'still-open'],
  ['withdrawn', 'never-completed'],
  ['abandoned', 'never-completed'],
] as const)('A change that is %s is not corrected: %s', async (stage, reason) => {
  const customerId = await customerOf(OWN);
  const planChangeId = await insertPlanChange(database.prisma, { customerId, stage });

  for (const kind of ['reversal', 'redetermination'] as const)
    expect(await carryOut(kind, planChangeId)).toEqual({ kind: 'refused', reason });
  expect(await known(customerId)).toEqual(UNCHANGED);
});

it('A change can be reversed until the last of its days, where the unit works, and once', async () => {
  const customerId = await customerOf(OWN);
  const planChangeId = await completed(customerId, eligible(OWN), { by: OTHER });
  // Half past eleven in the evening in New York, and the next day in Greenwich.
  const lastEvening = Date.UTC(2027, 2, 3, 4, 30);

  const late = await carryOut('reversal', planChangeId, lastEvening + 3_600_000);
  const inTime = await carryOut('reversal', planChangeId, lastEvening);
  const twice = await carryOut('reversal', planChangeId, lastEvening);
  const redetermined = await carryOut('redetermination', planChangeId, lastEvening);

  expect(late).toEqual({ kind: 'refused', reason: 'too-old' });
  expect(inTime).toMatchObject({ kind: 'corrected' });
  expect([twice, redetermined]).toEqual([1, 2].map(() => ({ kind: 'refused', reason: 'already-reversed' })));
});

it('Of reversals of one change at once, one is carried out and the others are refused', async () => {
  const customerId = await customerOf(OWN);
  const planChangeId = await completed(customerId, eligible(OWN), { by: OTHER });

  const results = await Promise.all([1, 2, 3, 4].map(() => carryOut('reversal', planChangeId)));

  expect(results.filter(({ kind }) => kind === 'corrected')).toHaveLength(1);
  expect(results.filter(({ kind }) => kind === 'refused')).toEqual(
    [1, 2, 3].map(() => ({ kind: 'refused', reason: 'already-reversed' })),
  );
});

it('A reversal and another change for the same day at once: both are recorded, in one order or the other', async () => {
  const customerId = await customerOf(OWN);
  const planChangeId = await completed(customerId, eligible(OWN), { by: OTHER });
  const { input } = await ready({ customerId, original: eligible(OWN) });

  const [reversed, recorded] = await Promise.all([
    carryOut('reversal', planChangeId),
    record({ ...input, atMs: NOW_MS + 1 }),
  ]);

  const isSuperseded = reversed.kind === 'refused';
  if (isSuperseded) expect(reversed.reason).toBe('superseded');
  expect(recorded).toBe('recorded');
  expect(await known(customerId)).toEqual([`${OWN} 2026-01-01 to `, OLD_TILL, NEW_FROM]);
});

it('A request is kept as it was first made, and changes nothing by itself', async () => {
  const customerId = await customerOf(OWN);
  const planChangeId = await completed(customerId, eligible(OWN));
  const correctionId = await requested('reversal', { planChangeId, note: 'first' });
  const about = { correctionId, planChangeId, customerId, apiKeyId, staffKey: null, atMs: AT };

  await corrections().request({ ...about, kind: 'redetermination', reason: null, note: 'second' });

  expect(await database.prisma.aorCorrection.findMany({ where: { planChangeId } })).toMatchObject([
    { id: correctionId, kind: 'reversal', note: 'first', staffKey: 'S1' },
  ]);
  expect(await corrections().findEffect(correctionId)).toBeNull();
  expect(await known(customerId)).toEqual([`${OWN} 2026-01-01 to `, OLD_TILL, NEW_FROM]);
});

describe('The emails about a correction', () => {
  const templates = createEmailTemplates(brand);

  async function lettersOf(kind: CorrectionKind, planChangeId: string): Promise<Record<string, string>> {
    const correctionId = await requested(kind, { planChangeId });
    const result = await activities().carryOutCorrection({ correctionId, atMs: AT });
    if (result.kind === 'refused') throw new Error(result.reason);
    const { agentKeys } = result;
    const notices = correctionNotices({ correctionId, planChangeId, agentKeys, atMs: AT });
    const letters = notices.map(async ({ messageId }): Promise<[string, string]> => {
      const letter = await correctionLetter({ aorCorrections: corrections(), templates }, messageId);
      if (typeof letter === 'string') throw new Error(letter);
      return [messageId.split('.')[2] ?? 'customer', letter.content.text];
    });
    return Object.fromEntries(await Promise.all(letters));
  }

  it('Customer and agents are told what they had been told, and what holds now', async () => {
    const customerId = await customerOf(OWN);
    const planChangeId = await completed(customerId, eligible(OWN), { by: OTHER });

    const { customer, OWN: own, OTHER: other, ...others } = await lettersOf('reversal', planChangeId);

    expect(customer).toContain('did not accept the enrollment');
    expect(customer).toContain(
      'That your plan change is complete, and that Preferred Advantage starts on January 1, 2027.',
    );
    expect(customer).toContain('- From January 1, 2027 on: Preferred Advantage');
    expect(customer).toContain('- From January 1, 2027 on: Dana OWN');
    expect(own).toContain('WHAT WE HAD TOLD YOU\n\nThat you are no longer agent of record for this customer');
    expect(own).toContain('From January 1, 2027 on, you are agent of record for this customer after all');
    expect(own).toContain('- From January 1, 2026 on');
    expect(other).toContain('That you are the new agent of record for this customer.');
    expect(other).toContain('From January 1, 2027 on, you are not agent of record for this customer');
    expect(other).toContain('There are none.');
    expect(others).toEqual({});
  });

  it('An email about a correction that was not carried out is not sent', async () => {
    const customerId = await customerOf(OWN);
    const planChangeId = await completed(customerId, eligible(OWN));
    const correctionId = await requested('reversal', { planChangeId });

    const letter = await correctionLetter(
      { aorCorrections: corrections(), templates },
      `plan-change-corrected.${correctionId}`,
    );

    expect(letter).toBe('no-longer-true');
  });
});
