/** Records that the adapters' tests begin with. Each builder takes only the fields that matter. */
import { randomUUID } from 'node:crypto';
import type { NewBrokerAccount } from '../../../src/ports/registration';
import { foldAgentNumber, foldName, lastNameKeys } from '../../../src/domain/accounts/names';
import type { PlanChangeStage, StaffRole } from '../../../src/domain/plan-change/plan-change';
import { planChangeRouting, type PlanChangeChannel } from '../../../src/domain/plan-change/routing';
import type { Language, Portal } from '../../../src/domain/portal';
import { addHistory } from '../../../src/adapters/postgres/customer-histories';
import type { GatheredEvidence } from '../../../src/contracts/plan-change';
import type { AorDecision } from '../../../src/domain/plan-change/agent-of-record';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time';
import { beginHistory } from '../../../lab/system/customer-history';
import type { Database } from '../../../src/adapters/postgres/database';
import type { PrismaClient } from '../../../src/adapters/generated/client';

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
      lastNameKeys: lastNameKeys([lastName, ...previousLastNames]),
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
      { questionId: 'first-pet', salt: 'salt-1', stretched: 'stretched-1', foldVersion: 2 },
      { questionId: 'first-car', salt: 'salt-2', stretched: 'stretched-2', foldVersion: 2 },
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

interface CustomerFields {
  readonly language?: Language;
  readonly state?: string;
}

/** A customer without an enrolment and an agent of record. Gives the id. */
export async function insertCustomer(prisma: PrismaClient, fields: CustomerFields = {}): Promise<string> {
  const { language = 'en', state = 'TX' } = fields;
  const customerId = `C-${randomUUID().slice(0, 8)}`;
  const email = `${customerId}@example.com`;
  await prisma.customer.create({
    data: { customerId, firstName: 'Harold', lastName: 'Jennings', email, language, state },
  });
  return customerId;
}

/** A customer of `planId` and `agentKey` since the beginning of the year. Gives the id. */
export async function insertEnrolledCustomer(
  prisma: Database,
  {
    planId = 'H4513-046-000',
    agentKey = null as string | null,
    from = '2026-01-01',
    ...fields
  }: CustomerFields & {
    readonly planId?: string;
    readonly agentKey?: string | null;
    readonly from?: string;
  } = {},
): Promise<string> {
  const customerId = await insertCustomer(prisma, fields);
  await beginHistory(prisma, customerId, {
    enrolments: [{ planId, from }],
    agentsOfRecord: [{ agentKey, from }],
  });
  return customerId;
}

interface StaffFields {
  readonly staffNumber?: string;
  readonly role?: StaffRole;
  readonly licensedFrom?: string | null;
  readonly licensedTo?: string | null;
}

/** A representative of the unit, unless told otherwise. Gives the staff key. */
export async function insertStaff(prisma: PrismaClient, fields: StaffFields = {}): Promise<string> {
  const { staffNumber = `S${randomUUID().slice(0, 8)}`, role = 'plan-change-representative' } = fields;
  const { licensedFrom = '2025-03-01', licensedTo = null } = fields;
  const staffKey = foldAgentNumber(staffNumber);
  await prisma.staff.create({
    data: {
      staffKey,
      staffNumber,
      role,
      firstName: 'Rita',
      lastName: 'Moss',
      licensedFrom: licensedFrom === null ? null : new Date(licensedFrom),
      licensedTo: licensedTo === null ? null : new Date(licensedTo),
    },
  });
  return staffKey;
}

/** Makes the agent one that a call center works under. */
export async function insertCallCenter(prisma: PrismaClient, agentKey: string): Promise<void> {
  await prisma.callCenter.create({ data: { agentKey, name: 'Lone Star Calls' } });
}

/** A period, as a test writes it: `to` is the last day. */
interface PeriodFields {
  readonly from: string;
  readonly to?: string | null;
}

/** What an agent is licensed (state), appointed or certified (plan year) for. */
export async function insertStanding(
  prisma: PrismaClient,
  agentKey: string,
  {
    type,
    scope = '',
    from = '2025-01-01',
    to = null,
    knownFromMs = Date.now(),
  }: Partial<PeriodFields> & {
    readonly type: 'licence' | 'appointment' | 'certification';
    readonly scope?: string;
    readonly knownFromMs?: number;
  },
): Promise<void> {
  const dates = {
    from: new Date(from),
    to: to === null ? null : new Date(to),
    knownFrom: new Date(knownFromMs),
  };
  await prisma.agentStanding.create({ data: { agentKey, type, scope, ...dates } });
}

