/** What an operator finds out and does with an API key of the scope `ops`, with every part real. */
import { expectNoSecrets } from '../../../lab/system/secrets';
import { until } from '../../support/until';
import { issueApiKey, type IssuedKey } from '../../../lab/system/commands';
import { pinIn } from '../../../lab/system/mailbox';
import { openDesk } from '../../../lab/system/plan-changes';
import type { Answer, Json } from '../../../lab/system/json-client';
import { newPassword, type Person } from '../../../lab/system/members';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

let stack: Stack;
let ops: IssuedKey;

withStack(async (started) => {
  stack = started;
  ops = await issueApiKey(stack, 'Operators', 'ops');
});

const get = (path: string): Promise<Answer> => stack.call('GET', `/v1/ops${path}`, { token: ops.key });
const post = (path: string, body?: object): Promise<Answer> =>
  stack.call('POST', `/v1/ops${path}`, { token: ops.key, ...(body !== undefined && { body }) });

const timelineOf = async ({ accountId }: Person): Promise<Json[]> =>
  (await get(`/accounts/${accountId}/timeline`)).body.entries;

/** The sentences, oldest first. */
const storyOf = (entries: readonly Json[]): string[] =>
  entries.map(({ text }) => text as string).toReversed();

const untilTold = (person: Person, words: string): Promise<void> =>
  until(async () => storyOf(await timelineOf(person)).some((text) => text.includes(words)));

/** The runs of a person, once Temporal lists `howMany`. */
async function runsOf({ accountId }: Person, howMany: number, filter = ''): Promise<Json[]> {
  const list = async (): Promise<Json[]> => (await get(`/runs?account=${accountId}${filter}`)).body.runs;
  await until(async () => (await list()).length === howMany);
  return list();
}

const auditOf = ({ accountId }: Person, action: string) =>
  stack.database.auditEvent.findMany({ where: { accountId, action }, orderBy: { id: 'asc' } });

it('An operator can read a reset through a mail outage as a story, from beginning to end', async () => {
  const vera = await stack.addPerson('verissima');
  await stack.mailbox.goDown();
  const page = await stack.openReset(vera.email);
  await stack.untilMailWaits(stack.resetRunId(vera.email));

  const [run] = await runsOf(vera, 1, '&stage=pin&type=passwordReset&portal=member');
  await untilTold(vera, 'could not be delivered yet');
  const during = storyOf(await timelineOf(vera));
  await stack.mailbox.comeUp();
  await untilTold(vera, 'The PIN email was delivered');
  await page.submitPin('0000');
  await page.submitPin(pinIn(await stack.mailbox.mailTo(vera.email)));
  await page.choose(newPassword());
  await untilTold(vera, 'changed password was delivered');
  await untilTold(vera, 'The password reset ended');
  // Temporal lists an email's run as open for a moment after the email was sent.
  await until(async () => !storyOf(await timelineOf(vera)).some((text) => text.includes('email is open')));
  const entries = await timelineOf(vera);

  expect(run).toMatchObject({
    workflowId: stack.resetRunId(vera.email),
    type: 'passwordReset',
    status: 'open',
    stage: 'pin',
    portal: 'member',
    account: vera.accountId,
    outcome: null,
    closedAt: null,
  });
  expect(during.filter((text) => !text.startsWith('The password reset is'))).toEqual([
    'A password reset was opened, or an open one joined.',
    expect.stringMatching(
      /^The PIN email could not be delivered yet: the mail server was away or did not take it \(attempt \d+\)\.$/,
    ),
  ]);
  expect(during).toContain('The password reset is open, at the step “pin”.');
  // The run ends at about the time its notice is sent: its position is checked separately.
  expect(storyOf(entries.filter(({ kind }) => kind !== 'run'))).toEqual([
    'A password reset was opened, or an open one joined.',
    expect.stringMatching(
      /^The PIN email was delivered at attempt \d+; the mail server had not taken it before\.$/,
    ),
    'Identity was not proved: it was not the PIN.',
    'Identity was proved.',
    'The password was reset; every session ended.',
    'The email about the changed password was delivered.',
  ]);
  expect(entries.filter(({ kind }) => kind === 'run').map(({ text }) => text)).toEqual([
    'The password reset ended: completed.',
  ]);
  expectNoSecrets('a timeline', JSON.stringify(entries));
});

