import { createDatabase, type Database } from '../../../src/adapters/postgres/database';
import { createTestDatabase, type TestDatabase } from '../../support/database';

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase()));
afterAll(() => database.drop());

/** Node 20 has no Promise.withResolvers. */
function createGate(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

const CONNECTION_LOST = /connection error/i;

async function withDatabase<Result>(
  config: { readonly frozenAfterMs?: number },
  work: (prisma: Database) => Promise<Result>,
): Promise<Result> {
  const prisma = createDatabase({ databaseUrl: database.url, databasePoolSize: 2, ...config });
  try {
    return await work(prisma);
  } finally {
    await prisma.$disconnect();
  }
}

it('A process that is frozen within a transaction loses its locks, and nothing of it is committed', () =>
  withDatabase({ frozenAfterMs: 200 }, async (prisma) => {
    const [locked, thawed] = [createGate(), createGate()];
    const outcome = prisma
      .$transaction(async (transaction) => {
        await transaction.$queryRaw`SELECT 1 AS one FROM pg_advisory_xact_lock(7)`;
        locked.open();
        await thawed.opened;
        await transaction.$queryRaw`SELECT 1 AS one`;
      })
      .then(
        () => 'committed',
        (error: Error) => error.message,
      );
    await locked.opened;

    await prisma.$queryRaw`SELECT 1 AS one FROM pg_advisory_xact_lock(7)`;
    thawed.open();

    expect(await outcome).toMatch(CONNECTION_LOST);
  }));

it('Every connection of a process ends a transaction that was idle for a minute', () =>
  withDatabase({}, async (prisma) => {
    const shown = await Promise.all(
      [1, 2].map(
        () => prisma.$queryRaw`SELECT current_setting('idle_in_transaction_session_timeout') AS idle`,
      ),
    );

    expect(shown).toEqual([[{ idle: '1min' }], [{ idle: '1min' }]]);
  }));
