/** Starts and drives runs of `planChange`, one per change. */
import { WorkflowNotFoundError, type Client, type Connection } from '@temporalio/client';
import type { Logger } from 'pino';
import type { PlanChangeRecord, PlanChanges } from '../../ports/plan-change';
import {
  PLAN_CHANGE_WORKFLOW,
  completePlanChangeUpdate,
  planChangeMovedSignal,
  type CompletionRequest,
  type CompletionResult,
} from '../../contracts/plan-change';
import { RUN_REVISION } from '../../contracts/run-revision';
import { searchAttributes } from '../../contracts/search-attributes';
import { planChangeRunId } from '../../contracts/workflow-ids';
import {
  isOver,
  stageAt,
  type MovedChange,
  type PlanChangeSnapshot,
} from '../../domain/plan-change/plan-change';
import { planChangeSnapshot, type PlanChangePolicy } from '../../domain/plan-change/deadlines';
import type { PlanChangeChannel } from '../../domain/plan-change/routing';
import type { Operation } from '../../ports/operation';
import type { PlanChangeRuns } from '../../ports/plan-change';
import { UnavailableError } from '../../ports/errors';
import { createKeyedGate } from './keyed-gate';
import { callTemporal, callUpdate } from './calls';

/** Shown to operators next to every run, at any stage. */
const STATIC_DETAILS =
  'Keeps the time of a plan change and completes it: evidence, decision on the agent of record, record, emails. Who has it stands in ' +
  'the database (GET /v1/plan-changes/ID). Ends as aor-retained, aor-transferred, aor-ended, aor-none, withdrawn, abandoned or void. ' +
  'Do not terminate it to stop a change: withdraw the change over HTTP. Should its run be gone, the next call about it starts another.';

export interface PlanChangeRunsDeps {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  readonly planChanges: Pick<PlanChanges, 'find'>;
  readonly policy: PlanChangePolicy;
  readonly logger: Logger;
  readonly clock: () => number;
}

interface Started {
  readonly planChangeId: string;
  readonly customerId: string;
  readonly channel: PlanChangeChannel;
  readonly agentKey: string | null;
  readonly snapshot: PlanChangeSnapshot;
}

export function createPlanChangeRuns(deps: PlanChangeRunsDeps): PlanChangeRuns {
  const { client, connection, taskQueue, planChanges, policy, logger, clock } = deps;
  const gate = createKeyedGate();
  const runOf = (planChangeId: string) => client.workflow.getHandle(planChangeRunId(planChangeId));

  return {
    start: ({ planChangeId, customerId, channel, agentKey, route, stage, atMs }) =>
      start({
        planChangeId,
        customerId,
        channel,
        agentKey,
        snapshot: planChangeSnapshot(policy, {
          route,
          stage,
          claimUntilMs: null,
          outcome: null,
          openedAtMs: atMs,
          waitingSinceMs: atMs,
          moves: 0,
        }),
      }),

    async notifyRun(planChangeId, moved) {
      try {
        if (!(await signal(planChangeId, moved))) await restart(planChangeId);
      } catch (error) {
        notTold(error);
      }
    },

    async complete(planChangeId, request, operation) {
      const answer =
        (await send(planChangeId, request, operation)) ??
        (await sendToNewRun(planChangeId, request, operation));
      if (answer !== null) return answer;
      throw new UnavailableError();
    },
  };

  function start({ planChangeId, customerId, channel, agentKey, snapshot }: Started): Promise<void> {
    return callTemporal(connection, async () => {
      await client.workflow.start(PLAN_CHANGE_WORKFLOW, {
        workflowId: planChangeRunId(planChangeId),
        taskQueue,
        args: [{ planChangeId, standing: snapshot, terms: policy, revision: RUN_REVISION }],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `plan change by ${channel}`,
        staticDetails: STATIC_DETAILS,
        typedSearchAttributes: [
          { key: searchAttributes.stage, value: snapshot.stage },
          { key: searchAttributes.route, value: snapshot.route },
          { key: searchAttributes.customer, value: customerId },
          ...(agentKey === null ? [] : [{ key: searchAttributes.agent, value: agentKey }]),
        ],
      });
    });
  }

  /** False if there is no open run. */
  async function signal(planChangeId: string, moved?: PlanChangeRecord): Promise<boolean> {
    try {
      await callTemporal(connection, () =>
        runOf(planChangeId).signal(planChangeMovedSignal, moved && movedChange(moved)),
      );
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }

  /** Null if there is no open run. */
  function send(
    planChangeId: string,
    request: CompletionRequest,
    operation?: Operation,
  ): Promise<CompletionResult | null> {
    return gate(planChangeId, () =>
      callUpdate(
        connection,
        (updateId) =>
          runOf(planChangeId).executeUpdate(completePlanChangeUpdate, { args: [request], updateId }),
        operation,
      ),
    );
  }

  async function sendToNewRun(
    planChangeId: string,
    request: CompletionRequest,
    operation?: Operation,
  ): Promise<CompletionResult | null> {
    const snapshot = await restart(planChangeId);
    if (snapshot === null || isOver(snapshot)) {
      return { kind: 'wrong-stage', stage: snapshot?.stage ?? 'withdrawn' };
    }
    return send(planChangeId, request, operation);
  }

  /** Starts another run for an open change whose run was terminated; returns the change's stage. */
  async function restart(planChangeId: string): Promise<PlanChangeSnapshot | null> {
    const change = await planChanges.find(planChangeId);
    if (change === null) return null;
    const snapshot = planChangeSnapshot(policy, { ...change, stage: stageAt(change, clock()) });
    if (!isOver(snapshot)) await start({ ...change, agentKey: null, snapshot });
    return snapshot;
  }

  function notTold(error: unknown): void {
    logger.warn(
      { error: error instanceof Error ? error.name : typeof error },
      'the run of a plan change could not be told that it was moved; it looks by itself within hours',
    );
  }
}

/** Nothing else of the record gets into a history. */
const movedChange = ({
  stage,
  route,
  claimUntilMs,
  waitingSinceMs,
  moves,
}: PlanChangeRecord): MovedChange => ({
  stage,
  route,
  claimUntilMs,
  waitingSinceMs,
  moves,
});
