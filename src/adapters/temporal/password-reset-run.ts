/** Shared by opening and driving a reset. */
import type { Client, Connection, WorkflowHandle } from '@temporalio/client';
import type { NoticeStarter } from '../../ports/mail';
import type { ResetUsageStore } from '../../ports/password-reset';
import {
  resetStatusQuery,
  type PasswordResetInput,
  type ResetStatus,
  type SeenReset,
} from '../../contracts/password-reset';
import type { Portal, PortalPolicies } from '../../domain/portal';
import { budgetAt, mergeUsage, type ResetBudget } from '../../domain/password-reset/reset-budget';
import type { AccountStore } from '../../ports/accounts';
import type { AnswerStretcher, TokenDigests } from '../../ports/keys';
import type { ResetForHolder, ResetRecords } from '../../ports/password-reset';
import type { BrokerDirectory } from '../../ports/registration';
import { passwordResetId } from '../../contracts/workflow-ids';
import { NO_RESET, type Flow } from './flow-token';
import { callQuery } from './calls';

/** The part of the keyring that resets use. */
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
    'load' | 'ofReset' | 'beginGuess' | 'endGuess' | 'recordWrongGuess' | 'recordPin' | 'recordLeaving'
  >;
  /** Minimum time of answers that must not reveal a reset's progress; milliseconds, default 120. */
  readonly evenMs?: number | undefined;
  readonly records: Omit<ResetRecords, 'takeChoice'>;
  readonly notices: NoticeStarter;
  readonly policies: PortalPolicies;
  readonly clock: () => number;
}

export type ResetRun = WorkflowHandle<(input: PasswordResetInput) => Promise<unknown>>;

/** The workflow id of the flow's run, whether or not it exists. */
export function workflowIdOf({
  portal,
  proof,
  subjectKey,
  after,
}: Pick<Flow, 'portal' | 'proof' | 'subjectKey' | 'after'>): string {
  return passwordResetId(portal, subjectKey, { proof, outlived: after === NO_RESET ? undefined : after });
}

/** The run's status; null if Temporal does not know the run or no longer keeps it. Throws `UnavailableError`. */
export const askStatus = (
  connection: Connection,
  run: ResetRun,
  token: string,
): Promise<ResetStatus | null> => callQuery(connection, () => run.query(resetStatusQuery, { token }));

/** The remaining budget of one person, across the subject keys for each pepper; answers need no PINs. */
export async function readBudget(
  { usage, policies, clock }: Pick<PasswordResetStarterDeps, 'usage' | 'policies' | 'clock'>,
  { portal, proof }: Pick<Flow, 'portal' | 'proof'>,
  subjectKeys: readonly string[],
): Promise<ResetBudget> {
  const nowMs = clock();
  const used = mergeUsage(await Promise.all(subjectKeys.map((subjectKey) => usage.load(subjectKey, nowMs))));
  const counting = proof === 'answers' ? { ...used, pinsAtMs: [] } : used;
  return budgetAt(counting, policies[portal].resetLimits, nowMs);
}

/** Milliseconds until the budget allows another try; null: only the helpdesk can help. */
export function untilFreeMs({ freeAgainAtMs }: ResetBudget, nowMs: number): number | null {
  return freeAgainAtMs === null ? null : Math.max(0, freeAgainAtMs - nowMs);
}

/** The reset as seen by a page that has not proved identity. */
export function resetForHolder(
  { resetId, portal, proof, sentTo, questionIds }: Flow,
  { view }: Pick<SeenReset, 'view'>,
): ResetForHolder {
  return { resetId, portal, proof, sentTo, questionIds, view };
}
