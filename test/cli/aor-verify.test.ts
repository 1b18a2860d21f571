/** `aor -- verify` over real PostgreSQL. Faults that its keys refuse are written after the keys were dropped. */
import { randomUUID } from 'node:crypto';
import { createAorCorrectionActivities } from '../../src/activities/aor-correction';
import { createAorCorrections } from '../../src/adapters/postgres/aor-corrections';
import { createMailLedger } from '../../src/adapters/postgres/mail-ledger';
import { aorCommand } from '../../src/cli/aor';
import { correctionNotices, decisionNotices, type DeliverNoticeInput } from '../../src/contracts/notice';
import { DAY_MS, HOUR_MS } from '../../src/domain/time';
import {
  apiKeyId,
  database,
  eligible,
  ready,
  record,
  withDecisions,
} from '../adapters/postgres/aor-decision-database';
import { NOW_MS, insertCustomer, insertEligibleAgent } from '../adapters/postgres/records';
import { planChangePolicy } from '../support/brand';

withDecisions();

const [OWN, OTHER] = ['OWN', 'OTHER'] as const;
const AT = NOW_MS + HOUR_MS;
/** After every deadline. */
const LATER = AT + 4 * DAY_MS;

beforeAll(async () => {
  for (const agentNumber of [OWN, OTHER]) await insertEligibleAgent(database.prisma, { agentNumber });
});

async function verify({ nowMs = LATER, pageSize = 1000, url = database.url } = {}) {
  let [out, err] = ['', ''];
  const code = await aorCommand(
    ['verify'],
    { DATABASE_URL: url },
    { out: (text) => (out += text), err: (text) => (err += text) },
    nowMs,
    pageSize,
  );
  return { code, out, err };
}

const told = async (notices: readonly DeliverNoticeInput[]): Promise<void> => {
  const ledger = createMailLedger(database.prisma);
  for (const notice of notices) {
    await ledger.begin(notice);
    await ledger.settle(notice.messageId, 'delivered');
  }
};

/** A customer of `OWN`, whose change by `OTHER` was completed and whose next one was the unit's; the first one is reversed. */
async function story() {
  const first = await ready({
    original: eligible(OWN),
    facilitator: eligible(OTHER),
    channel: 'external-agent-application',
  });
  const { customerId } = first;
  await record(first.input);
  const second = await ready({ customerId, original: eligible(OTHER) });
  await record({ ...second.input, effectiveOn: '2027-02-01', atMs: NOW_MS + 1 });
  const correctionId = randomUUID();
  const aorCorrections = createAorCorrections(database.prisma);
  const { planChangeId } = first;
  await aorCorrections.request({
    ...{ correctionId, planChangeId, customerId, kind: 'reversal', reason: 'rejected-by-cms', note: null },
    ...{ apiKeyId, staffKey: null, atMs: AT },
  });
  const deps = { aorCorrections, planChangePolicy, clock: () => AT };
  const activities = createAorCorrectionActivities({ ...deps, reversibleDays: 60 });
  const result = await activities.carryOutCorrection({ correctionId, atMs: AT });
  if (result.kind === 'refused') throw new Error(result.reason);
  const { agentKeys } = result;
  await told([
    ...decisionNotices('transferred', planChangeId, NOW_MS),
    ...decisionNotices('retained', second.planChangeId, NOW_MS),
    ...correctionNotices({ correctionId, planChangeId, agentKeys, atMs: AT }),
  ]);
  return { customerId, planChangeId, later: second.planChangeId, correctionId };
}

const untimed = (text: string): string => text.replace(/; \d+\.\d s, \d+ customers a second\.\n$/, '');

it.each([1, 2, 3, 1000])('aor verify finds nothing where all is well, in pages of %i', async (pageSize) => {
  await story();
  await insertCustomer(database.prisma);
  const { prisma } = database;
  const [customers, versions, decisions, emails] = await Promise.all([
    prisma.customer.count(),
    prisma.customerHistory.count(),
    prisma.aorDecision.count(),
    prisma.mailDelivery.count(),
  ]);

  const { code, out, err } = await verify({ pageSize });

  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(untimed(out)).toBe(
    `${customers} customers with ${versions} versions and ${decisions} decisions verified; ` +
      `emails: ${emails} delivered, 0 refused, 0 outdated, 0 under way; 0 findings`,
  );
});

