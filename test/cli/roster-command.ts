/** `npm run import`, run in this process on files of its own and a database of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { importCommand } from '../../src/cli/import';
import { createTestDatabase, type TestDatabase } from '../support/database';

/** The number of statements that `work` sends to the database: one for each line would make an import take hours. */
export async function statementsOf(work: () => Promise<unknown>): Promise<number> {
  const query = jest.spyOn(Client.prototype, 'query');
  try {
    await work();
    return query.mock.calls.length;
  } finally {
    query.mockRestore();
  }
}

export const AGENTS_HEADER =
  'agentNumber,kind,firstName,lastName,previousLastNames,principalAgentNumber,ssnLast6,email,welcomedOn,company,terminatedOn';
export const STANDING_HEADER = 'agentNumber,type,state,planYear,from,to';
export const STAFF_HEADER = 'staffNumber,role,firstName,lastName,licensedFrom,licensedTo';
export const CALL_CENTERS_HEADER = 'agentNumber,name';
export const PLANS_HEADER = 'planId,name,type,states,offeredFrom,offeredTo';
export const CUSTOMERS_HEADER =
  'customerId,firstName,lastName,email,language,state,planId,enrolledOn,agentNumber';
export const HEADER = 'memberId,username,email,firstName,lastName,language';

/** Their triggers refuse deletion in every session. */
const emptied = [
  'commission_facts',
  'aor_decisions',
  'enrolments',
  'agents_of_record',
  'customer_histories',
  'agent_standing',
  'agent_activity',
];

interface RunOptions {
  readonly isTerminal?: boolean;
  readonly databaseUrl?: string;
  /** What `TENURE_PEPPERS` says; not set for the rosters that need none. */
  readonly peppers?: string;
  /** What `LANG` says. */
  readonly lang?: string;
}

/** Call it at the top of a test file. The database has nothing of any roster at the start of each test. */
export function useImportCommand() {
  let database: TestDatabase;
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'tenure-import-'));
  });
  afterEach(async () => {
    const { prisma } = database;
    await prisma.$transaction([
      // The order of deletion does not matter: this leaves the keys out.
      prisma.$executeRaw`SET LOCAL session_replication_role = 'replica'`,
      ...emptied.flatMap((table) => [
        prisma.$executeRawUnsafe(`ALTER TABLE ${table} DISABLE TRIGGER USER`),
        prisma.$executeRawUnsafe(`DELETE FROM ${table}`),
        prisma.$executeRawUnsafe(`ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${table}_append_only`),
      ]),
      prisma.planChange.deleteMany(),
      prisma.auditEvent.deleteMany(),
      prisma.customer.deleteMany(),
      prisma.plan.deleteMany(),
      prisma.callCenter.deleteMany(),
      prisma.staff.deleteMany(),
      prisma.account.deleteMany(),
      prisma.agentTermination.deleteMany(),
      prisma.agent.deleteMany(),
      prisma.keyFingerprint.deleteMany(),
    ]);
  });
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  /** `summary` comes without the time that it took. */
  async function run(
    args: readonly string[],
    { isTerminal = false, databaseUrl = database.url, peppers, lang }: RunOptions = {},
  ) {
    let out = '';
    let err = '';
    const code = await importCommand(
      args,
      { DATABASE_URL: databaseUrl, TENURE_PEPPERS: peppers, TENURE_OPERATOR: 'ana', LANG: lang },
      { out: (text) => (out += text), err: (text) => (err += text), isTerminal },
    );
    return { code, summary: out.replace(/ in [\d.]+ s\n/, '\n').trimEnd(), err };
  }

  function importing(content: string | Buffer, options?: RunOptions, kind = 'members') {
    const file = join(folder, `${kind}-${files++}.csv`);
    writeFileSync(file, content);
    return run([kind, file], options);
  }

  const accounts = () => database.prisma.account.findMany({ orderBy: { memberId: 'asc' } });

  return {
    run,
    importing,
    /** A file as people really have them. */
    importCase: (kind: string, name: string, options?: RunOptions) =>
      run([kind, join(__dirname, `../fixtures/cases/${name}.csv`)], options),
    importAgents: (lines: readonly string[], peppers: string) =>
      importing([AGENTS_HEADER, ...lines].join('\n'), { peppers }, 'agents'),
    importStanding: (lines: readonly string[]) =>
      importing([STANDING_HEADER, ...lines].join('\n'), {}, 'agent-standing'),
    importStaff: (lines: readonly string[]) => importing([STAFF_HEADER, ...lines].join('\n'), {}, 'staff'),
    importCallCenters: (lines: readonly string[]) =>
      importing([CALL_CENTERS_HEADER, ...lines].join('\n'), {}, 'call-centers'),
    importPlans: (lines: readonly string[]) => importing([PLANS_HEADER, ...lines].join('\n'), {}, 'plans'),
    importCustomers: (lines: readonly string[]) =>
      importing([CUSTOMERS_HEADER, ...lines].join('\n'), {}, 'customers'),
    agents: () => database.prisma.agent.findMany({ orderBy: { agentKey: 'asc' } }),
    importLines: (...lines: string[]) => importing([HEADER, ...lines].join('\n')),
    accounts,
    memberIds: async () => (await accounts()).map(({ memberId }) => memberId),
    folder: () => folder,
    prisma: () => database.prisma,
  };
}
