/**
 * Plays what is on record of a customer again, in the order in which it was recorded (spec.md 7b): each version has to say what
 * `whatHolds` answers to all that was recorded up to it, and to decide what had to be decided for it, no more and no less.
 * No standing is looked up: decisions are taken as they were made. A later version of the rule changes nothing about them.
 */
import {
  faultsOfDecision,
  faultsOfVersions,
  periodsOf,
  type CustomerRecord,
  type DecisionOnRecord,
  type RecordedVersion,
} from './customer-record';
import { isAorEvidence } from './aor-replay';
import { wrong, type Chain, type Fault, type NamedPeriod, type Wrong } from './faults';
import { NO_RECORDS, type EffectiveDates } from './agent-standing';
import { correctionRefusal, toRedetermine, toReverse } from './corrections';
import {
  countingElections,
  whatHolds,
  type CustomerFacts,
  type CustomerHistory,
  type KnownAgents,
} from './history';

/** A version that follows from what was recorded up to it. */
export interface PlayedVersion extends RecordedVersion {
  readonly facts: CustomerFacts;
  readonly history: CustomerHistory;
  /** What was known before; null: nothing. */
  readonly before: CustomerHistory | null;
}

export interface PlayedRecord {
  /** Up to the first one that does not follow; none if the record is not whole. */
  readonly played: readonly PlayedVersion[];
  readonly faults: readonly Fault[];
}

export function playAgain(record: CustomerRecord): PlayedRecord {
  const ofVersions = faultsOfVersions(record);
  const faults = [...ofVersions, ...record.decisions.flatMap((made) => faultsOfDecision(made, record))];
  const isWhole =
    ofVersions.length === 0 && record.decisions.every(({ evidence }) => isAorEvidence(evidence));
  const played: PlayedVersion[] = [];
  for (const version of isWhole ? record.versions : []) {
    const next = playVersion(version, played.at(-1), record);
    if ('wrongs' in next) {
      const { version: number, planChangeId } = version;
      faults.push(...next.wrongs.map((what) => ({ version: number, planChangeId, what })));
      break;
    }
    played.push(next);
  }
  return { played, faults };
}

/** Nobody is looked up: a decision that would have to be made again is a fault. */
const NOBODY: KnownAgents = { records: () => NO_RECORDS, isOnePerson: () => false };

function playVersion(
  recorded: RecordedVersion,
  last: PlayedVersion | undefined,
  record: CustomerRecord,
): PlayedVersion | { readonly wrongs: readonly Wrong[] } {
  const made = record.decisions.filter(({ version }) => version === recorded.version);
  const undecided = last === undefined ? firstFacts(record) : withVersion(last.facts, recorded, record);
  const facts = withDecisions(undecided, made);
  const history = whatHolds(facts, NOBODY);
  const amiss = [
    ...(last === undefined ? [] : faultsOfOccasion(recorded, last.facts, facts)),
    ...faultsOfMade(made, undecided, history),
  ];
  const wrongs = amiss.length > 0 ? amiss : [...differences(recorded, history, record)];
  return wrongs.length > 0 ? { wrongs } : { ...recorded, facts, history, before: last?.history ?? null };
}

function firstFacts({ enrolments, agentsOfRecord }: CustomerRecord): CustomerFacts {
  const [{ from, planId }, { agentKey }] = [periodsOf(enrolments, 1)[0]!, periodsOf(agentsOfRecord, 1)[0]!];
  return { base: { from, planId, agentKey }, elections: [], disenrolments: [] };
}

/** With what the version is about; what has to be decided for it is not decided. */
function withVersion(
  facts: CustomerFacts,
  { version, cause, planChangeId, disenrolment, knownFromMs }: RecordedVersion,
  { changes, decisions }: CustomerRecord,
): CustomerFacts {
  switch (cause) {
    case 'roster':
      return facts;
    case 'disenrolment':
      return { ...facts, disenrolments: [...facts.disenrolments, disenrolment!] };
    case 'reversal':
      return toReverse(facts, planChangeId!);
    case 'redetermination':
      return toRedetermine(facts, planChangeId!, knownFromMs);
    case 'plan-change': {
      const { planId, effectiveOn } = changes.find((each) => each.planChangeId === planChangeId)!;
      const { evidence } = decisions.find(
        (each) => each.version === version && each.planChangeId === planChangeId,
      )!;
      const facilitatorKey = evidence.facilitator?.agentKey ?? null;
      const election = {
        ...{ planChangeId: planChangeId!, planId: planId!, effectiveOn: effectiveOn! },
        ...{ reversed: false, asked: { ...evidence, facilitatorKey }, knownAtMs: knownFromMs, decided: null },
      };
      return { ...facts, elections: [...facts.elections, election] };
    }
  }
}

