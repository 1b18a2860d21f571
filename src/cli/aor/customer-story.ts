/** Tells what was known of a customer, when and why, version by version: numbers, no names. */
import type { CustomerOnRecord, RecordNumbers } from '../../adapters/postgres/customer-records';
import type { EffectiveDates } from '../../domain/plan-change/agent-standing';
import type { PlayedVersion } from '../../domain/plan-change/played-record';
import { countingElections, successorOf, type Election } from '../../domain/plan-change/history';
import type { Say } from '../../ports/texts';
import { layOutForm, type FormEntry, type FormSection } from '../form';
import { decisionInWords, inUtc } from './decision-in-words';

/** `planChangeLine`: the number of the Dedicated Plan Change line. */
interface StoryNumbers extends RecordNumbers {
  readonly planChangeLine: string;
}

/** As a form of several sections: one for each version, and what changed nothing. */
export function tellStory(
  record: CustomerOnRecord,
  played: readonly PlayedVersion[],
  numbers: StoryNumbers,
  say: Say,
): string {
  return layOutForm([
    {
      heading: say('explain.story.title', { customerId: record.customerId }),
      entries: [[say('explain.labels.versions'), `${record.versions.length}`]],
    },
    ...played.map((version, index) => ({
      heading: say('explain.story.version', {
        version: version.version,
        time: inUtc(version.knownFromMs),
      }),
      entries: tellVersion(version, played[index - 1], record, numbers, say),
    })),
    ...tellWithout(record, say),
  ]);
}

function tellVersion(
  version: PlayedVersion,
  before: PlayedVersion | undefined,
  { decisions }: CustomerOnRecord,
  numbers: StoryNumbers,
  say: Say,
): FormEntry[] {
  const { enrolments, agentsOfRecord } = version.history;
  const numberOf = (agentKey: string | null): string | null =>
    agentKey === null ? null : (numbers.agentNumbers[agentKey] ?? agentKey);
  const inPeriod = (period: EffectiveDates, what: string): string =>
    say('explain.story.period', { dates: datesInWords(period, say), what });
  return [
    [say('explain.labels.why'), whyKnown(version, numbers, say)],
    ...tellCounting(version, before, say),
    ...decisions
      .filter((made) => made.version === version.version)
      .map(({ planChangeId, effectiveOn: date, decision: made }): FormEntry => {
        const decision = decisionInWords({ ...made, agentNumber: numberOf(made.agentKey) }, say);
        return [
          say('explain.labels.decided'),
          say('explain.story.decided', { planChangeId, date, decision }),
        ];
      }),
    ...enrolments.map((period): FormEntry => [
      say('explain.labels.plan'),
      inPeriod(period, period.planId ?? say('explain.none')),
    ]),
    ...agentsOfRecord.map((period): FormEntry => [
      say('explain.labels.agent-of-record'),
      inPeriod(period, numberOf(period.agentKey) ?? say('explain.nobody')),
    ]),
  ];
}

const datesInWords = ({ from, to }: EffectiveDates, say: Say): string =>
  to === null ? say('explain.story.from-on', { from }) : say('explain.story.from-to', { from, to });

function whyKnown(version: PlayedVersion, { corrections, planChangeLine }: StoryNumbers, say: Say): string {
  const { cause, correctionId, disenrolment, facts } = version;
  const planChangeId = version.planChangeId ?? '';
  const correction = corrections.find((each) => each.correctionId === correctionId);
  const { apiKeyId = '', staffNumber = null, reason = null } = correction ?? {};
  const by =
    staffNumber === null ? say('explain.story.by-system') : say('explain.decision.by-staff', { staffNumber });
  switch (cause) {
    case 'roster':
      return say('explain.story.roster');
    case 'disenrolment': {
      const { enrolledFrom: from, lastDay } = disenrolment!;
      return lastDay === null
        ? say('explain.story.not-disenrolled', { from })
        : say('explain.story.disenrolled', { from, lastDay });
    }
    case 'plan-change': {
      const { asked } = facts.elections.find((each) => each.planChangeId === planChangeId)!;
      const channel = say(`explain.channels.${asked.channel}`, { line: planChangeLine });
      return say('explain.story.plan-change', { planChangeId, channel });
    }
    case 'reversal':
      return say('explain.story.reversal', {
        ...{ planChangeId, by, apiKeyId },
        reason: say(`explain.story.reversals.${reason!}`),
      });
    case 'redetermination':
      return say('explain.story.redetermination', { planChangeId, by, apiKeyId });
  }
}

/** Which decisions no longer count, and which count again. */
function tellCounting(
  { facts, planChangeId: own }: PlayedVersion,
  before: PlayedVersion | undefined,
  say: Say,
): FormEntry[] {
  if (before === undefined) return [];
  const [had, has] = [before.facts, facts].map(({ elections }) => countingElections(elections)) as [
    readonly Election[],
    readonly Election[],
  ];
  const isIn = (elections: readonly Election[], id: string): boolean =>
    elections.some((each) => each.planChangeId === id);
  return [
    ...had
      .filter((each) => !isIn(has, each.planChangeId))
      .map((each): FormEntry => {
        const { planChangeId } = each;
        const successor = successorOf(each, facts.elections)?.planChangeId;
        return successor === undefined
          ? [say('explain.labels.no-longer-counts'), say('explain.story.reversed', { planChangeId })]
          : [say('explain.labels.superseded'), say('explain.story.superseded', { planChangeId, successor })];
      }),
    ...has
      .filter((each) => !isIn(had, each.planChangeId) && each.planChangeId !== own)
      .map(({ planChangeId }): FormEntry => [
        say('explain.labels.counts-again'),
        say('explain.story.counts-again', { planChangeId }),
      ]),
  ];
}

/** What changed nothing: plan changes that were not completed, and corrections that were refused. */
function tellWithout({ versions, changes, corrections }: CustomerOnRecord, say: Say): FormSection[] {
  const entries = [
    ...changes
      .filter(({ stage }) => stage !== 'completed')
      .map(({ planChangeId, stage }): FormEntry => [
        say('explain.labels.plan-change'),
        say('explain.story.change', { planChangeId, stage: say(`explain.story.stages.${stage}`) }),
      ]),
    ...corrections
      .filter(({ correctionId }) => versions.every((each) => each.correctionId !== correctionId))
      .map(({ kind, planChangeId }): FormEntry => [
        say('explain.labels.correction'),
        say(`explain.story.corrections.${kind}`, { planChangeId }),
      ]),
  ];
  return entries.length === 0 ? [] : [{ heading: say('explain.story.without-version'), entries }];
}
