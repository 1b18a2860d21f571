import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { migrateDatabase } from '../../../src/adapters/postgres/migrate';
import { noFilters, readSchema, withSchemaEngine } from '../../../src/adapters/postgres/schema-engine';
import { withDatabase } from '../../../lab/system/postgres-url';

const MIGRATIONS = [
  '20261122000000_accounts_and_resets',
  '20261122010000_broker_portal',
  '20261125000000_password_rotation',
  '20261125010000_decoy_seed',
  '20261126000000_plan_change_rosters',
  '20261126010000_plan_changes',
  '20261126020000_operators',
  '20261126030000_pending_emails',
  '20261129020000_idempotent_operations',
  '20261129030000_held_plan_changes',
  '20261129040000_password_tries',
  '20261129040100_recovery_allowances',
  '20261129050000_what_resets_stand_for',
  '20261129050100_notices_to_former_addresses',
  '20261129060000_operator_names',
  '20261129070000_answer_fold_version',
  '20261129080000_key_fingerprints',
  '20261129090000_leaving_a_finished_reset',
  '20261129235900_recovery_limit_emails',
  '20261129235910_emails_by_reference',
  '20261129235920_plan_change_moves',
  '20261129240000_standing_known_from',
  '20261129241000_agent_terminations',
  '20261129250000_histories',
  '20261129260000_corrections',
  '20261129270000_brands',
  '20261130010000_idle_sessions',
  '20261130020000_two_step',
  '20261130030000_guesses_being_compared',
  '20261130040000_terms_texts',
];

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

it('migrateDatabase creates the database, applies every migration once, and does nothing the second time', async () => {
  const url = newDatabaseUrl();

  const first = await migrateDatabase(url);
  const second = await migrateDatabase(url);

  expect(first).toEqual({ created: true, applied: MIGRATIONS, refolded: 0, withoutAddress: [] });
  expect(second).toEqual({ created: false, applied: [], refolded: 0, withoutAddress: [] });
  expect(
    await query(
      url,
      'SELECT migration_name, applied_steps_count FROM _prisma_migrations ORDER BY migration_name',
    ),
  ).toEqual(MIGRATIONS.map((name) => ({ migration_name: name, applied_steps_count: 1 })));
});

it('migrateDatabase lets three processes that start at the same moment take turns', async () => {
  const url = newDatabaseUrl();

  const reports = await Promise.all([migrateDatabase(url), migrateDatabase(url), migrateDatabase(url)]);

  expect(reports.filter(({ created }) => created)).toHaveLength(1);
  expect(reports.flatMap(({ applied }) => applied)).toEqual(MIGRATIONS);
});

it('A migration that fails halfway is rolled back as a whole', async () => {
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

describe('Prisma schema and migrations', () => {
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

  it('The schema and the migrations give the same database, apart from what a Prisma schema cannot express', async () => {
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
      'CREATE INDEX address_changes_unannounced_idx ON public.address_changes USING btree (changed_at, id) WHERE (announced_at IS NULL)',
      "CREATE INDEX aor_decisions_transferred_idx ON public.aor_decisions USING btree (decided_at) WHERE (outcome = 'transferred'::text)",
      'CREATE INDEX credentials_in_rotation_idx ON public.credentials USING btree (portal, set_at, id) WHERE ((retired_at IS NULL) AND (rotation_started_at IS NOT NULL))',
      'CREATE INDEX credentials_without_rotation_idx ON public.credentials USING btree (portal, set_at, id) WHERE ((retired_at IS NULL) AND (rotation_started_at IS NULL))',
      "CREATE INDEX mail_deliveries_pending_idx ON public.mail_deliveries USING btree (valid_until, created_at) WHERE (status = 'pending'::text)",
      'CREATE INDEX mail_deliveries_reference_idx ON public.mail_deliveries USING btree (reference) WHERE (account_id IS NULL)',
      "CREATE INDEX plan_changes_queue_idx ON public.plan_changes USING btree (waiting_since, id) WHERE (stage = ANY (ARRAY['queued'::text, 'claimed'::text]))",
      "CREATE INDEX reset_uses_passing_at_idx ON public.reset_uses USING btree (at) WHERE (kind = ANY (ARRAY['guess'::text, 'left'::text]))",
      "CREATE INDEX reset_uses_pin_at_idx ON public.reset_uses USING btree (at) WHERE (kind = 'pin'::text)",
      'CREATE INDEX two_step_changes_unannounced_idx ON public.two_step_changes USING btree (changed_at, id) WHERE (announced_at IS NULL)',
      'CREATE UNIQUE INDEX access_invitations_open_key ON public.access_invitations USING btree (email_key) WHERE ((used_at IS NULL) AND (replaced_at IS NULL))',
      "CREATE UNIQUE INDEX accounts_member_email_key ON public.accounts USING btree (email_key) WHERE (portal = 'member'::text)",
      'CREATE UNIQUE INDEX agents_of_record_next_key ON public.agents_of_record USING btree (customer_id, version, previous_to) NULLS NOT DISTINCT',
      'CREATE UNIQUE INDEX credentials_current_key ON public.credentials USING btree (account_id) WHERE (retired_at IS NULL)',
      "CREATE UNIQUE INDEX customer_histories_completed_key ON public.customer_histories USING btree (plan_change_id) WHERE (cause = 'plan-change'::text)",
      "CREATE UNIQUE INDEX customer_histories_reversed_key ON public.customer_histories USING btree (plan_change_id) WHERE (cause = 'reversal'::text)",
      'CREATE UNIQUE INDEX enrolments_next_key ON public.enrolments USING btree (customer_id, version, previous_to) NULLS NOT DISTINCT',
      'CREATE UNIQUE INDEX plan_changes_open_key ON public.plan_changes USING btree (customer_id) WHERE (ended_at IS NULL)',
      'agents FOREIGN KEY (principal_key) REFERENCES agents(agent_key) DEFERRABLE INITIALLY DEFERRED',
      'agents_of_record FOREIGN KEY (customer_id, version, previous_to) REFERENCES agents_of_record(customer_id, version, valid_to)',
      'customer_histories FOREIGN KEY (customer_id, previous_version, previous_known_from) REFERENCES customer_histories(customer_id, version, known_from)',
      'customer_histories FOREIGN KEY (customer_id, version, no_end) REFERENCES agents_of_record(customer_id, version, valid_to) DEFERRABLE INITIALLY DEFERRED',
      'customer_histories FOREIGN KEY (customer_id, version, no_end) REFERENCES enrolments(customer_id, version, valid_to) DEFERRABLE INITIALLY DEFERRED',
      'customer_histories FOREIGN KEY (decided_change_id, version) REFERENCES aor_decisions(plan_change_id, version) DEFERRABLE INITIALLY DEFERRED',
      'enrolments FOREIGN KEY (customer_id, version, previous_to) REFERENCES enrolments(customer_id, version, valid_to)',
    ]);
  });
});

