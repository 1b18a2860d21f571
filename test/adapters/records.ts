/** Records that the adapters' tests begin with. Each builder takes only the fields that matter. */
import { randomUUID } from 'node:crypto';
import type { NewBrokerAccount } from '../../src/api/ports';
import { foldAgentNumber, foldName } from '../../src/domain/names';
import type { Portal } from '../../src/domain/portal';
import type { PrismaClient } from '../../src/adapters/generated/client';

export const NOW_MS = Date.UTC(2026, 10, 22, 12, 30, 15, 123);

interface AccountFields {
  readonly portal?: Portal;
  readonly username?: string;
  readonly email?: string;
  readonly memberId?: string;
}

/** An account without a password. Gives its id. */
export async function insertAccount(prisma: PrismaClient, fields: AccountFields = {}): Promise<string> {
  const id = randomUUID();
  const username = fields.username ?? `user-${id.slice(0, 8)}`;
  const email = fields.email ?? `${id}@example.com`;
  await prisma.account.create({
    data: {
      id,
      portal: fields.portal ?? 'member',
      username,
      usernameKey: username.toLowerCase(),
      email,
      emailKey: email.toLowerCase(),
      firstName: 'Ana',
      lastName: 'Ruiz',
      language: 'es',
      memberId: fields.memberId ?? null,
    },
  });
  return id;
}

/** The account's current password. Gives the credential's id. */
export async function insertCredential(
  prisma: PrismaClient,
  accountId: string,
  {
    hash = 'old-hash',
    setAtMs = NOW_MS - 86_400_000,
    retiredAtMs = null as number | null,
    rotationStartedAtMs = null as number | null,
    remindedAtMs = null as number | null,
  } = {},
): Promise<string> {
  const id = randomUUID();
  await prisma.credential.create({
    data: {
      id,
      accountId,
      hash,
      setAt: new Date(setAtMs),
      retiredAt: dateOf(retiredAtMs),
      rotationStartedAt: dateOf(rotationStartedAtMs),
      remindedAt: dateOf(remindedAtMs),
    },
  });
  return id;
}

const dateOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));

interface AgentFields {
  readonly agentNumber?: string;
  readonly kind?: 'agent' | 'corporation';
  readonly firstName?: string;
  readonly lastName?: string;
  readonly previousLastNames?: readonly string[];
  readonly principalKey?: string;
  readonly ssnDigest?: string;
  readonly welcomedOn?: string | null;
  readonly terminatedOn?: string;
}

/** An agent of the roster, nobody's namesake and with digits of its own. Gives its key. */
export async function insertAgent(prisma: PrismaClient, fields: AgentFields = {}): Promise<string> {
  const { agentNumber = `A${randomUUID().slice(0, 8)}`, kind = 'agent', firstName = 'Dana' } = fields;
  const { lastName = 'Whitfield', previousLastNames = [], welcomedOn = '2026-01-12' } = fields;
  const agentKey = foldAgentNumber(agentNumber);
  await prisma.agent.create({
    data: {
      agentKey,
      agentNumber,
      kind,
      firstName,
      lastName,
      firstNameKey: foldName(firstName),
      lastNameKeys: [lastName, ...previousLastNames].map(foldName),
      previousLastNames: [...previousLastNames],
      principalKey: fields.principalKey ?? null,
      ssnDigest: fields.ssnDigest ?? randomUUID(),
      pepperId: 'test',
      email: 'dana@example.com',
      welcomedOn: welcomedOn === null ? null : new Date(welcomedOn),
      company: 'Loyal American Life',
      terminatedOn: fields.terminatedOn === undefined ? null : new Date(fields.terminatedOn),
    },
  });
  return agentKey;
}

/** What a registration writes, with ids and a username of its own. */
export function brokerAccount(fields: Partial<NewBrokerAccount> = {}): NewBrokerAccount {
  const accountId = randomUUID();
  return {
    accountId,
    credentialId: randomUUID(),
    kind: 'agent',
    agentKey: null,
    invitationId: null,
    username: `Dana-${accountId.slice(0, 8)}`,
    passwordHash: 'hash',
    firstName: 'Dana',
    lastName: 'Whitfield',
    email: 'Dana@Example.com',
    phone: '+18774540923',
    language: 'en',
    answers: [
      { questionId: 'first-pet', salt: 'salt-1', stretched: 'stretched-1' },
      { questionId: 'first-car', salt: 'salt-2', stretched: 'stretched-2' },
    ],
    termsVersion: '2026-01',
    atMs: NOW_MS,
    address: '192.0.2.7',
    ...fields,
  };
}

/** A plan that is offered in Texas. Gives its id. */
export async function insertPlan(prisma: PrismaClient, planId = 'H4513-046-000'): Promise<string> {
  const offeredFrom = new Date('2025-10-15');
  await prisma.plan.create({
    data: { planId, name: 'Preferred Advantage', type: 'medicare-advantage', states: ['TX'], offeredFrom },
  });
  return planId;
}

/** A customer without an enrolment and an agent of record. Gives the id. */
export async function insertCustomer(prisma: PrismaClient): Promise<string> {
  const customerId = `C-${randomUUID().slice(0, 8)}`;
  const email = `${customerId}@example.com`;
  await prisma.customer.create({
    data: { customerId, firstName: 'Harold', lastName: 'Jennings', email, language: 'en', state: 'TX' },
  });
  return customerId;
}
