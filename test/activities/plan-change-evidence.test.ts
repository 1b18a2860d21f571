import { randomUUID } from 'node:crypto';
import type { CompletionInput } from '../../src/contracts/plan-change';
import { DAY_MS, MINUTE_MS } from '../../src/domain/time';
import {
  insertAgent,
  insertEligibleAgent,
  insertEnrolledCustomer,
  insertCustomer,
  insertStanding,
} from '../adapters/postgres/records';
import { beginHistory, latestHistory } from '../../lab/system/customer-history';
import {
  ELIGIBLE,
  NEW_PLAN,
  NOW,
  OLD_PLAN,
  activities,
  asked,
  changeOf,
  complete,
  database,
  fakes,
  insertChange,
  rowOf,
  run,
  withPlanChangeActivities,
  type ChangeFields,
} from './plan-change-activities';
import { planChangePolicy } from '../support/brand';

withPlanChangeActivities();

describe('Evidence for a completion', () => {
  const about = { day: '2026-11-24', state: 'TX', planYear: 2027 };
  let original: string;
  let facilitator: string;
  beforeAll(async () => {
    original = await insertEligibleAgent(database.prisma);
    // Neither of the customer's state nor of the plan year.
    await insertStanding(database.prisma, original, { type: 'licence', scope: 'FL' });
    await insertStanding(database.prisma, original, { type: 'certification', scope: '2028' });
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

    const period = { from: '2025-01-01', to: null };
    const records = {
      terminatedOn: null,
      principalTerminatedOn: null,
      licences: [{ state: 'TX', ...period }],
      appointments: [period],
      certifications: [{ planYear: 2027, ...period }],
    };
    const isOriginal = { agentKey: original, standing: ELIGIBLE, records };
    const isFacilitator = {
      agentKey: facilitator,
      standing: { ...ELIGIBLE, active: false },
      records: { ...records, terminatedOn: '2026-11-23' },
    };
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
        { kind: 'completed', outcome: 'retained' },
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
      expect((await latestHistory(database.prisma, customerId)).agents).toMatchObject([
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

/** As runs of earlier builds ask for it. The one step of today's runs refuses the same. */
async function check(completion: CompletionInput) {
  const checked = await run(activities.gatherAorEvidence, completion);
  if (checked.kind !== 'evidence')
    expect(await run(activities.completePlanChange, completion)).toEqual(checked);
  return checked;
}

describe('Refused completions', () => {
  it.each<[string, Parameters<typeof insertChange>[0], object, (string | null)?]>([
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

      const answer = await check({ ...completion, planChangeId, staffKey });

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
          return (await check(input)).kind;
        }),
      );

      expect(given).toEqual(answers.map((answer) => answer ?? 'plan-unknown'));
    },
  );

  it('The completion check refuses an unknown plan', async () => {
    const { completion } = await changeOf();

    expect(await check({ ...completion, planId: 'H0000-000-000' })).toEqual({
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

    expect(await check({ ...completion, ...fields })).toEqual({
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

    const answer = await check({ ...completion, terms });

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
      await check({ ...completion, effectiveOn: '2026-11-01' }),
      await check({ ...completion, effectiveOn: '2026-10-01' }),
    ];
    const openedAt = (iso: string) =>
      database.prisma.planChange.update({ where: { id: planChangeId }, data: { openedAt: new Date(iso) } });
    // In New York the first of November ends then.
    await openedAt('2026-11-02T04:59:59.999Z');
    const inTime = await check({ ...completion, effectiveOn: '2026-11-01' });
    await openedAt('2026-11-02T05:00:00Z');
    const tooLate = await check({ ...completion, effectiveOn: '2026-11-01' });

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
    await beginHistory(database.prisma, customerId, {
      enrolments: [
        { planId: OLD_PLAN, from: '2026-01-01' },
        { planId: OLD_PLAN, from: '2027-02-01' },
      ],
    });
    const { completion } = await changeOf({ customerId });

    expect(await check(completion)).toEqual({
      kind: 'not-eligible',
      reason: 'later-change-recorded',
    });
  });

  it('The completion check refuses a customer whose enrolment has ended, in the unit’s time zone', async () => {
    const customerId = await insertCustomer(database.prisma);
    await beginHistory(database.prisma, customerId, {
      enrolments: [
        { planId: OLD_PLAN, from: '2026-01-01' },
        { planId: null, from: '2026-11-25' },
      ],
    });
    const { completion } = await changeOf({ customerId });
    const tomorrow = NOW + 30 * MINUTE_MS;

    expect(await check(completion)).toMatchObject({ kind: 'evidence' });
    expect(await check({ ...completion, atMs: tomorrow })).toEqual({
      kind: 'not-eligible',
      reason: 'no-active-enrolment',
    });
  });

  it('The completion check fails for a plan change that does not exist', async () => {
    const { completion } = await changeOf();

    const unknown = { ...completion, planChangeId: randomUUID() };
    await expect(check(unknown)).rejects.toThrow('there is no plan change');
    await expect(run(activities.completePlanChange, unknown)).rejects.toThrow('there is no plan change');
  });
});
