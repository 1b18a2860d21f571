import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import type { AgentOfRecordContent, PlanChangeCompletedContent } from '../../src/ports/email-templates';
import { createAorDecisions } from '../../src/adapters/postgres/aor-decisions';
import { createEmailTemplates } from '../../src/adapters/mail/templates';
import { createMailLedger } from '../../src/adapters/postgres/mail-ledger';
import { createPlanChangeFacts } from '../../src/adapters/postgres/plan-change-facts';
import { createPlanChanges } from '../../src/adapters/postgres/plan-changes';
import { escalationNotice, planChangeNotice, type PlanChangeNoticeKind } from '../../src/contracts/notice';
import type { CompletionInput, RecordDecisionInput } from '../../src/contracts/plan-change';
import { decideAgentOfRecord } from '../../src/domain/plan-change/agent-of-record';
import { planChangePolicy } from '../../src/domain/plan-change/deadlines';
import type { PlanChangeChannel } from '../../src/domain/plan-change/routing';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import {
  insertAccount,
  insertAgent,
  insertEligibleAgent,
  insertEnrolledCustomer,
  insertEnrolment,
  insertCustomer,
  insertPlan,
  insertPlanChange,
  insertStaff,
} from '../adapters/postgres/records';
import { createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** Tuesday, 11:30 in the evening in New York, where it is still the 24th. */
const NOW = Date.UTC(2026, 10, 25, 4, 30);
const [OLD_PLAN, NEW_PLAN] = ['H4513-046-000', 'H4513-052-000'] as const;
const apiKeyId = randomUUID();
const unitLead = { email: 'lead@example.com', firstName: 'Lena', language: 'es' as const };
const ELIGIBLE = { active: true, licensed: true, appointed: true, certified: true };

let database: TestDatabase;
let fakes: ActivityFakes;
let activities: ReturnType<typeof createActivities>;
let nowMs: number;
/** Of which agents the standing was asked for. */
let asked: string[];
let contents: (PlanChangeCompletedContent | AgentOfRecordContent)[];

beforeAll(async () => {
  database = await createTestDatabase();
  for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(database.prisma, planId);
  await insertStaff(database.prisma, { staffNumber: 'S1' });
  await insertStaff(database.prisma, { staffNumber: 'S3', licensedTo: '2026-11-23' });
  for (const [staffNumber, role] of [
    ['S7', 'field-agent'],
    ['S8', 'telesales-agent'],
    ['S9', 'customer-service'],
  ] as const)
    await insertStaff(database.prisma, { staffNumber, role });
});
afterAll(() => database.drop());

beforeEach(() => {
  nowMs = NOW;
  asked = [];
  contents = [];
  fakes = createActivityFakes();
  fakes.clock = () => nowMs;
  const facts = createPlanChangeFacts(database.prisma);
  const templates = createEmailTemplates();
  activities = createActivities({
    ...fakes.deps,
    planChanges: createPlanChanges(database.prisma),
    planChangeFacts: { ...facts, agent: (key) => (asked.push(key), facts.agent(key)) },
    aorDecisions: createAorDecisions(database.prisma),
    ledger: createMailLedger(database.prisma),
    unitLead,
    templates: {
      ...templates,
      planChangeCompleted: (content) => (contents.push(content), templates.planChangeCompleted(content)),
      agentOfRecord: (content) => (contents.push(content), templates.agentOfRecord(content)),
    },
  });
});

const run = <Result>(activity: (input: never) => Promise<Result>, input: unknown): Promise<Result> =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
    activity as (input: unknown) => Promise<Result>,
    input,
  );

const insertChange = (fields: Parameters<typeof insertPlanChange>[1] = {}) =>
  insertPlanChange(database.prisma, {
    openedAtMs: NOW - HOUR_MS,
    claimUntilMs: NOW + HOUR_MS,
    ...fields,
  });
const rowOf = (id: string) => database.prisma.planChange.findUniqueOrThrow({ where: { id } });
const auditOf = (planChangeId: string) => database.prisma.auditEvent.findMany({ where: { planChangeId } });

interface ChangeFields {
  readonly channel?: PlanChangeChannel;
  readonly original?: string | null;
  readonly facilitator?: string | null;
  readonly referred?: boolean;
  /** A new one of `original`, unless told otherwise. */
  readonly customerId?: string;
}

/** A change that can be completed by the channel's way, of a customer who may have an agent of record. */
async function changeOf({ original = null, ...fields }: ChangeFields = {}) {
  const { channel = 'plan-change-line', facilitator = null, referred = false } = fields;
  const isUnits = referred || channel === 'plan-change-line' || channel === 'customer-service';
  const customerId =
    fields.customerId ?? (await insertEnrolledCustomer(database.prisma, { agentKey: original }));
  const planChangeId = await insertChange({
    customerId,
    channel,
    facilitatorKey: facilitator,
    ...(isUnits ? { route: 'unit', stage: 'claimed' } : { stage: 'with-facilitator' }),
  });
  const completion: CompletionInput = {
    planChangeId,
    planId: NEW_PLAN,
    effectiveOn: '2027-01-01',
    apiKeyId,
    atMs: NOW,
    staffKey: isUnits ? 'S1' : null,
  };
  return { customerId, planChangeId, completion };
}

