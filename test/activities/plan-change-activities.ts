/** The activities of plan changes over real PostgreSQL; everything else is faked. */
import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import type { AgentOfRecordContent, PlanChangeCompletedContent } from '../../src/ports/email-templates';
import { createAorCorrections } from '../../src/adapters/postgres/aor-corrections';
import { createAorDecisions } from '../../src/adapters/postgres/aor-decisions';
import { createEmailTemplates } from '../../src/adapters/mail/templates';
import { createMailLedger } from '../../src/adapters/postgres/mail-ledger';
import { createPlanChanges } from '../../src/adapters/postgres/plan-changes';
import type { CompletionInput, RecordDecisionInput } from '../../src/contracts/plan-change';
import { decideAgentOfRecord } from '../../src/domain/plan-change/agent-of-record';
import type { PlanChangeChannel } from '../../src/domain/plan-change/routing';
import { HOUR_MS } from '../../src/domain/time';
import {
  insertEnrolledCustomer,
  insertPlan,
  insertPlanChange,
  insertStaff,
} from '../adapters/postgres/records';
import { createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { brand } from '../support/brand';

/** Tuesday, 11:30 in the evening in New York, where it is still the 24th. */
export const NOW = Date.UTC(2026, 10, 25, 4, 30);
export const [OLD_PLAN, NEW_PLAN] = ['H4513-046-000', 'H4513-052-000'] as const;
export const apiKeyId = randomUUID();
export const unitLead = { email: 'lead@example.com', firstName: 'Lena', language: 'es' as const };
export const ELIGIBLE = { active: true, licensed: true, appointed: true, certified: true };

// Set before the tests, by `withPlanChangeActivities`.
export let database: TestDatabase;
export let fakes: ActivityFakes;
export let activities: ReturnType<typeof createActivities>;
/** Of which agents the standing was asked for. */
export let asked: string[];
export let contents: (PlanChangeCompletedContent | AgentOfRecordContent)[];

export function withPlanChangeActivities(): void {
  beforeAll(async () => {
    database = await createTestDatabase();
    for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(database.prisma, planId);
    await insertStaff(database.prisma, { staffNumber: 'S1' });
    await insertStaff(database.prisma, { staffNumber: 'S3', licensedTo: '2026-11-23' });
    for (const [staffNumber, role] of [
      ['S7', 'field-agent'],
      ['S8', 'telesales-agent'],
      ['S9', 'customer-service'],
    ] as const)
      await insertStaff(database.prisma, { staffNumber, role });
  });
  afterAll(() => database.drop());

  beforeEach(() => {
    asked = [];
    contents = [];
    fakes = createActivityFakes();
    fakes.clock = () => NOW;
    const decisions = createAorDecisions(database.prisma);
    const templates = createEmailTemplates(brand);
    activities = createActivities({
      ...fakes.deps,
      planChanges: createPlanChanges(database.prisma),
      aorDecisions: {
        ...decisions,
        inCustomersTurn: (planChangeId, work) =>
          decisions.inCustomersTurn(planChangeId, (turn) =>
            work({
              ...turn,
              agents: (keys) => {
                asked.push(...[keys.original, keys.facilitator].filter((key) => key !== null));
                return turn.agents(keys);
              },
            }),
          ),
      },
      aorCorrections: createAorCorrections(database.prisma),
      ledger: createMailLedger(database.prisma),
      unitLead,
      templates: {
        ...templates,
        planChangeCompleted: (content) => (contents.push(content), templates.planChangeCompleted(content)),
        agentOfRecord: (content) => (contents.push(content), templates.agentOfRecord(content)),
      },
    });
  });
}

export const run = <Result>(activity: (input: never) => Promise<Result>, input: unknown): Promise<Result> =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
    activity as (input: unknown) => Promise<Result>,
    input,
  );

export const insertChange = (fields: Parameters<typeof insertPlanChange>[1] = {}) =>
  insertPlanChange(database.prisma, {
    openedAtMs: NOW - HOUR_MS,
    claimUntilMs: NOW + HOUR_MS,
    ...fields,
  });
export const rowOf = (id: string) => database.prisma.planChange.findUniqueOrThrow({ where: { id } });
export const auditOf = (planChangeId: string) =>
  database.prisma.auditEvent.findMany({ where: { planChangeId } });

export interface ChangeFields {
  readonly channel?: PlanChangeChannel;
  readonly original?: string | null;
  readonly facilitator?: string | null;
  readonly referred?: boolean;
  /** A new one of `original`, unless told otherwise. */
  readonly customerId?: string;
}

/** A change that can be completed by the channel's way, of a customer who may have an agent of record. */
export async function changeOf({ original = null, ...fields }: ChangeFields = {}) {
  const { channel = 'plan-change-line', facilitator = null, referred = false } = fields;
  const isUnits = referred || channel === 'plan-change-line' || channel === 'customer-service';
  const customerId =
    fields.customerId ?? (await insertEnrolledCustomer(database.prisma, { agentKey: original }));
  const planChangeId = await insertChange({
    customerId,
    channel,
    facilitatorKey: facilitator,
    ...(isUnits ? { route: 'unit', stage: 'claimed' } : { stage: 'with-facilitator' }),
  });
  const completion: CompletionInput = {
    planChangeId,
    planId: NEW_PLAN,
    effectiveOn: '2027-01-01',
    apiKeyId,
    atMs: NOW,
    staffKey: isUnits ? 'S1' : null,
  };
  return { customerId, planChangeId, completion };
}

/** What the run does. `input`: what it records. */
export async function complete(completion: CompletionInput) {
  const input = await inputOf(completion);
  return { input, answer: await run(activities.completePlanChange, completion) };
}

/** What a run of an earlier build does. */
export async function completeInSteps(completion: CompletionInput) {
  const input = await inputOf(completion);
  return { input, answer: await run(activities.recordAorDecision, input) };
}

async function inputOf(completion: CompletionInput): Promise<RecordDecisionInput> {
  const gathered = await run(activities.gatherAorEvidence, completion);
  if (gathered.kind !== 'evidence') throw new Error(`refused: ${gathered.kind}`);
  const answer = decideAgentOfRecord(gathered.evidence);
  if (answer.kind !== 'decided') throw new Error(`not decided: ${answer.kind}`);
  return { ...completion, evidence: gathered.evidence, decision: answer.decision };
}
