/** `aor -- explain CUSTOMER-ID` over real PostgreSQL: the whole story of a customer. */
import { randomUUID } from 'node:crypto';
import { createAorCorrectionActivities } from '../../src/activities/aor-correction';
import { createAorCorrections } from '../../src/adapters/postgres/aor-corrections';
import { addHistory } from '../../src/adapters/postgres/customer-histories';
import { aorCommand } from '../../src/cli/aor';
import type { CorrectionKind } from '../../src/contracts/aor-correction';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import {
  FROM,
  NEW_PLAN,
  OLD_PLAN,
  apiKeyId,
  database,
  eligible,
  ready,
  record,
  terminated,
  withDecisions,
} from '../adapters/postgres/aor-decision-database';
import { NOW_MS, insertCustomer, insertEligibleAgent, insertPlanChange } from '../adapters/postgres/records';
import { planChangePolicy } from '../support/brand';

withDecisions();

const AT = NOW_MS + HOUR_MS;

beforeAll(async () => {
  for (const agentNumber of ['B-10', 'B-20']) await insertEligibleAgent(database.prisma, { agentNumber });
});

async function explain(customerId: string) {
  let [out, err] = ['', ''];
  const code = await aorCommand(
    ['explain', customerId],
    { DATABASE_URL: database.url },
    { out: (text) => (out += text), err: (text) => (err += text) },
    AT,
  );
  expect(out).not.toMatch(/Dana|Whitfield|Harold|Jennings|@|undefined|null/);
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  return { code, err, out };
}

async function correct(kind: CorrectionKind, planChangeId: string, atMs: number, staffKey: string | null) {
  const correctionId = randomUUID();
  const aorCorrections = createAorCorrections(database.prisma);
  const { customerId } = await database.prisma.planChange.findUniqueOrThrow({ where: { id: planChangeId } });
  const isReversal = kind === 'reversal';
  const [reason, note] = isReversal ? (['rejected-by-cms', null] as const) : ([null, 'late'] as const);
  await aorCorrections.request({
    correctionId,
    planChangeId,
    customerId,
    kind,
    reason,
    note,
    apiKeyId,
    staffKey,
    atMs,
  });
  const deps = { aorCorrections, planChangePolicy, reversibleDays: 60, clock: () => atMs };
  return createAorCorrectionActivities(deps).carryOutCorrection({ correctionId, atMs });
}