describe('lookAtPlanChange', () => {
  it('A loaded plan change has its stage, route and deadlines', async () => {
    const planChangeId = await insertChange({ stage: 'claimed' });

    const looks = [
      await run(activities.lookAtPlanChange, { planChangeId }),
      await run(activities.lookAtPlanChange, { planChangeId }),
    ];

    const standing = {
      stage: 'claimed',
      route: 'unit',
      claimUntilMs: NOW + HOUR_MS,
      // Taken in after the unit had closed: its minutes begin in the morning.
      escalateAtMs: { waiting: Date.UTC(2026, 10, 25, 13, 15), overdue: NOW - HOUR_MS + DAY_MS },
      abandonAtMs: NOW - HOUR_MS + 30 * DAY_MS,
    };
    expect(looks).toEqual([standing, standing]);
  });

  it('A loaded plan change has its outcome once it is completed', async () => {
    const original = await insertEligibleAgent(database.prisma);
    const { planChangeId, completion } = await changeOf({ original });
    await complete(completion);

    expect(await run(activities.lookAtPlanChange, { planChangeId })).toMatchObject({
      stage: 'completed',
      outcome: 'retained',
      claimUntilMs: null,
    });
  });

  it('A plan change that does not exist is loaded as null', async () => {
    expect(await run(activities.lookAtPlanChange, { planChangeId: randomUUID() })).toBeNull();
  });
});

describe('Idempotent steps', () => {
  it.each([
    [
      'putBackPlanChange',
      { stage: 'claimed', claimUntilMs: NOW },
      { stage: 'queued', claimedBy: null },
      'plan-change-claim-lapsed',
    ],
    ['abandonPlanChange', { stage: 'queued' }, { stage: 'abandoned' }, 'plan-change-abandoned'],
    [
      'holdPlanChange',
      { stage: 'with-facilitator', channel: 'external-agent-application', facilitatorKey: '20418' },
      { stage: 'held', heldFor: 'not-certified' },
      'plan-change-held',
    ],
  ] as const)('The step %s run twice takes effect once', async (name, fields, after, action) => {
    const planChangeId = await insertChange(fields);
    const input = { planChangeId, atMs: NOW, facilitatorKey: '20418', defect: 'not-certified', apiKeyId };

    const step: (input: never) => Promise<unknown> = activities[name];
    await run(step, input);
    await run(step, input);

    expect(await rowOf(planChangeId)).toMatchObject(after);
    expect(await auditOf(planChangeId)).toMatchObject([{ action }]);
  });
});

it('holdPlanChange ignores a defect of an earlier facilitator', async () => {
  const fields = {
    stage: 'with-facilitator',
    channel: 'external-agent-application',
    facilitatorKey: '20419',
  } as const;
  const planChangeId = await insertChange(fields);

  await run(activities.holdPlanChange, {
    planChangeId,
    atMs: NOW,
    facilitatorKey: '20418',
    defect: 'not-certified',
    apiKeyId,
  });

  expect(await rowOf(planChangeId)).toMatchObject({ stage: 'with-facilitator' });
  expect(await auditOf(planChangeId)).toEqual([]);
});

describe('escalatePlanChange', () => {
  it.each(['waiting', 'overdue'] as const)(
    'escalatePlanChange run twice records one escalation and starts one email: %s',
    async (escalation) => {
      const planChangeId = await insertChange();
      const input = { planChangeId, escalation, atMs: NOW };

      await run(activities.escalatePlanChange, input);
      await run(activities.escalatePlanChange, input);

      expect(await auditOf(planChangeId)).toMatchObject([
        { action: 'plan-change-escalated', outcome: escalation },
      ]);
      const notice = planChangeNotice(`plan-change-${escalation}`, planChangeId, NOW);
      expect(notice.messageId).toBe(`plan-change-${escalation}.${planChangeId}`);
      expect(fakes.notices).toEqual([notice, notice]);
    },
  );
});

