/** Histories that were recorded before there were versions of them, carried over by the migration. */
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { PRISMA_FOLDER } from '../../../src/adapters/postgres/schema-engine';
import { withDatabase } from '../../../lab/system/postgres-url';

const serverUrl = process.env['TENURE_TEST_POSTGRES']!;
const name = `migrate_histories_${randomBytes(6).toString('hex')}`;
const MIGRATION = '20261129250000_histories';
const migrations = readdirSync(join(PRISMA_FOLDER, 'migrations'))
  .filter((each) => /^\d/.test(each))
  .toSorted();
const scriptOf = (migration: string): string =>
  readFileSync(join(PRISMA_FOLDER, 'migrations', migration, 'migration.sql'), 'utf8');

const [PLAN, SECOND_PLAN, THIRD_PLAN] = ['H1111-001-000', 'H1111-002-000', 'H1111-003-000'] as const;
const IMPORTED_AT = '2026-01-05T10:00:00.123Z';

let client: Client;
async function onServer(statement: string): Promise<void> {
  const server = new Client({ connectionString: serverUrl });
  await server.connect();
  await server.query(statement);
  await server.end();
}
beforeAll(async () => {
  await onServer(`CREATE DATABASE ${name}`);
  client = new Client({ connectionString: withDatabase(serverUrl, name) });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
});

interface Decision {
  readonly customerId: string;
  readonly at: string;
  readonly effectiveOn: string;
  readonly planId: string;
  readonly outcome: 'retained' | 'transferred' | 'ended' | 'none';
  readonly agentKey?: string;
  readonly previousAgentKey?: string;
}

const REASONS = {
  retained: 'unit-completed',
  transferred: 'external-agent-facilitated',
  ended: 'agent-terminated',
  none: 'no-agent-of-record',
} as const;

/** As the build before the migration recorded a completed change. */
async function recordAsBefore(decision: Decision): Promise<void> {
  const { customerId, at, effectiveOn, planId, outcome, agentKey = null, previousAgentKey = null } = decision;
  const planChangeId = randomUUID();
  await client.query(
    `INSERT INTO plan_changes (id, customer_id, channel, route, stage, plan_id, effective_on, opened_at, opened_by, waiting_since, ended_at)
     VALUES ($1, $2, 'plan-change-line', 'unit', 'completed', $3, $4, $5, $1, $5, $5)`,
    [planChangeId, customerId, planId, effectiveOn, at],
  );
  await client.query(
    `INSERT INTO aor_decisions (plan_change_id, customer_id, decided_at, outcome, reason, agent_key, previous_agent_key, effective_on,
                                rule_version, evidence, api_key_id)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 2, jsonb_build_object('of', $2::text), $1)`,
    [planChangeId, customerId, at, outcome, REASONS[outcome], agentKey, previousAgentKey, effectiveOn],
  );
  if (previousAgentKey !== null)
    await client.query('INSERT INTO commission_facts VALUES ($1, $2, $3, $4, $5)', [
      planChangeId,
      customerId,
      previousAgentKey,
      outcome === 'retained',
      effectiveOn,
    ]);
  const moves = outcome === 'transferred' || outcome === 'ended';
  for (const [table, column, value] of [
    ['enrolments', 'plan_id', planId],
    ...(moves ? [['agents_of_record', 'agent_key', agentKey] as const] : []),
  ] as const) {
    await client.query(
      `UPDATE ${table} SET valid_to = $2::date - 1 WHERE customer_id = $1 AND valid_to IS NULL`,
      [customerId, effectiveOn],
    );
    await client.query(
      `INSERT INTO ${table} (id, customer_id, ${column}, valid_from, created_at) VALUES (gen_random_uuid(), $1, $2, $3, $4)`,
      [customerId, value, effectiveOn, at],
    );
  }
}

async function enrolAsBefore(
  customerId: string,
  agentKey: string | null,
  from = '2026-01-01',
): Promise<void> {
  await client.query(
    `INSERT INTO customers (customer_id, first_name, last_name, email, language, state) VALUES ($1, 'F', 'L', 'e', 'en', 'TX')`,
    [customerId],
  );
  for (const [table, column, value] of [
    ['enrolments', 'plan_id', PLAN],
    ['agents_of_record', 'agent_key', agentKey],
  ] as const)
    await client.query(
      `INSERT INTO ${table} (id, customer_id, ${column}, valid_from, created_at) VALUES (gen_random_uuid(), $1, $2, $3, $4)`,
      [customerId, value, from, IMPORTED_AT],
    );
}

