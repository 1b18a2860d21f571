/** Brokers and their actions on the broker portal. */
import { randomBytes } from 'node:crypto';
import { passwordResetId } from '../../src/contracts/workflow-ids';
import { foldName } from '../../src/domain/accounts/names';
import { until } from '../stack/wait-until';
import type { IssuedKey, Row } from './commands';
import type { Answer, CallOptions } from './json-client';
import type { Mail } from './mailbox';
import { ResetPage } from './reset-page';
import { secret } from './secrets';
import type { Stack } from './stack';

const BROKER = '/v1/portals/broker';

export type BrokerKind = 'agent' | 'corporation' | 'other';

export interface Broker {
  readonly kind: BrokerKind;
  readonly firstName: string;
  readonly lastName: string;
  /** Used only by people in the rosters. */
  readonly previousLastName: string;
  readonly agentNumber: string;
  readonly ssnLast6: string;
  /** As the roster's import derives it. */
  readonly accessCode: string;
  readonly username: string;
  readonly password: string;
  readonly email: string;
  readonly phone: string;
  readonly answers: readonly { readonly questionId: string; readonly answer: string }[];
}

export type Names = Pick<Broker, 'firstName' | 'lastName'>;

/** A password that the broker portal accepts and the member portal does not. */
export const newBrokerPassword = (): string => secret(`Nw4,${randomBytes(6).toString('hex')}_&!@`);

let made = 0;

/** A new, unknown person. All their values contain `name`, or are secrets by themselves. */
export function newBroker(name: string, kind: BrokerKind = 'agent'): Broker {
  made += 1;
  const number = `${71_900 + made}`;
  const ssnLast6 = secret(`${904_400 + made}`);
  const agentNumber = kind === 'agent' ? `QX-${number}` : `${number}-Z`;
  const folded = secret(agentNumber.replace('-', ''));
  secret(agentNumber);
  secret(name);
  const line = `${100 + made}`;
  secret(`+12125550${line}`);
  return {
    kind,
    firstName: `Séa${name}`,
    lastName: `O’${name}-Lindqvist`,
    previousLastName: `Vor ${name}`,
    agentNumber,
    ssnLast6,
    accessCode: secret(`C${kind === 'corporation' ? 'SYS' : ''}${folded}${ssnLast6}A`),
    username: `${name}.User7`,
    password: newBrokerPassword(),
    email: `${name}@example.com`,
    phone: secret(`(212) 555-0${line}`),
    answers: [
      { questionId: 'first-pet', answer: `Rex ${name} Ünder` },
      { questionId: 'first-car', answer: `Blue ${name} of Hauptstraße` },
    ],
  };
}

/** The lines of the agents roster for `brokers`; a corporation's licensed principal is in the line before it. */
export function agentRows(brokers: readonly Broker[]): Row[] {
  return brokers.flatMap((broker) => {
    if (broker.kind !== 'corporation') return [agentRow(broker)];
    const principal = agentRow(broker, { agentNumber: secret(`PR${broker.agentNumber}`), kind: 'agent' });
    const firm = {
      firstName: '',
      lastName: `${broker.lastName} & Partners`,
      previousLastNames: '',
      principalAgentNumber: principal['agentNumber'] ?? '',
    };
    return [principal, agentRow(broker, firm)];
  });
}

export const agentRow = (broker: Broker, different: Row = {}): Row => ({
  agentNumber: broker.agentNumber,
  kind: broker.kind,
  firstName: broker.firstName,
  lastName: broker.lastName,
  previousLastNames: `Elsewhere;${broker.previousLastName}`,
  principalAgentNumber: '',
  ssnLast6: broker.ssnLast6,
  email: broker.email,
  welcomedOn: '2026-01-12',
  company: 'Loyal American Life',
  terminatedOn: '',
  ...different,
});

export const verify = (
  { call }: Stack,
  { lastName, accessCode }: Pick<Broker, 'lastName' | 'accessCode'>,
): Promise<Answer> =>
  call('POST', `${BROKER}/registrations/verifications`, { body: { lastName, accessCode } });

/** The body of the second step, with the token from the first. */
export const registration = (token: string, { username, password, email, phone, answers }: Broker) => ({
  token,
  username,
  password,
  confirmation: password,
  email,
  phone,
  securityAnswers: answers,
  termsVersion: '2026-01',
});

