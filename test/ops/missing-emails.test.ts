/** The queries that docs/operators.md gives for an email that did not arrive, asked of a ledger with an email of every kind. */
import { randomUUID } from 'node:crypto';
import { createMailLedger } from '../../src/adapters/postgres/mail-ledger';
import {
  MAIL_KINDS,
  PLAN_CHANGE_NOTICE_KINDS,
  accountRegisteredNotice,
  addressChangedNotice,
  correctionNotices,
  escalationNotice,
  invitationNotice,
  passwordChangedNotice,
  planChangeNotice,
  recoveryLimitNotice,
  twoStepChangedNotice,
  usernameRemindedNotice,
  type MailKind,
} from '../../src/contracts/notice';
import { DAY_MS } from '../../src/domain/time';
import { NOW_MS, insertAccount, insertCustomer, insertPlanChange } from '../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { readProjectFile } from './image';

interface LedgerRow {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
}

/** Whom the operator looks for: each id under the name that the document has in its place. */
interface Names {
  readonly 'ACCOUNT-ID': string;
  readonly 'C-500001': string;
  readonly 'INVITATION-ID': string;
}

const guide = readProjectFile('docs/operators.md');
const VALID_UNTIL_MS = NOW_MS + DAY_MS;

let database: TestDatabase;
let names: Names;
let others: Names;
beforeAll(async () => {
  database = await createTestDatabase();
  [names, others] = [await writeToSomebody(), await writeToSomebody()];
});
afterAll(() => database.drop());

/** An email of every kind in the ledger, as it is announced, or made by the run that carries it. */
async function writeToSomebody(): Promise<Names> {
  const { prisma } = database;
  const accountId = await insertAccount(prisma);
  const customerId = await insertCustomer(prisma);
  const planChangeId = await insertPlanChange(prisma, { customerId });
  const [reference, invitationId] = [randomUUID(), randomUUID()];
  const ofRun = (kind: MailKind, messageId: string) => ({
    kind,
    messageId,
    accountId,
    reference,
    validUntilMs: VALID_UNTIL_MS,
  });
  const toAccount = [
    ofRun('pin', `pin.${reference}.1`),
    ofRun('sign-in-code', `sign-in-code.${reference}.1`),
    ofRun('password-reminder', `password-reminder.${reference}.14`),
    passwordChangedNotice(accountId, reference, NOW_MS),
    usernameRemindedNotice(accountId, reference, NOW_MS),
    accountRegisteredNotice(accountId, NOW_MS),
    addressChangedNotice(accountId, reference, NOW_MS),
    twoStepChangedNotice(accountId, reference, NOW_MS),
    recoveryLimitNotice(accountId, reference, NOW_MS),
  ];
  const ofDecision = (
    [
      'plan-change-completed',
      'agent-of-record-kept',
      'agent-of-record-gained',
      'agent-of-record-lost',
    ] as const
  ).map((kind) => planChangeNotice(kind, planChangeId, NOW_MS));
  const toLead = (
    ['waiting', 'overdue', `held.${NOW_MS}.0`, `held.${NOW_MS}.1`, `held.${NOW_MS}.2`] as const
  ).map((escalation) => escalationNotice(escalation, planChangeId, NOW_MS));
  const correction = {
    correctionId: randomUUID(),
    planChangeId,
    agentKeys: ['20417', '20418'],
    atMs: NOW_MS,
  };
  const ofCorrection = correctionNotices(correction);
  const invitation = invitationNotice(invitationId, NOW_MS, VALID_UNTIL_MS);

  const ledger = createMailLedger(prisma);
  for (const email of [...toAccount, ...ofDecision, ...toLead, ...ofCorrection, invitation])
    await ledger.begin(email);
  return { 'ACCOUNT-ID': accountId, 'C-500001': customerId, 'INVITATION-ID': invitationId };
}

/** What the documented query over the ledger that asks for `name` finds of `whose`. */
function found(name: keyof Names, whose: Names): Promise<LedgerRow[]> {
  const queries = [...guide.matchAll(/^psql "\$DATABASE_URL" -c "(.+)"$/gm)]
    .map(([, sql = '']) => sql)
    .filter((sql) => sql.includes('FROM mail_deliveries') && sql.includes(name));
  expect(queries).toHaveLength(1);
  return database.prisma.$queryRawUnsafe<LedgerRow[]>(queries[0]!.replaceAll(name, whose[name]));
}

/** The kind is what an id begins with. */
const kindsOf = (rows: readonly LedgerRow[]): string[] =>
  [...new Set(rows.map(({ id }) => id.split('.')[0]!))].toSorted();

const PLAN_CHANGE_KINDS: readonly MailKind[] = PLAN_CHANGE_NOTICE_KINDS;

it('The documented query by account finds every kind of email to that account', async () => {
  const rows = await found('ACCOUNT-ID', names);

  const kinds = MAIL_KINDS.filter(
    (kind) => !['access-invitation', 'agent-terminated'].includes(kind) && !PLAN_CHANGE_KINDS.includes(kind),
  );
  expect(kindsOf(rows)).toEqual(kinds.toSorted());
});

it('The documented query by customer finds every email about a plan change, to customer, agents and lead', async () => {
  const rows = await found('C-500001', names);

  expect(kindsOf(rows)).toEqual(PLAN_CHANGE_KINDS.toSorted());
  // The lead is told each week of a change that is held.
  expect(rows.filter(({ id }) => id.startsWith('plan-change-still-held.'))).toHaveLength(2);
});

it('The documented query by invitation finds the invitation’s email', async () => {
  expect(await found('INVITATION-ID', names)).toMatchObject([{ status: 'pending', attempts: 1 }]);
});

it.each(['ACCOUNT-ID', 'C-500001'] as const)(
  'The documented query by %s finds nobody else’s email',
  async (name) => {
    const rows = [...(await found(name, names)), ...(await found(name, others))];

    expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  },
);