it('aor verify needs no right to write', async () => {
  await story();
  const [{ name }] = await database.prisma.$queryRaw<[{ name: string }]>`SELECT current_database() AS name`;
  const reader = `reader_of_${name}`;
  await database.prisma.$executeRawUnsafe(
    `CREATE ROLE ${reader} LOGIN PASSWORD 'reads' IN ROLE pg_read_all_data`,
  );
  try {
    const url = Object.assign(new URL(database.url), { username: reader, password: 'reads' });

    expect(await verify({ url: url.href })).toMatchObject({ code: 0, err: '' });
  } finally {
    await database.prisma.$executeRawUnsafe(`DROP ROLE ${reader}`);
  }
});

/** Emails of this change or correction, as they stand in the ledger. */
const settle = (messageId: string, status: string, validUntil = new Date(AT + 3 * DAY_MS)) =>
  database.prisma.mailDelivery.update({
    where: { id: messageId },
    data: { status, validUntil, settledAt: status === 'pending' ? null : new Date(AT) },
  });

it('aor verify counts emails that the mail server refused, that are outdated, or that are under way', async () => {
  const { planChangeId, later, correctionId } = await story();
  await settle(`agent-of-record-lost.${planChangeId}`, 'refused');
  await settle(`plan-change-completed.${planChangeId}`, 'outdated');
  await settle(`plan-change-completed.${later}`, 'pending', new Date(LATER + 1));
  const untried = `plan-change-corrected.${correctionId}`;
  await database.prisma.mailDelivery.delete({ where: { id: untried } });

  const [soon, tooLate] = [await verify({ nowMs: AT + DAY_MS }), await verify({ nowMs: LATER + DAY_MS })];

  expect([soon.code, soon.err]).toEqual([0, '']);
  expect(soon.out).toContain(' 1 refused, 1 outdated, 2 under way; 0 findings');
  expect(tooLate.code).toBe(1);
  expect(tooLate.err).toContain(' 0 under way; 2 findings');
  expect(tooLate.out.split('\n').map((line) => line.replace(/^customer \S+ /, ''))).toEqual([
    `version 3, plan change ${later}: the email plan-change-completed.${later} was tried, and nobody knows how it ended`,
    `version 4, plan change ${planChangeId}: the email ${untried} is missing`,
    '',
  ]);
  await told([{ ...decisionNotices('none', later, AT)[0]!, messageId: untried }]);
  await settle(`plan-change-completed.${later}`, 'delivered');
});

it('aor verify finds that an agent who lost a customer by a correction was not told', async () => {
  const { customerId, planChangeId, correctionId } = await story();
  const id = `agent-of-record-corrected.${correctionId}.${OTHER}`;
  const row = await database.prisma.mailDelivery.delete({ where: { id } });

  const { out } = await verify();

  expect(out).toBe(
    `customer ${customerId}, version 4, plan change ${planChangeId}: the email ${id} is missing\n`,
  );
  await database.prisma.mailDelivery.create({ data: row });
});

