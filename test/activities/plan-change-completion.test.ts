import { Client } from 'pg';
import { statementsOn } from '../../src/adapters/postgres/database';
import { recordDisenrolments } from '../../src/adapters/postgres/disenrolments';
import { createPlanChanges } from '../../src/adapters/postgres/plan-changes';
import { insertAgent, insertEligibleAgent, insertEnrolledCustomer } from '../adapters/postgres/records';
import { latestHistory } from '../../lab/system/customer-history';
import { until } from '../support/until';
import {
  NOW,
  activities,
  apiKeyId,
  auditOf,
  changeOf,
  completeInSteps,
  database,
  rowOf,
  run,
  withPlanChangeActivities,
  type ChangeFields,
} from './plan-change-activities';

withPlanChangeActivities();

const externally = { channel: 'external-agent-application' } as const;

/** All that stands of a customer, except for ids and times of the records themselves. */
async function recordsOf(customerId: string) {
  const { prisma } = database;
  const where = { where: { customerId } };
  const known = await latestHistory(prisma, customerId);
  const changes = await prisma.planChange.findMany(where);
  const audit = await Promise.all(changes.map(({ id }) => auditOf(id)));
  const all = [
    changes,
    await prisma.aorDecision.findMany(where),
    await prisma.commissionFact.findMany(where),
    known.enrolments,
    known.agents,
    audit.flat().map((event) => ({ ...event, key: event.key?.split(':')[0] })),
  ];
  const ofRecords = { id: null, customerId: null, planChangeId: null, openedBy: null, createdAt: null };
  return all.map((rows) => rows.map((row) => ({ ...row, ...ofRecords })));
}

it.each<[string, () => Promise<ChangeFields>]>([
  ['retained', async () => ({ original: await insertEligibleAgent(database.prisma) })],
  [
    'transferred',
    async () => ({
      ...externally,
      original: await insertEligibleAgent(database.prisma),
      facilitator: await insertEligibleAgent(database.prisma),
    }),
  ],
  ['ended', async () => ({ original: await insertAgent(database.prisma) })],
  ['none', async () => ({})],
])(
  'A completion records what the steps of earlier builds did, and once if it runs twice: %s',
  async (outcome, fieldsOf) => {
    const fields = await fieldsOf();
    const [one, other] = [await changeOf(fields), await changeOf(fields)];

    const first = await run(activities.completePlanChange, one.completion);
    const again = await run(activities.completePlanChange, one.completion);
    await completeInSteps(other.completion);

    expect([first, again]).toEqual([
      { kind: 'completed', outcome },
      { kind: 'completed', outcome },
    ]);
    const records = await recordsOf(one.customerId);
    expect(records).toEqual(await recordsOf(other.customerId));
    expect(records.slice(0, 4).map((rows) => rows.length)).toEqual([1, 1, fields.original ? 1 : 0, 2]);
    expect(records.at(-1)).toHaveLength(1);
  },
);

it('A completion that runs several times at once records one decision, and each attempt returns it', async () => {
  const { planChangeId, completion } = await changeOf();

  const answers = await Promise.all(
    Array.from({ length: 4 }, () => run(activities.completePlanChange, completion)),
  );

  expect(answers).toEqual(answers.map(() => ({ kind: 'completed', outcome: 'none' })));
  expect(await auditOf(planChangeId)).toHaveLength(1);
});

describe('A completion of a customer who was disenrolled meanwhile', () => {
  const [LAST_DAY, AT] = ['2026-11-23', NOW - 60_000];
  const ended = (customerId: string) => [
    { customerId, enrolledFrom: '2026-01-01', lastDay: LAST_DAY, atMs: AT },
  ];
  const refused = { kind: 'not-eligible', reason: 'no-active-enrolment' };

  it('It is refused, and the change stays open', async () => {
    const { customerId, planChangeId, completion } = await changeOf({
      original: await insertEligibleAgent(database.prisma),
    });
    await recordDisenrolments(database.prisma, ended(customerId));

    const answers = [
      await run(activities.completePlanChange, completion),
      await run(activities.gatherAorEvidence, completion),
    ];

    expect(answers).toEqual([refused, refused]);
    expect(await rowOf(planChangeId)).toMatchObject({ stage: 'claimed' });
  });

  it('It waits for an import that is about to end the enrolment', async () => {
    const { customerId, completion } = await changeOf();
    const client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query('BEGIN');
    await recordDisenrolments(statementsOn(client), ended(customerId));
    let isOver = false;

    const completing = run(activities.completePlanChange, completion).finally(() => (isOver = true));
    await until(async () => {
      const { rows } = await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
      return rows.length > 0;
    });
    const before = isOver;
    await client.query('COMMIT');
    await client.end();

    expect([before, await completing]).toEqual([false, refused]);
  });
});

it('Another completion of a completed change is refused', async () => {
  const { completion } = await changeOf();
  await run(activities.completePlanChange, completion);

  const another = await run(activities.completePlanChange, { ...completion, atMs: NOW + 1 });

  expect(another).toEqual({ kind: 'wrong-stage', stage: 'completed' });
});

it('A completion whose facilitator is not eligible holds the change once, also if another one is put in before it runs again', async () => {
  const original = await insertEligibleAgent(database.prisma);
  const facilitator = await insertAgent(database.prisma);
  const { planChangeId, completion } = await changeOf({ ...externally, original, facilitator });
  const held = { kind: 'held', defect: 'not-licensed' };

  const answers = [
    await run(activities.completePlanChange, completion),
    await run(activities.completePlanChange, completion),
  ];
  const [row, audit] = [await rowOf(planChangeId), await auditOf(planChangeId)];
  const by = { apiKeyId, address: '192.0.2.7', atMs: NOW };
  const facilitatorKey = await insertEligibleAgent(database.prisma);
  await createPlanChanges(database.prisma).replaceFacilitator(planChangeId, { ...by, facilitatorKey });
  const late = await run(activities.completePlanChange, completion);
  const replaced = await rowOf(planChangeId);
  const next = await run(activities.completePlanChange, { ...completion, atMs: NOW + 1 });

  expect([...answers, late]).toEqual([held, held, held]);
  expect(row).toMatchObject({ stage: 'held', heldFor: 'not-licensed', heldAt: new Date(NOW) });
  expect(audit).toMatchObject([
    { action: 'plan-change-held', outcome: 'facilitator-not-licensed', at: new Date(NOW), apiKeyId },
  ]);
  expect(replaced).toMatchObject({ stage: 'with-facilitator', heldFor: null });
  expect(next).toEqual({ kind: 'completed', outcome: 'transferred' });
});

it('A facilitator who does not fit is refused, and the change stays as it is', async () => {
  const agentKey = await insertEligibleAgent(database.prisma);
  const customerId = await insertEnrolledCustomer(database.prisma, { agentKey });
  const { planChangeId, completion } = await changeOf({ ...externally, customerId, facilitator: agentKey });

  expect(await run(activities.completePlanChange, completion)).toEqual({
    kind: 'not-eligible',
    reason: 'facilitator-does-not-fit',
  });
  expect(await rowOf(planChangeId)).toMatchObject({ stage: 'with-facilitator' });
});
