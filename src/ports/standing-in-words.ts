/** An agent's standing on a day in words, condition by condition: for `npm run aor` and the reviews of decisions. */
import type { AgentEvidence } from '../domain/plan-change/agent-of-record';
import {
  holdsOn,
  type Activity,
  type AgentStanding,
  type EffectiveDates,
  type StandingQuestion,
} from '../domain/plan-change/agent-standing';
import type { AorDifference } from '../domain/plan-change/aor-review';
import type { Say } from './texts';

const CONDITIONS = ['active', 'licensed', 'appointed', 'certified'] as const;

/** The four conditions, "certified for 2027" and "yes (from 2026-10-01)" each. */
export const standingInWords = (
  agent: AgentEvidence,
  question: StandingQuestion,
  say: Say,
): readonly (readonly [name: string, answer: string])[] =>
  CONDITIONS.map((condition) => [
    nameOf(condition, question, say),
    answerOf(condition, agent, question, say),
  ]);

/** "agent 20417: certified for 2027: was no, is yes (from 2026-10-01)". `question`: of the decision's evidence. */
export function differenceInWords(difference: AorDifference, question: StandingQuestion, say: Say): string {
  switch (difference.kind) {
    case 'condition': {
      const { agentNumber, condition, was, is } = difference;
      return say('explain.review.condition', {
        agent: agentNumber,
        condition: nameOf(condition, question, say),
        was: answerOf(condition, was, question, say),
        is: answerOf(condition, is, question, say),
      });
    }
    case 'one-person': {
      const [one, other] = difference.agentNumbers;
      const { is } = difference;
      return say('explain.review.one-person', { one, other, was: yesOrNo(!is, say), is: yesOrNo(is, say) });
    }
    case 'evidence-unreadable':
      return say('explain.review.evidence-unreadable');
  }
}

const nameOf = (condition: keyof AgentStanding, { state, planYear }: StandingQuestion, say: Say): string =>
  say(`explain.standing.${condition}`, { state, planYear });

/** With what was on record: if it holds, the periods of that day; otherwise all. Without, if the evidence is without it. */
function answerOf(
  condition: keyof AgentStanding,
  { standing, records }: AgentEvidence,
  { day }: StandingQuestion,
  say: Say,
): string {
  const holds = standing[condition];
  if (records === undefined) return yesOrNo(holds, say);
  const byPeriods = (periods: readonly EffectiveDates[]): string =>
    (holds ? periods.filter((period) => holdsOn(period, day)) : periods)
      .map((period) => periodInWords(period, say))
      .join('; ') || say('explain.standing.none-on-record');
  const onRecord = {
    active: () => lastDaysInWords(records, say),
    licensed: () => byPeriods(records.licences),
    appointed: () => byPeriods(records.appointments),
    certified: () => byPeriods(records.certifications),
  };
  return `${yesOrNo(holds, say)} (${onRecord[condition]()})`;
}

const yesOrNo = (is: boolean, say: Say): string => say(`explain.${is ? 'yes' : 'no'}`);

const periodInWords = ({ from, to }: EffectiveDates, say: Say): string =>
  to === null ? say('explain.standing.from', { from }) : say('explain.standing.from-to', { from, to });

const lastDaysInWords = ({ terminatedOn, principalTerminatedOn }: Activity, say: Say): string =>
  [
    ...(terminatedOn === null ? [] : [say('explain.standing.last-day', { day: terminatedOn })]),
    ...(principalTerminatedOn === null
      ? []
      : [say('explain.standing.principal-last-day', { day: principalTerminatedOn })]),
  ].join('; ') || say('explain.standing.no-last-day');