/** What was true on every day of three years, as it is known at that moment. */
const remember = (at: string) =>
  client.query(
    `INSERT INTO remembered
     SELECT $1::timestamptz, c.customer_id, d::date, e.plan_id, a.agent_key
     FROM customers c CROSS JOIN generate_series('2025-12-01'::date, '2028-12-31'::date, '1 day') d
     LEFT JOIN enrolments e ON e.customer_id = c.customer_id AND d BETWEEN e.valid_from AND coalesce(e.valid_to, 'infinity')
     LEFT JOIN agents_of_record a ON a.customer_id = c.customer_id AND d BETWEEN a.valid_from AND coalesce(a.valid_to, 'infinity')`,
    [at],
  );

const byA = { agentKey: 'A1', previousAgentKey: 'A1' };
/** In the order in which they were recorded. */
const decisions: readonly Decision[] = [
  {
    customerId: 'C-kept',
    at: '2026-10-20T08:00:00Z',
    effectiveOn: '2027-01-01',
    planId: SECOND_PLAN,
    outcome: 'retained',
    ...byA,
  },
  {
    customerId: 'C-moved',
    at: '2026-10-20T09:00:00Z',
    effectiveOn: '2027-01-01',
    planId: SECOND_PLAN,
    outcome: 'transferred',
    agentKey: 'B2',
    previousAgentKey: 'A1',
  },
  {
    customerId: 'C-ended',
    at: '2026-10-21T09:00:00Z',
    effectiveOn: '2026-12-01',
    planId: SECOND_PLAN,
    outcome: 'ended',
    previousAgentKey: 'A1',
  },
  {
    customerId: 'C-nobodys',
    at: '2026-10-22T09:00:00Z',
    effectiveOn: '2027-01-01',
    planId: SECOND_PLAN,
    outcome: 'none',
  },
  {
    customerId: 'C-moved',
    at: '2026-11-20T09:00:00Z',
    effectiveOn: '2027-02-01',
    planId: THIRD_PLAN,
    outcome: 'transferred',
    agentKey: 'A1',
    previousAgentKey: 'B2',
  },
  {
    customerId: 'C-ended',
    at: '2026-11-21T09:00:00Z',
    effectiveOn: '2027-03-01',
    planId: THIRD_PLAN,
    outcome: 'none',
  },
  {
    customerId: 'C-nobodys',
    at: '2026-11-22T09:00:00Z',
    effectiveOn: '2027-02-01',
    planId: PLAN,
    outcome: 'transferred',
    agentKey: 'B2',
  },
  {
    customerId: 'C-moved',
    at: '2026-11-23T09:00:00Z',
    effectiveOn: '2028-01-01',
    planId: PLAN,
    outcome: 'retained',
    ...byA,
  },
];

