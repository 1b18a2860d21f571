/** The ids that a request's update goes to Temporal under: repeated, it finds what the first try did (ADR 29). */
import { randomUUID } from 'node:crypto';
import { WorkflowUpdateFailedError, type Connection } from '@temporalio/client';
import { operationOf, type Operation } from '../../../src/ports/operation';
import { callUpdate } from '../../../src/adapters/temporal/calls';

const connection = { withDeadline: (_deadline: unknown, call: () => unknown) => call() } as Connection;

/** Sends an update, of which those with an id among `failed` fail. Gives all ids that were sent, and the answer. */
async function send(operation: Operation | undefined, failed: readonly string[] = []) {
  const ids: string[] = [];
  const sending = callUpdate(
    connection,
    async (updateId) => {
      ids.push(updateId);
      if (failed.includes(updateId)) throw new WorkflowUpdateFailedError('failed', undefined);
      return 'done';
    },
    operation,
  );
  const answer = await sending.catch((error: Error) => error.name);
  return { ids, answer };
}

it('An update id is the same each time a request is sent, and another one for every other request', async () => {
  const operationId = randomUUID();
  const first = await send(operationOf(operationId));

  const again = await send(operationOf(operationId, true));
  const others = [await send(operationOf(randomUUID())), await send(undefined), await send(undefined)];

  expect(again).toEqual({ ids: first.ids, answer: 'done' });
  expect(new Set([first, ...others].flatMap(({ ids }) => ids)).size).toBe(4);
});

it('A repeated request whose earlier update failed gets the operation’s next update id, and keeps it', async () => {
  const operationId = randomUUID();
  const { ids: failed } = await send(operationOf(operationId));

  const again = await send(operationOf(operationId, true), failed);
  const third = await send(operationOf(operationId, true), failed);

  expect(again).toEqual({ ids: [...failed, expect.any(String)], answer: 'done' });
  expect(third).toEqual(again);
});

it('A request that was not sent before has one update id only, and a failed update is answered 503', async () => {
  const operationId = randomUUID();
  const { ids } = await send(operationOf(operationId));

  expect(await send(operationOf(operationId), ids)).toEqual({ ids, answer: 'UnavailableError' });
});
