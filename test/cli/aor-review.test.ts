import { randomUUID } from 'node:crypto';
import { addHistory } from '../../src/adapters/postgres/customer-histories';
import { aorCommand } from '../../src/cli/aor';
import type { GatheredEvidence } from '../../src/contracts/plan-change';
import { decideAgain, type AgentEvidence } from '../../src/domain/plan-change/agent-of-record';
import { DAY_MS } from '../../src/domain/time';
import {
  NOW_MS,
  insertAgent,
  insertCustomer,
  insertDecision,
  insertEligibleAgent,
  insertPlan,
  insertPlanChange,
  insertStanding,
} from '../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../support/database';

const PLAN = 'H4513-046-000';
const SINCE = ['review', '--since', '2026-11-20'];
const SINCE_MS = Date.UTC(2026, 10, 20);

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
  await insertPlan(database.prisma, PLAN);
  // Certified since October, as a roster tells that came after the decisions.
  await insertEligibleAgent(database.prisma, { agentNumber: 'A-1001', ssnDigest: 'one' });
  await insertAgent(database.prisma, { agentNumber: 'B-2002', ssnDigest: 'other' });
  await insertStanding(database.prisma, 'B2002', { type: 'licence', scope: 'TX' });
  await insertStanding(database.prisma, 'B2002', { type: 'appointment', from: '2026-11-22' });
  await insertStanding(database.prisma, 'B2002', { type: 'certification', scope: '2027' });
});
afterEach(() => database.drop());

async function run(args: readonly string[] = SINCE, pageSize = 1000) {
  let out = '';
  let err = '';
  const code = await aorCommand(
    args,
    { DATABASE_URL: database.url },
    { out: (text) => (out += text), err: (text) => (err += text) },
    NOW_MS,
    pageSize,
  );
  return { code, err, out: out.replace(/; \d+\.\d s, \d+ a second\.\n$/, '') };
}

const all = { active: true, licensed: true, appointed: true, certified: true };
const agent = (agentKey: string, lacks: Partial<typeof all> = {}): AgentEvidence => ({
  agentKey,
  standing: { ...all, ...lacks },
});
const notCertified = { original: agent('A1001', { certified: false }) };

interface DecisionFields extends Partial<GatheredEvidence> {
  readonly customerId?: string;
  readonly decidedAtMs?: number;
  readonly effectiveOn?: string;
}

/** About a change by the unit of a customer whose agent of record, A-1001, was eligible. */
async function decision(fields: DecisionFields = {}) {
  const { decidedAtMs = SINCE_MS, effectiveOn = '2027-01-01', ...evidenceFields } = fields;
  const { customerId = await insertCustomer(database.prisma), ...others } = evidenceFields;
  const evidence: GatheredEvidence = {
    channel: 'plan-change-line',
    referred: false,
    original: agent('A1001'),
    facilitator: null,
    onePerson: false,
    day: '2026-11-21',
    state: 'TX',
    planYear: 2027,
    ...others,
  };
  const planChangeId = await insertPlanChange(database.prisma, {
    customerId,
    channel: evidence.channel,
    stage: 'completed',
    planId: PLAN,
    effectiveOn,
  });
  await insertDecision(database.prisma, {
    planChangeId,
    customerId,
    decidedAtMs,
    effectiveOn,
    decision: decideAgain(evidence),
    evidence,
  });
  return { planChangeId, customerId, evidence };
}

/** A new version of the customer's history. */
async function correct(
  { planChangeId, customerId }: { readonly planChangeId: string; readonly customerId: string },
  kind: 'reversal' | 'redetermination',
  evidence?: GatheredEvidence,
): Promise<void> {
  const correctionId = randomUUID();
  const apiKeyId = randomUUID();
  await database.prisma.aorCorrection.create({
    data: {
      id: correctionId,
      planChangeId,
      customerId,
      kind,
      ...(kind === 'reversal' ? { reason: 'rejected-by-cms' } : { note: 'Certified since October.' }),
      apiKeyId,
      requestedAt: new Date(NOW_MS),
    },
  });
  await addHistory(database.prisma, {
    customerId,
    cause: kind,
    planChangeId,
    correctionId,
    atMs: NOW_MS,
    enrolments: [{ from: '2026-01-01', planId: PLAN }],
    agentsOfRecord: [{ from: '2026-01-01', agentKey: null }],
    decisions:
      evidence === undefined
        ? []
        : [{ planChangeId, effectiveOn: '2027-01-01', evidence, decision: decideAgain(evidence) }],
    completedBy: null,
    apiKeyId,
  });
}

it('aor review finds nothing where the rosters tell what they told', async () => {
  await decision();
  await decision({ original: null });
  await decision({ original: agent('B2002', { appointed: false }) });

  expect(await run()).toEqual({
    code: 0,
    err: '',
    out: 'Decisions since 2026-11-20 00:00 UTC that count: 3 reviewed, 0 would have other evidence today, 0 another outcome',
  });
});

