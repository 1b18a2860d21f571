/** The routes of plan changes over real PostgreSQL: only the runs are faked. Every answer is held against the OpenAPI document. */
import { createAorReviews } from '../../../src/adapters/postgres/aor-reviews';
import { createAgentsOfRecord } from '../../../src/adapters/postgres/agents-of-record';
import { createAorDecisions } from '../../../src/adapters/postgres/aor-decisions';
import { createCommissionStatements } from '../../../src/adapters/postgres/commission-statements';
import type { Database } from '../../../src/adapters/postgres/database';
import { createPlanChangeFacts } from '../../../src/adapters/postgres/plan-change-facts';
import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import type { ApiDeps } from '../../../src/api/app';
import type { ApiKeyHolder } from '../../../src/ports/api-key';
import type { PlanChangeRuns } from '../../../src/ports/plan-change';
import type {
  CompletionRequest,
  CompletionResult,
  GatheredEvidence,
} from '../../../src/contracts/plan-change';
import { decideAgentOfRecord, type AgentEvidence } from '../../../src/domain/plan-change/agent-of-record';
import {
  NOW_MS,
  insertAgent,
  insertCallCenter,
  insertPlan,
  insertStaff,
} from '../../adapters/postgres/records';
import { startApi, type CallOptions, type Called } from '../api';
import { expectToFitDocument } from '../document';
import { fakeDigests } from '../fakes';

export const [OLD_PLAN, NEW_PLAN] = ['H4513-046-000', 'H4513-052-000'] as const;
export const COMPLETION = { planId: NEW_PLAN, effectiveDate: '2027-01-01' };
export const ADDRESS = '192.0.2.7';

/** Two plans; agents `own-1`, `other-2`, `other-3` and `center-3`; representatives `S-201`, `S-202`; internal agents `S-310`, `S-311`. */
export async function seedRosters(prisma: Database): Promise<void> {
  for (const planId of [OLD_PLAN, NEW_PLAN]) await insertPlan(prisma, planId);
  for (const agentNumber of ['own-1', 'other-2', 'other-3', 'center-3'])
    await insertAgent(prisma, { agentNumber });
  await insertCallCenter(prisma, 'CENTER3');
  for (const staffNumber of ['S-201', 'S-202']) await insertStaff(prisma, { staffNumber });
  await insertStaff(prisma, { staffNumber: 'S-310', role: 'field-agent', licensedFrom: null });
  await insertStaff(prisma, { staffNumber: 'S-311', role: 'telesales-agent' });
}

/** Changes as `insertPlanChange` takes them. */
export const claimed = { stage: 'claimed', claimedBy: 'S201' } as const;
export const withFieldAgent = {
  ...({ channel: 'field-agent', stage: 'with-facilitator', facilitatorKey: 'S310' } as const),
};
export const withExternalAgent = {
  ...({ channel: 'external-agent-application', stage: 'with-facilitator' } as const),
  facilitatorKey: 'OTHER2',
};

/** Status and code, with the stage or reason that goes with it. */
export const said = ({ status, body }: Called): string =>
  [status, body.code, body.stage ?? body.reason].filter((word) => word !== undefined).join(' ');

/** `pointer code` of each entry. */
export const errorsOf = ({ body }: Called): string[] =>
  (body.errors ?? []).map(({ pointer, code }: Record<string, string>) => `${pointer} ${code}`);

/** Remembers what it was asked for. Tests put steps of their own in the place of `onStart` and `onComplete`. */
export class FakePlanChangeRuns implements PlanChangeRuns {
  readonly started: Parameters<PlanChangeRuns['start']>[0][] = [];
  readonly told: string[] = [];
  readonly asked: { readonly planChangeId: string; readonly request: CompletionRequest }[] = [];

  onStart: PlanChangeRuns['start'] = async () => {};
  onComplete: PlanChangeRuns['complete'] = async () => ({ kind: 'wrong-stage', stage: 'withdrawn' });

  start: PlanChangeRuns['start'] = async (change) => {
    this.started.push(change);
    await this.onStart(change);
  };

  notifyRun: PlanChangeRuns['notifyRun'] = async (planChangeId) => {
    this.told.push(planChangeId);
  };

  complete: PlanChangeRuns['complete'] = async (planChangeId, request, operation) => {
    this.asked.push({ planChangeId, request });
    return this.onComplete(planChangeId, request, operation);
  };
}

export type PlanChangeDeskApi = Awaited<ReturnType<typeof startDesk>>;

/** The API at `NOW_MS`. `overrides` take the place of single adapters. */
export async function startDesk(prisma: Database, overrides: Partial<ApiDeps> = {}) {
  const runs = new FakePlanChangeRuns();
  const api = await startApi({
    planChanges: createPlanChanges(prisma),
    planChangeFacts: createPlanChangeFacts(prisma),
    agentsOfRecord: createAgentsOfRecord(prisma),
    commissionStatements: createCommissionStatements(prisma),
    aorReviews: createAorReviews(prisma),
    planChangeRuns: runs,
    ...overrides,
  });
  api.nowMs.value = NOW_MS;

  /** A new key of these scopes; `staffNumber`: whose, null: a system's. */
  const keyOf = (staffNumber: string | null, ...scopes: ApiKeyHolder['scopes']) => {
    const created = api.apiKeys.create(...scopes);
    const digest = fakeDigests.tokenDigest(created.key);
    api.apiKeys.all.set(digest, { ...api.apiKeys.all.get(digest)!, staffNumber });
    return created;
  };
  const intake = keyOf(null, 'intake');

  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Called> => {
    const headers = { 'x-forwarded-for': ADDRESS, ...options.headers };
    const called = await api.call(method, path, { ...options, headers });
    // `api.call` looks the operation up by the whole path; this is for those with a query.
    expectToFitDocument(api.document, method, path.split('?')[0]!, called);
    return called;
  };

  return {
    api,
    runs,
    keyOf,
    intake,
    call,
    get: (path: string, token = intake.key): Promise<Called> => call('GET', `/v1${path}`, { token }),
    /** With the key of `intake`, unless told otherwise. */
    post: (path: string, body?: unknown, { token = intake.key, ...options }: CallOptions = {}) =>
      call('POST', `/v1/plan-changes${path}`, { ...options, token, ...(body !== undefined && { body }) }),
  };
}

export const eligible = (agentKey: string): AgentEvidence => ({
  agentKey,
  standing: { active: true, licensed: true, appointed: true, certified: true },
});

/** Decides as the run of a change would, and records it. */
export async function recordDecision(
  prisma: Database,
  planChangeId: string,
  request: CompletionRequest,
  {
    channel = 'plan-change-line',
    original = null,
    facilitator = null,
    atMs = NOW_MS,
  }: Partial<GatheredEvidence> & { readonly atMs?: number },
): Promise<CompletionResult> {
  const evidence = {
    channel,
    referred: false,
    original,
    facilitator,
    day: '2026-11-22',
    state: 'TX',
    planYear: 2027,
  };
  const answer = decideAgentOfRecord(evidence);
  if (answer.kind !== 'decided') throw new Error(`the rule decides nothing: ${answer.kind}`);
  const recorded = await createAorDecisions(prisma).record({
    planChangeId,
    ...request,
    atMs,
    evidence,
    decision: answer.decision,
  });
  if (recorded !== 'recorded') throw new Error('somebody has moved it');
  return { kind: 'completed' };
}
