/** A test file's running system: its own API, worker, database and mailbox, on the servers of the whole test run. */
import { inTurn } from '../../../lab/system/closing';
import { createStack, type Stack, type StackOptions } from '../../../lab/system/stack';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { closeStack } from './close-stack';

interface Stoppable {
  stop(): Promise<unknown>;
}

interface WithStackOptions extends Pick<StackOptions, 'env' | 'workerEnv' | 'withPages'> {
  /** Called instead of starting both processes; returns what must be stopped before them. */
  start?(stack: Stack): Promise<readonly Stoppable[]>;
  /** Types of runs that are not in our code. */
  readonly notOurs?: readonly string[];
}

interface Running {
  readonly stack: Stack;
  readonly database: TestDatabase;
  stop(): Promise<void>;
}

let running: Promise<Running> | undefined;

/**
 * Starts it before the tests and ends it after them; `use` is called with it. Suites imported by one test file share one. Options
 * are a function if something must exist before they are known.
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
  try {
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
  } catch (error) {
    // Nobody else would stop it, and Jest would wait for it for ever.
    await inTurn(
      () => stack.stop(),
      () => database.drop(),
    );
    throw error;
  }
}