describe('Database constraints', () => {
  const account = (fields: string): string =>
    `INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language)
     VALUES (gen_random_uuid(), ${fields})`;
  const agent = (fields: string): string =>
    `INSERT INTO agents (agent_key, agent_number, kind, principal_key, first_name, last_name, first_name_key, last_name_keys,
                         previous_last_names, ssn_digest, pepper_id, email, company)
     VALUES ('A1', 'A1', ${fields}, 'F', 'L', 'f', '{l}', '{}', 'd', 'p', 'e', 'c')`;
  const staff = (fields: string): string =>
    `INSERT INTO staff (staff_key, staff_number, first_name, last_name, role, licensed_from, licensed_to)
     VALUES ('S1', 'S1', 'F', 'L', ${fields})`;
  const plan = (fields: string): string =>
    `INSERT INTO plans (name, offered_from, plan_id, type, states, offered_to) VALUES ('n', '2025-10-15', ${fields})`;
  const customer = (fields: string): string =>
    `INSERT INTO customers (customer_id, first_name, last_name, email, language, state) VALUES ('C1', 'f', 'l', 'e', ${fields})`;
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
      'a language that has no such form',
      account("'member', 'u', 'u', 'e', 'e', 'f', 'l', 'fr-CA'"),
      'accounts_language_check',
    ],
    [
      'a use of a budget it does not know',
      "INSERT INTO reset_uses VALUES (gen_random_uuid(), 'try', 1, 's', now())",
      'reset_uses_kind_check',
    ],
    [
      'an email that is settled without a date',
      `INSERT INTO mail_deliveries (id, kind, account_id, reference, status, valid_until)
       VALUES ('m', 'pin', gen_random_uuid(), 'r', 'delivered', now())`,
      'mail_deliveries_status_check',
    ],
    [
      'an email that goes to nobody',
      `INSERT INTO mail_deliveries (id, kind, reference, status, valid_until)
       VALUES ('m', 'username-reminded', 'r', 'pending', now())`,
      'mail_deliveries_account_id_check',
    ],
    [
      'a kind of broker it does not know',
      `INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language, broker_kind)
       VALUES (gen_random_uuid(), 'broker', 'u', 'u', 'e', 'e', 'f', 'l', 'en', 'agency')`,
      'accounts_broker_kind_check',
    ],
    [
      'a broker kind of a member',
      `INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language, broker_kind)
       VALUES (gen_random_uuid(), 'member', 'u', 'u', 'e', 'e', 'f', 'l', 'en', 'other')`,
      'accounts_broker_kind_check',
    ],
    [
      'an agent account without an agent',
      `INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language, broker_kind)
       VALUES (gen_random_uuid(), 'broker', 'u', 'u', 'e', 'e', 'f', 'l', 'en', 'agent')`,
      'accounts_agent_key_check',
    ],
    ['a kind of agent it does not know', agent("'agency', NULL"), 'agents_kind_check'],
    ['a corporation without a principal', agent("'corporation', NULL"), 'agents_principal_key_check'],
    ['a principal that is not there', agent("'corporation', 'B2'"), 'agents_principal_key_fkey'],
    [
      'a standing of an agent that is not there',
      "INSERT INTO agent_standing VALUES ('A1', 'appointment', '', now(), NULL)",
      'agent_standing_agent_key_fkey',
    ],
    [
      'a standing it does not know',
      "INSERT INTO agent_standing VALUES ('A1', 'friendship', '', now(), NULL)",
      'agent_standing_type_check',
    ],
    [
      'a standing that ends before it begins',
      "INSERT INTO agent_standing VALUES ('A1', 'appointment', '', '2026-02-02', '2026-02-01')",
      'agent_standing_valid_to_check',
    ],
    [
      'a scope it does not know',
      "INSERT INTO api_keys (id, name, scopes, digest) VALUES (gen_random_uuid(), 'n', '{unit,root}', 'd')",
      'api_keys_scopes_check',
    ],
    [
      'a key that may do nothing',
      "INSERT INTO api_keys (id, name, scopes, digest) VALUES (gen_random_uuid(), 'n', '{}', 'd')",
      'api_keys_scopes_check',
    ],
    [
      'two open invitations of one address',
      `INSERT INTO access_invitations (id, pepper_id, code_digest, email, email_key, first_name, last_name, created_at, expires_at, created_by)
       SELECT gen_random_uuid(), 'p', n, 'e', 'e', 'f', 'l', now(), now(), gen_random_uuid() FROM unnest('{a,b}'::text[]) AS n`,
      'access_invitations_open_key',
    ],
    [
      'the fingerprint of a key of no setting',
      "INSERT INTO key_fingerprints VALUES ('password', 'k1', 'f')",
      'key_fingerprints_purpose_check',
    ],
    ['a role it does not know', staff("'manager', NULL, NULL"), 'staff_role_check'],
    [
      'a plan-change representative without a licence',
      staff("'plan-change-representative', NULL, NULL"),
      'staff_licensed_from_check',
    ],
    ['the end of no licence', staff("'field-agent', NULL, '2026-01-01'"), 'staff_licensed_from_check'],
    [
      'a licence that ends before it begins',
      staff("'field-agent', '2026-02-02', '2026-02-01'"),
      'staff_licensed_to_check',
    ],
    [
      'a call center of an agent that is not there',
      "INSERT INTO call_centers (agent_key, name) VALUES ('A1', 'n')",
      'call_centers_agent_key_fkey',
    ],
    [
      'a plan id of another form',
      plan("'H4513-46', 'medicare-advantage', '{TX}', NULL"),
      'plans_plan_id_check',
    ],
    ['a type of plan it does not know', plan("'H4513-046-000', 'hmo', '{TX}', NULL"), 'plans_type_check'],
    ['a plan of no state', plan("'H4513-046-000', 'medicare-advantage', '{}', NULL"), 'plans_states_check'],
    [
      'a plan whose offer ends before it begins',
      plan("'H4513-046-000', 'medicare-advantage', '{TX}', '2025-10-14'"),
      'plans_offered_to_check',
    ],
    ['a customer of a language that has no such form', customer("'fr-CA', 'TX'"), 'customers_language_check'],
    ['a customer of no state', customer("'en', ''"), 'customers_state_check'],
    [
      'two members with one address',
      `${account("'member', 'u1', 'u1', 'e', 'e', 'f', 'l', 'en'")}; ${account("'member', 'u2', 'u2', 'e', 'e', 'f', 'l', 'en'")}`,
      'accounts_member_email_key',
    ],
    [
      'a second current password of an account',
      `WITH one AS (${account("'member', 'u', 'u', 'e', 'e', 'f', 'l', 'en'")} RETURNING id)
       SELECT id FROM one; INSERT INTO credentials SELECT gen_random_uuid(), id, 'h', now(), NULL
       FROM accounts, generate_series(1, 2)`,
      'credentials_current_key',
    ],
  ])('The database refuses %s', async (_what, statement, constraint) => {
    await expect(query(url, statement)).rejects.toMatchObject({ constraint });
  });

  it('The database lets brokers share an email address', async () => {
    const broker = (username: string) =>
      account(`'broker', '${username}', '${username}', 'e', 'e', 'f', 'l', 'en'`);

    await query(url, `${broker('first')}; ${broker('second')}`);

    expect(await query(url, "SELECT username FROM accounts WHERE portal = 'broker'")).toHaveLength(2);
  });
});
