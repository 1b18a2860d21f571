/**
 * All that is on record of a customer's plan, agent of record and commission, and whether it is whole:
 * - Versions follow each other, and each has both chains: no day is missing or double.
 * - Each completed change has its version and its decision, each correction that took effect its request, each decision its evidence.
 * Days are `YYYY-MM-DD`.
 */
import { AOR_RULE_VERSION, type AorDecision, type GatheredEvidence } from './agent-of-record';
import { differenceOnReplay, isAorEvidence } from './aor-replay';
import { standingOn, type EffectiveDates } from './agent-standing';
import { wrong, type Chain, type Fault, type Wrong } from './faults';
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
      ].map((what) => ({ version: each.version, planChangeId: each.planChangeId, what })),
    ),
    ...[...new Set(periods.filter(isOfNone).map(({ version }) => version))].map((version) => ({
      version,
      what: wrong('version-unknown'),
    })),
    ...decisions.filter(isOfNone).map(({ version, planChangeId }) => ({
      ...{ version, planChangeId },
      what: wrong('decided-version-unknown'),
    })),
    ...changes
      .filter(({ stage }) => stage === 'completed')
      .flatMap(({ planChangeId, planId, effectiveOn }) => {
        const isItsOwn = (each: RecordedVersion): boolean =>
          each.cause === 'plan-change' && each.planChangeId === planChangeId;
        return [
          ...(versions.some(isItsOwn) ? [] : [wrong('no-version')]),
          ...(planId === null || effectiveOn === null ? [wrong('no-plan-or-day')] : []),
        ].map((what) => ({ planChangeId, what }));
      }),
  ];
}

function* faultsOfOrder(
  { version, cause, knownFromMs, previousKnownFromMs }: RecordedVersion,
  before: RecordedVersion | undefined,
): Iterable<Wrong> {
  if (version !== (before?.version ?? 0) + 1)
    yield before === undefined ? wrong('follows-none') : wrong('follows', { before: before.version });
  if ((before === undefined) !== (cause === 'roster')) yield wrong('cause', { cause });
  if (previousKnownFromMs !== (before?.knownFromMs ?? null)) yield wrong('other-time-before');
  if (before !== undefined && before.knownFromMs >= knownFromMs) yield wrong('not-later');
}

function* faultsOfCause(
  { version, cause, planChangeId, correctionId, disenrolment }: RecordedVersion,
  { versions, decisions, changes, corrections }: CustomerRecord,
): Iterable<Wrong> {
  if (cause === 'roster') return;
  if (cause === 'disenrolment') {
    if (disenrolment === null) yield wrong('no-disenrolment');
    return;
  }
  const change = changes.find((each) => each.planChangeId === planChangeId);
  if (change === undefined) yield wrong('change-unknown');
  else if (change.stage !== 'completed') yield wrong('change-stage', { stage: change.stage });
  const isAlike = (each: RecordedVersion): boolean =>
    each.cause === cause && each.planChangeId === planChangeId;
  if (cause !== 'redetermination' && versions.find(isAlike)!.version !== version)
    yield wrong('other-version', { cause });
  const isItsDecision = (each: DecisionOnRecord): boolean =>
    each.version === version && each.planChangeId === planChangeId;
  if (cause !== 'reversal' && !decisions.some(isItsDecision)) yield wrong('no-decision');
  if (cause === 'plan-change') return;
  const correction = corrections.find((each) => each.correctionId === correctionId);
  if (correction === undefined) yield wrong('correction-unrequested');
  else if (correction.kind !== cause || correction.planChangeId !== planChangeId)
    yield wrong('correction-otherwise', correction);
  if (versions.find((each) => each.correctionId === correctionId)!.version !== version)
    yield wrong('correction-other-version');
}

function* faultsOfChains(
  { version }: RecordedVersion,
  { enrolments, agentsOfRecord }: CustomerRecord,
): Iterable<Wrong> {
  const [plans, agents] = [periodsOf(enrolments, version), periodsOf(agentsOfRecord, version)];
  yield* faultsOfChain(plans, 'enrolments');
  yield* faultsOfChain(agents, 'agents-of-record');
  if (plans[0] !== undefined && agents[0] !== undefined && plans[0].from !== agents[0].from)
    yield wrong('begin-differently', { enrolments: plans[0].from, agents: agents[0].from });
}

function* faultsOfChain(periods: readonly EffectiveDates[], chain: Chain): Iterable<Wrong> {
  if (periods.length === 0) yield { ...wrong('none'), chain };
  for (const [index, { from, to }] of periods.entries()) {
    const next = periods[index + 1];
    if (to !== null && to < from) yield { ...wrong('ends-before', { from, to }), chain };
    else if (next === undefined) {
      if (to !== null) yield { ...wrong('last-ends', { to }), chain };
    } else if (to === null || to >= next.from) yield { ...wrong('overlap', { day: next.from }), chain };
    else if (to !== plusDays(next.from, -1)) yield { ...wrong('gap', { from: to, to: next.from }), chain };
  }
}

/** Those of a version, in the order of their first days. */
export const periodsOf = <T extends RecordedPeriod>(periods: readonly T[], version: number): readonly T[] =>
  periods
    .filter((period) => period.version === version)
    .toSorted((one, other) => (one.from < other.from ? -1 : 1));

/** What is wrong with a decision by itself. Results of another version of the rule are the business of `replay`. */
export const faultsOfDecision = (made: DecisionOnRecord, record: CustomerRecord): Fault[] =>
  [...wrongsOfDecision(made, record)].map((what) => ({
    version: made.version,
    planChangeId: made.planChangeId,
    what,
  }));

function* wrongsOfDecision(
  { planChangeId, effectiveOn, previousAgentKey, decision, evidence, commission }: DecisionOnRecord,
  { changes }: CustomerRecord,
): Iterable<Wrong> {
  const change = changes.find((each) => each.planChangeId === planChangeId);
  if (change === undefined) yield wrong('decided-change-unknown');
  else if (change.effectiveOn !== effectiveOn) yield wrong('counts-from', { effectiveOn });
  if (
    (commission?.agentKey ?? null) !== previousAgentKey ||
    (commission?.effectiveOn ?? effectiveOn) !== effectiveOn
  )
    yield wrong('no-commission');
  if (!isAorEvidence(evidence)) {
    yield wrong('no-evidence');
    return;
  }
  if ((evidence.original?.agentKey ?? null) !== previousAgentKey) yield wrong('other-agent-before');
  if (decision.ruleVersion === AOR_RULE_VERSION && differenceOnReplay({ ...decision, evidence }) !== null)
    yield wrong('does-not-follow');
  for (const agent of [evidence.original, evidence.facilitator]) {
    if (agent?.records === undefined) continue;
    const told = standingOn(agent.records, evidence);
    const conditions = ['active', 'licensed', 'appointed', 'certified'] as const;
    for (const condition of conditions)
      if (told[condition] !== agent.standing[condition])
        yield wrong('other-standing', { agentKey: agent.agentKey, condition });
  }
}