it('aor review lists what would be different, and what a redetermination would decide', async () => {
  const late = await decision({ ...notCertified, decidedAtMs: SINCE_MS });
  const notAppointed = await decision({
    channel: 'external-agent-application',
    facilitator: agent('B2002'),
    decidedAtMs: SINCE_MS + 60_000,
  });
  const sameOutcome = await decision({
    original: agent('B2002', { active: false, appointed: false }),
    decidedAtMs: SINCE_MS + 120_000,
  });

  const { code, err, out } = await run();

  // Finding some is what it is for.
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toBe(`${late.planChangeId}, customer ${late.customerId}, decided 2026-11-20 00:00:00 UTC
  agent A-1001: certified for 2027: was no, is yes (from 2025-01-01)
  stands: ended, agent-not-certified, nobody, commission ends, rule 2; would be: retained, unit-completed, agent A-1001, commission goes on, rule 2
${notAppointed.planChangeId}, customer ${notAppointed.customerId}, decided 2026-11-20 00:01:00 UTC
  agent B-2002: appointed: was yes, is no (from 2026-11-22)
  stands: transferred, external-agent-facilitated, agent B-2002, commission ends, rule 2; would be: retained, facilitator-not-eligible, agent A-1001, commission goes on, rule 2
${sameOutcome.planChangeId}, customer ${sameOutcome.customerId}, decided 2026-11-20 00:02:00 UTC
  agent B-2002: active: was no, is yes (no last day)
  stands: ended, agent-terminated, nobody, commission ends, rule 2; would be: ended, agent-not-appointed, nobody, commission ends, rule 2
Decisions since 2026-11-20 00:00 UTC that count: 3 reviewed, 3 would have other evidence today, 2 another outcome`);
});

it('aor review asks for what is known now, also where it was known otherwise before', async () => {
  const { prisma } = database;
  await decision();
  const dates = { from: '2025-01-01', to: '2026-10-31', knownFromMs: Date.now() + DAY_MS };
  await insertStanding(prisma, 'A1001', { type: 'licence', scope: 'TX', ...dates });
  await prisma.agent.update({ where: { agentKey: 'A1001' }, data: { terminatedOn: new Date('2026-11-20') } });

  const { out } = await run();

  expect(out).toContain(`
  agent A-1001: active: was yes, is no (last day 2026-11-20)
  agent A-1001: licensed in TX: was yes, is no (from 2025-01-01 to 2026-10-31)
`);
});

it('aor review finds that two numbers are one person’s, as the roster tells now', async () => {
  const { prisma } = database;
  await insertEligibleAgent(prisma, { agentNumber: 'A-1002', ssnDigest: 'one' });
  await decision({ channel: 'external-agent-application', facilitator: agent('A1002') });

  expect((await run()).out).toContain(`
  agents A-1001 and A-1002: one person: was no, is yes
`);
});

it('aor review takes an agent who is on no roster any more for not eligible', async () => {
  await decision({ original: agent('Z9') });

  expect((await run()).out).toContain(`
  agent Z9: licensed in TX: was yes, is no (none on record)
`);
});

it('aor review reports evidence that it cannot read', async () => {
  const customerId = await insertCustomer(database.prisma);
  const planChangeId = await insertPlanChange(database.prisma, { customerId, stage: 'completed' });
  const made = { outcome: 'none', reason: 'no-agent-of-record' } as const;
  await insertDecision(database.prisma, {
    ...{ planChangeId, customerId, decidedAtMs: SINCE_MS, decision: made },
    evidence: { channel: 'fax' },
  });

  const { code, out } = await run();

  expect(code).toBe(0);
  expect(out).toContain(`
  the evidence cannot be read
  stands: none, no-agent-of-record, nobody, commission ends, rule 2; would be: nothing
`);
});

describe('decisions that count', () => {
  it('aor review leaves out reversed and superseded changes, but not one whose successor is reversed', async () => {
    await correct(await decision(notCertified), 'reversal');
    const { customerId } = await decision(notCertified);
    const second = await decision({ ...notCertified, customerId, decidedAtMs: SINCE_MS + 1 });
    const third = await decision({ ...notCertified, customerId, decidedAtMs: SINCE_MS + 2 });
    const later = await decision({
      ...{ ...notCertified, customerId, decidedAtMs: SINCE_MS + 3 },
      effectiveOn: '2027-02-01',
    });
    await correct(third, 'reversal');

    const { out } = await run();

    expect(out.match(/^[^\s,]{36}/gm)).toEqual([second.planChangeId, later.planChangeId]);
  });

  it('aor review takes the last determination of each change', async () => {
    const made = await decision({ ...notCertified, decidedAtMs: SINCE_MS - DAY_MS });
    await correct(made, 'redetermination', { ...made.evidence, original: agent('A1001'), again: true });

    // The first one is not of the days asked for, and is no decision that counts.
    expect((await run()).out).toMatch(/ 1 reviewed, 0 would/);
    expect((await run(['review', '--since', '2026-11-01'])).out).toMatch(/ 1 reviewed, 0 would/);
    expect((await run(['review', '--since', '2026-11-22'])).out).toMatch(/ 1 reviewed, 0 would/);
  });

  it('aor review starts at 00:00 UTC of the given day', async () => {
    await decision({ ...notCertified, decidedAtMs: SINCE_MS - 1 });
    await decision();

    expect((await run()).out).toMatch(/ 1 reviewed, 0 would/);
  });

  it.each([1, 2, 3, 5, 6])(
    'aor review takes every decision once and in order in pages of %i, even with equal times',
    async (pageSize) => {
      const ids: string[] = [];
      for (const ms of [0, 1, 1, 1, 2])
        ids.push((await decision({ ...notCertified, decidedAtMs: SINCE_MS + ms })).planChangeId);

      const { out } = await run(SINCE, pageSize);

      expect(out.match(/^[^\s,]{36}/gm)).toEqual([ids[0], ...ids.slice(1, 4).toSorted(), ids[4]]);
      expect(out).toMatch(/ 5 reviewed, 5 would/);
    },
  );
});