/** The second step. */
export const register = (
  { call }: Stack,
  token: string,
  broker: Broker,
  headers: CallOptions['headers'] = {},
): Promise<Answer> => call('POST', `${BROKER}/registrations`, { headers, body: registration(token, broker) });

/** Both steps; returns the account's id. Throws if no account was created. */
export async function enrol(stack: Stack, broker: Broker): Promise<string> {
  const verified = await verify(stack, broker);
  const registered = verified.status === 200 ? await register(stack, verified.body.token, broker) : verified;
  if (registered.status !== 201) throw new Error(`not registered: ${JSON.stringify(registered.body)}`);
  return registered.body.account.id;
}

export const invite = (
  { call }: Stack,
  { key }: IssuedKey,
  { email, firstName, lastName }: Broker,
): Promise<Answer> =>
  call('POST', '/v1/access-invitations', { token: key, body: { email, firstName, lastName } });

/** The access code in the newest invitation to `address`, once `count` of them have arrived. */
export async function codeTo({ mailbox }: Stack, address: string, count = 1): Promise<string> {
  const { text } = await mailbox.mailTo(address, count);
  const code = /^\s*(T\w{4}(?:-\w{4}){3})\s*$/m.exec(text)?.[1];
  if (code === undefined) throw new Error('this mail holds no access code');
  secret(code.replaceAll('-', ''));
  return secret(code);
}

/** The first mail with a matching subject, once it has arrived. */
export async function mailAbout({ mailbox }: Stack, address: string, subject: RegExp): Promise<Mail> {
  const find = async (): Promise<Mail | undefined> =>
    (await mailbox.mailsTo(address)).find((mail) => subject.test(mail.subject));
  await until(async () => (await find()) !== undefined);
  return (await find())!;
}

export const signIn = (
  { call }: Stack,
  { username, password }: Pick<Broker, 'username' | 'password'>,
  application?: string,
): Promise<Answer> => call('POST', `${BROKER}/sessions`, { body: { username, password, application } });

/** Who forgot a password; `proof`: absent for the portal's own. */
type Forgetful = Pick<Broker, 'username' | 'firstName' | 'lastName'> & { readonly proof?: 'answers' | 'pin' };

export const tryToOpenReset = (
  { call }: Stack,
  { username, firstName, lastName, proof }: Forgetful,
): Promise<Answer> =>
  call('POST', `${BROKER}/password-resets`, { body: { username, firstName, lastName, proof } });

/** The page of a reset; throws unless it was opened. */
export async function openReset(stack: Stack, person: Forgetful): Promise<ResetPage> {
  const opening = await tryToOpenReset(stack, person);
  if (opening.status !== 202) throw new Error(`not opened: ${JSON.stringify(opening.body)}`);
  return new ResetPage(stack.call, opening);
}

export const brokerRunId = ({ keyring }: Stack, accountId: string): string =>
  passwordResetId('broker', keyring.subjectKey(keyring.currentId, 'broker', `account ${accountId}`));

export const remind = ({ call }: Stack, body: object): Promise<Answer> =>
  call('POST', `${BROKER}/username-reminders`, { body });

export const changePassword = (
  { call }: Stack,
  { username, password: currentPassword }: Pick<Broker, 'username' | 'password'>,
  password: string,
): Promise<Answer> =>
  call('POST', `${BROKER}/password-changes`, {
    body: { username, currentPassword, password, confirmation: password },
  });

/** The same answers, typed carelessly on another keyboard. */
export const typedSloppily = ({ answers }: Broker): Broker['answers'] =>
  answers
    .map(({ questionId, answer }) => ({
      questionId,
      answer: `  ${answer.normalize('NFD').toUpperCase().replaceAll(' ', '   ')} `,
    }))
    .toReversed();

/** The same names without accents, capitals and the correct apostrophe. */
export const namesTypedSloppily = ({ firstName, lastName }: Names): Names => ({
  firstName: ` ${foldName(firstName)} `,
  lastName: foldName(lastName).replaceAll(' ', '  ').toUpperCase(),
});

/** The same number or code in lower case, with spaces and dashes. */
export const spaced = (code: string): string =>
  (
    code
      .replaceAll('-', '')
      .toLowerCase()
      .match(/.{1,3}/g) ?? []
  ).join(' - ');