/** An agent whom the protection covers: licensed in Texas, appointed, certified for 2027. Gives the key. */
export async function insertEligibleAgent(prisma: PrismaClient, fields: AgentFields = {}): Promise<string> {
  const agentKey = await insertAgent(prisma, fields);
  await insertStanding(prisma, agentKey, { type: 'licence', scope: 'TX' });
  await insertStanding(prisma, agentKey, { type: 'appointment' });
  await insertStanding(prisma, agentKey, { type: 'certification', scope: '2027' });
  return agentKey;
}

interface PlanChangeFields {
  readonly planChangeId?: string;
  /** A new customer without anything, unless told otherwise. */
  readonly customerId?: string;
  readonly channel?: PlanChangeChannel;
  readonly route?: string;
  readonly stage?: PlanChangeStage;
  readonly facilitatorKey?: string | null;
  readonly planId?: string | null;
  readonly effectiveOn?: string | null;
  readonly openedAtMs?: number;
  readonly waitingSinceMs?: number;
  readonly claimedBy?: string;
  readonly claimUntilMs?: number;
  readonly heldAtMs?: number;
}

const ENDED: readonly PlanChangeStage[] = ['completed', 'withdrawn', 'abandoned'];

/** A plan change in a stage, with what goes with it: a claim of an hour, a defect, an end. Gives its id. */
export async function insertPlanChange(prisma: PrismaClient, fields: PlanChangeFields = {}): Promise<string> {
  const { planChangeId = randomUUID(), channel = 'plan-change-line', stage = 'queued' } = fields;
  const { openedAtMs = NOW_MS - DAY_MS, waitingSinceMs = openedAtMs, facilitatorKey = null } = fields;
  const { planId = null, effectiveOn = null, route = planChangeRouting[channel].route } = fields;
  const { claimedBy = 'S1', claimUntilMs = NOW_MS + HOUR_MS, heldAtMs = openedAtMs } = fields;
  await prisma.planChange.create({
    data: {
      id: planChangeId,
      channel,
      stage,
      facilitatorKey,
      planId,
      route,
      openedBy: randomUUID(),
      customerId: fields.customerId ?? (await insertCustomer(prisma)),
      effectiveOn: effectiveOn === null ? null : new Date(effectiveOn),
      openedAt: new Date(openedAtMs),
      waitingSince: new Date(waitingSinceMs),
      ...(stage === 'claimed' ? { claimedBy, claimUntil: new Date(claimUntilMs) } : {}),
      ...(stage === 'held' ? { heldFor: 'not-licensed', heldAt: new Date(heldAtMs) } : {}),
      ...(ENDED.includes(stage) ? { endedAt: new Date(NOW_MS - HOUR_MS) } : {}),
    },
  });
  return planChangeId;
}

/** A decision about a completed change, for which the customer's history is as it was; a customer without one gets one. */
export async function insertDecision(
  prisma: Database,
  {
    planChangeId,
    customerId,
    decidedAtMs,
    effectiveOn = '2027-01-01',
    completedBy = null,
    apiKeyId = randomUUID(),
    decision,
    evidence = {},
  }: {
    readonly planChangeId: string;
    readonly customerId: string;
    readonly decidedAtMs: number;
    readonly effectiveOn?: string;
    readonly completedBy?: string | null;
    readonly apiKeyId?: string;
    readonly decision: { readonly [Field in keyof AorDecision]?: AorDecision[Field] };
    readonly evidence?: object;
  },
): Promise<void> {
  const chains = {
    enrolments: [{ from: '2026-01-01', planId: null }],
    agentsOfRecord: [{ from: '2026-01-01', agentKey: null }],
  };
  if ((await prisma.customerHistory.count({ where: { customerId } })) === 0)
    await beginHistory(prisma, customerId, { ...chains, knownFromMs: decidedAtMs - DAY_MS });
  await addHistory(prisma, {
    customerId,
    cause: 'plan-change',
    planChangeId,
    atMs: decidedAtMs,
    ...chains,
    decisions: [
      {
        planChangeId,
        effectiveOn,
        decision: { ruleVersion: 2, commissionContinues: false, agentKey: null, ...decision } as AorDecision,
        evidence: evidence as GatheredEvidence,
      },
    ],
    completedBy,
    apiKeyId,
  });
}