describe('escalatePlanChange of a held change', () => {
  const external = {
    ...({ stage: 'held', channel: 'external-agent-application', facilitatorKey: '20418' } as const),
    heldAtMs: NOW - 8 * DAY_MS,
  };

  it.each([
    [0, 'held'],
    [1, 'still-held'],
    [2, 'still-held'],
  ] as const)(
    'escalatePlanChange run twice notifies the lead of a held change once, in week %i',
    async (week, kind) => {
      const planChangeId = await insertChange(external);
      const input = { planChangeId, escalation: `held.${external.heldAtMs}.${week}`, atMs: NOW };

      await run(activities.escalatePlanChange, input);
      await run(activities.escalatePlanChange, input);

      expect(await auditOf(planChangeId)).toMatchObject([{ action: 'plan-change-escalated', outcome: kind }]);
      const messageId = `plan-change-${kind}.${planChangeId}.${external.heldAtMs}.${week}`;
      expect(fakes.notices.map((notice) => [notice.messageId, notice.kind, notice.reference])).toEqual(
        [1, 2].map(() => [messageId, `plan-change-${kind}`, planChangeId]),
      );
    },
  );

  it('escalatePlanChange notifies the lead every week, and anew when a change is held again', async () => {
    const planChangeId = await insertChange(external);
    for (const escalation of ['held.1000.0', 'held.1000.1', 'held.1000.2', 'held.2000.0'])
      await run(activities.escalatePlanChange, { planChangeId, escalation, atMs: NOW });

    expect(new Set(fakes.notices.map(({ messageId }) => messageId)).size).toBe(4);
    expect((await auditOf(planChangeId)).map(({ outcome }) => outcome).toSorted()).toEqual([
      ...['held', 'held', 'still-held', 'still-held'],
    ]);
  });

  it.each(['plan-change-held', 'plan-change-still-held'] as const)(
    'The unit’s lead gets one email about a held change, and none once it is resolved: %s',
    async (kind) => {
      const planChangeId = await insertChange(external);
      const week = kind === 'plan-change-held' ? 0 : 1;
      const notice = escalationNotice(`held.${external.heldAtMs}.${week}`, planChangeId, NOW);
      const later = escalationNotice(`held.${external.heldAtMs}.2`, planChangeId, NOW);
      const desk = createPlanChanges(database.prisma);

      const outcomes = [await run(activities.sendNotice, notice), await run(activities.sendNotice, notice)];
      await desk.replaceFacilitator(planChangeId, {
        facilitatorKey: '20419',
        apiKeyId,
        address: '192.0.2.7',
        atMs: NOW,
      });
      outcomes.push(await run(activities.sendNotice, later));

      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'outdated']);
      expect(fakes.sent).toMatchObject([{ to: unitLead.email, messageId: notice.messageId, language: 'es' }]);
      expect(fakes.sent[0]!.text).toContain(planChangeId);
      expect(fakes.sent[0]!.text).toContain('no tiene licencia');
      expect(/sigue retenido\n/.test(fakes.sent[0]!.text)).toBe(kind === 'plan-change-still-held');
    },
  );
});

it('A held change is never abandoned, and a new facilitator has 30 days', async () => {
  const fields = { channel: 'external-agent-application', facilitatorKey: '20418' } as const;
  const openedAtMs = NOW - 60 * DAY_MS;
  const planChangeId = await insertChange({ ...fields, stage: 'held', openedAtMs });

  await run(activities.abandonPlanChange, { planChangeId, atMs: NOW });
  const held = await run(activities.lookAtPlanChange, { planChangeId });
  await createPlanChanges(database.prisma).replaceFacilitator(planChangeId, {
    facilitatorKey: '20419',
    apiKeyId,
    address: '192.0.2.7',
    atMs: NOW,
  });
  const replaced = await run(activities.lookAtPlanChange, { planChangeId });

  expect(held).toMatchObject({ stage: 'held', heldSinceMs: openedAtMs });
  expect(replaced).toMatchObject({ stage: 'with-facilitator', abandonAtMs: NOW + 30 * DAY_MS });
  expect(replaced).not.toHaveProperty('heldSinceMs');
});

