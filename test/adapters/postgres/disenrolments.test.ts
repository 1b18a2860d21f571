/** A roster ends an enrolment while somebody corrects a plan change of the customer: in one order or the other, and neither is lost. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createAorCorrectionActivities } from '../../../src/activities/aor-correction';
import { createAorCorrections } from '../../../src/adapters/postgres/aor-corrections';
import { statementsOn } from '../../../src/adapters/postgres/database';
import { recordDisenrolments } from '../../../src/adapters/postgres/disenrolments';
import { customersRoster as rosterIn } from '../../../src/adapters/rosters/customers';
import { importRoster } from '../../../src/adapters/rosters/import-roster';
import type { CorrectionKind } from '../../../src/contracts/aor-correction';
import { DAY_MS } from '../../../src/domain/time';
import type { AorCorrections } from '../../../src/ports/aor-correction';
import { latestHistory } from '../../../lab/system/customer-history';
import { languages, planChangePolicy } from '../../support/brand';
import { until } from '../../support/until';
import {
  FROM,
  OLD_PLAN,
  apiKeyId,
  database,
  eligible,
  facilitator,
  original,
  ready,
  record,
  withDecisions,
} from './aor-decision-database';
import { NOW_MS, insertEnrolledCustomer, insertStanding } from './records';

withDecisions();

const customersRoster = rosterIn(languages);
const LAST_DAY = '2026-10-31';
const AT = NOW_MS + DAY_MS;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-roster-'));
  const knownFromMs = NOW_MS - DAY_MS;
  for (const agentKey of [original, facilitator]) {
    await database.prisma.agentActivity.create({ data: { agentKey, knownFrom: new Date(knownFromMs) } });
    for (const standing of [
      { type: 'licence', scope: 'TX' },
      { type: 'appointment' },
      { type: 'certification', scope: '2027' },
    ] as const)
      await insertStanding(database.prisma, agentKey, { ...standing, knownFromMs });
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A customer of `original` whose change another agent has completed, for January. */
async function changed() {
  const { prisma } = database;
  const customerId = await insertEnrolledCustomer(prisma, { agentKey: original });
  const { input } = await ready({
    customerId,
    channel: 'external-agent-application',
    original: eligible(original),
    facilitator: eligible(facilitator),
  });
  await record(input);
  return { customerId, planChangeId: input.planChangeId };
}
type Changed = Awaited<ReturnType<typeof changed>>;

async function correct(
  kind: CorrectionKind,
  { customerId, planChangeId }: Changed,
  aorCorrections: AorCorrections = createAorCorrections(database.prisma),
) {
  const correctionId = randomUUID();
  const reason = kind === 'reversal' ? ('rejected-by-cms' as const) : null;
  const note = kind === 'reversal' ? null : 'a late roster';
  const about = { correctionId, planChangeId, customerId, kind, reason, note, apiKeyId, staffKey: null };
  await createAorCorrections(database.prisma).request({ ...about, atMs: AT });
  const { carryOutCorrection } = createAorCorrectionActivities({
    aorCorrections,
    planChangePolicy,
    reversibleDays: 60,
    clock: () => AT,
  });
  return carryOutCorrection({ correctionId, atMs: AT });
}

/** Imports a roster with the end of the first enrolment of each. */
function importEnds(...customers: readonly Changed[]) {
  const path = join(folder, `${randomUUID()}.csv`);
  const lines = customers.map(({ customerId }) =>
    [
      ...[customerId, 'Harold', 'Jennings', `${customerId}@example.com`, 'en', 'TX'],
      ...[OLD_PLAN, '2026-01-01', 'A100', LAST_DAY],
    ].join(','),
  );
  writeFileSync(path, [customersRoster.columns.join(','), ...lines].join('\n'));
  return importRoster({
    ...{ databaseUrl: database.url, peppers: [], kind: customersRoster, path },
    ...{ operator: 'ana', maxRefusedLines: 10 },
  });
}

const causesOf = async ({ customerId }: Changed): Promise<string[]> =>
  (
    await database.prisma.customerHistory.findMany({
      where: { customerId },
      orderBy: { version: 'asc' },
      select: { cause: true },
    })
  ).map(({ cause }) => cause);