it('An operator can cancel a run that is found by its person, and the reason is kept', async () => {
  const walt = await stack.addPerson('waldemarito');
  const page = await stack.openReset(walt.email);
  const [run] = await runsOf(walt, 1);

  const cancelled = await post('/runs/cancel', { workflowId: run.workflowId, reason: 'The caller gave up.' });
  const [ended] = await runsOf(walt, 1, '&outcome=cancelled');
  const again = await post('/runs/cancel', { workflowId: run.workflowId, reason: 'Once more.' });

  expect(cancelled).toMatchObject({ status: 202, body: { workflowId: run.workflowId, runId: run.runId } });
  expect(ended).toMatchObject({ runId: run.runId, stage: 'ended', outcome: 'cancelled' });
  expect(again.status).toBe(404);
  expect((await page.look()).body).toMatchObject({ stage: 'cancelled' });
  expect(await auditOf(walt, 'run-cancel-requested')).toMatchObject([
    { outcome: 'success', about: run.workflowId, reason: 'The caller gave up.', apiKeyId: ops.id },
  ]);
  expect(storyOf(await timelineOf(walt))).toContain(
    'An operator asked for a run to be cancelled. Why: “The caller gave up.”',
  );
});

it('An operator can allow another reset when a stranger used up the day’s tries', async () => {
  const zita = await stack.addPerson('zitalorena');
  for (const round of [1, 2, 3]) {
    const page = await stack.openReset(zita.email);
    const wrongPin = (await stack.mailbox.pinTo(zita.email, round)) === '0000' ? '1111' : '0000';
    for (let guess = 1; guess <= 3; guess++) await page.submitPin(wrongPin);
    await page.cancel();
  }
  const usedUp = await stack.tryToOpenReset(zita.email);
  const warning = await stack.mailbox.mailTo(zita.email, 4);
  const path = `/accounts/${zita.accountId}/recovery-allowance`;
  const body = { reason: 'The owner called.' };
  const { key: otherScope } = await issueApiKey(stack, 'Accounts', 'accounts');

  const refused = await stack.call('POST', `/v1/ops${path}`, { token: otherScope, body });
  const stillUsedUp = await stack.tryToOpenReset(zita.email);
  const allowed = await post(path, body);
  const page = await stack.openReset(zita.email);
  const proved = await page.submitPin(await stack.mailbox.pinTo(zita.email, 4));
  const password = newPassword();
  const completed = await page.choose(password);
  const signedIn = await stack.signIn(zita.username, password);

  expect(warning.messageId).toMatch(/^<recovery-limit-reached\./);
  expect([usedUp, refused, stillUsedUp].map(({ status, body: { code } }) => `${status} ${code}`)).toEqual([
    '429 reset_exhausted',
    '403 scope_missing',
    '429 reset_exhausted',
  ]);
  expect(allowed.status).toBe(204);
  expect(proved).toMatchObject({ status: 200, body: { stage: 'password' } });
  expect(completed).toMatchObject({ status: 200, body: { stage: 'completed' } });
  expect(signedIn.status).toBe(201);
  expect(await auditOf(zita, 'recovery-allowed')).toMatchObject([
    { outcome: 'success', reason: 'The owner called.', apiKeyId: ops.id },
  ]);
});