describe('Evidence for a completion', () => {
  const about = { day: '2026-11-24', state: 'TX', planYear: 2027 };
  let original: string;
  let facilitator: string;
  beforeAll(async () => {
    original = await insertEligibleAgent(database.prisma);
    facilitator = await insertEligibleAgent(database.prisma, { terminatedOn: '2026-11-23' });
  });

  it.each<[string, () => ChangeFields, boolean, 'original' | 'facilitator' | null]>([
    ['the unit: the agent of record', () => ({ original }), false, null],
    [
      'an internal agent: the agent of record',
      () => ({ original, channel: 'telesales-agent', facilitator: 'S1' }),
      ...([false, null] as const),
    ],
    [
      'the unit, to which an internal agent referred: the agent of record',
      () => ({ original, channel: 'field-agent', facilitator: 'S7', referred: true }),
      ...([true, null] as const),
    ],
    [
      'the own agent: the agent of record, as both',
      () => ({ original, channel: 'own-agent-application', facilitator: original }),
      ...([false, 'original'] as const),
    ],
    [
      'an external agent: both',
      () => ({ original, channel: 'external-agent-application', facilitator }),
      ...([false, 'facilitator'] as const),
    ],
    [
      'a call center: both',
      () => ({ original, channel: 'external-call-center', facilitator }),
      ...([false, 'facilitator'] as const),
    ],
  ])('The completion check loads the relevant agents for %s', async (_what, given, referred, who) => {
    const fields = given();
    const { completion } = await changeOf(fields);

    const answers = [
      await run(activities.gatherAorEvidence, completion),
      await run(activities.gatherAorEvidence, completion),
    ];

    const isOriginal = { agentKey: original, standing: ELIGIBLE };
    const isFacilitator = { agentKey: facilitator, standing: { ...ELIGIBLE, active: false } };
    const facilitates = who === null ? null : who === 'original' ? isOriginal : isFacilitator;
    const evidence = {
      channel: fields.channel ?? 'plan-change-line',
      referred,
      ...about,
      original: isOriginal,
      facilitator: facilitates,
      onePerson: who === 'original',
    };
    expect(answers).toEqual([
      { kind: 'evidence', evidence },
      { kind: 'evidence', evidence },
    ]);
    const both = facilitates === null ? [original] : [original, facilitates.agentKey];
    expect(asked.toSorted()).toEqual([...both, ...both].toSorted());
  });

  it.each(['own-agent-application', 'external-agent-application', 'external-call-center'] as const)(
    'An agent of record who facilitates under another number stays agent of record: %s',
    async (channel) => {
      const ssnDigest = randomUUID();
      const onRecord = await insertEligibleAgent(database.prisma, { ssnDigest });
      const theirs = await insertEligibleAgent(database.prisma, { ssnDigest, lastName: 'Whitfield' });
      const { planChangeId, customerId, completion } = await changeOf({
        channel,
        original: onRecord,
        facilitator: theirs,
      });

      const { input, answer } = await complete(completion);
      await run(activities.announceAorDecision, { planChangeId, atMs: NOW });

      expect(input.evidence).toMatchObject({
        onePerson: true,
        original: { agentKey: onRecord },
        facilitator: { agentKey: theirs },
      });
      expect([answer, input.decision]).toEqual([
        { kind: 'completed' },
        {
          outcome: 'retained',
          reason: 'own-agent-applied',
          agentKey: onRecord,
          commissionContinues: true,
          ruleVersion: 2,
        },
      ]);
      expect(fakes.notices.map(({ kind }) => kind)).toEqual([
        'plan-change-completed',
        'agent-of-record-kept',
      ]);
      expect(await database.prisma.agentOfRecord.findMany({ where: { customerId } })).toMatchObject([
        { agentKey: onRecord, validTo: null },
      ]);
      expect(await database.prisma.commissionFact.findMany({ where: { customerId } })).toMatchObject([
        { agentKey: onRecord, continues: true },
      ]);
    },
  );

  it('A corporation counts as terminated while its principal is terminated', async () => {
    const { prisma } = database;
    const principalKey = await insertAgent(prisma, { terminatedOn: '2026-11-23' });
    const corporation = await insertEligibleAgent(prisma, { kind: 'corporation', principalKey });
    const { planChangeId, completion } = await changeOf({ original: corporation });

    const before = await run(activities.gatherAorEvidence, completion);
    const successor = await insertAgent(prisma);
    await prisma.agent.update({ where: { agentKey: corporation }, data: { principalKey: successor } });
    const after = await run(activities.gatherAorEvidence, completion);

    expect([before, after]).toMatchObject([
      { evidence: { original: { agentKey: corporation, standing: { ...ELIGIBLE, active: false } } } },
      { evidence: { original: { agentKey: corporation, standing: ELIGIBLE } } },
    ]);
    expect(await rowOf(planChangeId)).toMatchObject({ stage: 'claimed' });
  });

  it('The completion check loads no agent when there is no agent of record and the unit completes the change', async () => {
    const { completion } = await changeOf();

    expect(await run(activities.gatherAorEvidence, completion)).toMatchObject({
      kind: 'evidence',
      evidence: { original: null, facilitator: null },
    });
    expect(asked).toEqual([]);
  });

  it('The completion check looks for a certification for the plan’s year and a licence in the customer’s state', async () => {
    const { completion } = await changeOf({ original });
    const inNewMexico = await insertEnrolledCustomer(database.prisma, { agentKey: original, state: 'NM' });
    await database.prisma.plan.update({ where: { planId: NEW_PLAN }, data: { states: ['TX', 'NM'] } });
    const elsewhere = await changeOf({ customerId: inNewMexico });

    const thisYear = await run(activities.gatherAorEvidence, { ...completion, effectiveOn: '2026-12-01' });
    const unlicensed = await run(activities.gatherAorEvidence, elsewhere.completion);

    expect(thisYear).toMatchObject({
      evidence: { planYear: 2026, original: { standing: { ...ELIGIBLE, certified: false } } },
    });
    expect(unlicensed).toMatchObject({
      evidence: { state: 'NM', original: { standing: { ...ELIGIBLE, licensed: false } } },
    });
  });
});

