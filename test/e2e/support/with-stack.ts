/** The running system of a test file: API, worker, database and mailbox of its own, over the servers of the whole run. */
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { inTurn } from './closing';
import { createPortal, type Portal } from './portal';

interface Running {
  readonly portal: Portal;
  readonly database: TestDatabase;
}

let running: Promise<Running> | undefined;

/** Starts it before the tests and ends it after them; `use` gets it. Suites that one test file imports share one. */
export function withStack(use: (portal: Portal, database: TestDatabase) => unknown): void {
  if (running === undefined) afterAll(stop, STOPS_WITHIN_MS);
  running ??= Promise.resolve().then(start);
  beforeAll(async () => {
    const { portal, database } = await running!;
    await use(portal, database);
  });
}

/** It replays the histories of all tests. */
const STOPS_WITHIN_MS = 900_000;

async function start(): Promise<Running> {
  const database = await createTestDatabase();
  const temporalAddress = process.env['TENURE_TEST_TEMPORAL']!;
  const portal = await createPortal({ databaseUrl: database.url, temporalAddress });
  await portal.start();
  return { portal, database };
}

async function stop(): Promise<void> {
  const { portal, database } = await running!;
  await inTurn(
    () => portal.close(),
    () => database.drop(),
  );
}
