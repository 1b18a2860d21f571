import { dueStep, type Escalation, type PlanChangeStanding } from '../domain/plan-change';
import { utcMinute, type RunDetails } from './run-details';

const WAITS_FOR: Readonly<Record<string, string>> = {
  queued: 'a representative of the Dedicated Plan Change unit to take it',
  claimed: 'the representative who has it to complete it',
  'with-facilitator': 'the facilitator to complete it',
  held: 'staff to put in another facilitator, or to withdraw it: this one is not eligible',
};

const TOLD: Readonly<Record<Escalation, string>> = {
  waiting: 'after minutes of waiting',
  overdue: 'after a day',
};

/** An open change as operators read it: where it stands, what it waits for and until when, and what the unit's lead was told. */
export function planChangeDetails(
  standing: PlanChangeStanding,
  escalated: readonly Escalation[],
): RunDetails {
  const { stage, route, abandonAtMs } = standing;
  const told = escalated.map((escalation) => TOLD[escalation]).join(', ');
  return {
    stage,
    waitsFor: WAITS_FOR[stage] ?? 'nothing: it is over',
    untilMs: nextDeadlineMs(standing, escalated),
    facts: {
      Route: route,
      'Given up': utcMinute(abandonAtMs),
      ...(stage === 'queued' || told !== '' ? { "Unit's lead told": told === '' ? 'not yet' : told } : {}),
    },
  };
}

function nextDeadlineMs(standing: PlanChangeStanding, escalated: readonly Escalation[]): number {
  // From the beginning of time on, so that the first deadline is the answer whatever the clock says.
  const due = dueStep(standing, escalated, 0);
  return due.kind === 'wait' ? due.untilMs : standing.abandonAtMs;
}
