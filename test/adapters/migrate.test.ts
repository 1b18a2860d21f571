import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { migrateDatabase } from '../../src/adapters/migrate';
import { noFilters, readSchema, withSchemaEngine } from '../../src/adapters/schema-engine';
import { withDatabase } from '../support/postgres-url';

const serverUrl = process.env['TENURE_TEST_POSTGRES']!;
const made: string[] = [];
const newDatabaseUrl = (): string => {
  const name = `migrate test ${randomBytes(6).toString('hex')}`;
  made.push(name);
  return withDatabase(serverUrl, encodeURIComponent(name));
};
afterAll(async () => {
  for (const name of made) await query(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`);
});

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

it('creates the database, applies every migration once, and finds nothing to do the second time', async () => {
  const url = newDatabaseUrl();

  const first = await migrateDatabase(url);
  const second = await migrateDatabase(url);

  expect(first).toEqual({ created: true, applied: ['20261122000000_accounts_and_resets'] });
  expect(second).toEqual({ created: false, applied: [] });
  expect(await query(url, 'SELECT migration_name, applied_steps_count FROM _prisma_migrations')).toEqual([
    { migration_name: '20261122000000_accounts_and_resets', applied_steps_count: 1 },
  ]);
});

it('lets three processes that start at the same moment take turns', async () => {
  const url = newDatabaseUrl();

  const reports = await Promise.all([migrateDatabase(url), migrateDatabase(url), migrateDatabase(url)]);

  expect(reports.filter(({ created }) => created)).toHaveLength(1);
  expect(reports.flatMap(({ applied }) => applied)).toEqual(['20261122000000_accounts_and_resets']);
});

it('takes back the whole of a migration that fails half way', async () => {
  const url = newDatabaseUrl();
  await migrateDatabase(url);
  const failing = {
    path: '29990101000000_failing',
    migrationFile: {
      path: 'migration.sql',
      content: { tag: 'ok' as const, value: 'CREATE TABLE half (id int); SELECT 1 / 0;' },
    },
  };

  const applying = withSchemaEngine(url, (engine) =>
    engine.applyMigrations({
      migrationsList: {
        baseDir: '',
        lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"' },
        shadowDbInitScript: '',
        migrationDirectories: [failing],
      },
      filters: noFilters,
    }),
  );

  await expect(applying).rejects.toThrow('division by zero');
  expect(await query(url, "SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
});

describe('the schema and the migrations', () => {
  /** Columns, indexes and foreign keys of a database, one line each. */
  const SHAPE = `
    SELECT format('column %s.%s %s %s %s', table_name, column_name, udt_name, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
    UNION ALL
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'
    UNION ALL
    SELECT format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p') AND conrelid::regclass::text <> '_prisma_migrations'`;

  const shapeOf = async (url: string): Promise<string[]> =>
    (await query<{ line: string }>(url, SHAPE)).map(({ line }) => line);

  it('give the same database, apart from what a Prisma schema cannot say', async () => {
    const migratedUrl = newDatabaseUrl();
    const schemaUrl = newDatabaseUrl();
    await migrateDatabase(migratedUrl);
    await query(serverUrl, `CREATE DATABASE "${made.at(-1)}"`);
    const script = await withSchemaEngine(schemaUrl, async (engine) => {
      const to = { tag: 'schemaDatamodel' as const, files: [readSchema()] };
      const diff = await engine.diff({
        from: { tag: 'empty' },
        to,
        script: true,
        exitCode: null,
        filters: noFilters,
      });
      return diff.stdout!;
    });
    await query(schemaUrl, script);

    const [migrated, wanted] = [await shapeOf(migratedUrl), await shapeOf(schemaUrl)];

    expect(wanted.filter((line) => !migrated.includes(line))).toEqual([]);
    expect(migrated.filter((line) => !wanted.includes(line)).toSorted()).toEqual([
      "CREATE INDEX reset_uses_pin_at_idx ON public.reset_uses USING btree (at) WHERE (kind = 'pin'::text)",
      'CREATE UNIQUE INDEX credentials_current_key ON public.credentials USING btree (account_id) WHERE (retired_at IS NULL)',
    ]);
  });
});

describe('the database itself', () => {
  const account = (fields: string): string =>
    `INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language)
     VALUES (gen_random_uuid(), ${fields})`;
  let url: string;
  beforeAll(async () => {
    url = newDatabaseUrl();
    await migrateDatabase(url);
  });

  it.each([
    [
      'a portal it does not know',
      account("'agent', 'u', 'u', 'e', 'e', 'f', 'l', 'en'"),
      'accounts_portal_check',
    ],
    [
      'a language it does not know',
      account("'member', 'u', 'u', 'e', 'e', 'f', 'l', 'fr'"),
      'accounts_language_check',
    ],
    [
      'a use of a budget it does not know',
      "INSERT INTO reset_uses VALUES (gen_random_uuid(), 'guess', 1, 's', now())",
      'reset_uses_kind_check',
    ],
    [
      'an email that is settled without a date',
      `INSERT INTO mail_deliveries (id, kind, account_id, reference, status, valid_until)
       VALUES ('m', 'pin', gen_random_uuid(), 'r', 'delivered', now())`,
      'mail_deliveries_status_check',
    ],
    [
      'a second current password of an account',
      `WITH one AS (${account("'member', 'u', 'u', 'e', 'e', 'f', 'l', 'en'")} RETURNING id)
       SELECT id FROM one; INSERT INTO credentials SELECT gen_random_uuid(), id, 'h', now(), NULL
       FROM accounts, generate_series(1, 2)`,
      'credentials_current_key',
    ],
  ])('refuses %s', async (_what, statement, constraint) => {
    await expect(query(url, statement)).rejects.toMatchObject({ constraint });
  });
});
