/** What opening a reset and driving one both need. */
import { WorkflowNotFoundError, type Client, type Connection, type WorkflowHandle } from '@temporalio/client';
import type { NoticeStarter } from '../../ports/mail';
import type { ResetUsageStore } from '../../ports/password-reset';
import {
  resetStatusQuery,
  type PasswordResetInput,
  type ResetStatus,
  type SeenReset,
} from '../../contracts/password-reset';
import { portalPolicies, type Portal } from '../../domain/portal';
import { budgetAt, mergeUsage, type ResetBudget } from '../../domain/password-reset/reset-budget';
import type { AccountStore } from '../../ports/accounts';
import type { AnswerStretcher, TokenDigests } from '../../ports/keys';
import type { HeldReset, ResetRecords } from '../../ports/password-reset';
import type { BrokerDirectory } from '../../ports/registration';
import { passwordResetId } from '../../contracts/workflow-ids';
import { NO_RESET, type Flow } from './flow-token';
import { callTemporal } from './calls';

/** The part of the keyring that resets are made with. */
export interface ResetKeys extends TokenDigests {
  readonly currentId: string;
  /** All pepper ids, the current one first. */
  readonly ids: readonly string[];
  subjectKey(pepperId: string, portal: Portal, identity: string): string;
  pin(pepperId: string, resetId: string, sequence: number, digits: number): string;
  proofDigest(pepperId: string, resetId: string, typed: string): string;
}

export interface PasswordResetStarterDeps {
  readonly client: Client;
  readonly connection: Connection;
  readonly taskQueue: string;
  readonly keys: ResetKeys;
  readonly accounts: Pick<AccountStore, 'findIdByEmail'>;
  readonly brokers: Pick<BrokerDirectory, 'findForReset' | 'decoySeed'>;
  readonly stretcher: AnswerStretcher;
  readonly usage: Pick<
    ResetUsageStore,
    'load' | 'ofReset' | 'recordWrongGuess' | 'recordPin' | 'recordLeaving'
  >;
  /** How long those answers take at least that must not tell how far a reset is; milliseconds, 120 unless told. */
  readonly evenMs?: number | undefined;
  readonly records: Omit<ResetRecords, 'takeChoice'>;
  readonly notices: NoticeStarter;
  readonly clock: () => number;
}

/** A question is answered in milliseconds; now and then the server loses one with the worker's task, and it is asked again. */
const ASK_AGAIN_AFTER_MS = 2_500;

export type ResetRun = WorkflowHandle<(input: PasswordResetInput) => Promise<unknown>>;

/** The id of the run that the flow's page holds, or would. */
export function workflowIdOf({
  portal,
  subjectKey,
  after,
}: Pick<Flow, 'portal' | 'subjectKey' | 'after'>): string {
  return passwordResetId(portal, subjectKey, after === NO_RESET ? undefined : after);
}

/** The run's status; null when Temporal knows no such run, or keeps it no longer. Throws `UnavailableError`. */
export async function askStatus(
  connection: Connection,
  run: ResetRun,
  token: string,
): Promise<ResetStatus | null> {
  try {
    return await callTemporal(connection, () => run.query(resetStatusQuery, { token }), {
      attemptMs: ASK_AGAIN_AFTER_MS,
    });
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** What is left of one person's budget, over the subject keys that each pepper gives them. */
export async function readBudget(
  { usage, clock }: Pick<PasswordResetStarterDeps, 'usage' | 'clock'>,
  portal: Portal,
  subjectKeys: readonly string[],
): Promise<ResetBudget> {
  const nowMs = clock();
  const used = await Promise.all(subjectKeys.map((subjectKey) => usage.load(subjectKey, nowMs)));
  return budgetAt(mergeUsage(used), portalPolicies[portal].resetLimits, nowMs);
}

/** Milliseconds until the budget has something again; null: not without the helpdesk. */
export function untilFreeMs({ freeAgainAtMs }: ResetBudget, nowMs: number): number | null {
  return freeAgainAtMs === null ? null : Math.max(0, freeAgainAtMs - nowMs);
}

/** The reset as a page may see it that has not proved identity. */
export function heldReset(
  { resetId, portal, sentTo, questionIds }: Flow,
  { view }: Pick<SeenReset, 'view'>,
): HeldReset {
  return { resetId, portal, sentTo, questionIds, view };
}
