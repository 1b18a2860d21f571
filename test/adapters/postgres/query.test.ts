import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { query, type Column } from '../../../src/adapters/postgres/query';
import { Prisma } from '../../../src/adapters/generated/client';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertAccount(database.prisma);
});
afterAll(() => database.drop());

const ask = (columns: Readonly<Record<string, Column>>, sql: string): Promise<unknown[]> =>
  query(database.prisma, columns)`${Prisma.raw(sql)}`;

it('query returns the rows of a statement if its columns are as declared', async () => {
  const columns = {
    portal: 'string',
    phone: 'string?',
    version: 'number',
    names: 'string[]',
    facts: 'json',
  } as const;

  const rows = await ask(
    columns,
    `SELECT portal, phone, identity_version AS version, ARRAY[username] AS names, '{}'::json AS facts FROM accounts`,
  );

  expect(rows).toEqual([
    { portal: 'member', phone: null, version: 0, names: [expect.any(String)], facts: {} },
  ]);
});

it.each<[string, Record<string, Column>, string, string]>([
  [
    'a column of another name',
    { userName: 'string' },
    'SELECT username FROM accounts',
    'userName: not given; username: not declared',
  ],
  [
    'a column of another type',
    { version: 'string' },
    'SELECT identity_version AS version FROM accounts',
    'version: string, but number is given',
  ],
  [
    'a type that would come as an object',
    { at: 'number' },
    'SELECT created_at AS at FROM accounts',
    'at: number, but type 1184 is given',
  ],
  ['a bigint', { count: 'number' }, 'SELECT count(*) FROM accounts', 'count: number, but type 20 is given'],
  [
    'a column that may be null, in no row yet',
    { phone: 'string' },
    'SELECT phone FROM accounts WHERE false',
    'phone: string, but it may be null',
  ],
  [
    'an expression that is null in a row',
    { number: 'string' },
    `SELECT g.agent_number AS number FROM accounts a LEFT JOIN agents g ON g.agent_key = a.agent_key`,
    'number: string, but it is null',
  ],
])('query refuses %s', async (_what, columns, sql, fault) => {
  await expect(ask(columns, sql)).rejects.toThrow(`Rows are not as declared: ${fault}\n`);
});

it('query checks statements in a transaction too', async () => {
  const { prisma } = database;

  const asNumber = prisma.$transaction(
    (transaction) => query(prisma.within(transaction), { portal: 'number' })`SELECT portal FROM accounts`,
  );

  await expect(asNumber).rejects.toThrow('string is given');
});

it('query is how every adapter asks for rows: no other raw statement claims a type', () => {
  const folder = join(__dirname, '../../../src/adapters');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.startsWith('generated') && !file.endsWith('query.ts'),
  );

  const claims = files.filter((file) =>
    /\$queryRaw(Unsafe)?<(?!unknown\[\]>)/.test(readFileSync(join(folder, file), 'utf8')),
  );

  expect(claims).toEqual([]);
});
