/**
 * All that is on record of a customer's plan, agent of record and commission, and whether it is whole:
 * - Versions follow each other, and each has both chains: no day is missing or double.
 * - Each completed change has its version and its decision, each correction that took effect its request, each decision its evidence.
 * Days are `YYYY-MM-DD`.
 */
import { AOR_RULE_VERSION, type AorDecision, type GatheredEvidence } from './agent-of-record';
import { differenceOnReplay, isAorEvidence } from './aor-replay';
import { standingOn, type EffectiveDates } from './agent-standing';
import type { Disenrolment } from './history';
import type { PlanChangeStage } from './plan-change';
import { plusDays } from '../calendar-day';

export interface CustomerRecord {
  /** In their order. */
  readonly versions: readonly RecordedVersion[];
  readonly enrolments: readonly (RecordedPeriod & { readonly planId: string | null })[];
  readonly agentsOfRecord: readonly (RecordedPeriod & { readonly agentKey: string | null })[];
  readonly decisions: readonly DecisionOnRecord[];
  readonly changes: readonly ChangeOnRecord[];
  readonly corrections: readonly CorrectionOnRecord[];
}

export interface RecordedVersion {
  readonly version: number;
  readonly knownFromMs: number;
  readonly previousKnownFromMs: number | null;
  readonly cause: 'roster' | 'plan-change' | 'reversal' | 'redetermination' | 'disenrolment';
  readonly planChangeId: string | null;
  readonly correctionId: string | null;
  readonly disenrolment: Disenrolment | null;
}

export interface RecordedPeriod extends EffectiveDates {
  readonly version: number;
}

export interface DecisionOnRecord {
  readonly planChangeId: string;
  readonly version: number;
  readonly effectiveOn: string;
  readonly previousAgentKey: string | null;
  readonly decision: AorDecision;
  readonly evidence: GatheredEvidence;
  /** Of the fact about the commission; null: there is none. */
  readonly commission: { readonly agentKey: string; readonly effectiveOn: string } | null;
}

export interface ChangeOnRecord {
  readonly planChangeId: string;
  readonly stage: PlanChangeStage;
  readonly planId: string | null;
  readonly effectiveOn: string | null;
}

export interface CorrectionOnRecord {
  readonly correctionId: string;
  readonly planChangeId: string;
  readonly kind: 'reversal' | 'redetermination';
}

/** In words, with the version and the plan change that it is about, if it is about one. */
export interface Fault {
  readonly version?: number;
  readonly planChangeId?: string | null;
  readonly text: string;
}

/** What is wrong with the versions, and with changes and corrections that have none. */
export function faultsOfVersions(record: CustomerRecord): Fault[] {
  const { versions, enrolments, agentsOfRecord, decisions, changes } = record;
  const isOfNone = ({ version }: { readonly version: number }): boolean =>
    versions.every((each) => each.version !== version);
  const periods = [...enrolments, ...agentsOfRecord];
  return [
    ...versions.flatMap((each, index) =>
      [
        ...faultsOfOrder(each, versions[index - 1]),
        ...faultsOfCause(each, record),
        ...faultsOfChains(each, record),
      ].map((text) => ({ version: each.version, planChangeId: each.planChangeId, text })),
    ),
    ...[...new Set(periods.filter(isOfNone).map(({ version }) => version))].map((version) => ({
      version,
      text: 'there are periods of it, and it is not on record',
    })),
    ...decisions.filter(isOfNone).map(({ version, planChangeId }) => ({
      ...{ version, planChangeId },
      text: 'there is a decision for it, and it is not on record',
    })),
    ...changes
      .filter(({ stage }) => stage === 'completed')
      .flatMap(({ planChangeId, planId, effectiveOn }) => {
        const isItsOwn = (each: RecordedVersion): boolean =>
          each.cause === 'plan-change' && each.planChangeId === planChangeId;
        return [
          ...(versions.some(isItsOwn) ? [] : ['it is completed, and no version came of it']),
          ...(planId === null || effectiveOn === null ? ['it is completed, without plan or day'] : []),
        ].map((text) => ({ planChangeId, text }));
      }),
  ];
}

function* faultsOfOrder(
  { version, cause, knownFromMs, previousKnownFromMs }: RecordedVersion,
  before: RecordedVersion | undefined,
): Iterable<string> {
  if (version !== (before?.version ?? 0) + 1) yield `it follows ${before?.version ?? 'none'}`;
  if ((before === undefined) !== (cause === 'roster')) yield `its cause is ${cause}`;
  if (previousKnownFromMs !== (before?.knownFromMs ?? null))
    yield 'it names another time of the version before';
  if (before !== undefined && before.knownFromMs >= knownFromMs)
    yield 'it is not known from later than the version before';
}