/** `agent from`, of what is known now. */
const agentsOf = async ({ customerId }: Changed): Promise<string[]> =>
  (await latestHistory(database.prisma, customerId)).agents.map(
    ({ agentKey, validFrom }) => `${agentKey} ${validFrom.toISOString().slice(0, 10)}`,
  );

const waiting = async (): Promise<number> => {
  const [{ count }] = await database.prisma.$queryRaw<[{ count: number }]>`
    SELECT count(*)::int AS count FROM pg_locks
    WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
  return count;
};

/** What holds without the change, once the enrolment has ended: nobody from then on. */
const ENDED = [`A100 2026-01-01`, 'null 2026-11-01'];

it('A reversal waits for an import that has ended the enrolment, and counts on top of it', async () => {
  const change = await changed();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query('BEGIN');
  const ended = { customerId: change.customerId, enrolledFrom: '2026-01-01', lastDay: LAST_DAY, atMs: AT };
  await recordDisenrolments(statementsOn(client), [ended]);

  const reversing = correct('reversal', change);
  await until(async () => (await waiting()) === 1);
  const meanwhile = await causesOf(change);
  await client.query('COMMIT');
  await client.end();

  expect(await reversing).toMatchObject({ kind: 'corrected' });
  expect(meanwhile).toEqual(['roster', 'plan-change']);
  expect(await causesOf(change)).toEqual(['roster', 'plan-change', 'disenrolment', 'reversal']);
  expect(await agentsOf(change)).toEqual(ENDED);
});

it.each<[CorrectionKind, object, string[]]>([
  ['reversal', { kind: 'corrected' }, ENDED],
  ['redetermination', { kind: 'refused', reason: 'nothing-to-correct' }, [...ENDED, `A200 ${FROM}`]],
])(
  'An import waits for a %s that has its turn, and ends the enrolment on top of it',
  async (kind, result, agents) => {
    const change = await changed();
    const corrections = createAorCorrections(database.prisma);
    let goOn = (): void => {};
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    let hasBegun = false;
    const correcting = correct(kind, change, {
      ...corrections,
      inCustomersTurn: (correctionId, work) =>
        corrections.inCustomersTurn(correctionId, async (turn) => {
          hasBegun = true;
          await mayGoOn;
          return work(turn);
        }),
    });
    await until(async () => hasBegun);

    const importing = importEnds(change);
    await until(async () => (await waiting()) === 1);
    goOn();

    expect(await correcting).toMatchObject(result);
    expect(await importing).toMatchObject({ updated: 1, refused: 0 });
    expect((await causesOf(change)).at(-1)).toBe('disenrolment');
    expect(await agentsOf(change)).toEqual(agents);
  },
);

it('Imports, reversals, redeterminations and completions of the same customers at once are all recorded', async () => {
  const changes = await Promise.all(Array.from({ length: 6 }, changed));
  const more = await Promise.all(
    changes.map(async ({ customerId }) => ready({ customerId, original: eligible(original) })),
  );

  const [imports, reversals, , completions] = await Promise.all([
    Promise.all([importEnds(...changes), importEnds(...changes.toReversed())]),
    Promise.all(changes.map((change) => correct('reversal', change))),
    Promise.all(changes.map((change) => correct('redetermination', change))),
    Promise.allSettled(more.map(({ input }) => record({ ...input, effectiveOn: '2027-02-01' }))),
  ]);

  expect(imports.map(({ updated, unchanged }) => updated + unchanged)).toEqual([6, 6]);
  expect(reversals.map(({ kind }) => kind)).toEqual(changes.map(() => 'corrected'));
  for (const [index, change] of changes.entries()) {
    const causes = await causesOf(change);
    expect(causes.filter((cause) => cause === 'disenrolment')).toHaveLength(1);
    expect(causes.filter((cause) => cause === 'reversal')).toHaveLength(1);
    const isCompleted = completions[index]!.status === 'fulfilled';
    expect(causes.filter((cause) => cause === 'plan-change')).toHaveLength(isCompleted ? 2 : 1);
    expect((await agentsOf(change)).slice(0, 2)).toEqual(ENDED);
  }
});
