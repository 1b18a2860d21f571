import { Registry } from 'prom-client';
import {
  addDatabaseGauges,
  passwordsOf,
  pendingEmails,
  planChangesByStage,
  transfersOfAgents,
} from '../../../src/adapters/telemetry/metrics/database-gauges';
import { Prisma } from '../../../src/adapters/generated/client';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import type { AorDecision } from '../../../src/domain/plan-change/agent-of-record';
import { beginHistory } from '../../../lab/system/customer-history';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { samplesIn, valuesOf, type Sample } from '../../support/exposition';
import {
  insertAccount,
  insertCredential,
  insertDecision,
  insertPlanChange,
  NOW_MS,
} from '../postgres/records';
import { brand, portalPolicies, withMemberPasswordDays } from '../../support/brand';

let testDatabase: TestDatabase;

beforeEach(async () => {
  testDatabase = await createTestDatabase();
});

afterEach(async () => {
  await testDatabase.drop();
});

async function gauges({ policies = portalPolicies } = {}): Promise<Sample[]> {
  const registry = new Registry();
  addDatabaseGauges(registry, {
    database: testDatabase.prisma,
    brand: { policies, fingerprint: 'ours' },
    clock: () => NOW_MS,
  });
  return samplesIn(await registry.metrics());
}

describe('Plan changes', () => {
  it('Plan changes are counted by stage, and one whose claim is over counts as queued', async () => {
    const { prisma } = testDatabase;
    await insertPlanChange(prisma, { waitingSinceMs: NOW_MS - 2 * MINUTE_MS });
    await insertPlanChange(prisma, {
      stage: 'claimed',
      claimUntilMs: NOW_MS,
      waitingSinceMs: NOW_MS - 3 * MINUTE_MS,
    });
    await insertPlanChange(prisma, {
      stage: 'claimed',
      claimUntilMs: NOW_MS + 1,
      waitingSinceMs: NOW_MS - 9 * MINUTE_MS,
    });
    await insertPlanChange(prisma, { stage: 'withdrawn' });

    const told = await gauges();

    expect(told.filter(({ name }) => name === 'tenure_plan_changes')).toEqual([
      { name: 'tenure_plan_changes', labels: { stage: 'queued' }, value: 2 },
      { name: 'tenure_plan_changes', labels: { stage: 'claimed' }, value: 1 },
      { name: 'tenure_plan_changes', labels: { stage: 'with-facilitator' }, value: 0 },
      { name: 'tenure_plan_changes', labels: { stage: 'held' }, value: 0 },
    ]);
    expect(valuesOf(told, 'tenure_plan_changes_oldest_queued_seconds')).toEqual([180]);
  });

  it('Plan changes that are held have an age, counted from when they were held', async () => {
    const external = { channel: 'external-agent-application', stage: 'held', facilitatorKey: 'A7' } as const;
    const { prisma } = testDatabase;
    await insertPlanChange(prisma, { ...external, heldAtMs: NOW_MS - HOUR_MS });
    await insertPlanChange(prisma, { ...external, heldAtMs: NOW_MS - 2 * HOUR_MS });
    await insertPlanChange(prisma, { waitingSinceMs: NOW_MS - DAY_MS });

    const told = await gauges();

    expect(valuesOf(told, 'tenure_plan_changes', { stage: 'held' })).toEqual([2]);
    expect(valuesOf(told, 'tenure_plan_changes_oldest_held_seconds')).toEqual([7200]);
  });

  it('Plan changes that moved an agent of record are counted for the last day and for a usual day', async () => {
    const transferred = async (decidedAtMs: number, outcome = 'transferred') => {
      const planChangeId = await insertPlanChange(testDatabase.prisma, { stage: 'completed' });
      const { customerId } = await testDatabase.prisma.planChange.findUniqueOrThrow({
        where: { id: planChangeId },
      });
      const decided =
        outcome === 'transferred'
          ? { reason: 'external-agent-facilitated', agentKey: 'A1' }
          : { reason: 'no-agent-of-record', agentKey: null };
      await insertDecision(testDatabase.prisma, {
        planChangeId,
        customerId,
        decidedAtMs,
        decision: { outcome, ...decided } as AorDecision,
      });
    };
    for (const decidedAtMs of [NOW_MS, NOW_MS - DAY_MS + 1]) await transferred(decidedAtMs);
    await transferred(NOW_MS, 'none');
    for (let days = 0; days < 7; days += 1) await transferred(NOW_MS - DAY_MS - days * 4 * DAY_MS);
    await transferred(NOW_MS - 29 * DAY_MS);

    const told = await gauges();

    expect(valuesOf(told, 'tenure_agent_of_record_transfers', { over: 'day' })).toEqual([2]);
    expect(valuesOf(told, 'tenure_agent_of_record_transfers', { over: 'usual_day' })).toEqual([7 / 28]);
  });

  it('The ages of the oldest queued and held plan changes are zero if there are none', async () => {
    expect(valuesOf(await gauges(), 'tenure_plan_changes_oldest_held_seconds')).toEqual([0]);
    expect(valuesOf(await gauges(), 'tenure_plan_changes_oldest_queued_seconds')).toEqual([0]);
  });
});

