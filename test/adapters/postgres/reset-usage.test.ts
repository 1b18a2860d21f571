import { randomUUID } from 'node:crypto';
import { createResetUsage } from '../../../src/adapters/postgres/reset-usage';
import { DAY_MS } from '../../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { NOW_MS } from './records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const nothingUsed = { pinsAtMs: [], wrongGuessesAtMs: [], consecutiveFailures: 0 };

const somebody = () => ({ usage: createResetUsage(database.prisma), subjectKey: randomUUID() });

const pin = (subjectKey: string, fields: { resetId?: string; sequence?: number; atMs?: number } = {}) => ({
  resetId: fields.resetId ?? randomUUID(),
  subjectKey,
  sequence: fields.sequence ?? 1,
  atMs: fields.atMs ?? NOW_MS,
  pinsPerDay: 3,
});

it('Reset usage is empty for somebody who never tried', async () => {
  const { usage, subjectKey } = somebody();

  expect(await usage.load(subjectKey, NOW_MS)).toEqual(nothingUsed);
});

it('Reset usage is recorded to the millisecond', async () => {
  const { usage, subjectKey } = somebody();
  const resetId = randomUUID();
  await usage.recordPin(pin(subjectKey, { resetId }));
  await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'guess 1', atMs: NOW_MS + 1 });

  const used = await usage.load(subjectKey, NOW_MS + 2);

  expect(used).toEqual({ pinsAtMs: [NOW_MS], wrongGuessesAtMs: [NOW_MS + 1], consecutiveFailures: 1 });
});

it('Reset usage counts nothing twice', async () => {
  const { usage, subjectKey } = somebody();
  const resetId = randomUUID();

  for (let i = 0; i < 2; i++) {
    expect(await usage.recordPin(pin(subjectKey, { resetId }))).toBe(true);
    await usage.recordSuccess({ resetId, subjectKey, atMs: NOW_MS });
    await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'guess 1', atMs: NOW_MS + 1 });
  }

  expect(await usage.load(subjectKey, NOW_MS)).toEqual({
    pinsAtMs: [NOW_MS],
    wrongGuessesAtMs: [NOW_MS + 1],
    consecutiveFailures: 1,
  });
  expect(await database.prisma.resetUse.count({ where: { subjectKey } })).toBe(3);
});

