/**
 * The worker is frozen, as on an overloaded machine: each call is answered 503 although it may be carried out, and is sent again
 * with the same `Idempotency-Key` until it is answered. Everything is done once, and the answer reports what was done.
 */
import { randomUUID } from 'node:crypto';
import { Client as PostgresClient } from 'pg';
import { passwordChangedNotice } from '../../../src/contracts/notice';
import { until } from '../../support/until';
import { NEW_PLAN, codeOf, firstOfMonth, openDesk } from '../../../lab/system/plan-changes';
import type { Answer } from '../../../lab/system/json-client';
import { newPassword, type Person } from '../../../lab/system/members';
import type { ResetPage } from '../../../lab/system/reset-page';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

let stack: Stack;

withStack((started) => {
  stack = started;
});

type Send = () => Promise<Answer>;

/** The same request each time it is sent. */
function request(path: string, token: string, body?: object): Send {
  const headers = { 'idempotency-key': randomUUID() };
  return () => stack.call('POST', path, { token, headers, ...(body !== undefined && { body }) });
}

/** The first answer that reports the request's result. */
async function answered(send: Send): Promise<Answer> {
  let answer: Answer | undefined;
  await until(async () => {
    answer = await send();
    return answer.status !== 503 && answer.status !== 409;
  }, 180_000);
  return answer!;
}

interface Member {
  readonly person: Person;
  readonly page: ResetPage;
  readonly path: string;
  readonly pin: string;
}

async function memberWithPin(name: string): Promise<Member> {
  const person = await stack.addPerson(name);
  const page = await stack.openReset(person.email);
  return {
    person,
    page,
    path: `/v1/password-resets/${page.id}`,
    pin: await stack.mailbox.pinTo(person.email),
  };
}

async function provedMember(name: string): Promise<Member> {
  const member = await memberWithPin(name);
  await member.page.submitPin(member.pin);
  return member;
}

/** Blocks every commit of this person's password midway, with a lock. */
async function holdUpCommits({ accountId }: Person) {
  const holder = new PostgresClient({ connectionString: stack.config.databaseUrl });
  await holder.connect();
  await holder.query('BEGIN');
  await holder.query('SELECT FROM credentials WHERE account_id = $1 FOR UPDATE', [accountId]);
  return {
    isWaiting: async (): Promise<boolean> => {
      const { rows } = await holder.query<{ waiting: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))) AS waiting`,
      );
      return rows[0]!.waiting;
    },
    letGo: (): Promise<void> => holder.end(),
  };
}

const step = ({ path, page }: Member, name: string, body?: object): Send =>
  request(`${path}/${name}`, page.token, body);

it('A request that is repeated while the worker is frozen takes effect exactly once', async () => {
  const [guessing, proving, choosing, looking] = await Promise.all([
    memberWithPin('standguessing'),
    memberWithPin('standproving'),
    provedMember('standchoosing'),
    provedMember('standlooking'),
  ]);
  const desk = await openDesk(stack);
  const agent = await desk.addAgent('stand');
  const customer = await desk.addCustomer('stand', agent);
  const { body: change } = await desk.take(customer, 'plan-change-line');
  await desk.post(desk.noor, `/${change.id}/claim`);
  const chosen = newPassword();
  const wrong = guessing.pin === '0000' ? '1111' : '0000';
  const completion = { planId: NEW_PLAN, effectiveDate: firstOfMonth(1) };
  const sends = [
    step(guessing, 'pin', { pin: wrong }),
    step(proving, 'pin', { pin: proving.pin }),
    step(choosing, 'password', { password: chosen, confirmation: chosen }),
    step(looking, 'username'),
    request(`/v1/plan-changes/${change.id}/complete`, desk.noor.key, completion),
  ];

  // The password's commit is in progress when the worker freezes; the other calls arrive while it is frozen.
  const commit = await holdUpCommits(choosing.person);
  const committing = sends[2]!();
  await until(() => commit.isWaiting());
  stack.worker.freeze();
  const others = sends.filter((_send, index) => index !== 2);
  const first = [await committing, ...(await Promise.all(others.map((send) => send())))];
  const second = await Promise.all(sends.map((send) => send()));
  await commit.letGo();
  stack.worker.thaw();
  const [guessed, proved, set, shown, completed] = await Promise.all(sends.map(answered));
  const replayed = await Promise.all(sends.map((send) => send()));

  expect([...first, ...second].map(({ status }) => status)).toEqual(Array(10).fill(503));
  expect(guessed).toMatchObject({ status: 422, body: { code: 'pin_wrong', triesLeft: 2 } });
  expect(proved).toMatchObject({ status: 200, body: { stage: 'password' } });
  expect(set).toMatchObject({ status: 200, body: { stage: 'completed' } });
  expect(shown).toMatchObject({ status: 200, body: { username: looking.person.username } });
  expect(completed).toMatchObject({ status: 200, body: { agentOfRecord: { outcome: 'retained' } } });
  expect(replayed.map(({ body }) => body)).toEqual(
    [guessed, proved, set, shown, completed].map((answer) => answer?.body),
  );
  expect((await guessing.page.submitPin(guessing.pin)).status).toBe(200);
  expect((await stack.signIn(choosing.person.username, chosen)).status).toBe(201);
  const { accountId } = choosing.person;
  const [, current] = await stack.credentialsOf(choosing.person);
  expect(await stack.database.credential.count({ where: { accountId } })).toBe(2);
  const { messageId } = passwordChangedNotice(accountId, current!.id, 0);
  await until(async () => (await stack.mailbox.mailsTo(choosing.person.email)).length > 1);
  expect((await stack.mailbox.mailsTo(choosing.person.email))[1]?.messageId).toContain(messageId);
  expect(codeOf(await desk.look(change.id))).toBe('200 completed');
});
