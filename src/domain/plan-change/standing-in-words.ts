/** An agent's standing on a day in words, condition by condition: for `npm run aor` and the reviews of decisions. */
import type { AgentEvidence } from './agent-of-record';
import {
  holdsOn,
  type Activity,
  type AgentStanding,
  type EffectiveDates,
  type StandingQuestion,
} from './agent-standing';

export interface ConditionInWords {
  readonly condition: keyof AgentStanding;
  /** "certified for 2027" */
  readonly name: string;
  /** "yes (from 2026-10-01)"; without the dates if the evidence is without them. */
  readonly answer: string;
}

/** The four conditions, each with what was on record: if it holds, the periods of that day; otherwise all. */
export function standingInWords(
  { standing, records }: AgentEvidence,
  { day, state, planYear }: StandingQuestion,
): readonly ConditionInWords[] {
  const answer = (condition: keyof AgentStanding, onRecord: string | undefined): string =>
    (standing[condition] ? 'yes' : 'no') + (onRecord === undefined ? '' : ` (${onRecord})`);
  const byPeriods = (
    condition: keyof AgentStanding,
    periods: readonly EffectiveDates[] | undefined,
  ): string => {
    const shown = standing[condition] ? periods?.filter((period) => holdsOn(period, day)) : periods;
    return answer(condition, shown && (shown.map(periodInWords).join('; ') || 'none on record'));
  };
  return [
    {
      condition: 'active',
      name: 'active',
      answer: answer('active', records && lastDaysInWords(records)),
    },
    {
      condition: 'licensed',
      name: `licensed in ${state}`,
      answer: byPeriods('licensed', records?.licences),
    },
    {
      condition: 'appointed',
      name: 'appointed',
      answer: byPeriods('appointed', records?.appointments),
    },
    {
      condition: 'certified',
      name: `certified for ${planYear}`,
      answer: byPeriods('certified', records?.certifications),
    },
  ];
}

const periodInWords = ({ from, to }: EffectiveDates): string =>
  to === null ? `from ${from}` : `from ${from} to ${to}`;

const lastDaysInWords = ({ terminatedOn, principalTerminatedOn }: Activity): string =>
  [
    ...(terminatedOn === null ? [] : [`last day ${terminatedOn}`]),
    ...(principalTerminatedOn === null ? [] : [`last day of the principal ${principalTerminatedOn}`]),
  ].join('; ') || 'no last day';
