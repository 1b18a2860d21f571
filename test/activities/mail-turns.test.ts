import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createMailTurns } from '../../src/activities/mail-turns';

const ONCE = { maximumAttempts: 1 };
const TURNS = 2;

let ends: (() => void)[];
let begun: string[];
let send: (name: string) => Promise<void>;

beforeEach(() => {
  ends = [];
  begun = [];
  send = createMailTurns(TURNS)(
    (name: string) =>
      new Promise<void>((resolve) => {
        begun.push(name);
        ends.push(resolve);
      }),
  );
});

const environment = (retryPolicy = {}) =>
  new MockActivityEnvironment({ retryPolicy }, { logger: new DefaultLogger('ERROR') });
const atOnce = (name: string): Promise<void> => environment(ONCE).run(send, name);
const byMailQueue = (name: string): Promise<void> => environment().run(send, name);

const finishAll = (): void => ends.splice(0).forEach((end) => end());

let holders: Promise<void>[];
const takeAllTurns = (): void => void (holders = [atOnce('first'), atOnce('second')]);

it('A first attempt that finds every turn taken fails at once, as nothing to warn of', async () => {
  takeAllTurns();

  await expect(atOnce('third')).rejects.toMatchObject({ type: 'MailBusy', category: 'BENIGN' });

  expect(begun).toEqual(['first', 'second']);
  finishAll();
});

it('The mail queue’s attempt waits for a turn, and no first attempt overtakes it', async () => {
  takeAllTurns();
  const waiting = [byMailQueue('third'), byMailQueue('fourth')];

  finishAll();
  await Promise.all(holders);
  const overtaking = atOnce('fifth');

  await expect(overtaking).rejects.toMatchObject({ type: 'MailBusy' });
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(begun).toEqual(['first', 'second', 'third', 'fourth']);
  finishAll();
  await Promise.all(waiting);
});

it('A turn is free again after an attempt that fails', async () => {
  const failing = createMailTurns(1)(() => Promise.reject(new Error('away')));

  for (let i = 0; i < 2; i++) await expect(environment(ONCE).run(failing, 'first')).rejects.toThrow('away');
});

it('An attempt that waits tells that it lives, and ends when it is cancelled', async () => {
  takeAllTurns();
  const waiting = environment();
  let beats = 0;
  waiting.on('heartbeat', () => beats++);
  const cancelled = waiting.run(send, 'third');

  waiting.cancel('CANCELLED');

  await expect(cancelled).rejects.toThrow('CANCELLED');
  expect(beats).toBeGreaterThan(0);
  finishAll();
  await expect(
    environment(ONCE).run(
      createMailTurns(1)(async () => 'sent'),
      'next',
    ),
  ).resolves.toBe('sent');
});

it('An attempt that has waited for half a minute fails, and is retried', async () => {
  takeAllTurns();
  jest.useFakeTimers();
  try {
    const ended = byMailQueue('third').catch((error: unknown) => error);

    await jest.advanceTimersByTimeAsync(30_000);

    expect(await ended).toMatchObject({ type: 'MailBusy', nonRetryable: false });
    expect(begun).toHaveLength(TURNS);
  } finally {
    jest.useRealTimers();
  }
  finishAll();
});