describe('faults that the database refuses', () => {
  beforeAll(async () => {
    const { prisma } = database;
    await prisma.$executeRawUnsafe(`
      DO $$
      DECLARE it record;
      BEGIN
        FOR it IN SELECT conrelid::regclass AS of, conname FROM pg_constraint
          WHERE connamespace = 'public'::regnamespace AND (contype IN ('f', 'c') OR conname = 'enrolments_pkey') AND conrelid::regclass::text IN
            ('customer_histories', 'enrolments', 'agents_of_record', 'aor_decisions', 'commission_facts', 'aor_corrections')
          ORDER BY contype = 'p'
        LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', it.of, it.conname); END LOOP;
        DROP INDEX enrolments_next_key, agents_of_record_next_key;
        FOR it IN SELECT tgrelid::regclass AS of, tgname FROM pg_trigger WHERE (tgname LIKE '%append_only' OR tgname LIKE '%ended_for_good') AND NOT tgisinternal
        LOOP EXECUTE format('DROP TRIGGER %I ON %s', it.tgname, it.of); END LOOP;
      END $$`);
  });

  it.each<[string, string, RegExp]>([
    [
      'an overlap',
      `INSERT INTO enrolments (customer_id, version, valid_from, plan_id) VALUES ($1, 4, '2027-01-15', 'H4513-046-000')`,
      /version 4, plan change FIRST: enrolments: overlap: 2027-01-15 is in two of them/,
    ],
    [
      'a gap',
      `UPDATE agents_of_record SET valid_to = '2026-12-30' WHERE customer_id = $1 AND version = 2 AND valid_to = '2026-12-31'`,
      /version 2, plan change FIRST: agents of record: gap: none between 2026-12-30 and 2027-01-01/,
    ],
    [
      'a version without its periods',
      `DELETE FROM agents_of_record WHERE customer_id = $1 AND version = 3`,
      /version 3, plan change LATER: agents of record: there are none/,
    ],
    [
      'a version that is gone',
      `DELETE FROM customer_histories WHERE customer_id = $1 AND version = 3`,
      /version 4, plan change FIRST: it follows 2\n[^]*plan change LATER: it is completed, and no version came of it/,
    ],
    [
      'a completed change without its decision',
      `DELETE FROM aor_decisions WHERE customer_id = $1 AND version = 2`,
      /version 2, plan change FIRST: there is no decision about its change/,
    ],
    [
      'a decision without evidence',
      `UPDATE aor_decisions SET evidence = '{}' WHERE customer_id = $1 AND version = 3`,
      /version 3, plan change LATER: its decision has no evidence that can be read/,
    ],
    [
      'a decision without its fact about the commission',
      `DELETE FROM commission_facts WHERE customer_id = $1 AND version = 4`,
      /version 4, plan change LATER: it is not on record what its decision means for the commission/,
    ],
    [
      'a correction that nobody requested',
      `DELETE FROM aor_corrections WHERE customer_id = $1`,
      /version 4, plan change FIRST: its correction was not requested/,
    ],
    [
      'a change whose completion is undone by hand',
      `UPDATE plan_changes SET stage = 'abandoned' WHERE customer_id = $1 AND effective_on = '2027-02-01'`,
      /version 3, plan change LATER: its plan change is abandoned/,
    ],
    [
      'another agent of record than was decided',
      `UPDATE agents_of_record SET agent_key = 'OWN' WHERE customer_id = $1 AND version = 3 AND valid_to = 'infinity'`,
      /version 3, plan change LATER: agents of record: OWN 2026-01-01 to 2026-12-31, OWN from 2027-01-01 on; by what was recorded: OWN 2026-01-01 to 2026-12-31, OTHER from 2027-01-01 on/,
    ],
    [
      'a later change that was not decided again',
      `DELETE FROM aor_decisions WHERE customer_id = $1 AND version = 4`,
      /version 4, plan change FIRST: plan change LATER is not decided from OWN, agent of record on the day before it takes effect/,
    ],
    [
      'records of no customer',
      `UPDATE enrolments SET customer_id = 'gone-' || $1 WHERE customer_id = $1 AND version = 1`,
      /customer gone-CUSTOMER: there are records of them, and no customer/,
    ],
  ])('aor verify finds %s', async (_, statement, finding) => {
    const { customerId, planChangeId, later } = await story();
    await database.prisma.$executeRawUnsafe(statement, customerId);

    const { code, out } = await verify();

    const lines = out
      .split('\n')
      .filter((line) => line.includes(customerId))
      .join('\n');
    expect(code).toBe(1);
    expect(
      lines.replaceAll(customerId, 'CUSTOMER').replaceAll(planChangeId, 'FIRST').replaceAll(later, 'LATER'),
    ).toMatch(finding);
    expect(out).not.toMatch(/Dana|Whitfield|Harold|Jennings|@/);
  });
});
