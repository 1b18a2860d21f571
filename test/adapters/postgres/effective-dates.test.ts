/** What the database refuses to do to what is known of a customer, whoever asks. */
import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAgent, insertCustomer, insertDecision, insertPlan, insertPlanChange, NOW_MS } from './records';

/** Owns all tables, and may do nothing else. */
const owner = `owner_${randomBytes(6).toString('hex')}`;

let database: TestDatabase;
let clients: Client[];
beforeAll(async () => {
  database = await createTestDatabase();
  await insertPlan(database.prisma, 'H4513-046-000');
  await insertPlan(database.prisma, 'H4513-052-000');
  await insertAgent(database.prisma, { agentNumber: 'A100' });
  await insertAgent(database.prisma, { agentNumber: 'A200' });
  await database.prisma.$executeRawUnsafe(`CREATE ROLE ${owner}`);
  await database.prisma.$executeRawUnsafe(`
    DO $$ DECLARE t text; BEGIN
      FOR t IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
        EXECUTE 'ALTER TABLE ' || t || ' OWNER TO ${owner}';
      END LOOP;
    END $$`);
});
beforeEach(() => {
  clients = [];
});
afterEach(() => Promise.all(clients.map((client) => client.end())));
afterAll(async () => {
  await database.prisma.$executeRawUnsafe(`DROP OWNED BY ${owner} CASCADE`);
  await database.prisma.$executeRawUnsafe(`DROP ROLE ${owner}`);
  await database.drop();
});

async function connect(role?: string): Promise<Client> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  clients.push(client);
  if (role !== undefined) await client.query(`SET ROLE ${role}`);
  return client;
}

type Period = readonly [from: string, to: string, previousTo: string | null, value?: string | null];

interface Version {
  readonly version?: number;
  readonly enrolled?: readonly Period[];
  readonly served?: readonly Period[];
  readonly knownFrom?: string;
  readonly previousKnownFrom?: string | null;
}

const DAY = '2026-12-31';
const WHOLE: readonly Period[] = [['2026-01-01', 'infinity', null]];
const knownFrom = (version: number): string => `2026-0${version}-01T00:00:00Z`;

async function addHistory(client: Client, customer: string, fields: Version = {}): Promise<void> {
  const { version = 1, knownFrom: from = knownFrom(version) } = fields;
  const { previousKnownFrom = version <= 1 ? null : knownFrom(version - 1) } = fields;
  await client.query(
    `INSERT INTO customer_histories (customer_id, version, known_from, previous_known_from, cause, enrolled_from, last_day)
     VALUES ($1, $2, $3, $4, $5, $6, $6)`,
    [
      customer,
      version,
      from,
      previousKnownFrom,
      ...(version <= 1 ? ['roster', null] : ['disenrolment', DAY]),
    ],
  );
}

async function addPeriods(
  client: Client,
  [table, column]: readonly [table: string, column: string],
  [customer, version]: readonly [customer: string, version: number],
  periods: readonly Period[],
): Promise<void> {
  for (const [from, to, previousTo, value = null] of periods)
    await client.query(
      `INSERT INTO ${table} (customer_id, version, valid_from, valid_to, previous_to, ${column}) VALUES ($1, $2, $3, $4, $5, $6)`,
      [customer, version, from, to, previousTo, value],
    );
}

const ENROLMENTS = ['enrolments', 'plan_id'] as const;
const AGENTS = ['agents_of_record', 'agent_key'] as const;