it('Kinds of processes that were started with another brand are counted', async () => {
  const none = await gauges();
  await testDatabase.prisma.brandFingerprint.createMany({
    data: [
      { process: 'api', fingerprint: 'ours' },
      { process: 'worker', fingerprint: 'another' },
    ],
  });
  const told = await gauges();

  expect(valuesOf(none, 'tenure_brand_mismatch')).toEqual([0]);
  expect(valuesOf(told, 'tenure_brand_mismatch')).toEqual([1]);
});

describe('Passwords', () => {
  it.each([
    ['is not due fifteen days before its end', NOW_MS - 75 * DAY_MS + 1, {}, [0, 0]],
    ['is due from then on', NOW_MS - 75 * DAY_MS, {}, [1, 0]],
    ['is due while its run goes on', NOW_MS - 80 * DAY_MS, { rotationStartedAtMs: NOW_MS - DAY_MS }, [1, 0]],
    ['is due to its last moment', NOW_MS - 90 * DAY_MS + 1, {}, [1, 0]],
    ['is expired from its end on', NOW_MS - 90 * DAY_MS, {}, [0, 1]],
    ['is expired after its run', NOW_MS - 95 * DAY_MS, { rotationStartedAtMs: NOW_MS - DAY_MS }, [0, 1]],
    ['counts no more when it was changed', NOW_MS - 95 * DAY_MS, { retiredAtMs: NOW_MS }, [0, 0]],
  ])('A broker’s password %s', async (_what, setAtMs, fields, [due, expired]) => {
    const accountId = await insertAccount(testDatabase.prisma, { portal: 'broker' });
    await insertCredential(testDatabase.prisma, accountId, { setAtMs, ...fields });

    const told = await gauges();

    expect(valuesOf(told, 'tenure_passwords', { portal: 'broker', state: 'due' })).toEqual([due]);
    expect(valuesOf(told, 'tenure_passwords', { portal: 'broker', state: 'expired' })).toEqual([expired]);
  });

  it('Members’ passwords are counted only if they expire', async () => {
    const accountId = await insertAccount(testDatabase.prisma, { portal: 'member' });
    await insertCredential(testDatabase.prisma, accountId, { setAtMs: NOW_MS - 31 * DAY_MS });

    const told = await gauges();
    const toldWithEnd = await gauges({ policies: withMemberPasswordDays(30) });

    expect(valuesOf(told, 'tenure_passwords', { portal: 'member' })).toEqual([]);
    expect(valuesOf(toldWithEnd, 'tenure_passwords', { portal: 'member', state: 'expired' })).toEqual([1]);
  });
});

describe('Emails', () => {
  const email = (id: string, fields: { createdAtMs: number; status?: string; validUntilMs?: number }) =>
    testDatabase.prisma.mailDelivery.create({
      data: {
        id,
        kind: 'access-invitation',
        reference: id,
        attempts: 1,
        status: fields.status ?? 'pending',
        createdAt: new Date(fields.createdAtMs),
        validUntil: new Date(fields.validUntilMs ?? NOW_MS + HOUR_MS),
        settledAt: fields.status === undefined ? null : new Date(NOW_MS),
      },
    });

  it('An email is overdue after five minutes, as long as it may still be sent', async () => {
    await email('new', { createdAtMs: NOW_MS - 5 * MINUTE_MS });
    await email('overdue', { createdAtMs: NOW_MS - 6 * MINUTE_MS });
    await email('settled', { createdAtMs: NOW_MS - 7 * MINUTE_MS, status: 'delivered' });
    await email('too-late', { createdAtMs: NOW_MS - 8 * MINUTE_MS, validUntilMs: NOW_MS });

    const told = await gauges();

    expect(valuesOf(told, 'tenure_emails_overdue')).toEqual([1]);
    expect(valuesOf(told, 'tenure_emails_oldest_pending_seconds')).toEqual([360]);
  });

  it('The age of the oldest pending email is zero if there is none', async () => {
    expect(valuesOf(await gauges(), 'tenure_emails_oldest_pending_seconds')).toEqual([0]);
  });
});