describe('Refused completions', () => {
  it.each<[string, Parameters<typeof insertPlanChange>[1], object, (string | null)?]>([
    ['queued', { stage: 'queued' }, { kind: 'wrong-stage', stage: 'queued' }],
    ['claimed by another', { stage: 'claimed', claimedBy: 'S2' }, { kind: 'claimed-by-other' }],
    [
      'claimed, and the claim is over',
      { stage: 'claimed', claimUntilMs: NOW },
      { kind: 'wrong-stage', stage: 'queued' },
    ],
    [
      'claimed by another, and the claim is over',
      { stage: 'claimed', claimedBy: 'S2', claimUntilMs: NOW },
      { kind: 'wrong-stage', stage: 'queued' },
    ],
    [
      'with another internal agent',
      { stage: 'with-facilitator', channel: 'field-agent', facilitatorKey: 'S2' },
      { kind: 'not-the-facilitator' },
      'S7',
    ],
    [
      'held',
      { stage: 'held', channel: 'external-call-center' },
      { kind: 'wrong-stage', stage: 'held' },
      null,
    ],
    ['completed', { stage: 'completed' }, { kind: 'wrong-stage', stage: 'completed' }],
    ['withdrawn', { stage: 'withdrawn' }, { kind: 'wrong-stage', stage: 'withdrawn' }],
    ['abandoned', { stage: 'abandoned' }, { kind: 'wrong-stage', stage: 'abandoned' }],
  ])(
    'The completion check refuses a change at a wrong stage or with someone else: %s',
    async (_what, fields, refusal, staffKey = 'S1') => {
      const customerId = await insertEnrolledCustomer(database.prisma);
      const planChangeId = await insertChange({ customerId, ...fields });
      const { completion } = await changeOf();

      const answer = await run(activities.gatherAorEvidence, { ...completion, planChangeId, staffKey });

      expect(answer).toEqual(refusal);
      expect(asked).toEqual([]);
    },
  );

  const unit = 'representative-required';
  const role = 'role-not-allowed';
  const roles: readonly (readonly [string, string | null, readonly (string | null)[]])[] = [
    ['the representative who has claimed it', 'S1', [null, role, role]],
    ['a representative whose licence ended yesterday', 'S3', [unit, role, role]],
    ['the field agent who facilitates', 'S7', [unit, null, role]],
    ['a telesales agent', 'S8', [unit, 'not-the-facilitator', role]],
    ['customer service', 'S9', [unit, role, role]],
    ['a number that is on no roster', 'S404', [unit, role, role]],
    ['a system', null, [unit, null, null]],
  ];
  it.each(roles)(
    'The completion check applies the rights of the role, as the API does: %s',
    async (_who, staffKey, answers) => {
      const changes = [
        { stage: 'claimed' },
        { stage: 'with-facilitator', channel: 'field-agent', facilitatorKey: 'S7' },
        { stage: 'with-facilitator', channel: 'external-call-center', facilitatorKey: 'S7' },
      ] as const;
      // A plan that is not there is looked for only once the change is theirs.
      const { completion } = await changeOf();
      const given = await Promise.all(
        changes.map(async (fields) => {
          const planChangeId = await insertChange(fields);
          const input = { ...completion, planChangeId, staffKey, planId: 'H0000-000-000' };
          return (await run(activities.gatherAorEvidence, input)).kind;
        }),
      );

      expect(given).toEqual(answers.map((answer) => answer ?? 'plan-unknown'));
    },
  );

  it('The completion check refuses an unknown plan', async () => {
    const { completion } = await changeOf();

    expect(await run(activities.gatherAorEvidence, { ...completion, planId: 'H0000-000-000' })).toEqual({
      kind: 'plan-unknown',
    });
  });

  it.each([
    ['effective-date-past', { effectiveOn: '2026-11-01' }],
    ['effective-date-not-first-of-month', { effectiveOn: '2027-01-02' }],
    ['effective-date-too-far', { effectiveOn: '2028-01-01' }],
    ['same-plan', { planId: OLD_PLAN }],
  ])('The completion check refuses an ineligible change: %s', async (reason, fields) => {
    const { completion } = await changeOf();

    expect(await run(activities.gatherAorEvidence, { ...completion, ...fields })).toEqual({
      kind: 'not-eligible',
      reason,
    });
  });

  it('The completion check uses the calendar stored with the change, not the current one', async () => {
    const { completion } = await changeOf();
    const terms = {
      ...planChangePolicy,
      unitHours: { ...planChangePolicy.unitHours, timeZone: 'Pacific/Kiritimati' },
    };

    const answer = await run(activities.gatherAorEvidence, { ...completion, terms });

    expect(answer).toMatchObject({ evidence: { day: '2026-11-25' } });
  });

  it('The completion check accepts a past date only if intake asked for it when it was still possible', async () => {
    const openedAtMs = NOW - 40 * DAY_MS;
    const { completion, planChangeId } = await changeOf();
    await database.prisma.planChange.update({
      where: { id: planChangeId },
      data: { openedAt: new Date(openedAtMs), effectiveOn: new Date('2026-11-01') },
    });

    const answers = [
      await run(activities.gatherAorEvidence, { ...completion, effectiveOn: '2026-11-01' }),
      await run(activities.gatherAorEvidence, { ...completion, effectiveOn: '2026-10-01' }),
    ];
    const openedAt = (iso: string) =>
      database.prisma.planChange.update({ where: { id: planChangeId }, data: { openedAt: new Date(iso) } });
    // In New York the first of November ends then.
    await openedAt('2026-11-02T04:59:59.999Z');
    const inTime = await run(activities.gatherAorEvidence, { ...completion, effectiveOn: '2026-11-01' });
    await openedAt('2026-11-02T05:00:00Z');
    const tooLate = await run(activities.gatherAorEvidence, { ...completion, effectiveOn: '2026-11-01' });

    // Standing is still that of the day of completion.
    expect(answers).toMatchObject([
      { kind: 'evidence', evidence: { day: '2026-11-24', planYear: 2026 } },
      { kind: 'not-eligible', reason: 'effective-date-past' },
    ]);
    expect(inTime).toMatchObject({ kind: 'evidence' });
    expect(tooLate).toEqual({ kind: 'not-eligible', reason: 'effective-date-past' });
  });

  it('The completion check refuses a date when a later change is already recorded', async () => {
    const customerId = await insertCustomer(database.prisma);
    await insertEnrolment(database.prisma, customerId, {
      planId: OLD_PLAN,
      from: '2026-01-01',
      to: '2026-12-31',
    });
    await insertEnrolment(database.prisma, customerId, { planId: OLD_PLAN, from: '2027-01-01' });
    const { completion } = await changeOf({ customerId });

    expect(await run(activities.gatherAorEvidence, completion)).toEqual({
      kind: 'not-eligible',
      reason: 'change-already-recorded',
    });
  });

  it('The completion check refuses a customer whose enrolment has ended, in the unit’s time zone', async () => {
    const customerId = await insertCustomer(database.prisma);
    await insertEnrolment(database.prisma, customerId, {
      planId: OLD_PLAN,
      from: '2026-01-01',
      to: '2026-11-24',
    });
    const { completion } = await changeOf({ customerId });
    const tomorrow = NOW + 30 * MINUTE_MS;

    expect(await run(activities.gatherAorEvidence, completion)).toMatchObject({ kind: 'evidence' });
    expect(await run(activities.gatherAorEvidence, { ...completion, atMs: tomorrow })).toEqual({
      kind: 'not-eligible',
      reason: 'no-active-enrolment',
    });
  });

  it('The completion check fails for a plan change that does not exist', async () => {
    const { completion } = await changeOf();

    await expect(
      run(activities.gatherAorEvidence, { ...completion, planChangeId: randomUUID() }),
    ).rejects.toThrow('there is no plan change');
  });
});

