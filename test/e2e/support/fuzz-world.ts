/** People, resets, sessions, keys and plan changes that fuzzed requests refer to. */
import { randomUUID } from 'node:crypto';
import { secret } from '../../../lab/system/secrets';
import { until } from '../../support/until';
import { agentRows, enrol, newBroker, openReset, signIn as signInBroker } from '../../../lab/system/brokers';
import { importRoster, issueApiKey } from '../../../lab/system/commands';
import { MARKER } from './fuzz-hostile';
import type { Known } from './fuzz-values';
import { pinIn } from '../../../lab/system/mailbox';
import { NEW_PLAN, OLD_PLAN, firstOfMonth, openDesk } from '../../../lab/system/plan-changes';
import type { Person } from '../../../lab/system/members';
import type { Stack } from '../../../lab/system/stack';

const SCOPES = ['accounts', 'audit', 'ops'] as const;
/** This many of everything that requests use up. */
const EACH = 3;
/** After this many requests most of it is used up. */
const RENEWED_EVERY = 25;
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

export type World = Awaited<ReturnType<typeof createWorld>>;

export async function createWorld(stack: Stack) {
  let made = 0;
  /** A name that occurs nowhere else in logs or histories. */
  const nextName = (): string => {
    made += 1;
    return `fuzzy${LETTERS[Math.floor(made / 26) % 26]}${LETTERS[made % 26]}wight`;
  };
  const known = new Map<string, string[]>();
  const set = (kind: string, values: readonly string[]): void => void known.set(kind, [...values]);
  const add = (kind: string, value: string): void => {
    const values = known.get(kind) ?? [];
    // The newest few: older ones are used up.
    known.set(kind, [...values, value].slice(-20));
  };

  const desk = await openDesk(stack);
  const agent = await desk.addAgent(nextName());
  const other = await desk.addAgent(nextName());
  await desk.addCallCenter(other);
  const keys = await Promise.all(SCOPES.map((scope) => issueApiKey(stack, `Fuzz ${scope}`, scope)));
  const revoked = await issueApiKey(stack, 'Fuzz revoked', 'ops,accounts,audit,intake');
  await stack.database.apiKey.update({ where: { id: revoked.id }, data: { revokedAt: new Date() } });
  SCOPES.forEach((scope, at) => set(`key:${scope}`, [keys[at]!.key]));
  set('key:intake', [desk.intake.key]);
  set('key:unit', [desk.noor.key]);
  set('revokedKey', [revoked.key]);
  set('otherKey', [desk.intake.key, desk.noor.key, ...keys.map(({ key }) => key)]);
  set('unknownToken', [`${MARKER}unknown`, `${MARKER}.${'a'.repeat(40)}`]);

  const members: Person[] = [];
  for (let left = EACH; left > 0; left -= 1) members.push(await stack.addPerson(nextName()));
  const brokers = Array.from({ length: EACH }, () => newBroker(nextName()));
  const newcomers = Array.from({ length: EACH }, () => newBroker(nextName()));
  await importRoster(stack, 'agents', agentRows([...brokers, ...newcomers]));
  for (const broker of brokers) await enrol(stack, broker);

  const accounts = await stack.database.account.findMany({ orderBy: { createdAt: 'asc' } });
  const passwords = new Map(
    [...members, ...brokers].map(({ username, password }) => [username.toLowerCase(), password]),
  );
  set(
    'accountId',
    accounts.map(({ id }) => id),
  );
  set(
    'portal',
    accounts.map((account) => account.portal),
  );
  set(
    'username',
    accounts.map(({ username }) => username),
  );
  set(
    'password',
    accounts.map(({ username }) => passwords.get(username.toLowerCase()) ?? ''),
  );
  set(
    'email',
    [...members, ...brokers, ...newcomers].map(({ email }) => email),
  );
  set(
    'newPassword',
    ['A1', 'B2', 'C3'].map((end) => `${MARKER}${end}`),
  );
  set(
    'newUsername',
    ['a', 'b', 'c'].map((end) => `${MARKER}.${end}`),
  );
  set(
    'newEmail',
    ['a', 'b', 'c'].map((end) => `${MARKER}.${end}@example.com`),
  );
  set(
    'brokerUsername',
    brokers.map(({ username }) => username),
  );
  set(
    'brokerFirstName',
    brokers.map(({ firstName }) => firstName),
  );
  set(
    'brokerLastName',
    brokers.map(({ lastName }) => lastName),
  );
  set(
    'agentNumber',
    brokers.map(({ agentNumber }) => agentNumber),
  );
  set('servingAgentNumber', [agent.agentNumber, other.agentNumber]);
  set(
    'newcomerLastName',
    newcomers.map(({ lastName }) => lastName),
  );
  set(
    'accessCode',
    newcomers.map(({ accessCode }) => accessCode),
  );
  set(
    'phone',
    newcomers.map(({ phone }) => phone),
  );
  set('termsVersion', ['2026-01']);
  set('questionId', ['first-pet', 'first-car']);
  set(
    'answer',
    brokers.flatMap(({ answers }) => answers.map(({ answer }) => answer)),
  );
  set('planId', [NEW_PLAN, OLD_PLAN]);
  set('effectiveDate', [firstOfMonth(1), firstOfMonth(2)]);
  set('facilitatorNumber', [other.agentNumber, agent.agentNumber, 'S-310', 'S-311']);

  /** Alternates between brokers and members, so that a broker's number is that of the first of their two answers. */
  async function renewResets(): Promise<void> {
    const pages: { id: string; token: string; pin: string }[] = [];
    for (const [at, broker] of brokers.entries()) {
      const { email } = await stack.addPerson(nextName());
      const opened = await openReset(stack, broker).catch(() => ({ id: randomUUID(), token: MARKER }));
      const page = await stack.openReset(email);
      const pin = await pinOf(email);
      if (at > 0) await page.submitPin(pin);
      pages.push({ id: opened.id, token: opened.token, pin }, { id: page.id, token: page.token, pin });
    }
    set(
      'resetId',
      pages.map(({ id }) => id),
    );
    set(
      'resetToken',
      pages.map(({ token }) => token),
    );
    set(
      'pin',
      pages.map(({ pin }) => pin),
    );
  }

  /** Each with two-step verification on, and a code of its own. */
  async function renewSignIns(): Promise<void> {
    const waiting: { id: string; token: string; code: string }[] = [];
    for (let left = EACH; left > 0; left -= 1) {
      const { accountId, email, username, password } = await stack.addPerson(nextName());
      await stack.database.account.update({ where: { id: accountId }, data: { twoStepSince: new Date() } });
      const { id, token } = (await stack.signIn(username, password)).body;
      waiting.push({ id, token, code: await pinOf(email) });
    }
    set(
      'signInId',
      waiting.map(({ id }) => id),
    );
    set(
      'signInToken',
      waiting.map(({ token }) => token),
    );
    set(
      'code',
      waiting.map(({ code }) => code),
    );
  }

  async function pinOf(email: string): Promise<string> {
    await until(async () => (await stack.mailbox.mailsTo(email)).length > 0);
    return pinIn((await stack.mailbox.mailsTo(email))[0]!);
  }

  async function renewSessions(): Promise<void> {
    const tokens: string[] = [];
    for (const { username, password } of members) {
      tokens.push((await stack.signIn(username, password)).body.token ?? '');
    }
    for (const broker of brokers) tokens.push((await signInBroker(stack, broker)).body.token ?? '');
    set(
      'sessionToken',
      tokens.filter((token) => token !== ''),
    );
  }

  async function renewPlanChanges(): Promise<void> {
    const external = { kind: 'external-agent', number: other.agentNumber };
    const opening = [
      ['plan-change-line', undefined, ''],
      ['customer-service', undefined, 'claim'],
      ['external-agent-application', external, ''],
      ['telesales-agent', { kind: 'internal-agent', number: 'S-311' }, ''],
      ['plan-change-line', undefined, 'withdraw'],
    ] as const;
    const ids: string[] = [];
    const customers: string[] = [];
    const free: string[] = [];
    for (const [channel, facilitator, then] of opening) {
      const customer = await desk.addCustomer(nextName(), agent);
      const { body } = await desk.take(customer, channel, facilitator);
      if (then === 'claim') await desk.post(desk.noor, `/${body.id}/claim`);
      if (then === 'withdraw') await desk.post(desk.intake, `/${body.id}/withdraw`, { reason: 'fuzzed' });
      ids.push(body.id);
      customers.push(customer.customerId);
    }
    for (let left = EACH; left > 0; left -= 1)
      free.push((await desk.addCustomer(nextName(), agent)).customerId);
    set('planChangeId', ids);
    set('customerId', [...customers, ...free]);
    set('freeCustomerId', free);
  }

  async function lookAtRuns(): Promise<void> {
    const { body } = await stack.call('GET', '/v1/ops/runs', { token: keys[2]!.key });
    const emails = await stack.database.mailDelivery.findMany({ take: 20, orderBy: { createdAt: 'desc' } });
    set('workflowId', [
      ...(body.runs as { workflowId: string }[]).map(({ workflowId }) => workflowId).slice(0, 20),
      `plan-change/${randomUUID()}`,
    ]);
    set(
      'messageId',
      emails.map(({ id }) => id),
    );
  }

  await Promise.all([renewResets(), renewSessions(), renewSignIns()]);
  await renewPlanChanges();
  await lookAtRuns();
  const renewals = [
    { of: '/v1/password-resets/', renew: renewResets, uses: 0 },
    { of: '/v1/session', renew: renewSessions, uses: 0 },
    { of: '/v1/sign-ins/', renew: renewSignIns, uses: 0 },
    { of: '/v1/plan-changes', renew: renewPlanChanges, uses: 0 },
    { of: '/v1/ops/', renew: lookAtRuns, uses: 0 },
  ];

  return {
    /** The value referred to: number `pick` of its kind. */
    resolve: ({ kind, item }: Known, pick: number): string => {
      const values = known.get(kind) ?? [];
      return values[(pick + item) % Math.max(1, values.length)] ?? `none-of-${kind}`;
    },

    /** Before each request to `path`: renews what such requests have used up. */
    async use(path: string): Promise<void> {
      const renewal = renewals.find(({ of }) => path.startsWith(of));
      if (renewal === undefined) return;
      renewal.uses += 1;
      if (renewal.uses % RENEWED_EVERY === 0) await renewal.renew();
    },

    /** Keeps the values in an answer for later requests. */
    learn(path: string, body: unknown): void {
      const { token, nextCursor } = (body ?? {}) as { token?: unknown; nextCursor?: unknown };
      if (typeof nextCursor === 'string') add('cursor', nextCursor);
      if (typeof token !== 'string') return;
      secret(token);
      if (path.endsWith('/verifications')) add('registrationToken', token);
      if (path.endsWith('/sessions')) add('sessionToken', token);
    },
  };
}
