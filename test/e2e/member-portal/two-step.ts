/** Two-step verification, with every part real: turned on through a mail outage, used while the worker is killed, raced, turned off. */
import { randomUUID } from 'node:crypto';
import { announceNotedChanges } from '../../../src/activities/noted-changes';
import { createAccountChanges } from '../../../src/adapters/postgres/account-changes';
import { createNoticeStarter } from '../../../src/adapters/temporal/notice-starter';
import { signInRunId } from '../../../src/contracts/workflow-ids';
import { createTestTemporal, type TestTemporal } from '../../support/temporal';
import { issueApiKey } from '../../../lab/system/commands';
import type { Answer } from '../../../lab/system/json-client';
import { newPassword } from '../../../lab/system/members';
import { patiently } from '../../../lab/system/reset-page';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

let stack: Stack;
let temporal: TestTemporal;
withStack(async (started) => {
  stack = started;
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());

/** Retried under one key, as a page does. */
function send(method: string, path: string, token: string, body?: object): Promise<Answer> {
  const headers = { 'idempotency-key': randomUUID() };
  return patiently(() => stack.call(method, path, { token, headers, ...(body && { body }) }));
}

it('A member turns two-step verification on, signs in with a code through outages, and the helpdesk turns it off', async () => {
  const { accountId, email, username, password } = await stack.addPerson('twostepina');
  const codeFromMail = (count: number): Promise<string> => stack.mailbox.pinTo(email, count);
  const announce = () =>
    announceNotedChanges(
      createAccountChanges(stack.database),
      createNoticeStarter(stack.client, stack.taskQueue),
      Date.now,
    );
  const plain = await stack.signIn(username, password);
  const session: string = plain.body.token;

  // Turned on while the mail server is away.
  await stack.mailbox.goDown();
  const sent = await send('POST', '/v1/session/two-step', session);
  await stack.untilMailWaits(signInRunId(sent.body.id));
  await stack.mailbox.comeUp();
  const code = await codeFromMail(1);
  const on = await send('POST', '/v1/session/two-step/code', session, { code });
  await announce();

  expect([plain.status, sent.status, sent.body.sentTo]).toEqual([201, 202, 't***@example.com']);
  expect(on).toMatchObject({ status: 200, body: { twoStep: true } });
  expect((await stack.mailbox.mailTo(email, 2)).subject).toContain('two-step verification is on');

  // A wrong password sends nothing, and is answered as everybody's.
  const wrong = await stack.signIn(username, newPassword());
  const nobody = await stack.signIn('nobody.there', newPassword());
  expect([wrong.status, wrong.body]).toEqual([401, nobody.body]);
  expect(await stack.database.signIn.count({ where: { accountId } })).toBe(1);

  // The worker is killed before it has sent the code; guesses at once are counted one by one.
  await stack.worker.kill();
  const opened = await stack.signIn(username, password);
  const { id, token } = opened.body;
  await stack.worker.start();
  const second = await codeFromMail(2);
  const miss = second === '000000' ? '111111' : '000000';
  const guesses = await Promise.all(
    Array.from({ length: 8 }, () => send('POST', `/v1/sign-ins/${id}/code`, token, { code: miss })),
  );
  const late = await send('POST', `/v1/sign-ins/${id}/code`, token, { code: second });
  await temporal.forward(signInRunId(id), 46);
  const resent = await send('POST', `/v1/sign-ins/${id}/resend`, token);
  const third = await codeFromMail(3);
  const [won, ...lost] = (
    await Promise.all([1, 2, 3].map(() => send('POST', `/v1/sign-ins/${id}/code`, token, { code: third })))
  ).toSorted((one, other) => one.status - other.status);

  expect([opened.status, resent.status, late.status]).toEqual([202, 202, 429]);
  expect(guesses.map(({ body }): string => body.code).toSorted()).toEqual([
    ...Array<string>(3).fill('code_wrong'),
    ...Array<string>(5).fill('sign_in_exhausted'),
  ]);
  expect(lost.map(({ status }) => status)).toEqual([410, 410]);
  expect((await send('GET', '/v1/session', won!.body.token)).body.account).toMatchObject({
    id: accountId,
    twoStep: true,
  });
  expect(await stack.database.session.count({ where: { accountId } })).toBe(2);

  // Three codes of this hour are used: of five sign-ins at once, two get one. (More at once would meet the limit of wrong passwords, which takes each try before it compares.)
  const raced = await Promise.all(Array.from({ length: 5 }, () => stack.signIn(username, password)));
  const exhausted = raced.filter(({ status }) => status === 429);
  expect(raced.filter(({ status }) => status === 202)).toHaveLength(2);
  expect(exhausted.map(({ body }) => body.code)).toEqual(Array<string>(3).fill('sign_in_exhausted'));
  expect(Number(exhausted[0]!.headers.get('retry-after'))).toBeGreaterThan(3_000);

  // The helpdesk turns it off: what waits is over, and the password alone signs in.
  const waiting = raced.find(({ status }) => status === 202)!.body;
  const ops = await issueApiKey(stack, 'Helpdesk', 'ops');
  const off = await send('POST', `/v1/ops/accounts/${accountId}/two-step-off`, ops.key, {
    reason: 'The mailbox is gone; called back.',
  });
  await announce();
  const over = await send('GET', `/v1/sign-ins/${waiting.id}`, waiting.token);

  expect([off.status, over.status, over.body.code]).toEqual([204, 410, 'sign_in_expired']);
  expect((await stack.signIn(username, password)).status).toBe(201);
  const story = await send('GET', `/v1/ops/accounts/${accountId}/timeline`, ops.key);
  const told = (story.body.entries as { text: string }[]).map(({ text }) => text);
  expect(told).toEqual(
    expect.arrayContaining([
      'Two-step verification was turned on.',
      'A code was refused: it was not the code.',
      'The run that asks for a code ended: verified.',
      'Two-step verification was turned off. Why: “The mailbox is gone; called back.”',
    ]),
  );
});
