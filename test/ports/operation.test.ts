import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { operationOf } from '../../src/ports/operation';

it('An operation gives the same IDs when it is repeated, and says that it is repeated', () => {
  const id = randomUUID();
  const [first, again] = [operationOf(id), operationOf(id, true)];

  expect([first.isRepeated, again.isRepeated]).toEqual([false, true]);
  expect(again.idFor('account')).toBe(first.idFor('account'));
});

it('Operation IDs differ for each thing that is made and for each operation', () => {
  const ids = [randomUUID(), randomUUID()].flatMap((id) =>
    ['account', 'credential', 'update', 'update 2'].map((what) => operationOf(id).idFor(what)),
  );

  expect(new Set(ids).size).toBe(8);
});

it('Operation IDs are UUIDs that do not reveal the operation’s own ID', () => {
  const id = randomUUID();

  for (const what of ['', 'account', '\0', 'ñ'.repeat(1000)]) {
    const made = operationOf(id).idFor(what);
    expect(z.uuid().safeParse(made).success).toBe(true);
    expect(made).not.toBe(id);
  }
});
