/**
 * Replays a decision on an agent of record from its stored evidence (spec.md 7).
 * - Same outcome, reason, agent and commission: it stands. A newer rule version alone is not a difference.
 * - Anything else is a difference, and so is evidence from which the rule decides nothing, or which it cannot read.
 */
import {
  decideAgain,
  decideAgentOfRecord,
  isSameResult,
  type AgentEvidence,
  type AorAnswer,
  type AorEvidence,
} from './agent-of-record';
import type { AgentRecords } from './agent-standing';
import { planChangeRouting } from './routing';

/** A recorded decision; codes and evidence may be those of an older rule. */
export interface StoredDecision {
  readonly outcome: string;
  readonly reason: string;
  readonly agentKey: string | null;
  readonly commissionContinues: boolean;
  readonly evidence: unknown;
}

export type ReplayAnswer = AorAnswer | { readonly kind: 'evidence-unreadable' };

/** The current rule's decision if it differs from the recorded one; null: no difference. */
export function differenceOnReplay(stored: StoredDecision): ReplayAnswer | null {
  if (!isAorEvidence(stored.evidence)) return { kind: 'evidence-unreadable' };
  const answer = answerTo(stored.evidence);
  if (answer.kind !== 'decided') return answer;
  return isSameResult(answer.decision, stored) ? null : answer;
}

/** A decision that was made again had to be made, so it is made again as one. */
const answerTo = (evidence: AorEvidence): AorAnswer =>
  evidence.again === true
    ? { kind: 'decided', decision: decideAgain(evidence) }
    : decideAgentOfRecord(evidence);

/** Whether the current rule can read it. */
export function isAorEvidence(value: unknown): value is AorEvidence {
  if (!isRecord(value)) return false;
  const { channel, referred, original, facilitator, onePerson, again } = value;
  return (
    typeof channel === 'string' &&
    Object.hasOwn(planChangeRouting, channel) &&
    typeof referred === 'boolean' &&
    [onePerson, again].every((maybe) => maybe === undefined || typeof maybe === 'boolean') &&
    [original, facilitator].every((agent) => agent === null || isAgentEvidence(agent))
  );
}

function isAgentEvidence(value: unknown): value is AgentEvidence {
  if (!isRecord(value) || typeof value['agentKey'] !== 'string' || !isRecord(value['standing'])) return false;
  const { active, licensed, appointed, certified } = value['standing'];
  return (
    [active, licensed, appointed, certified].every((condition) => typeof condition === 'boolean') &&
    (value['records'] === undefined || isAgentRecords(value['records']))
  );
}

function isAgentRecords(value: unknown): value is AgentRecords {
  if (!isRecord(value)) return false;
  const { terminatedOn, principalTerminatedOn, licences, appointments, certifications } = value;
  const isPeriod = (period: unknown): period is Record<string, unknown> =>
    isRecord(period) && typeof period['from'] === 'string' && isDayOrNull(period['to']);
  return (
    [terminatedOn, principalTerminatedOn].every(isDayOrNull) &&
    [licences, appointments, certifications].every(
      (periods) => Array.isArray(periods) && periods.every(isPeriod),
    )
  );
}

const isDayOrNull = (value: unknown): boolean => value === null || typeof value === 'string';

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