it('The migration carries over every customer’s history, decisions and commissions, as they were known at every time', async () => {
  for (const migration of migrations.filter((each) => each < MIGRATION))
    await client.query(scriptOf(migration));
  await client.query(
    `CREATE TABLE remembered (at timestamptz, customer_id text, day date, plan_id text, agent_key text)`,
  );
  for (const planId of [PLAN, SECOND_PLAN, THIRD_PLAN])
    await client.query(
      `INSERT INTO plans (plan_id, name, type, states, offered_from) VALUES ($1, 'P', 'medicare-advantage', '{TX}', '2025-01-01')`,
      [planId],
    );
  for (const agentKey of ['A1', 'B2'])
    await client.query(
      `INSERT INTO agents (agent_key, agent_number, kind, first_name, last_name, first_name_key, last_name_keys, previous_last_names,
                           ssn_digest, pepper_id, email, company)
       VALUES ($1, $1, 'agent', 'F', 'L', 'f', '{l}', '{}', 'd', 'p', 'e', 'c')`,
      [agentKey],
    );
  for (const id of ['C-kept', 'C-moved', 'C-ended', 'C-still']) await enrolAsBefore(id, 'A1');
  await enrolAsBefore('C-nobodys', null, '2026-05-01');
  await client.query(
    `INSERT INTO customers (customer_id, first_name, last_name, email, language, state) VALUES ('C-bare', 'F', 'L', 'e', 'en', 'TX')`,
  );
  await remember(IMPORTED_AT);
  for (const decision of decisions) {
    await recordAsBefore(decision);
    await remember(decision.at);
  }
  // The clock that recorded these was behind; and two were recorded in the same millisecond.
  await enrolAsBefore('C-clock', 'A1');
  const sameTime = {
    customerId: 'C-clock',
    at: '2026-01-01T00:00:00Z',
    planId: SECOND_PLAN,
    outcome: 'retained',
    ...byA,
  } as const;
  await recordAsBefore({ ...sameTime, effectiveOn: '2027-01-01' });
  await recordAsBefore({ ...sameTime, effectiveOn: '2027-02-01', planId: THIRD_PLAN });
  // An enrolment that somebody ended by hand, and one that had no agents of record.
  await enrolAsBefore('C-left', 'A1');
  await client.query(`UPDATE enrolments SET valid_to = '2026-06-30' WHERE customer_id = 'C-left'`);
  await client.query(
    `INSERT INTO customers (customer_id, first_name, last_name, email, language, state) VALUES ('C-half', 'F', 'L', 'e', 'en', 'TX')`,
  );
  await client.query(
    `INSERT INTO enrolments (id, customer_id, plan_id, valid_from, created_at) VALUES (gen_random_uuid(), 'C-half', $1, '2026-01-01', $2)`,
    [PLAN, IMPORTED_AT],
  );
  await remember('2026-11-29T00:00:00Z');
  const decided = `
    SELECT d.customer_id, d.decided_at, d.outcome, d.reason, d.agent_key, d.previous_agent_key, d.effective_on, d.evidence, f.agent_key AS paid, f.continues
    FROM aor_decisions d LEFT JOIN commission_facts f ON f.plan_change_id = d.plan_change_id ORDER BY d.plan_change_id`;
  const { rows: before } = await client.query(decided);

  for (const migration of migrations.filter((each) => each >= MIGRATION))
    await client.query(scriptOf(migration));

  const { rows: after } = await client.query(decided);
  expect(after).toEqual(before);
  const { rows: wrong } = await client.query(`
    SELECT r.*, e.plan_id AS plan_now, a.agent_key AS agent_now
    FROM remembered r
    LEFT JOIN LATERAL (
      SELECT max(version) AS version FROM customer_histories h WHERE h.customer_id = r.customer_id AND h.known_from <= r.at
    ) k ON true
    LEFT JOIN enrolments e ON (e.customer_id, e.version) = (r.customer_id, k.version) AND r.day BETWEEN e.valid_from AND e.valid_to
    LEFT JOIN agents_of_record a ON (a.customer_id, a.version) = (r.customer_id, k.version) AND r.day BETWEEN a.valid_from AND a.valid_to
    WHERE (e.plan_id, a.agent_key) IS DISTINCT FROM (r.plan_id, r.agent_key)`);
  expect(wrong).toEqual([]);
  const { rows: versions } = await client.query<{ line: string }>(`
    SELECT concat_ws(' ', customer_id, version, cause, to_char(known_from AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'), effective_on) AS line
    FROM customer_histories h LEFT JOIN aor_decisions d USING (customer_id, version, plan_change_id) ORDER BY line`);
  const roster = '1 roster 2026-01-05 10:00:00.123';
  expect(versions.map(({ line }) => line)).toEqual([
    `C-clock ${roster}`,
    'C-clock 2 plan-change 2026-01-05 10:00:00.124 2027-01-01',
    'C-clock 3 plan-change 2026-01-05 10:00:00.125 2027-02-01',
    `C-ended ${roster}`,
    'C-ended 2 plan-change 2026-10-21 09:00:00.000 2026-12-01',
    'C-ended 3 plan-change 2026-11-21 09:00:00.000 2027-03-01',
    `C-half ${roster}`,
    `C-kept ${roster}`,
    'C-kept 2 plan-change 2026-10-20 08:00:00.000 2027-01-01',
    `C-left ${roster}`,
    `C-moved ${roster}`,
    'C-moved 2 plan-change 2026-10-20 09:00:00.000 2027-01-01',
    'C-moved 3 plan-change 2026-11-20 09:00:00.000 2027-02-01',
    'C-moved 4 plan-change 2026-11-23 09:00:00.000 2028-01-01',
    `C-nobodys ${roster}`,
    'C-nobodys 2 plan-change 2026-10-22 09:00:00.000 2027-01-01',
    'C-nobodys 3 plan-change 2026-11-22 09:00:00.000 2027-02-01',
    `C-still ${roster}`,
  ]);
});