const withDecisions = (facts: CustomerFacts, made: readonly DecisionOnRecord[]): CustomerFacts => ({
  ...facts,
  elections: facts.elections.map((election) => {
    const decided = made.find(({ planChangeId }) => planChangeId === election.planChangeId);
    return decided === undefined ? election : { ...election, decided };
  }),
});

/** Whether the change could be completed or corrected then. */
function* faultsOfOccasion(
  { cause, planChangeId }: RecordedVersion,
  before: CustomerFacts,
  { elections, base }: CustomerFacts,
): Iterable<Wrong> {
  if (cause === 'plan-change') {
    const { effectiveOn } = elections.find((each) => each.planChangeId === planChangeId)!;
    const later = countingElections(before.elections).find((each) => each.effectiveOn > effectiveOn);
    if (later !== undefined)
      yield wrong('before-later', {
        effectiveOn,
        planChangeId: later.planChangeId,
        later: later.effectiveOn,
      });
    if (effectiveOn <= base.from) yield wrong('before-first', { effectiveOn });
  }
  if (cause === 'reversal' || cause === 'redetermination') {
    const refusal = correctionRefusal({ planChangeId: planChangeId!, stage: 'completed' }, before.elections);
    if (refusal !== null) yield wrong('corrects-nothing', { refusal });
  }
}

/** A change is decided for a version if it is new, is to be determined again, or follows another agent of record than before. */
function* faultsOfMade(
  made: readonly DecisionOnRecord[],
  undecided: CustomerFacts,
  { decisions }: CustomerHistory,
): Iterable<Wrong> {
  const keyIn = ({ original }: DecisionOnRecord['evidence']): string | null => original?.agentKey ?? null;
  for (const { planChangeId, evidence, madeAgain } of decisions) {
    const isMade = made.some((each) => each.planChangeId === planChangeId);
    const before = undecided.elections.find((each) => each.planChangeId === planChangeId)!.decided;
    if (madeAgain) {
      yield wrong('undecided', { planChangeId, agentKey: keyIn(evidence) });
      return;
    }
    if (before !== null && isMade && keyIn(before.evidence) === keyIn(evidence))
      yield wrong('decided-again', { planChangeId });
  }
  for (const { planChangeId } of made)
    if (!decisions.some((each) => each.planChangeId === planChangeId))
      yield wrong('does-not-count', { planChangeId });
}

/** Between what the version says and what holds. */
function* differences(
  { version }: RecordedVersion,
  { enrolments, agentsOfRecord }: CustomerHistory,
  record: CustomerRecord,
): Iterable<Wrong> {
  const [plans, agents] = [periodsOf(record.enrolments, version), periodsOf(record.agentsOfRecord, version)];
  yield* difference('enrolments', [plans, enrolments], version, ({ planId }) => planId);
  yield* difference('agents-of-record', [agents, agentsOfRecord], version, ({ agentKey }) => agentKey);
}

function* difference<T extends EffectiveDates>(
  chain: Chain,
  [stored, holds]: readonly [readonly T[], readonly T[]],
  version: number,
  keyOf: (period: T) => string | null,
): Iterable<Wrong> {
  // Enrolments that ended before there were versions were carried over into the first one.
  const isCarriedOver = version === 1 && stored.slice(1).every((period) => keyOf(period) === null);
  const [is, wanted] = [named(stored), named(holds)];
  if (JSON.stringify(is) !== JSON.stringify(wanted) && !isCarriedOver)
    yield { ...wrong('differs', { is, wanted }), chain };

  function named(periods: readonly T[]): readonly NamedPeriod[] {
    return periods.map((period) => ({ key: keyOf(period), from: period.from, to: period.to }));
  }
}
