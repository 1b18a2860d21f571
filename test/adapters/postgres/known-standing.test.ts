/** What was known of an agent at a time: each roster adds to it, and nothing of it is rewritten. */
import { createPlanChangeFacts } from '../../../src/adapters/postgres/plan-change-facts';
import { HOUR_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAgent, insertStanding } from './records';

let database: TestDatabase;
let agentKey: string;
/** After everything that the tests' agents begin with was written. */
let laterMs: number;
beforeAll(async () => {
  database = await createTestDatabase();
});
beforeEach(async () => {
  agentKey = await insertAgent(database.prisma);
  laterMs = Date.now() + HOUR_MS;
});
afterAll(() => database.drop());

const agentAt = (knownAtMs?: number, key = agentKey) =>
  createPlanChangeFacts(database.prisma).agent(key, knownAtMs);

/** As an import that knows it from that time on. */
async function update(key: string, data: object, knownFromMs: number): Promise<void> {
  const { prisma } = database;
  await prisma.$transaction([
    prisma.$executeRaw`SELECT set_config('tenure.known_from', ${new Date(knownFromMs).toISOString()}, true)`,
    prisma.agent.update({ where: { agentKey: key }, data }),
  ]);
}

it('A licence is what the last roster before that time told of it', async () => {
  const licence = { type: 'licence', scope: 'TX', from: '2025-01-01' } as const;
  for (const told of [
    { ...licence, knownFromMs: laterMs },
    { ...licence, to: '2026-03-31', knownFromMs: laterMs + 10 },
    { ...licence, from: '2026-06-01', knownFromMs: laterMs + 20 },
  ])
    await insertStanding(database.prisma, agentKey, told);

  const known = [-1, 0, 9, 10, 20, null].map(async (ms) => {
    const agent = await agentAt(ms === null ? undefined : laterMs + ms);
    return agent!.licences.map(({ from, to }) => `${from} ${to}`).toSorted();
  });

  const [open, ended, second] = ['2025-01-01 null', '2025-01-01 2026-03-31', '2026-06-01 null'];
  expect(await Promise.all(known)).toEqual([[], [open], [open], [ended], [ended, second], [ended, second]]);
});

it('Last days and principals are what was known at that time, and before the first roster nothing was', async () => {
  const { prisma } = database;
  const principalKey = await insertAgent(prisma, { terminatedOn: '2026-03-31' });
  const corporation = await insertAgent(prisma, { kind: 'corporation', principalKey: agentKey });
  await update(agentKey, { terminatedOn: new Date('2026-02-28') }, laterMs);
  await update(corporation, { principalKey }, laterMs + 10);
  await update(corporation, { terminatedOn: new Date('2026-05-05') }, laterMs + 20);

  const known = await Promise.all(
    [-HOUR_MS - 60_000, -1, 0, 10, 20, null].map(async (ms) => {
      const agent = await agentAt(ms === null ? undefined : laterMs + ms, corporation);
      return agent === null ? 'nothing' : [agent.terminatedOn, agent.principalTerminatedOn];
    }),
  );

  expect(known).toEqual([
    'nothing',
    [null, null],
    [null, '2026-02-28'],
    [null, '2026-03-31'],
    ['2026-05-05', '2026-03-31'],
    ['2026-05-05', '2026-03-31'],
  ]);
});

it('Two changes at one time are known one after the other', async () => {
  await update(agentKey, { terminatedOn: new Date('2026-02-28') }, laterMs);
  await update(agentKey, { terminatedOn: null }, laterMs);

  expect((await agentAt(laterMs))!.terminatedOn).toBe('2026-02-28');
  expect((await agentAt(laterMs + 1))!.terminatedOn).toBeNull();
});

it.each(['agent_standing', 'agent_activity'])(
  'Nothing in %s can be rewritten or deleted, by any session',
  async (table) => {
    await insertStanding(database.prisma, agentKey, { type: 'appointment' });
    const attempts = [
      `UPDATE ${table} SET known_from = '-infinity'`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table}`,
    ];

    for (const [statement, role] of attempts.flatMap(
      (each) =>
        [
          [each, 'origin'],
          [each, 'replica'],
        ] as const,
    ))
      await expect(
        database.prisma.$transaction([
          database.prisma.$executeRawUnsafe(`SET LOCAL session_replication_role = '${role}'`),
          database.prisma.$executeRawUnsafe(statement),
        ]),
      ).rejects.toThrow(`${table} is append-only`);
  },
);
