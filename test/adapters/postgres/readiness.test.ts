import { createReadinessChecks } from '../../../src/adapters/postgres/readiness';

type Connection = Parameters<typeof createReadinessChecks>[1];

/** Systems that answer when `release` is called, and count how often they were asked. */
function createSystems() {
  const asked = { database: 0, namespace: 0, taskQueue: 0 };
  const waiting: (() => void)[] = [];
  const answering = <T>(system: keyof typeof asked, answer: T) => {
    asked[system] += 1;
    return new Promise<T>((resolve) => waiting.push(() => resolve(answer)));
  };
  const database = { $queryRaw: () => answering('database', [{ one: 1 }]) };
  const connection = {
    withDeadline: (_at: number, call: () => Promise<unknown>) => call(),
    workflowService: {
      describeNamespace: () => answering('namespace', {}),
      describeTaskQueue: () => answering('taskQueue', { pollers: [] }),
    },
  };
  const checks = createReadinessChecks(
    database as unknown as Parameters<typeof createReadinessChecks>[0],
    connection as unknown as Connection,
    { namespace: 'default', taskQueue: 'tenure' },
  );
  return { asked, checks, release: () => waiting.splice(0).forEach((answer) => answer()) };
}

afterEach(() => jest.useRealTimers());

it('Readiness checks share one look among hundreds of simultaneous requests and those of the next second', async () => {
  jest.useFakeTimers();
  const { asked, checks, release } = createSystems();

  const answers = Array.from({ length: 300 }, () =>
    Promise.all([checks.database(), checks.temporal(), checks.worker()]),
  );
  release();
  const later = [...(await Promise.all(answers)), [await checks.database(), true, false]];

  expect(new Set(later.map(String))).toEqual(new Set(['true,true,false']));
  expect(asked).toEqual({ database: 1, namespace: 1, taskQueue: 1 });
});

it('Readiness checks look again after a second', async () => {
  jest.useFakeTimers();
  const { asked, checks, release } = createSystems();
  const first = checks.database();
  release();
  await first;

  jest.advanceTimersByTime(999);
  await checks.database();
  jest.advanceTimersByTime(1);
  const second = checks.database();
  release();

  expect(await second).toBe(true);
  expect(asked.database).toBe(2);
});

it('A readiness check is false for a system silent for two seconds, which is not asked again meanwhile', async () => {
  jest.useFakeTimers();
  const { asked, checks } = createSystems();

  const answers = [checks.temporal(), checks.temporal()];
  jest.advanceTimersByTime(2_000);
  const later = checks.temporal();
  jest.advanceTimersByTime(2_000);

  expect(await Promise.all([...answers, later])).toEqual([false, false, false]);
  expect(asked.namespace).toBe(1);
});
