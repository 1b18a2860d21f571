/** What the database refuses to do to enrolments and agents of record, whoever asks. */
import { Client } from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAgent, insertCustomer, insertPlan } from './records';

let database: TestDatabase;
let clients: Client[];
beforeAll(async () => {
  database = await createTestDatabase();
  await insertPlan(database.prisma, 'H4513-046-000');
  await insertPlan(database.prisma, 'H4513-052-000');
  await insertAgent(database.prisma, { agentNumber: 'A100' });
  await insertAgent(database.prisma, { agentNumber: 'A200' });
});
beforeEach(() => {
  clients = [];
});
afterEach(() => Promise.all(clients.map((client) => client.end())));
afterAll(() => database.drop());

async function connect(): Promise<Client> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  clients.push(client);
  return client;
}

const histories = [
  { table: 'enrolments', column: 'plan_id', first: 'H4513-046-000', second: 'H4513-052-000' },
  { table: 'agents_of_record', column: 'agent_key', first: 'A100', second: 'A200' },
];

describe.each(histories)('History in $table', ({ table, column, first, second }) => {
  let client: Client;
  let customer: string;
  beforeEach(async () => {
    client = await connect();
    customer = await insertCustomer(database.prisma);
  });

  const add = (from: string, to: string | null, by = client, value: string | null = first) =>
    by.query(
      `INSERT INTO ${table} (id, customer_id, ${column}, valid_from, valid_to) VALUES (gen_random_uuid(), $1, $2, $3, $4)`,
      [customer, value, from, to],
    );
  const end = async (on: string, by = client): Promise<number | null> =>
    (await by.query(`UPDATE ${table} SET valid_to = $2 WHERE customer_id = $1`, [customer, on])).rowCount;
  const periods = async (): Promise<string[]> => {
    const { rows } = await client.query<{ period: string }>(
      `SELECT concat_ws(' ', ${column}, valid_from, valid_to) AS period FROM ${table}
       WHERE customer_id = $1 ORDER BY valid_from`,
      [customer],
    );
    return rows.map(({ period }) => period);
  };

  it('A customer’s history continues on any day after its last period, independently of other customers', async () => {
    await add('2026-01-01', '2026-01-31');
    await add('2026-02-01', '2026-02-01', client, second);
    await add('2026-03-01', null);
    customer = await insertCustomer(database.prisma);
    await add('2026-01-15', null);

    expect(await periods()).toEqual([`${first} 2026-01-15`]);
  });

  it.each([
    ['the same period again', '2026-02-01', '2026-02-28'],
    ['a period that begins on the last day', '2026-02-28', null],
    ['a period within', '2026-02-10', '2026-02-11'],
    ['a period around', '2026-01-01', null],
    ['a period that ends on the first day', '2026-01-01', '2026-02-01'],
    ['a period before, for a history grows at its end', '2025-01-01', '2025-01-31'],
  ])('A customer’s history refuses %s', async (_what, from, to) => {
    await add('2026-02-01', '2026-02-28');

    await expect(add(from, to)).rejects.toMatchObject({ constraint: `${table}_previous_to_check` });
    expect(await periods()).toEqual([`${first} 2026-02-01 2026-02-28`]);
  });

  it.each([
    ['after', '2027-01-01', null],
    ['before', '2025-01-01', '2025-12-31'],
    ['from the same day', '2026-02-01', null],
  ])('A customer’s history whose last period is open refuses another period: %s', async (_what, from, to) => {
    await add('2026-02-01', null);

    await expect(add(from, to)).rejects.toMatchObject({ constraint: `${table}_next_key` });
  });

  it('A customer’s history refuses a period that does not name the last one as its predecessor', async () => {
    await add('2026-01-01', '2026-01-31');
    await add('2026-02-01', '2026-02-28');
    const addAfter = (previousTo: string) =>
      client.query(
        `INSERT INTO ${table} (id, customer_id, valid_from, previous_to, ${column}) VALUES (gen_random_uuid(), $1, '2026-02-15', $2, $3)`,
        [customer, previousTo, first],
      );

    await expect(addAfter('2026-01-31')).rejects.toMatchObject({ constraint: `${table}_next_key` });
    await expect(addAfter('2026-02-10')).rejects.toMatchObject({ constraint: `${table}_previous_to_fkey` });
  });

  it('A customer’s history refuses a period that ends before it begins', async () => {
    await expect(add('2026-02-01', '2026-01-31')).rejects.toMatchObject({
      constraint: `${table}_valid_to_check`,
    });
  });

  it('A period of a customer’s history can be ended only once', async () => {
    await add('2026-01-01', null);

    expect(await end('2026-01-31')).toBe(1);
    for (const set of ["valid_to = '2026-02-28'", 'valid_to = NULL', 'valid_to = valid_to'])
      await expect(
        client.query(`UPDATE ${table} SET ${set} WHERE customer_id = $1`, [customer]),
      ).rejects.toThrow(`${table} is append-only: UPDATE refused`);
    expect(await periods()).toEqual([`${first} 2026-01-01 2026-01-31`]);
  });

  it.each([
    'id = gen_random_uuid()',
    "customer_id = 'C-other'",
    `${column} = '${second}'`,
    "valid_from = '2025-12-31'",
    "previous_to = '2025-12-31'",
    "created_at = '2025-12-31'",
    'valid_to = NULL',
    `valid_to = '2026-12-31', ${column} = '${second}'`,
  ])('A customer’s history refuses an update that sets %s', async (set) => {
    await add('2026-01-01', null);

    await expect(
      client.query(`UPDATE ${table} SET ${set} WHERE customer_id = $1`, [customer]),
    ).rejects.toThrow(`${table} is append-only: UPDATE refused`);
    expect(await periods()).toEqual([`${first} 2026-01-01`]);
  });

  it.each([
    ['DELETE', `DELETE FROM ${table}`],
    ['TRUNCATE', `TRUNCATE ${table}`],
    ['TRUNCATE', `TRUNCATE customers CASCADE`],
  ])('A customer’s history refuses %s (%s)', async (operation, statement) => {
    await add('2026-01-01', null);

    await expect(client.query(statement)).rejects.toThrow(` is append-only: ${operation} refused`);
    expect(await periods()).toHaveLength(1);
  });

  it('A customer who has a history cannot be deleted', async () => {
    await add('2026-01-01', null);

    await expect(
      client.query('DELETE FROM customers WHERE customer_id = $1', [customer]),
    ).rejects.toMatchObject({
      constraint: `${table}_customer_id_fkey`,
    });
  });

  it.each(['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])(
    'Only one of two concurrent transactions can continue a customer’s history (%s)',
    async (isolation) => {
      const other = await connect();
      await add('2026-01-01', '2026-01-31');
      for (const each of [client, other]) {
        await each.query(`BEGIN ISOLATION LEVEL ${isolation}`);
        // The snapshot is taken here.
        await each.query(`SELECT FROM ${table}`);
      }

      await add('2026-02-01', null, client, second);
      const waiting = add('2026-03-01', null, other).then(
        () => 'added',
        (error: { code: string }) => error.code,
      );
      await database.untilOneWaits(10_000);
      await client.query('COMMIT');

      // A serializable transaction may be told that it could not be serialized instead.
      expect(await waiting).toMatch(/^(23505|40001)$/);
      await other.query('ROLLBACK');
      expect(await periods()).toEqual([`${first} 2026-01-01 2026-01-31`, `${second} 2026-02-01`]);
    },
  );

  it.each(['READ COMMITTED', 'REPEATABLE READ'])(
    'A transaction that began before the first period was added cannot add a first period too (%s)',
    async (isolation) => {
      const other = await connect();
      await other.query(`BEGIN ISOLATION LEVEL ${isolation}`);
      await other.query(`SELECT FROM ${table}`);
      await add('2026-01-01', null);
      await end('2026-06-30');

      await expect(add('2026-03-01', null, other)).rejects.toMatchObject({ table });
      expect(await periods()).toEqual([`${first} 2026-01-01 2026-06-30`]);
    },
  );

  it('Only one of two simultaneous transactions changes a customer’s history to its next period', async () => {
    const other = await connect();
    await add('2026-01-01', null);
    await client.query('BEGIN');
    await other.query('BEGIN');

    await end('2026-11-24');
    await add('2026-11-25', null, client, second);
    const waiting = end('2026-11-30', other).then(
      () => 'ended',
      ({ message }: Error) => message,
    );
    await database.untilOneWaits(10_000);
    await client.query('COMMIT');

    expect(await waiting).toBe(`${table} is append-only: UPDATE refused`);
    await other.query('ROLLBACK');
    expect(await periods()).toEqual([`${first} 2026-01-01 2026-11-24`, `${second} 2026-11-25`]);
  });

  it('Only one of twenty simultaneous writers can begin a customer’s history', async () => {
    const writers = await Promise.all(Array.from({ length: 20 }, connect));

    const raced = await Promise.allSettled(writers.map((each, n) => add(`2026-01-${n + 10}`, null, each)));

    expect(raced.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await periods()).toHaveLength(1);
  });
});

it('The agents of record keep from which day a customer has none', async () => {
  const customerId = await insertCustomer(database.prisma);
  await database.prisma.agentOfRecord.create({
    data: {
      customerId,
      agentKey: 'A100',
      validFrom: new Date('2026-01-01'),
      validTo: new Date('2026-11-24'),
    },
  });

  await database.prisma.agentOfRecord.create({
    data: { customerId, agentKey: null, validFrom: new Date('2026-11-25') },
  });

  expect(
    await database.prisma.agentOfRecord.findMany({ where: { customerId, validTo: null } }),
  ).toMatchObject([{ agentKey: null, previousTo: new Date('2026-11-24') }]);
});