/** One version in one transaction, which is rolled back if anything is refused. */
async function write(client: Client, customer: string, fields: Version = {}): Promise<void> {
  const { version = 1, enrolled = WHOLE, served = WHOLE } = fields;
  await client.query('BEGIN');
  try {
    await addHistory(client, customer, fields);
    await addPeriods(client, ENROLMENTS, [customer, version], enrolled);
    await addPeriods(client, AGENTS, [customer, version], served);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function known(customer: string): Promise<string[]> {
  const rows = await database.prisma.$queryRaw<{ line: string }[]>`
    SELECT concat_ws(' ', version, 'plan', plan_id, valid_from, valid_to) AS line FROM enrolments WHERE customer_id = ${customer}
    UNION ALL
    SELECT concat_ws(' ', version, 'agent', agent_key, valid_from, valid_to) FROM agents_of_record WHERE customer_id = ${customer}
    UNION ALL
    SELECT concat_ws(' ', version, cause) FROM customer_histories WHERE customer_id = ${customer}
    ORDER BY line`;
  return rows.map(({ line }) => line);
}

const FIRST = ['1 agent 2026-01-01 infinity', '1 plan 2026-01-01 infinity', '1 roster'];

const chains = [
  { table: 'enrolments', chain: ENROLMENTS, of: 'enrolled', first: 'H4513-046-000', second: 'H4513-052-000' },
  { table: 'agents_of_record', chain: AGENTS, of: 'served', first: 'A100', second: 'A200' },
] as const;
const roles = ['the owner of the tables', 'a superuser'] as const;

describe.each(roles)('What is known of a customer, written by %s', (role) => {
  let client: Client;
  let customer: string;
  const connectAs = () => connect(role === 'a superuser' ? undefined : owner);
  beforeEach(async () => {
    client = await connectAs();
    customer = await insertCustomer(database.prisma);
  });

  it('A customer’s history continues with versions that say something else of any day', async () => {
    await write(client, customer);
    await write(client, customer, {
      version: 2,
      enrolled: [
        ['2026-01-01', '2026-02-28', null, 'H4513-046-000'],
        ['2026-03-01', '2026-03-01', '2026-02-28', null],
        ['2026-03-02', 'infinity', '2026-03-01', 'H4513-052-000'],
      ],
      served: [['2025-01-01', 'infinity', null, 'A100']],
    });
    const other = await insertCustomer(database.prisma);
    await write(client, other);

    expect(await known(customer)).toEqual([
      ...FIRST,
      '2 agent A100 2025-01-01 infinity',
      '2 disenrolment',
      '2 plan 2026-03-01 2026-03-01',
      '2 plan H4513-046-000 2026-01-01 2026-02-28',
      '2 plan H4513-052-000 2026-03-02 infinity',
    ]);
    expect(await known(other)).toEqual(FIRST);
  });

  describe.each(chains)('in $table', ({ table, chain, of, first, second }) => {
    it.each<[string, Period[], string]>([
      [
        'the same period twice',
        [
          ['2026-01-01', 'infinity', null],
          ['2026-01-01', 'infinity', null],
        ],
        `${table}_pkey`,
      ],
      [
        'a second first period',
        [
          ['2026-01-01', 'infinity', null],
          ['2026-01-01', '2026-12-31', null],
        ],
        `${table}_next_key`,
      ],
      [
        'a period that begins on the last day of the one before',
        [
          ['2026-01-01', '2026-02-28', null],
          ['2026-02-28', 'infinity', '2026-02-28'],
        ],
        `${table}_previous_to_check`,
      ],
      [
        'a gap',
        [
          ['2026-01-01', '2026-02-28', null],
          ['2026-03-02', 'infinity', '2026-02-28'],
        ],
        `${table}_previous_to_check`,
      ],
      [
        'a gap before a period that names no other',
        [
          ['2026-01-01', '2026-02-28', null],
          ['2026-03-02', 'infinity', '2026-03-01'],
        ],
        `${table}_previous_to_fkey`,
      ],
      [
        'two periods after one',
        [
          ['2026-01-01', '2026-02-28', null],
          ['2026-03-01', '2026-03-31', '2026-02-28'],
          ['2026-03-01', 'infinity', '2026-02-28'],
        ],
        `${table}_next_key`,
      ],
      ['a period that ends before it begins', [['2026-02-01', '2026-01-31', null]], `${table}_valid_check`],
      ['a period that follows itself', [['infinity', 'infinity', 'infinity']], `${table}_valid_check`],
      ['a period without a beginning', [['-infinity', 'infinity', null]], `${table}_valid_check`],
      ['a last period that ends', [['2026-01-01', '2026-12-31', null]], `customer_histories_${table}_fkey`],
      ['no period', [], `customer_histories_${table}_fkey`],
    ])('A version is refused for %s', async (_what, periods, constraint) => {
      await expect(write(client, customer, { [of]: periods })).rejects.toMatchObject({ constraint });
      expect(await known(customer)).toEqual([]);
    });

    it.each<[string, Period]>([
      ['another first period', ['2025-01-01', '2025-12-31', null]],
      ['a period within', ['2026-02-01', '2026-02-28', '2026-01-31']],
      ['a period after', ['2027-01-01', 'infinity', '2026-12-31']],
      ['a period after the end of days', ['infinity', 'infinity', 'infinity']],
    ])('Nothing can be added to a complete version: %s', async (_what, period) => {
      await write(client, customer);

      await expect(addPeriods(client, chain, [customer, 1], [period])).rejects.toMatchObject({ table });
      expect(await known(customer)).toEqual(FIRST);
    });

    it('A period is refused whose version does not exist', async () => {
      await expect(addPeriods(client, chain, [customer, 1], WHOLE)).rejects.toMatchObject({
        constraint: `${table}_customer_id_version_fkey`,
      });
    });

    it.each([
      "customer_id = 'C-other'",
      'version = 2',
      `${chain[1]} = '${second}'`,
      "valid_from = '2025-12-31'",
      "valid_to = '2026-12-31'",
      "previous_to = '2025-12-31'",
      'version = version',
    ])('A period refuses an update that sets %s', async (set) => {
      await write(client, customer, { [of]: [['2026-01-01', 'infinity', null, first]] });
      const before = await known(customer);

      await expect(
        client.query(`UPDATE ${table} SET ${set} WHERE customer_id = $1`, [customer]),
      ).rejects.toThrow(`${table} is append-only: UPDATE refused`);
      expect(await known(customer)).toEqual(before);
    });
  });

  it.each<[string, Version, string]>([
    ['follows none', { version: 3 }, 'customer_histories_previous_fkey'],
    ['is there already', {}, 'customer_histories_pkey'],
    ['is before the first one', { version: 0, knownFrom: '2025-12-31T00:00:00Z' }, 'customer_histories_'],
    [
      'was known before it',
      { version: 2, knownFrom: '2025-12-31T00:00:00Z' },
      'customer_histories_previous_check',
    ],
    ['was known with it', { version: 2, knownFrom: knownFrom(1) }, 'customer_histories_previous_check'],
    [
      'is known at the end of days',
      { version: 2, knownFrom: 'infinity' },
      'customer_histories_previous_check',
    ],
    [
      'misstates when the one before was known',
      { version: 2, previousKnownFrom: '2026-01-02T00:00:00Z' },
      'customer_histories_previous_fkey',
    ],
    [
      'does not say when the one before was known',
      { version: 2, previousKnownFrom: null },
      'customer_histories_previous_check',
    ],
  ])('A version is refused that %s', async (_what, fields, constraint) => {
    await write(client, customer);

    await expect(write(client, customer, fields)).rejects.toMatchObject({
      constraint: expect.stringContaining(constraint),
    });
    expect(await known(customer)).toEqual(FIRST);
  });

  it.each<[string, string, string | null]>([
    ['a roster after the first', 'roster', null],
    ['a change that is not named', 'plan-change', null],
    ['a reversal without a request', 'reversal', 'change'],
    ['a disenrolment that names a change', 'disenrolment', 'change'],
    ['a disenrolment of nothing', 'disenrolment', null],
    ['a cause it does not know', 'whim', null],
  ])('A version is refused whose cause does not fit: %s', async (_what, cause, change) => {
    await write(client, customer);
    const planChangeId =
      change && (await insertPlanChange(database.prisma, { customerId: customer, stage: 'completed' }));

    await expect(
      client.query(
        `INSERT INTO customer_histories (customer_id, version, known_from, previous_known_from, cause, plan_change_id) VALUES ($1, 2, $2, $3, $4, $5)`,
        [customer, knownFrom(2), knownFrom(1), cause, planChangeId],
      ),
    ).rejects.toMatchObject({ constraint: expect.stringMatching(/^customer_histories_(of|cause)_check$/) });
  });

  it('A version of a change is refused without its decision, and a second one of the same change', async () => {
    await write(client, customer);
    const planChangeId = await insertPlanChange(database.prisma, {
      customerId: customer,
      stage: 'completed',
    });
    const ofChange = async (version: number) => {
      await client.query('BEGIN');
      await client.query(
        `INSERT INTO customer_histories (customer_id, version, known_from, previous_known_from, cause, plan_change_id)
         VALUES ($1, $2, $4::timestamptz, (SELECT max(known_from) FROM customer_histories WHERE customer_id = $1), 'plan-change', $3)`,
        [customer, version, planChangeId, `2026-${6 + 2 * version}-01`],
      );
      await addPeriods(client, ENROLMENTS, [customer, version], WHOLE);
      await addPeriods(client, AGENTS, [customer, version], WHOLE);
      await client.query('COMMIT');
    };

    await expect(ofChange(2)).rejects.toMatchObject({ constraint: 'customer_histories_decided_fkey' });
    await insertDecision(database.prisma, {
      planChangeId,
      customerId: customer,
      decidedAtMs: NOW_MS,
      decision: { outcome: 'none', reason: 'no-agent-of-record' },
    });
    await expect(ofChange(3)).rejects.toMatchObject({ constraint: 'customer_histories_completed_key' });
    await client.query('ROLLBACK');
  });

  it('A decision is refused for a version that does not exist', async () => {
    await write(client, customer);
    const planChangeId = await insertPlanChange(database.prisma, {
      customerId: customer,
      stage: 'completed',
    });

    await expect(
      client.query(
        `INSERT INTO aor_decisions (plan_change_id, version, customer_id, decided_at, outcome, reason, effective_on, rule_version, evidence, api_key_id)
         VALUES ($1, 2, $2, now(), 'none', 'no-agent-of-record', '2027-01-01', 2, '{}', $3)`,
        [planChangeId, customer, randomUUID()],
      ),
    ).rejects.toMatchObject({ constraint: 'aor_decisions_customer_id_version_fkey' });
  });

  it.each([
    'customer_histories',
    'enrolments',
    'agents_of_record',
    'aor_decisions',
    'commission_facts',
    'aor_corrections',
  ])('UPDATE, DELETE and TRUNCATE of %s are refused', async (table) => {
    await write(client, customer);
    const refused = (operation: string) => ` is append-only: ${operation} refused`;

    await expect(client.query(`UPDATE ${table} SET customer_id = customer_id`)).rejects.toThrow(
      refused('UPDATE'),
    );
    await expect(client.query(`DELETE FROM ${table}`)).rejects.toThrow(refused('DELETE'));
    await expect(client.query(`TRUNCATE ${table} CASCADE`)).rejects.toThrow(refused('TRUNCATE'));
    await expect(client.query('TRUNCATE customers CASCADE')).rejects.toThrow(refused('TRUNCATE'));
    expect(await known(customer)).toEqual(FIRST);
  });

  it('A customer who has a history cannot be deleted', async () => {
    await write(client, customer);

    await expect(
      client.query('DELETE FROM customers WHERE customer_id = $1', [customer]),
    ).rejects.toMatchObject({ constraint: 'customer_histories_customer_id_fkey' });
  });

  it.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])(
    'Only one of two concurrent transactions can add the next version (%s)',
    async (isolation) => {
      const other = await connectAs();
      await write(client, customer);
      for (const each of [client, other]) {
        await each.query(`BEGIN ISOLATION LEVEL ${isolation}`);
        // The snapshot is taken here.
        await each.query('SELECT FROM customer_histories');
      }

      await addHistory(client, customer, { version: 2 });
      const waiting = addHistory(other, customer, { version: 2 }).then(
        () => 'added',
        (error: { code: string }) => error.code,
      );
      await database.untilOneWaits(10_000);
      await addPeriods(
        client,
        ENROLMENTS,
        [customer, 2],
        [['2026-01-01', 'infinity', null, 'H4513-046-000']],
      );
      await addPeriods(client, AGENTS, [customer, 2], WHOLE);
      await client.query('COMMIT');

      // A serializable transaction may be told that it could not be serialized instead.
      expect(await waiting).toMatch(/^(23505|40001)$/);
      await other.query('ROLLBACK');
      expect(await known(customer)).toEqual([
        ...FIRST,
        '2 agent 2026-01-01 infinity',
        '2 disenrolment',
        '2 plan H4513-046-000 2026-01-01 infinity',
      ]);
    },
  );

  it.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])(
    'Nothing can be added to a version that another transaction has completed since (%s)',
    async (isolation) => {
      const other = await connectAs();
      await other.query(`BEGIN ISOLATION LEVEL ${isolation}`);
      await other.query('SELECT FROM enrolments');
      await write(client, customer);

      await expect(
        addPeriods(other, ENROLMENTS, [customer, 1], [['2025-01-01', 'infinity', null]]),
      ).rejects.toMatchObject({ table: 'enrolments' });
      expect(await known(customer)).toEqual(FIRST);
    },
  );

  it('Only one of twenty simultaneous writers can begin a customer’s history', async () => {
    const writers = await Promise.all(Array.from({ length: 20 }, connectAs));

    const raced = await Promise.allSettled(writers.map((each) => write(each, customer)));

    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await known(customer)).toEqual(FIRST);
  });
});

it('A superuser’s session that replays another server’s log cannot rewrite what is known either', async () => {
  const client = await connect();
  const customer = await insertCustomer(database.prisma);
  await write(client, customer);
  await client.query("SET session_replication_role = 'replica'");

  for (const statement of [
    `UPDATE enrolments SET plan_id = NULL`,
    'DELETE FROM agents_of_record',
    'TRUNCATE aor_decisions CASCADE',
  ])
    await expect(client.query(statement)).rejects.toThrow(' is append-only: ');
  expect(await known(customer)).toEqual(FIRST);
});

it('The agents of record keep from which day a customer has none', async () => {
  const client = await connect();
  const customer = await insertCustomer(database.prisma);

  await write(client, customer, {
    served: [
      ['2026-01-01', '2026-11-24', null, 'A100'],
      ['2026-11-25', 'infinity', '2026-11-24', null],
    ],
  });

  expect(await known(customer)).toEqual([
    '1 agent 2026-11-25 infinity',
    '1 agent A100 2026-01-01 2026-11-24',
    '1 plan 2026-01-01 infinity',
    '1 roster',
  ]);
});
