import {
  findAnsweredBesides,
  findOtherBrands,
  watchBrand,
  type BrandedProcess,
  type StartedBrand,
} from '../../../src/adapters/postgres/brand-records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { until } from '../../support/until';
import { insertAccount } from './records';

let database: TestDatabase;
const stops: (() => void)[] = [];
beforeAll(async () => (database = await createTestDatabase()));
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await database.prisma.brandFingerprint.deleteMany();
});
afterAll(() => database.drop());

/** What the process is told of others, one list a change. */
function watch(
  process: BrandedProcess,
  fingerprint: string,
  { everyMs = 20, pool = database.prisma.pool } = {},
) {
  const told: (readonly BrandedProcess[])[] = [];
  const onChange = (others: readonly BrandedProcess[]): void => void told.push(others);
  stops.push(watchBrand(pool, { process, fingerprint }, { onChange, everyMs }));
  return told;
}
const noted = async (): Promise<StartedBrand[]> =>
  (await database.prisma.brandFingerprint.findMany({ orderBy: { process: 'asc' } })).map(
    ({ process, fingerprint }) => ({ process: process as BrandedProcess, fingerprint }),
  );

it('Processes with one brand are told of nobody', async () => {
  const told = [watch('api', 'ours'), watch('worker', 'ours'), watch('api', 'ours')];
  await until(async () => (await noted()).length === 2);
  await new Promise((resolve) => setTimeout(resolve, 100));

  expect(told).toEqual([[], [], []]);
  expect(await findOtherBrands(database.prisma.pool, { fingerprint: 'ours' })).toEqual([]);
});

it('Processes with two brands are told of each other once, and again when that has passed', async () => {
  const api = watch('api', 'ours');
  await until(async () => (await noted()).length === 1);
  const worker = watch('worker', 'another');
  await until(() => api.length === 1 && worker.length === 1);

  watch('worker', 'ours');
  await until(() => api.length === 2);

  expect(api).toEqual([['worker'], []]);
  expect(worker[0]).toEqual(['api']);
});

it('A second API with another brand is noticed by the first', async () => {
  const first = watch('api', 'ours');
  await until(async () => (await noted()).length === 1);

  watch('api', 'another');
  await until(() => first.length === 1);

  expect(first).toEqual([['api']]);
});

it('watchBrand goes on when the database was away', async () => {
  let isAway = true;
  const pool = {
    query: (text: string, values: unknown[]) =>
      isAway ? Promise.reject(new Error('away')) : database.prisma.pool.query(text, values),
  } as typeof database.prisma.pool;
  watch('worker', 'ours', { pool });
  await new Promise((resolve) => setTimeout(resolve, 60));

  isAway = false;

  await until(async () => (await noted()).length === 1);
  expect(await noted()).toEqual([{ process: 'worker', fingerprint: 'ours' }]);
});

it('findAnsweredBesides finds the questions that people have answered and that are not given', async () => {
  const accountId = await insertAccount(database.prisma, { portal: 'broker' });
  await database.prisma.securityAnswer.createMany({
    data: ['first-pet', 'first-car'].map((questionId, position) => ({
      accountId,
      position: position + 1,
      questionId,
      salt: 's',
      stretched: 'x',
    })),
  });
  const { pool } = database.prisma;

  expect(await findAnsweredBesides(pool, ['first-pet', 'first-car', 'first-job'])).toEqual([]);
  expect(await findAnsweredBesides(pool, ['first-pet'])).toEqual(['first-car']);
  expect(await findAnsweredBesides(pool, [])).toEqual(['first-car', 'first-pet']);
});
