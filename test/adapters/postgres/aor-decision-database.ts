/** A database with changes that are ready to be decided. */
import { randomUUID } from 'node:crypto';
import { createAorDecisions } from '../../../src/adapters/postgres/aor-decisions';
import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import type { GatheredEvidence, RecordDecisionInput } from '../../../src/contracts/plan-change';
import { decideAgentOfRecord, type AgentEvidence } from '../../../src/domain/plan-change/agent-of-record';
import { latestHistory } from '../../../lab/system/customer-history';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import {
  NOW_MS,
  insertAgent,
  insertEnrolledCustomer,
  insertPlan,
  insertPlanChange,
  insertStaff,
} from './records';

export const [OLD_PLAN, NEW_PLAN] = ['H4513-046-000', 'H4513-052-000'] as const;
export const FROM = '2027-01-01';
export const apiKeyId = randomUUID();
export const by = { apiKeyId, address: '192.0.2.7', atMs: NOW_MS };

/** Set before the tests, by `withDecisions`. */
export let database: TestDatabase;
export let original: string;
export let facilitator: string;

export function withDecisions(): void {
  beforeAll(async () => {
    database = await createTestDatabase();
    for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(database.prisma, planId);
    original = await insertAgent(database.prisma, { agentNumber: 'A100' });
    facilitator = await insertAgent(database.prisma, { agentNumber: 'A200' });
    for (const staffNumber of ['S1', 'S2']) await insertStaff(database.prisma, { staffNumber });
    for (const staffNumber of ['S7', 'S8'])
      await insertStaff(database.prisma, { staffNumber, role: 'field-agent' });
  });
  afterAll(() => database.drop());
}

export const record = (input: RecordDecisionInput) => createAorDecisions(database.prisma).record(input);
export const desk = () => createPlanChanges(database.prisma);

export const eligible = (agentKey: string): AgentEvidence => ({
  agentKey,
  standing: { active: true, licensed: true, appointed: true, certified: true },
});
export const terminated = (agentKey: string): AgentEvidence => ({
  agentKey,
  standing: { ...eligible(agentKey).standing, active: false },
});

interface ReadyFields {
  readonly channel?: GatheredEvidence['channel'];
  readonly original?: AgentEvidence;
  readonly facilitator?: AgentEvidence;
  /** A new one of `original`, unless told otherwise. */
  readonly customerId?: string;
}

/** A change that is ready to be completed, and what it is to be completed with. The rule decides. */
export async function ready(fields: ReadyFields = {}) {
  const { channel = 'plan-change-line', original: had = null, facilitator: facilitates = null } = fields;
  const isUnits = channel === 'plan-change-line';
  const agentKey = had?.agentKey ?? null;
  const customerId = fields.customerId ?? (await insertEnrolledCustomer(database.prisma, { agentKey }));
  const planChangeId = await insertPlanChange(database.prisma, {
    customerId,
    channel,
    stage: isUnits ? 'claimed' : 'with-facilitator',
    facilitatorKey: channel === 'field-agent' ? 'S7' : (facilitates?.agentKey ?? null),
  });
  const evidence: GatheredEvidence = {
    channel,
    referred: false,
    original: had,
    facilitator: facilitates,
    day: '2026-11-22',
    state: 'TX',
    planYear: 2027,
  };
  const answer = decideAgentOfRecord(evidence);
  if (answer.kind !== 'decided') throw new Error(`the rule decides nothing: ${answer.kind}`);
  const input: RecordDecisionInput = {
    planChangeId,
    planId: NEW_PLAN,
    effectiveOn: FROM,
    staffKey: isUnits ? 'S1' : null,
    apiKeyId,
    atMs: NOW_MS,
    evidence,
    decision: answer.decision,
  };
  return { customerId, planChangeId, input };
}

/** All that stands of a customer's change. */
export async function recordsOf({ customerId, planChangeId }: { customerId: string; planChangeId: string }) {
  const { prisma } = database;
  return {
    change: await prisma.planChange.findUnique({ where: { id: planChangeId } }),
    decisions: await prisma.aorDecision.findMany({ where: { customerId } }),
    commission: await prisma.commissionFact.findMany({ where: { customerId } }),
    ...(await latestHistory(prisma, customerId)),
    histories: await prisma.customerHistory.findMany({ where: { customerId }, orderBy: { version: 'asc' } }),
    audit: await prisma.auditEvent.findMany({ where: { planChangeId } }),
  };
}

export const began = { validFrom: new Date('2026-01-01'), validTo: null };
export const ended = { validFrom: new Date('2026-01-01'), validTo: new Date('2026-12-31') };
export const begins = { validFrom: new Date(FROM), validTo: null };
