import { randomUUID } from 'node:crypto';
import { createIdempotency } from '../../src/adapters/idempotency';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const store = () => createIdempotency(database.prisma);

const startedAgo = (keyDigest: string, ms: number) =>
  database.prisma.idempotentRequest.update({
    where: { keyDigest },
    data: { startedAt: new Date(Date.now() - ms) },
  });

it('gives a key to one of twenty simultaneous requests', async () => {
  const key = randomUUID();

  const answers = await Promise.all(Array.from({ length: 20 }, () => store().begin(key, 'body')));

  expect(answers.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'running')).toHaveLength(19);
});

it('gives back the answer that was kept, however often it is asked', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');
  await store().finish(key, 201, 'sealed');
  await store().finish(key, 500, 'another');

  const answers = [await store().begin(key, 'body'), await store().begin(key, 'body')];

  const answered = { kind: 'answered', status: 201, answer: 'sealed' };
  expect(answers).toEqual([answered, answered]);
});

it('tells a request with another body apart', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');
  expect(await store().begin(key, 'other')).toEqual({ kind: 'other-body' });

  await store().finish(key, 200, 'sealed');
  expect(await store().begin(key, 'other')).toEqual({ kind: 'other-body' });
});

it('gives a key again that was given back', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');

  await store().release(key);
  await store().release(key);

  expect(await store().begin(key, 'other')).toEqual({ kind: 'claimed' });
});

it('does not take back an answer', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');
  await store().finish(key, 200, 'sealed');

  await store().release(key);

  expect(await store().begin(key, 'body')).toMatchObject({ kind: 'answered' });
});

it.each([
  ['a claim of 50 seconds', 50_000, 'running'],
  ['a claim of 70 seconds', 70_000, 'claimed'],
])('lets a claim without an answer lapse after a minute: %s', async (_age, ageMs, kind) => {
  const key = randomUUID();
  await store().begin(key, 'body');
  await startedAgo(key, ageMs);

  expect(await store().begin(key, 'body')).toEqual({ kind });
});

it('keeps an answer for 24 hours', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');
  await store().finish(key, 200, 'sealed');

  await startedAgo(key, 86_400_000 - 60_000);
  expect(await store().begin(key, 'body')).toMatchObject({ kind: 'answered' });

  await startedAgo(key, 86_400_000 + 60_000);
  expect(await store().begin(key, 'body')).toEqual({ kind: 'claimed' });
});
