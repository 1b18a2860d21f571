/** Tells what was known of a customer, when and why, version by version: numbers, no names. */
import type { CustomerOnRecord, RecordNumbers } from '../../adapters/postgres/customer-records';
import type { ReversalReason } from '../../domain/plan-change/corrections';
import { datesInWords, type PlayedVersion } from '../../domain/plan-change/played-record';
import { countingElections, successorOf, type Election } from '../../domain/plan-change/history';
import { layOutForm, type FormEntry, type FormSection } from '../form';
import { channels, decisionInWords, inUtc } from './decision-in-words';

const REVERSED_BECAUSE: Readonly<Record<ReversalReason, string>> = {
  'customer-cancelled': 'the customer cancelled it',
  'rejected-by-cms': 'CMS did not accept the enrolment',
  'entered-in-error': 'it was entered in error',
};

/** `planChangeLine`: the number of the Dedicated Plan Change line. */
interface StoryNumbers extends RecordNumbers {
  readonly planChangeLine: string;
}

/** As a form of several sections: one for each version, and what changed nothing. */
export function tellStory(
  record: CustomerOnRecord,
  played: readonly PlayedVersion[],
  numbers: StoryNumbers,
): string {
  return layOutForm([
    { heading: `Customer ${record.customerId}`, entries: [['Versions', `${record.versions.length}`]] },
    ...played.map((version, index) => ({
      heading: `Version ${version.version}, known from ${inUtc(version.knownFromMs)}`,
      entries: tellVersion(version, played[index - 1], record, numbers),
    })),
    ...tellWithout(record),
  ]);
}

function tellVersion(
  version: PlayedVersion,
  before: PlayedVersion | undefined,
  { decisions }: CustomerOnRecord,
  numbers: StoryNumbers,
): FormEntry[] {
  const { enrolments, agentsOfRecord } = version.history;
  const numberOf = (agentKey: string | null): string | null =>
    agentKey === null ? null : (numbers.agentNumbers[agentKey] ?? agentKey);
  return [
    ['Why', whyKnown(version, numbers)],
    ...tellCounting(version, before),
    ...decisions
      .filter((made) => made.version === version.version)
      .map(({ planChangeId, effectiveOn, decision }): FormEntry => {
        const result = decisionInWords({ ...decision, agentNumber: numberOf(decision.agentKey) });
        return ['Decided', `plan change ${planChangeId}, from ${effectiveOn} on: ${result}`];
      }),
    ...enrolments.map((period): FormEntry => ['Plan', `${datesInWords(period)}: ${period.planId ?? 'none'}`]),
    ...agentsOfRecord.map((period): FormEntry => [
      'Agent of record',
      `${datesInWords(period)}: ${numberOf(period.agentKey) ?? 'nobody'}`,
    ]),
  ];
}

function whyKnown(version: PlayedVersion, { corrections, planChangeLine }: StoryNumbers): string {
  const { cause, planChangeId, correctionId, disenrolment, facts } = version;
  const correction = corrections.find((each) => each.correctionId === correctionId);
  const { apiKeyId = '', staffNumber = null, reason = null } = correction ?? {};
  const by = staffNumber === null ? 'a system' : `staff number ${staffNumber}`;
  switch (cause) {
    case 'roster':
      return 'the roster of customers begins the history';
    case 'disenrolment':
      return disenrolment!.lastDay === null
        ? `the enrolment of ${disenrolment!.enrolledFrom} did not end at the carrier after all`
        : `the enrolment of ${disenrolment!.enrolledFrom} ended at the carrier on ${disenrolment!.lastDay}`;
    case 'plan-change': {
      const { asked } = facts.elections.find((each) => each.planChangeId === planChangeId)!;
      return `plan change ${planChangeId} was completed; it came as ${channels(planChangeLine)[asked.channel]}`;
    }
    case 'reversal':
      return `plan change ${planChangeId} was reversed, because ${REVERSED_BECAUSE[reason!]}; requested by ${by} with API key ${apiKeyId}, scope intake`;
    case 'redetermination':
      return `the agent of record after plan change ${planChangeId} was determined again; requested by ${by} with API key ${apiKeyId}, scope audit`;
  }
}

/** Which decisions no longer count, and which count again. */
function tellCounting(
  { facts, planChangeId }: PlayedVersion,
  before: PlayedVersion | undefined,
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
        const successor = successorOf(each, facts.elections);
        return successor === null
          ? ['No longer counts', `plan change ${each.planChangeId}: it was reversed`]
          : ['Superseded', `plan change ${each.planChangeId}, by plan change ${successor.planChangeId}`];
      }),
    ...has
      .filter((each) => !isIn(had, each.planChangeId) && each.planChangeId !== planChangeId)
      .map((each): FormEntry => ['Counts again', `plan change ${each.planChangeId}`]),
  ];
}

/** What changed nothing: plan changes that were not completed, and corrections that were refused. */
function tellWithout({ versions, changes, corrections }: CustomerOnRecord): FormSection[] {
  const entries = [
    ...changes
      .filter(({ stage }) => stage !== 'completed')
      .map(({ planChangeId, stage }): FormEntry => ['Plan change', `${planChangeId}: ${stage}`]),
    ...corrections
      .filter(({ correctionId }) => versions.every((each) => each.correctionId !== correctionId))
      .map(({ kind, planChangeId }): FormEntry => [
        'Correction',
        `${kind} of plan change ${planChangeId}: requested, and not carried out`,
      ]),
  ];
  return entries.length === 0 ? [] : [{ heading: 'Of which no version came', entries }];
}