/** What the run does, up to the record. */
async function complete(completion: CompletionInput) {
  const gathered = await run(activities.gatherAorEvidence, completion);
  if (gathered.kind !== 'evidence') throw new Error(`refused: ${gathered.kind}`);
  const answer = decideAgentOfRecord(gathered.evidence);
  if (answer.kind !== 'decided') throw new Error(`not decided: ${answer.kind}`);
  const input: RecordDecisionInput = {
    ...completion,
    evidence: gathered.evidence,
    decision: answer.decision,
  };
  return { input, answer: await run(activities.recordAorDecision, input) };
}

describe('recordAorDecision', () => {
  it('recordAorDecision run twice records one decision and returns the same answer', async () => {
    const original = await insertEligibleAgent(database.prisma);
    const { planChangeId, completion } = await changeOf({ original });

    const { input, answer } = await complete(completion);
    const again = await run(activities.recordAorDecision, input);

    expect([answer, again]).toEqual([{ kind: 'completed' }, { kind: 'completed' }]);
    expect(await database.prisma.aorDecision.count({ where: { planChangeId } })).toBe(1);
    expect(await auditOf(planChangeId)).toHaveLength(1);
  });

  it('recordAorDecision returns the current stage when someone moved the change meanwhile', async () => {
    const { planChangeId, completion } = await changeOf();
    const { kind, ...gathered } = await run(activities.gatherAorEvidence, completion).then((found) => ({
      evidence: null,
      ...found,
    }));
    const decision = { outcome: 'none', reason: 'no-agent-of-record', agentKey: null };
    const input = {
      ...completion,
      ...gathered,
      decision: { ...decision, ruleVersion: 1, commissionContinues: false },
    };
    const by = { apiKeyId, address: '192.0.2.7', atMs: NOW };
    const desk = createPlanChanges(database.prisma);

    const overdue = await run(activities.recordAorDecision, { ...input, atMs: NOW + HOUR_MS });
    await desk.release(planChangeId, { ...by, staffKey: 'S1' });
    const released = await run(activities.recordAorDecision, input);
    await desk.withdraw(planChangeId, {
      ...by,
      caller: { role: 'system', staffKey: null },
      reason: 'changed their mind',
    });
    const withdrawn = await run(activities.recordAorDecision, input);
    const never = await run(activities.recordAorDecision, { ...input, planChangeId: randomUUID() });

    expect(kind).toBe('evidence');
    expect([overdue, released, withdrawn, never]).toEqual([
      { kind: 'wrong-stage', stage: 'queued' },
      { kind: 'wrong-stage', stage: 'queued' },
      { kind: 'wrong-stage', stage: 'withdrawn' },
      { kind: 'wrong-stage', stage: 'withdrawn' },
    ]);
    expect(await database.prisma.aorDecision.count({ where: { planChangeId } })).toBe(0);
  });
});

