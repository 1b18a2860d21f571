import { randomUUID } from 'node:crypto';
import { createIdempotency } from '../../../src/adapters/postgres/idempotency';
import { createTestDatabase, type TestDatabase } from '../../support/database';

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

it('An idempotency key is claimed by exactly one of twenty simultaneous requests', async () => {
  const key = randomUUID();

  const answers = await Promise.all(Array.from({ length: 20 }, () => store().begin(key, 'body')));

  expect(answers.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
  expect(answers.filter(({ kind }) => kind === 'running')).toHaveLength(19);
});

it('An idempotency key returns the answer that was stored first, however often it is asked', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');
  await store().finish(key, 201, 'sealed');
  await store().finish(key, 500, 'another');

  const answers = [await store().begin(key, 'body'), await store().begin(key, 'body')];

  const answered = { kind: 'answered', status: 201, answer: 'sealed' };
  expect(answers).toEqual([answered, answered]);
});

it('An idempotency key refuses a request with another body', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');
  expect(await store().begin(key, 'other')).toEqual({ kind: 'other-body' });

  await store().finish(key, 200, 'sealed');
  expect(await store().begin(key, 'other')).toEqual({ kind: 'other-body' });
});

const claimed = (isRepeated: boolean) => ({ kind: 'claimed', operationId: expect.any(String), isRepeated });

it('forget frees an idempotency key for another operation with any body', async () => {
  const key = randomUUID();
  const first = await store().begin(key, 'body');

  await store().forget(key);
  await store().forget(key);
  const second = await store().begin(key, 'other');

  expect([first, second]).toEqual([claimed(false), claimed(false)]);
  expect(second).not.toEqual(first);
});

it('release lets a repetition continue the operation of an idempotency key, for the same body only', async () => {
  const key = randomUUID();
  const first = await store().begin(key, 'body');

  await store().release(key);
  await store().release(key);
  const other = await store().begin(key, 'other');
  const again = await store().begin(key, 'body');
  const meanwhile = await store().begin(key, 'body');

  expect([first, other, meanwhile]).toEqual([claimed(false), { kind: 'other-body' }, { kind: 'running' }]);
  expect(again).toEqual({ ...first, isRepeated: true });
});

it('A released idempotency key is claimed by exactly one of twenty simultaneous repetitions', async () => {
  const key = randomUUID();
  const first = await store().begin(key, 'body');
  await store().release(key);

  const answers = await Promise.all(Array.from({ length: 20 }, () => store().begin(key, 'body')));

  expect(answers.filter(({ kind }) => kind === 'claimed')).toEqual([{ ...first, isRepeated: true }]);
  expect(answers.filter(({ kind }) => kind === 'running')).toHaveLength(19);
});

it('An idempotency key of a release without operations can be claimed again after a minute', async () => {
  const key = randomUUID();
  await database.prisma.idempotentRequest.create({ data: { keyDigest: key, bodyDigest: 'body' } });
  await startedAgo(key, 70_000);

  expect(await store().begin(key, 'body')).toMatchObject({ kind: 'claimed' });
});

it('An idempotency key with an answer keeps it despite release and forget', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');
  await store().finish(key, 200, 'sealed');

  await store().release(key);
  await store().forget(key);

  expect(await store().begin(key, 'body')).toMatchObject({ kind: 'answered' });
});

it('An idempotency key without an answer can be claimed again after a minute, for the same body only', async () => {
  const key = randomUUID();
  const first = await store().begin(key, 'body');

  await startedAgo(key, 50_000);
  const early = await store().begin(key, 'body');
  await startedAgo(key, 70_000);
  const other = await store().begin(key, 'other');
  const late = await store().begin(key, 'body');

  expect([early, other]).toEqual([{ kind: 'running' }, { kind: 'other-body' }]);
  expect(late).toEqual({ ...first, isRepeated: true });
});

it('An idempotency key keeps its answer for 24 hours', async () => {
  const key = randomUUID();
  await store().begin(key, 'body');
  await store().finish(key, 200, 'sealed');

  await startedAgo(key, 86_400_000 - 60_000);
  expect(await store().begin(key, 'body')).toMatchObject({ kind: 'answered' });

  await startedAgo(key, 86_400_000 + 60_000);
  expect(await store().begin(key, 'body')).toEqual(claimed(false));
});

it('An idempotency key without an answer forgets its operation after 24 hours, and then accepts any body', async () => {
  const key = randomUUID();
  const first = await store().begin(key, 'body');
  await store().release(key);
  await startedAgo(key, 86_400_000 + 60_000);

  const second = await store().begin(key, 'other');

  expect(second).toEqual(claimed(false));
  expect(second).not.toEqual(first);
});
