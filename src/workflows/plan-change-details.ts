import {
  dueStep,
  escalationKind,
  type Escalation,
  type EscalationKind,
  type PlanChangeSnapshot,
} from '../domain/plan-change/plan-change';
import { OVER, utcMinute, type RunDetails } from './run-details';

const WAITS_FOR: Readonly<Record<string, string>> = {
  queued: 'a representative of the Dedicated Plan Change unit to take it',
  claimed: 'the representative who has it to complete it',
  'with-facilitator': 'the facilitator to complete it',
  held: 'staff to put in another facilitator, or to withdraw it: this one is not eligible',
};

const TOLD: Readonly<Record<EscalationKind, string>> = {
  waiting: 'after minutes of waiting',
  overdue: 'after a day',
  held: 'that it is held',
  'still-held': 'that it is still held',
};

/** An open change as operators see it: its stage, what it waits for and until when, and what the unit's lead was told. */
export function planChangeDetails(
  snapshot: PlanChangeSnapshot,
  escalated: readonly Escalation[],
): RunDetails {
  const { stage, route, abandonAtMs } = snapshot;
  const told = escalated.map((escalation) => TOLD[escalationKind(escalation)]).join(', ');
  const isHeld = stage === 'held';
  return {
    stage,
    waitsFor: WAITS_FOR[stage] ?? OVER,
    ...nextDeadline(snapshot, escalated),
    facts: {
      Route: route,
      'Given up': isHeld ? 'never, while it is held' : utcMinute(abandonAtMs),
      ...(stage === 'queued' || isHeld || told !== ''
        ? { "Unit's lead told": told === '' ? 'not yet' : told }
        : {}),
    },
  };
}

function nextDeadline(
  snapshot: PlanChangeSnapshot,
  escalated: readonly Escalation[],
): Pick<RunDetails, 'untilMs'> {
  // A held change has no deadline; this is shown until the run has read since when it is held.
  if (snapshot.stage === 'held' && snapshot.heldSinceMs === undefined) return {};
  // Starts at time 0, so that the result is the first deadline regardless of the clock.
  const due = dueStep(snapshot, escalated, 0);
  return { untilMs: due.kind === 'wait' ? due.untilMs : snapshot.abandonAtMs };
}
