import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { Database } from '../../../src/adapters/postgres/database';
import { createRotations } from '../../../src/adapters/postgres/rotations';
import { DAY_MS } from '../../../src/domain/time';
import { rotationWindow } from '../../../src/domain/password-rotation/rotation-calendar';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { NOW_MS, insertAccount, insertCredential } from './records';
import { portalPolicies, withMemberPasswordDays } from '../../support/brand';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

const rotations = () => createRotations(database.prisma);
const LIFETIME_MS = 90 * DAY_MS;
const brokerWindow = {
  portal: 'broker',
  ...rotationWindow(portalPolicies.broker, NOW_MS)!,
  limit: 100,
} as const;

/** A broker's current password that ends `days` from now. */
async function endingIn(days: number, fields: Parameters<typeof insertCredential>[2] = {}) {
  const accountId = await insertAccount(database.prisma, { portal: 'broker' });
  const setAtMs = NOW_MS + days * DAY_MS - LIFETIME_MS;
  const credentialId = await insertCredential(database.prisma, accountId, { setAtMs, ...fields });
  return { accountId, credentialId, setAtMs };
}

describe('findDue', () => {
  it('findDue finds a portal’s current passwords in their last days that have no run, the first to end first', async () => {
    const late = await endingIn(14.9);
    const soon = await endingIn(0.001);
    await endingIn(15.001);
    await endingIn(0);
    await endingIn(-3);
    await endingIn(7, { rotationStartedAtMs: NOW_MS - 1 });
    await endingIn(7, { retiredAtMs: NOW_MS - 1 });
    const member = await insertAccount(database.prisma, { portal: 'member' });
    await insertCredential(database.prisma, member, { setAtMs: soon.setAtMs });

    expect(await rotations().findDue(brokerWindow)).toEqual([soon, late]);
  });

  it('findDue finds at most as many passwords as requested, and the others once these are marked as started', async () => {
    const due = [await endingIn(1), await endingIn(2), await endingIn(3)];

    const first = await rotations().findDue({ ...brokerWindow, limit: 2 });
    await rotations().markStarted(
      first.map(({ credentialId }) => credentialId),
      NOW_MS,
    );

    expect(first).toEqual(due.slice(0, 2));
    expect(await rotations().findDue(brokerWindow)).toEqual(due.slice(2));
  });

  it('findDue reads as many rows as are due, however many passwords there are', async () => {
    await database.prisma.$executeRaw`
      WITH a AS (
        INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language)
        SELECT gen_random_uuid(), CASE WHEN n % 2 = 0 THEN 'broker' ELSE 'member' END, 'user' || n, 'user' || n,
               n || '@example.com', n || '@example.com', 'Ana', 'Ruiz', 'en'
        FROM generate_series(1, 20000) n RETURNING id
      )
      INSERT INTO credentials (id, account_id, hash, set_at)
      SELECT gen_random_uuid(), id, 'x', to_timestamp(${NOW_MS / 1000}::float8) - random() * interval '74 days' FROM a`;
    const due = [await endingIn(1), await endingIn(2), await endingIn(3)];
    await database.prisma.$executeRaw`ANALYZE credentials`;

    const plan = await plansOf((prisma) => createRotations(prisma).findDue(brokerWindow));

    expect(plan).toMatch(
      new RegExp(
        `Index (Only )?Scan (using|on) credentials_without_rotation_idx.* rows=${due.length}(\\.00)? `,
      ),
    );
    expect(plan).not.toMatch(/Seq Scan|Rows Removed by Filter/);
  });
});

describe('markStarted', () => {
  it('markStarted keeps the first time, and returns each time the passwords that were changed meanwhile', async () => {
    const kept = await endingIn(3);
    const changed = await endingIn(4, { retiredAtMs: NOW_MS - 1 });
    const ids = [kept.credentialId, changed.credentialId];

    const answers = [
      await rotations().markStarted(ids, NOW_MS),
      await rotations().markStarted(ids, NOW_MS + 1),
    ];

    expect(answers).toEqual([[expect.objectContaining(changed)], [expect.objectContaining(changed)]]);
    expect(await database.prisma.credential.findUnique({ where: { id: kept.credentialId } })).toMatchObject({
      rotationStartedAt: new Date(NOW_MS),
    });
  });
});