it('An operator can resend a refused email, but not a PIN email', async () => {
  const xenia = await stack.addPerson('xeniuska');
  stack.mailbox.refused.add(xenia.email);
  const password = newPassword();
  await stack.call('POST', '/v1/portals/member/password-changes', {
    body: { username: xenia.username, currentPassword: xenia.password, password, confirmation: password },
  });
  const emailOf = async (): Promise<Json> =>
    (await timelineOf(xenia)).find(({ kind }) => kind === 'email') ?? { email: {} };
  await until(async () => (await emailOf()).email.status === 'refused');
  const { email, text } = await emailOf();

  stack.mailbox.refused.delete(xenia.email);
  const resent = await post(`/emails/${email.messageId}/resend`);
  const mail = await stack.mailbox.mailTo(xenia.email);
  await until(async () => (await emailOf()).email.status === 'delivered');
  const pin = await post('/emails/pin.0b8a2f6e-2a54-4d2c-9d0f-6a1b7c3d5e90.1/resend');

  expect(text).toBe(
    'The email about the changed password was refused by the mail server for good (SMTP code 550).',
  );
  expect(resent).toMatchObject({
    status: 202,
    body: { messageId: email.messageId, workflowId: `notice/${email.messageId}/again-1` },
  });
  expect(mail.messageId).toBe(`<${email.messageId}@tenure.example>`);
  expect(await emailOf()).toMatchObject({
    text: 'The email about the changed password was delivered, sent again by an operator.',
    email: { attempts: 2, resends: 1, smtpCode: null },
  });
  expect(await stack.mailbox.mailsTo(xenia.email)).toHaveLength(1);
  expect(pin.status).toBe(404);
  expect(await auditOf(xenia, 'email-resend-requested')).toMatchObject([
    { outcome: 'success', about: email.messageId, apiKeyId: ops.id },
  ]);
});

it('An operator can resend an email whose run was cancelled while the mail server was away', async () => {
  const yuri = await stack.addPerson('yuriyuska');
  await stack.mailbox.goDown();
  const password = newPassword();
  await stack.call('POST', '/v1/portals/member/password-changes', {
    body: { username: yuri.username, currentPassword: yuri.password, password, confirmation: password },
  });
  const [run] = await runsOf(yuri, 1, '&type=deliverNotice');
  const messageId = (run.workflowId as string).replace('notice/', '');
  await stack.untilMailWaits(run.workflowId);

  const tooEarly = await post(`/emails/${messageId}/resend`);
  await post('/runs/cancel', { workflowId: run.workflowId, reason: 'It was to be sent later.' });
  await untilTold(yuri, 'The sending of an email was cancelled.');
  const resent = await post(`/emails/${messageId}/resend`);
  await stack.mailbox.comeUp();
  const mail = await stack.mailbox.mailTo(yuri.email);

  expect(tooEarly).toMatchObject({ status: 409, body: { code: 'email_being_sent' } });
  expect(resent).toMatchObject({ status: 202, body: { workflowId: `notice/${messageId}/again-1` } });
  expect(mail.messageId).toBe(`<${messageId}@tenure.example>`);
});

it('An operator can read a customer’s plan change, and what it did to the agent, as a story', async () => {
  const desk = await openDesk(stack);
  const agent = await desk.addAgent('brunilda');
  const customer = await desk.addCustomer('clotildina', agent);
  const { body } = await desk.take(customer, 'plan-change-line');
  await desk.post(desk.noor, '/next');
  await desk.complete(desk.noor, body.id);
  const told = async (): Promise<string[]> => {
    const timeline = await get(`/customers/${customer.customerId}/timeline`);
    return storyOf(timeline.body.entries);
  };
  await until(async () => (await told()).filter((text) => text.endsWith(' was delivered.')).length === 2);
  await until(async () =>
    (await told()).some((text) => text === 'The plan change’s run ended: aor-retained.'),
  );

  const story = await told();

  expect(story.filter((text) => !/ was delivered\.$|’s run ended/.test(text))).toEqual([
    'A plan change was taken in.',
    'A representative of the unit took the plan change.',
    'The plan change was completed.',
    `Agent ${agent.agentNumber} stays agent of record (unit completed); the commission goes on.`,
  ]);
  expect(story).toContain('The email to the customer about the completed plan change was delivered.');
  expect(story).toContain('The email to the agent who stays agent of record was delivered.');
  expectNoSecrets('a timeline', story.join('\n'));
});