/** Completed changes by what became of the agent of record. */
const decided = {
  retained: async () => changeOf({ original: await insertEligibleAgent(database.prisma) }),
  transferred: async () =>
    changeOf({
      channel: 'external-agent-application',
      original: await insertEligibleAgent(database.prisma),
      facilitator: await insertEligibleAgent(database.prisma),
    }),
  gained: async () =>
    changeOf({
      channel: 'external-agent-application',
      facilitator: await insertEligibleAgent(database.prisma),
    }),
  ended: async () => changeOf({ original: await insertAgent(database.prisma) }),
  none: async () => changeOf(),
};

describe('announceAorDecision', () => {
  it.each<[keyof typeof decided, readonly PlanChangeNoticeKind[]]>([
    ['retained', ['plan-change-completed', 'agent-of-record-kept']],
    ['transferred', ['plan-change-completed', 'agent-of-record-gained', 'agent-of-record-lost']],
    ['gained', ['plan-change-completed', 'agent-of-record-gained']],
    ['ended', ['plan-change-completed', 'agent-of-record-lost']],
    ['none', ['plan-change-completed']],
  ])(
    'announceAorDecision starts the emails of the outcome, the same ones if run twice: %s',
    async (what, kinds) => {
      const { planChangeId, completion } = await decided[what]();
      await complete(completion);

      await run(activities.announceAorDecision, { planChangeId, atMs: NOW });
      const once = [...fakes.notices];
      await run(activities.announceAorDecision, { planChangeId, atMs: NOW });

      expect(once).toEqual(kinds.map((kind) => planChangeNotice(kind, planChangeId, NOW)));
      expect(fakes.notices).toEqual([...once, ...once]);
    },
  );

  it('announceAorDecision fails while no decision is recorded', async () => {
    const { planChangeId } = await changeOf();

    await expect(run(activities.announceAorDecision, { planChangeId, atMs: NOW })).rejects.toThrow(
      'nothing is recorded',
    );
    expect(fakes.notices).toEqual([]);
  });
});

describe('Emails about a decision', () => {
  const send = (kind: PlanChangeNoticeKind, planChangeId: string) =>
    run(activities.sendNotice, planChangeNotice(kind, planChangeId, NOW));

  /** Passed from an agent with an account in Spanish to one without; the customer reads Spanish. */
  async function passed() {
    const { prisma } = database;
    const had = await insertEligibleAgent(prisma, { firstName: 'Olivia', lastName: 'Stone' });
    const gets = await insertEligibleAgent(prisma, { firstName: 'Gus', lastName: 'Reed' });
    await prisma.agent.update({ where: { agentKey: had }, data: { email: 'olivia@example.com' } });
    await prisma.agent.update({ where: { agentKey: gets }, data: { email: 'gus@example.com' } });
    const accountId = await insertAccount(prisma, { portal: 'broker', email: `${had}@elsewhere.example` });
    await prisma.account.update({
      where: { id: accountId },
      data: { agentKey: had, brokerKind: 'agent', language: 'es' },
    });
    const customerId = await insertEnrolledCustomer(prisma, { agentKey: had, language: 'es' });
    const change = await changeOf({ customerId, channel: 'external-agent-application', facilitator: gets });
    await complete(change.completion);
    return change;
  }

  it('Decision emails go to the customer and both agents, each in their language', async () => {
    const { customerId, planChangeId } = await passed();

    const outcomes = [
      await send('plan-change-completed', planChangeId),
      await send('agent-of-record-gained', planChangeId),
      await send('agent-of-record-lost', planChangeId),
    ];

    expect(outcomes).toEqual(outcomes.map(() => ({ outcome: 'delivered' })));
    expect(fakes.sent).toMatchObject([
      { to: `${customerId}@example.com`, language: 'es', messageId: `plan-change-completed.${planChangeId}` },
      { to: 'gus@example.com', language: 'en', messageId: `agent-of-record-gained.${planChangeId}` },
      { to: 'olivia@example.com', language: 'es', messageId: `agent-of-record-lost.${planChangeId}` },
    ]);
    const decision = { customerId, reason: 'external-agent-facilitated', effectiveOn: '2027-01-01' };
    expect(contents).toMatchObject([
      {
        planName: 'Preferred Advantage',
        effectiveOn: '2027-01-01',
        agentOfRecord: { kind: 'is-new', name: 'Gus Reed' },
      },
      { ...decision, change: 'gained', recipient: { firstName: 'Gus' } },
      { ...decision, change: 'lost', recipient: { firstName: 'Olivia' } },
    ]);
  });

  it('A decision email is sent once, even if the step runs twice', async () => {
    const { planChangeId } = await passed();
    await send('agent-of-record-gained', planChangeId);

    expect(await send('agent-of-record-gained', planChangeId)).toEqual({ outcome: 'delivered' });

    expect(fakes.sent).toHaveLength(1);
    expect(await database.prisma.mailDelivery.findMany({ where: { reference: planChangeId } })).toMatchObject(
      [{ kind: 'agent-of-record-gained', accountId: null, status: 'delivered', attempts: 1 }],
    );
  });

  it('Decision emails tell the agent and the customer that the agent of record stays', async () => {
    const { planChangeId, completion } = await decided.retained();
    await complete(completion);

    await send('plan-change-completed', planChangeId);
    await send('agent-of-record-kept', planChangeId);

    expect(contents).toMatchObject([
      { agentOfRecord: { kind: 'stays', name: 'Dana Whitfield' }, recipient: { firstName: 'Harold' } },
      { change: 'kept', reason: 'unit-completed', recipient: { email: 'dana@example.com' } },
    ]);
  });

  it.each(['ended', 'none'] as const)(
    'The decision email tells the customer that there is no agent of record: %s',
    async (what) => {
      const { planChangeId, completion } = await decided[what]();
      await complete(completion);

      await send('plan-change-completed', planChangeId);

      expect(contents).toMatchObject([{ agentOfRecord: { kind: 'nobody' } }]);
    },
  );

  it('The decision email tells an ineligible agent that the role ends, and why', async () => {
    const { planChangeId, completion } = await decided.ended();
    await complete(completion);

    await send('agent-of-record-lost', planChangeId);

    expect(contents).toMatchObject([{ change: 'lost', reason: 'agent-not-licensed' }]);
  });

  it.each([
    ['agent-of-record-kept', 'ended'],
    ['agent-of-record-gained', 'none'],
    ['agent-of-record-lost', 'gained'],
  ] as const)('A decision email without a recipient ends as outdated: %s, %s', async (kind, what) => {
    const { planChangeId, completion } = await decided[what]();
    await complete(completion);

    expect(await send(kind, planChangeId)).toEqual({ outcome: 'outdated' });
    expect(fakes.sent).toEqual([]);
  });

  it('A decision email is not sent while no decision is recorded', async () => {
    const { planChangeId } = await changeOf();

    expect(await send('plan-change-completed', planChangeId)).toEqual({ outcome: 'outdated' });
  });
});