describe('Statements', () => {
  const policies = Object.values(withMemberPasswordDays(30));

  it.each<[string, Prisma.Sql]>([
    ['plan changes', planChangesByStage(NOW_MS)],
    [
      'passwords',
      Prisma.join(
        policies.flatMap((policy) => passwordsOf(policy, NOW_MS)),
        ' UNION ALL ',
      ),
    ],
    ['emails', pendingEmails(NOW_MS)],
    ['transfers', transfersOfAgents(NOW_MS)],
  ])(
    'The statement for %s reads an index and scans no table, among many rows that do not matter',
    async (_what, statement) => {
      const { prisma } = testDatabase;
      await prisma.$executeRaw`
      INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language)
      SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'broker' ELSE 'member' END, 'u' || n, 'u' || n, n || '@example.com', n || '@example.com', 'A', 'B', 'en'
      FROM generate_series(1, 5000) n`;
      await prisma.$executeRaw`
      INSERT INTO credentials (id, account_id, hash, set_at) SELECT gen_random_uuid(), id, 'h', to_timestamp(${NOW_MS / 1000}::float8) FROM accounts`;
      await prisma.$executeRaw`
      INSERT INTO mail_deliveries (id, kind, reference, status, attempts, valid_until, settled_at)
      SELECT 'm' || n, 'access-invitation', 'r', 'delivered', 1, now(), now() FROM generate_series(1, 5000) n`;
      await prisma.$executeRaw`
      INSERT INTO customers (customer_id, first_name, last_name, email, language, state) VALUES ('C-1', 'A', 'B', 'c@example.com', 'en', 'TX')`;
      await beginHistory(prisma, 'C-1', { enrolments: [{ from: '2026-01-01', planId: null }] });
      await prisma.$executeRaw`
      INSERT INTO plan_changes (id, customer_id, channel, route, stage, opened_at, opened_by, waiting_since, ended_at)
      SELECT gen_random_uuid(), 'C-1', 'plan-change-line', 'unit', 'withdrawn', now(), gen_random_uuid(), now(), now() FROM generate_series(1, 5000) n`;
      await prisma.$executeRaw`
      INSERT INTO aor_decisions (plan_change_id, version, customer_id, decided_at, outcome, reason, effective_on, rule_version, evidence, api_key_id)
      SELECT id, 1, customer_id, to_timestamp(${NOW_MS / 1000}::float8), 'none', 'no-agent-of-record', '2027-01-01', 2, '{}', gen_random_uuid() FROM plan_changes`;
      await prisma.$executeRawUnsafe('ANALYZE');

      const plan = await prisma.$queryRaw<{ 'QUERY PLAN': string }[]>`EXPLAIN ${statement}`;

      const lines = plan.map((row) => row['QUERY PLAN']).join('\n');
      expect(lines).toMatch(/Index (Only )?Scan/);
      expect(lines).not.toContain('Seq Scan');
    },
  );
});

describe('Database outage', () => {
  it('A gauge has no value while the database is down, and has one again when it is back', async () => {
    let away = false;
    const database = new Proxy(testDatabase.prisma, {
      get: (target, name) =>
        name === 'send' && away
          ? () => Promise.reject(new Error('away'))
          : (Reflect.get(target, name) as unknown),
    });
    const registry = new Registry();
    const clock = (): number => NOW_MS;
    addDatabaseGauges(registry, { database, brand, clock, keepMs: 0 });
    const overdue = async (): Promise<number[]> =>
      valuesOf(samplesIn(await registry.metrics()), 'tenure_emails_overdue');

    const before = await overdue();
    away = true;
    const meanwhile = await overdue();
    away = false;
    const after = await overdue();

    expect([before, meanwhile, after]).toEqual([[0], [], [0]]);
  });
});