function* faultsOfCause(
  { version, cause, planChangeId, correctionId, disenrolment }: RecordedVersion,
  { versions, decisions, changes, corrections }: CustomerRecord,
): Iterable<string> {
  if (cause === 'roster') return;
  if (cause === 'disenrolment') {
    if (disenrolment === null) yield 'it does not say which enrolment ended';
    return;
  }
  const change = changes.find((each) => each.planChangeId === planChangeId);
  if (change === undefined) yield 'its plan change is not on record for this customer';
  else if (change.stage !== 'completed') yield `its plan change is ${change.stage}`;
  const isAlike = (each: RecordedVersion): boolean =>
    each.cause === cause && each.planChangeId === planChangeId;
  if (cause !== 'redetermination' && versions.find(isAlike)!.version !== version)
    yield `the change has another version by ${cause}`;
  const isItsDecision = (each: DecisionOnRecord): boolean =>
    each.version === version && each.planChangeId === planChangeId;
  if (cause !== 'reversal' && !decisions.some(isItsDecision)) yield 'there is no decision about its change';
  if (cause === 'plan-change') return;
  const correction = corrections.find((each) => each.correctionId === correctionId);
  if (correction === undefined) yield 'its correction was not requested';
  else if (correction.kind !== cause || correction.planChangeId !== planChangeId)
    yield `its correction was requested as ${correction.kind} of plan change ${correction.planChangeId}`;
  if (versions.find((each) => each.correctionId === correctionId)!.version !== version)
    yield 'its correction has another version';
}

function* faultsOfChains(
  { version }: RecordedVersion,
  { enrolments, agentsOfRecord }: CustomerRecord,
): Iterable<string> {
  const [plans, agents] = [periodsOf(enrolments, version), periodsOf(agentsOfRecord, version)];
  for (const text of faultsOfChain(plans)) yield `enrolments: ${text}`;
  for (const text of faultsOfChain(agents)) yield `agents of record: ${text}`;
  if (plans[0] !== undefined && agents[0] !== undefined && plans[0].from !== agents[0].from)
    yield `enrolments begin on ${plans[0].from}, agents of record on ${agents[0].from}`;
}

function* faultsOfChain(periods: readonly EffectiveDates[]): Iterable<string> {
  if (periods.length === 0) yield 'there are none';
  for (const [index, { from, to }] of periods.entries()) {
    const next = periods[index + 1];
    if (to !== null && to < from) yield `the one from ${from} ends on ${to}`;
    else if (next === undefined) {
      if (to !== null) yield `gap: the last one ends on ${to}`;
    } else if (to === null || to >= next.from) yield `overlap: ${next.from} is in two of them`;
    else if (to !== plusDays(next.from, -1)) yield `gap: none between ${to} and ${next.from}`;
  }
}

/** Those of a version, in the order of their first days. */
export const periodsOf = <T extends RecordedPeriod>(periods: readonly T[], version: number): readonly T[] =>
  periods
    .filter((period) => period.version === version)
    .toSorted((one, other) => (one.from < other.from ? -1 : 1));

/** What is wrong with a decision by itself. Results of another version of the rule are the business of `replay`. */
export const faultsOfDecision = (made: DecisionOnRecord, record: CustomerRecord): Fault[] =>
  [...textsOfDecision(made, record)].map((text) => ({
    version: made.version,
    planChangeId: made.planChangeId,
    text,
  }));

function* textsOfDecision(
  { planChangeId, effectiveOn, previousAgentKey, decision, evidence, commission }: DecisionOnRecord,
  { changes }: CustomerRecord,
): Iterable<string> {
  const change = changes.find((each) => each.planChangeId === planChangeId);
  if (change === undefined) yield 'the change it decides is not on record for this customer';
  else if (change.effectiveOn !== effectiveOn) yield `its decision counts from ${effectiveOn}`;
  if (
    (commission?.agentKey ?? null) !== previousAgentKey ||
    (commission?.effectiveOn ?? effectiveOn) !== effectiveOn
  )
    yield 'it is not on record what its decision means for the commission';
  if (!isAorEvidence(evidence)) {
    yield 'its decision has no evidence that can be read';
    return;
  }
  if ((evidence.original?.agentKey ?? null) !== previousAgentKey)
    yield 'its evidence names another agent of record before';
  if (decision.ruleVersion === AOR_RULE_VERSION && differenceOnReplay({ ...decision, evidence }) !== null)
    yield 'its decision does not follow from its evidence';
  for (const agent of [evidence.original, evidence.facilitator]) {
    if (agent?.records === undefined) continue;
    const told = standingOn(agent.records, evidence);
    const conditions = ['active', 'licensed', 'appointed', 'certified'] as const;
    for (const condition of conditions)
      if (told[condition] !== agent.standing[condition])
        yield `its evidence says another thing of agent ${agent.agentKey} than the rows in it: ${condition}`;
  }
}
