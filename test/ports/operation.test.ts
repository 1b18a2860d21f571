import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { operationOf } from '../../src/ports/operation';

it('gives the same ids each time it is repeated, and says so', () => {
  const id = randomUUID();
  const [first, again] = [operationOf(id), operationOf(id, true)];

  expect([first.isRepeated, again.isRepeated]).toEqual([false, true]);
  expect(again.idFor('account')).toBe(first.idFor('account'));
});

it('gives another id for everything else that it makes, and for every other operation', () => {
  const ids = [randomUUID(), randomUUID()].flatMap((id) =>
    ['account', 'credential', 'update', 'update 2'].map((what) => operationOf(id).idFor(what)),
  );

  expect(new Set(ids).size).toBe(8);
});

it('gives UUIDs, in which its own is not to be seen', () => {
  const id = randomUUID();

  for (const what of ['', 'account', '\0', 'ñ'.repeat(1000)]) {
    const made = operationOf(id).idFor(what);
    expect(z.uuid().safeParse(made).success).toBe(true);
    expect(made).not.toBe(id);
  }
});
