import { randomUUID } from 'node:crypto';
import { createActivities } from '../../src/activities';
import { createPlanChanges } from '../../src/adapters/postgres/plan-changes';
import { DAY_MS, HOUR_MS } from '../../src/domain/time';
import { insertEligibleAgent } from '../adapters/postgres/records';
import {
  NOW,
  activities,
  apiKeyId,
  auditOf,
  changeOf,
  complete,
  database,
  fakes,
  insertChange,
  rowOf,
  run,
  withPlanChangeActivities,
} from './plan-change-activities';
import { planChangePolicy } from '../support/brand';

withPlanChangeActivities();

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
      waitingSinceMs: NOW - HOUR_MS,
      moves: 0,
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
