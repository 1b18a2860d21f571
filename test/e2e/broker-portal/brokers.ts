/** The running system that the suites of the broker portal share, and the brokers in it. */
import { DAY_MS } from '../../../src/domain/time';
import { secret } from '../../../lab/system/secrets';
import {
  agentRows,
  codeTo,
  enrol,
  invite,
  newBroker,
  type Broker,
  type BrokerKind,
} from '../../../lab/system/brokers';
import { importRoster, issueApiKey, type IssuedKey } from '../../../lab/system/commands';
import type { Answer } from '../../../lab/system/json-client';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

export let stack: Stack;
export let apiKey: IssuedKey;

export const COMPLIANCE = secret('compliance@example.com');

withStack(
  async (started) => {
    stack = started;
    apiKey = await issueApiKey(stack, 'Onboarding desk', 'accounts');
  },
  { env: { COMPLIANCE_EMAIL: COMPLIANCE, TERMINATED_AGENTS: 'close' } },
);

export const codeOf = ({ status, body }: Answer): string => `${status} ${body?.code ?? body?.stage}`;

export const changedMail = /your password was changed/i;

export const wrongAnswers = ({ answers }: Broker): Broker['answers'] =>
  answers.map(({ questionId }) => ({ questionId, answer: secret('Wrongdoggo the First') }));

/** An agent on the roster. */
export async function listed(name: string, kind: BrokerKind = 'agent'): Promise<Broker> {
  const broker = newBroker(name, kind);
  const { code, err } = await importRoster(stack, 'agents', agentRows([broker]));
  if (code !== 0) throw new Error(`not imported: ${err}`);
  return broker;
}

/** A person who is not an agent, with the code from the newest mail. */
async function invited(name: string): Promise<Broker> {
  const person = newBroker(name, 'other');
  const invitation = await invite(stack, apiKey, person);
  if (invitation.status !== 201) throw new Error(`not invited: ${codeOf(invitation)}`);
  return { ...person, accessCode: await codeTo(stack, person.email) };
}

export const newcomer = (name: string, kind: BrokerKind): Promise<Broker> =>
  kind === 'other' ? invited(name) : listed(name, kind);

/** A broker with an account. */
export async function enrolled(
  name: string,
  kind: BrokerKind = 'agent',
): Promise<Broker & { accountId: string }> {
  const broker = await newcomer(name, kind);
  return { ...broker, accountId: await enrol(stack, broker) };
}

export const sessionOf = (token: string): Promise<Answer> => stack.call('GET', '/v1/session', { token });

/** Backdates the account's password so that its 90 days are over. */
export const expirePassword = (accountId: string): Promise<unknown> =>
  stack.database.credential.updateMany({
    where: { accountId },
    data: { setAt: new Date(Date.now() - 90 * DAY_MS) },
  });

/** The parts of an answer that are comparable between people: everything except ids, times and the choice of questions. */
export function faceOf({ status, headers, body }: Answer): object {
  const volatile = ['id', 'token', 'expiresAt', 'questions', 'instance'];
  return {
    status,
    headers: [...headers.keys()].filter((name) => name !== 'content-length').toSorted(),
    keys: Object.keys(body ?? {}),
    values: Object.entries(body ?? {}).filter(([key]) => !volatile.includes(key)),
    questions: (body?.questions ?? []).map((question: object) => Object.keys(question)),
  };
}
