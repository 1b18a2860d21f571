/** The running system of a test file: API, worker, database and mailbox of its own, over the servers of the whole run. */
import { inTurn } from '../../../lab/system/closing';
import { createStack, type Stack, type StackOptions } from '../../../lab/system/stack';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { closeStack } from './close-stack';

interface Stoppable {
  stop(): Promise<unknown>;
}

interface WithStackOptions extends Pick<StackOptions, 'env' | 'workerEnv'> {
  /** Instead of starting both processes: gives what is to be stopped before them. */
  start?(stack: Stack): Promise<readonly Stoppable[]>;
  /** Types of runs that no code of ours has. */
  readonly notOurs?: readonly string[];
}

interface Running {
  readonly stack: Stack;
  readonly database: TestDatabase;
  stop(): Promise<void>;
}

let running: Promise<Running> | undefined;

/**
 * Starts it before the tests and ends it after them; `use` gets it. Suites that one test file imports share one. Options are a function
 * where something has to be there before it.
 */
export function withStack(
  use: (stack: Stack, database: TestDatabase) => unknown,
  options: WithStackOptions | (() => Promise<WithStackOptions>) = {},
): void {
  if (running === undefined) afterAll(async () => (await running!).stop(), STOPS_WITHIN_MS);
  running ??= Promise.resolve().then(async () =>
    start(typeof options === 'function' ? await options() : options),
  );
  beforeAll(async () => {
    const { stack, database } = await running!;
    await use(stack, database);
  });
}

/** It replays the histories of all tests. */
const STOPS_WITHIN_MS = 900_000;

async function start({ start: startParts, notOurs, ...options }: WithStackOptions): Promise<Running> {
  const database = await createTestDatabase();
  const temporalAddress = process.env['TENURE_TEST_TEMPORAL']!;
  const stack = await createStack({ databaseUrl: database.url, temporalAddress, ...options });
  const parts = startParts === undefined ? [] : await startParts(stack);
  if (startParts === undefined) await stack.start();
  return {
    stack,
    database,
    stop: () =>
      inTurn(
        ...parts.map((part) => () => part.stop()),
        () => closeStack(stack, notOurs),
        () => database.drop(),
      ),
  };
}