describe('recordReminder', () => {
  it('recordReminder records and audits a reminder once, however often it is called', async () => {
    const { accountId, credentialId } = await endingIn(7);
    const reminder = { accountId, credentialId, reminder: '7', atMs: NOW_MS };

    await rotations().recordReminder(reminder);
    await rotations().recordReminder({ ...reminder, atMs: NOW_MS + 5000 });

    expect(await database.prisma.auditEvent.findMany({ where: { accountId } })).toMatchObject([
      { action: 'reminder-sent', outcome: 'success', at: new Date(NOW_MS) },
    ]);
    expect(await database.prisma.credential.findUnique({ where: { id: credentialId } })).toMatchObject({
      remindedAt: new Date(NOW_MS),
    });
  });
});

it('status tells whether a password is current, rotated, or of a closed or unknown account', async () => {
  const current = await endingIn(7);
  const replaced = await endingIn(7, { retiredAtMs: NOW_MS });
  const closed = await endingIn(7);
  await database.prisma.account.update({
    where: { id: closed.accountId },
    data: { closedAt: new Date(NOW_MS) },
  });

  const ids = [current.credentialId, replaced.credentialId, closed.credentialId, randomUUID()];

  expect(await Promise.all(ids.map((id) => rotations().status(id)))).toEqual([
    'current',
    'rotated',
    'account-closed',
    'account-closed',
  ]);
});

describe('Rotation list', () => {
  const query = { policies: portalPolicies, nowMs: NOW_MS, limit: 100 };
  const idsOf = (listed: readonly { credentialId: string }[]) =>
    listed.map(({ credentialId }) => credentialId);

  it('The rotation list shows each state, the first to end first, without changed passwords and closed accounts', async () => {
    const expired = await endingIn(0);
    const reminded = await endingIn(1, { rotationStartedAtMs: NOW_MS, remindedAtMs: NOW_MS - 5 });
    const due = await endingIn(2);
    await endingIn(16);
    await endingIn(2, { retiredAtMs: NOW_MS });
    const closed = await endingIn(2);
    await database.prisma.account.update({
      where: { id: closed.accountId },
      data: { closedAt: new Date(NOW_MS) },
    });

    const listed = await rotations().list(query);

    expect(listed).toMatchObject([
      { credentialId: expired.credentialId, state: 'expired', remindedAtMs: null, expiresAtMs: NOW_MS },
      { credentialId: reminded.credentialId, state: 'reminded', remindedAtMs: NOW_MS - 5 },
      { credentialId: due.credentialId, state: 'due', accountId: due.accountId, setAtMs: due.setAtMs },
    ]);
    for (const [state, only] of [
      ['expired', expired],
      ['reminded', reminded],
      ['due', due],
    ] as const) {
      expect(idsOf(await rotations().list({ ...query, state }))).toEqual([only.credentialId]);
    }
  });

  it('The rotation list continues where a page ended, over both portals and passwords of the same moment', async () => {
    const policies = withMemberPasswordDays(30);
    const made: string[] = [];
    for (const days of [-1, 3, 3, 3, 5]) {
      made.push((await endingIn(days)).credentialId);
      const member = await insertAccount(database.prisma, { portal: 'member' });
      made.push(await insertCredential(database.prisma, member, { setAtMs: NOW_MS + (days - 30) * DAY_MS }));
    }

    const seen: string[] = [];
    let after: { atMs: number; id: string } | undefined;
    for (;;) {
      const page = await rotations().list({ ...query, policies, limit: 3, after });
      if (page.length === 0) break;
      seen.push(...idsOf(page));
      after = { atMs: page.at(-1)!.expiresAtMs, id: page.at(-1)!.credentialId };
    }

    expect(seen.toSorted()).toEqual(made.toSorted());
    expect(idsOf(await rotations().list({ ...query, policies, limit: 100 }))).toEqual(seen);
  });
});

it('Every credential gets the portal of its account, whoever writes it', async () => {
  const { credentialId } = await endingIn(7);

  expect(await database.prisma.credential.findUnique({ where: { id: credentialId } })).toMatchObject({
    portal: 'broker',
  });
});

/** How PostgreSQL ran what `work` asks of the database that it is given: plans with true row counts. */
async function plansOf(work: (prisma: Database) => Promise<unknown>): Promise<string> {
  const explain = [
    'session_preload_libraries=auto_explain',
    'auto_explain.log_min_duration=0',
    'auto_explain.log_analyze=on',
    'auto_explain.log_level=notice',
  ];
  const options = explain.map((setting) => `-c ${setting}`).join(' ');
  const pool = new Pool({ connectionString: database.url, options, max: 1 });
  const plans: string[] = [];
  pool.on('connect', (client) => client.on('notice', ({ message }) => plans.push(String(message))));
  const explained = new Database(pool);
  try {
    await work(explained);
    return plans.join('\n');
  } finally {
    await explained.$disconnect();
  }
}