it('aor explain tells the whole story of a customer in order', async () => {
  const first = await ready({
    original: terminated('B10'),
    facilitator: eligible('B20'),
    channel: 'external-agent-application',
  });
  const { customerId, planChangeId } = first;
  await record(first.input);
  const second = await ready({ customerId, original: terminated('B10') });
  await record({ ...second.input, planId: OLD_PLAN, atMs: NOW_MS + MINUTE_MS });
  await correct('redetermination', second.planChangeId, NOW_MS + 2 * MINUTE_MS, null);
  await correct('reversal', second.planChangeId, NOW_MS + 3 * MINUTE_MS, 'S1');
  await correct('reversal', second.planChangeId, NOW_MS + 4 * MINUTE_MS, 'S1');
  const withdrawn = await insertPlanChange(database.prisma, { customerId, stage: 'withdrawn' });

  const { code, err, out } = await explain(customerId);

  expect({ code, err }).toEqual({ code: 0, err: '' });
  const told = out
    .replaceAll(/\n {20}/g, ' ')
    .replaceAll(customerId, 'CUSTOMER')
    .replaceAll(planChangeId, 'FIRST')
    .replaceAll(second.planChangeId, 'SECOND')
    .replaceAll(withdrawn, 'THIRD')
    .replaceAll(apiKeyId, 'KEY');
  expect(told).toBe(`Customer CUSTOMER
  Versions          5

Version 1, known from 2026-01-01 00:00:00 UTC
  Why               the roster of customers begins the history
  Plan              from 2026-01-01 on: ${OLD_PLAN}
  Agent of record   from 2026-01-01 on: B-10

Version 2, known from 2026-11-22 12:30:15 UTC
  Why               plan change FIRST was completed; it came as an application that another external agent sent in
  Decided           plan change FIRST, from ${FROM} on: transferred, external-agent-facilitated, agent B-20, commission ends, rule 2
  Plan              2026-01-01 to 2026-12-31: ${OLD_PLAN}
  Plan              from ${FROM} on: ${NEW_PLAN}
  Agent of record   2026-01-01 to 2026-12-31: B-10
  Agent of record   from ${FROM} on: B-20

Version 3, known from 2026-11-22 12:31:15 UTC
  Why               plan change SECOND was completed; it came as a call to the Dedicated Plan Change line, 1-855-649-5105
  Superseded        plan change FIRST, by plan change SECOND
  Decided           plan change SECOND, from ${FROM} on: ended, agent-terminated, nobody, commission ends, rule 2
  Plan              2026-01-01 to 2026-12-31: ${OLD_PLAN}
  Plan              from ${FROM} on: ${OLD_PLAN}
  Agent of record   2026-01-01 to 2026-12-31: B-10
  Agent of record   from ${FROM} on: nobody

Version 4, known from 2026-11-22 12:32:15 UTC
  Why               the agent of record after plan change SECOND was determined again; requested by a system with API key KEY, scope audit
  Decided           plan change SECOND, from ${FROM} on: ended, agent-not-licensed, nobody, commission ends, rule 2
  Plan              2026-01-01 to 2026-12-31: ${OLD_PLAN}
  Plan              from ${FROM} on: ${OLD_PLAN}
  Agent of record   2026-01-01 to 2026-12-31: B-10
  Agent of record   from ${FROM} on: nobody

Version 5, known from 2026-11-22 12:33:15 UTC
  Why               plan change SECOND was reversed, because CMS did not accept the enrolment; requested by staff number S1 with API key KEY, scope intake
  No longer counts  plan change SECOND: it was reversed
  Counts again      plan change FIRST
  Plan              2026-01-01 to 2026-12-31: ${OLD_PLAN}
  Plan              from ${FROM} on: ${NEW_PLAN}
  Agent of record   2026-01-01 to 2026-12-31: B-10
  Agent of record   from ${FROM} on: B-20

Of which no version came
  Plan change       THIRD: withdrawn
  Correction        reversal of plan change SECOND: requested, and not carried out
`);
});

it('aor explain tells of a disenrolment, and of a customer of whom nothing is known', async () => {
  const { customerId } = await ready({ original: eligible('B10') });
  await addHistory(database.prisma, {
    ...{ customerId, cause: 'disenrolment', atMs: NOW_MS, completedBy: null, apiKeyId, decisions: [] },
    disenrolment: { enrolledFrom: '2026-01-01', lastDay: '2026-10-31' },
    enrolments: [
      { from: '2026-01-01', planId: OLD_PLAN },
      { from: '2026-11-01', planId: null },
    ],
    agentsOfRecord: [
      { from: '2026-01-01', agentKey: 'B10' },
      { from: '2026-11-01', agentKey: null },
    ],
  });
  const bare = await insertCustomer(database.prisma);

  const left = await explain(customerId);
  const nothing = await explain(bare);

  expect(left.out.replaceAll(/\n {18}/g, '')).toContain(`
  Why              the enrolment of 2026-01-01 ended at the carrier on 2026-10-31
  Plan             2026-01-01 to 2026-10-31: ${OLD_PLAN}
  Plan             from 2026-11-01 on: none
  Agent of record  2026-01-01 to 2026-10-31: B-10
  Agent of record  from 2026-11-01 on: nobody
`);
  expect(nothing).toEqual({ code: 0, err: '', out: `Customer ${bare}\n  Versions  0\n` });
});