describe('Emails about a waiting change', () => {
  const send = (planChangeId: string, kind: PlanChangeNoticeKind = 'plan-change-waiting') =>
    run(activities.sendNotice, planChangeNotice(kind, planChangeId, NOW));

  it.each(['plan-change-waiting', 'plan-change-overdue'] as const)(
    'The email about a waiting change goes to the unit’s lead, once: %s',
    async (kind) => {
      const planChangeId = await insertChange();

      const outcomes = [await send(planChangeId, kind), await send(planChangeId, kind)];

      expect(outcomes).toEqual([{ outcome: 'delivered' }, { outcome: 'delivered' }]);
      expect(fakes.sent).toMatchObject([
        { to: unitLead.email, language: unitLead.language, messageId: `${kind}.${planChangeId}` },
      ]);
      expect(fakes.sent[0]?.text).toContain(planChangeId);
      expect(/demasiado tiempo/.test(fakes.sent[0]!.text)).toBe(kind === 'plan-change-overdue');
    },
  );

  it.each([
    ['claimed', { stage: 'claimed' }, 'outdated'],
    ['claimed, and the claim is over', { stage: 'claimed', claimUntilMs: NOW }, 'delivered'],
    ['withdrawn', { stage: 'withdrawn' }, 'outdated'],
    ['completed', { stage: 'completed' }, 'outdated'],
    ['abandoned', { stage: 'abandoned' }, 'outdated'],
  ] as const)(
    'The email about a waiting change is sent only if the change still waits: %s',
    async (_what, fields, outcome) => {
      const planChangeId = await insertChange(fields);

      expect(await send(planChangeId)).toEqual({ outcome });
      expect(fakes.sent).toHaveLength(outcome === 'delivered' ? 1 : 0);
    },
  );

  it('The email about a waiting change is not sent if someone claimed it during a mail server outage', async () => {
    const planChangeId = await insertChange();
    fakes.mailServer = () => new Error('away');
    await expect(send(planChangeId)).rejects.toMatchObject({ type: 'MailUnavailable' });
    fakes.mailServer = () => ({ kind: 'accepted' });
    const claim = { staffKey: 'S1', claimUntilMs: NOW + HOUR_MS, apiKeyId, address: '192.0.2.7', atMs: NOW };
    await createPlanChanges(database.prisma).claim(planChangeId, claim);

    expect(await send(planChangeId)).toEqual({ outcome: 'outdated' });
    expect(fakes.sent).toEqual([]);
  });

  it('The email about a waiting change is not sent for a change that does not exist', async () => {
    expect(await send(randomUUID())).toEqual({ outcome: 'outdated' });
  });
});

it('The deadlines of a plan change come from the settings', async () => {
  const planChangeId = await insertChange();
  const patient = createActivities({
    ...fakes.deps,
    planChanges: createPlanChanges(database.prisma),
    planChangePolicy: { ...planChangePolicy, abandonAfterDays: 5, overdueHours: 48 },
  });

  expect(await run(patient.lookAtPlanChange, { planChangeId })).toMatchObject({
    abandonAtMs: NOW - HOUR_MS + 5 * DAY_MS,
    escalateAtMs: { overdue: NOW + 47 * HOUR_MS },
  });
});