it('Of many guesses begun at once for two resets, each sees those before it, until their outcome is known', async () => {
  const { usage, subjectKey } = somebody();
  const resets = [randomUUID(), randomUUID()];
  const guess = (index: number, atMs = NOW_MS) => ({
    resetId: resets[index % 2]!,
    subjectKey,
    guessId: `guess ${index}`,
    atMs,
  });
  await usage.beginGuess({ ...guess(0), subjectKey: randomUUID(), resetId: randomUUID() });

  const before = await Promise.all(Array.from({ length: 20 }, (_, index) => usage.beginGuess(guess(index))));

  expect(before.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(await usage.load(subjectKey, NOW_MS)).toEqual(nothingUsed);
  // The same guess again does not see itself.
  expect(await usage.beginGuess(guess(3))).toBe(19);
  await usage.recordWrongGuess(guess(0));
  expect(await usage.beginGuess(guess(20))).toBe(19);
  await usage.endGuess(guess(0));
  for (let index = 1; index < 20; index++) await usage.endGuess(guess(index));
  expect(await usage.beginGuess(guess(21))).toBe(1);
  expect(await usage.beginGuess(guess(22, NOW_MS + 10 * 60_000))).toBe(0);
  expect(await usage.load(subjectKey, NOW_MS)).toMatchObject({ wrongGuessesAtMs: [NOW_MS] });
});

it('Reset usage counts exactly three of fifty PINs recorded at once', async () => {
  const { usage, subjectKey } = somebody();

  const counted = await Promise.all(Array.from({ length: 50 }, () => usage.recordPin(pin(subjectKey))));

  expect(counted.filter(Boolean)).toHaveLength(3);
  expect((await usage.load(subjectKey, NOW_MS)).pinsAtMs).toHaveLength(3);
});

it('recordPin still accepts a PIN that was counted before the budget was used up', async () => {
  const { usage, subjectKey } = somebody();
  const first = pin(subjectKey);
  await usage.recordPin(first);
  await usage.recordPin(pin(subjectKey));
  await usage.recordPin(pin(subjectKey));

  expect(await usage.recordPin(first)).toBe(true);
  expect(await usage.recordPin(pin(subjectKey))).toBe(false);
});

it.each([
  ['a millisecond before the day is over', NOW_MS + DAY_MS - 1, false],
  ['when the day is over', NOW_MS + DAY_MS, true],
])('recordPin accepts the next PIN only when the day is over: %s (%d)', async (_when, atMs, given) => {
  const { usage, subjectKey } = somebody();
  for (let i = 0; i < 3; i++) await usage.recordPin(pin(subjectKey));

  expect(await usage.recordPin(pin(subjectKey, { atMs }))).toBe(given);
});

it('Reset usage keeps people apart', async () => {
  const { usage, subjectKey } = somebody();
  for (let i = 0; i < 3; i++) await usage.recordPin(pin(subjectKey));

  expect(await usage.recordPin(pin(randomUUID()))).toBe(true);
});

it('Reset usage leaves out what is thirty days old, except from the count of consecutive failures', async () => {
  const { usage, subjectKey } = somebody();
  const resetId = randomUUID();
  await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'guess 1', atMs: NOW_MS - 300 * DAY_MS });
  await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'guess 2', atMs: NOW_MS - 30 * DAY_MS });
  await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'guess 3', atMs: NOW_MS - 30 * DAY_MS + 1 });

  const used = await usage.load(subjectKey, NOW_MS);

  expect(used).toEqual({
    pinsAtMs: [],
    wrongGuessesAtMs: [NOW_MS - 30 * DAY_MS + 1],
    consecutiveFailures: 3,
  });
});

it('A success resets the count of consecutive failures', async () => {
  const { usage, subjectKey } = somebody();
  const resetId = randomUUID();
  await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'guess 1', atMs: NOW_MS });
  await usage.recordSuccess({ resetId, subjectKey, atMs: NOW_MS + 1 });
  await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'guess 2', atMs: NOW_MS + 2 });

  const used = await usage.load(subjectKey, NOW_MS + 3);

  expect(used.consecutiveFailures).toBe(1);
  expect(used.wrongGuessesAtMs.toSorted((a, b) => a - b)).toEqual([NOW_MS, NOW_MS + 2]);
});

it.each([
  ['a millisecond less than a year old counts in the row', 365 * DAY_MS - 1, 1],
  ['a year old counts no more', 365 * DAY_MS, 0],
])('A failure that is %s', async (_what, agoMs, consecutiveFailures) => {
  const { usage, subjectKey } = somebody();
  const resetId = randomUUID();
  await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'guess 1', atMs: NOW_MS - agoMs });

  expect(await usage.load(subjectKey, NOW_MS)).toEqual({ ...nothingUsed, consecutiveFailures });
});

it('ofReset tells what one reset used, and whether a page gave it up, even if it did so twice', async () => {
  const { usage, subjectKey } = somebody();
  const resetId = randomUUID();
  await usage.recordPin(pin(subjectKey, { resetId }));
  await usage.recordPin(pin(subjectKey, { resetId, sequence: 2, atMs: NOW_MS + 50_000 }));
  await usage.recordWrongGuess({ resetId, subjectKey, guessId: 'a guess', atMs: NOW_MS + 1 });
  await usage.recordPin(pin(subjectKey));
  for (let i = 0; i < 2; i++)
    await usage.recordLeaving({ resetId, subjectKey, token: 'one page', atMs: NOW_MS });

  expect(await usage.ofReset(resetId, 'one page')).toEqual({
    pins: [
      { sequence: 1, atMs: NOW_MS },
      { sequence: 2, atMs: NOW_MS + 50_000 },
    ],
    wrongGuessesAtMs: [NOW_MS + 1],
    left: true,
  });
  expect(await usage.ofReset(resetId, 'another page')).toMatchObject({ left: false });
});
