/** `npm run import`, run in this process on files of its own and a database of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importCommand } from '../../src/cli/import';
import { createTestDatabase, type TestDatabase } from '../support/database';

export const HEADER = 'memberId,username,email,firstName,lastName,language';

/** Call it at the top of a test file. The database has no accounts at the start of each test. */
export function useImportCommand() {
  let database: TestDatabase;
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    database = await createTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'tenure-import-'));
  });
  afterEach(() => database.prisma.account.deleteMany());
  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  /** `summary` comes without the time that it took. */
  async function run(args: readonly string[], { isTerminal = false, databaseUrl = database.url } = {}) {
    let out = '';
    let err = '';
    const code = await importCommand(
      args,
      { DATABASE_URL: databaseUrl },
      { out: (text) => (out += text), err: (text) => (err += text), isTerminal },
    );
    return { code, summary: out.replace(/ in [\d.]+ s\n$/, ''), err };
  }

  function importing(content: string | Buffer, options?: { isTerminal?: boolean; databaseUrl?: string }) {
    const file = join(folder, `members-${files++}.csv`);
    writeFileSync(file, content);
    return run(['members', file], options);
  }

  const accounts = () => database.prisma.account.findMany({ orderBy: { memberId: 'asc' } });

  return {
    run,
    importing,
    importLines: (...lines: string[]) => importing([HEADER, ...lines].join('\n')),
    accounts,
    memberIds: async () => (await accounts()).map(({ memberId }) => memberId),
    folder: () => folder,
    prisma: () => database.prisma,
  };
}
