/** A run's description for operators in the Temporal UI. Opaque ids and fixed identifiers, no personal data. */
import { metricMeter, setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { searchAttributes } from '../contracts/search-attributes';

export interface RunDetails {
  readonly stage: string;
  /** One sentence: what the run waits for. */
  readonly waitsFor: string;
  /** Until when it waits, epoch milliseconds; absent when it has ended. */
  readonly untilMs?: number;
  /** Further facts, in display order. */
  readonly facts?: Readonly<Record<string, string | number>>;
}

/** How an email stands that the mail server has not taken yet. */
export const WAITING_FOR_MAIL_SERVER = 'waiting for the mail server';
/** What an ended run waits for. */
export const OVER = 'nothing: it is over';

/** Shows `details` on the run's page. Costs no event. */
export function showDetails({ stage, waitsFor, untilMs, facts = {} }: RunDetails): void {
  const lines = Object.entries({
    Stage: stage,
    'Waits for': waitsFor,
    ...(untilMs === undefined ? {} : { Until: utcMinute(untilMs) }),
    ...facts,
  });
  setCurrentDetails(lines.map(([name, value]) => `- ${name}: **${value}**`).join('\n'));
}

/** Makes the run findable under its new stage. One event. */
export function markStage(stage: string): void {
  upsertSearchAttributes([{ key: searchAttributes.stage, value: stage }]);
}

/** Makes the run findable under another route. One event. */
export function markRoute(route: string): void {
  upsertSearchAttributes([{ key: searchAttributes.route, value: route }]);
}

/** Shows how the run ended, and marks it. One event. */
export function endAs(outcome: string, facts: RunDetails['facts'] = {}): void {
  showDetails({ stage: outcome, waitsFor: OVER, facts });
  markOutcome(outcome);
}

/** Makes the ended run findable under its outcome, and counts it. One event. */
export function markOutcome(outcome: string): void {
  upsertSearchAttributes([
    { key: searchAttributes.stage, value: 'ended' },
    { key: searchAttributes.outcome, value: outcome },
  ]);
  // The SDK's meter ignores replays.
  metricMeter
    .createCounter('tenure_runs_ended_total', undefined, 'Runs that ended, by workflow and outcome.')
    .add(1, { workflow: workflowInfo().workflowType, outcome });
}

/** `2026-11-22 15:27 UTC`, for operators. */
export function utcMinute(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
