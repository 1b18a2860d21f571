/** What can be wrong with what is on record of a customer. The sentences are `commands.aor.wrong.<code>` in the catalogs of texts. */
import type { EffectiveDates } from './agent-standing';

/** A period of an enrolment or an agent of record, by plan or agent; null: none. */
export interface NamedPeriod extends EffectiveDates {
  readonly key: string | null;
}

/** What each fault says besides: ids, days and numbers. */
export interface FaultValues {
  readonly 'no-customer': null;
  readonly 'email-missing': { readonly messageId: string };
  readonly 'email-without-end': { readonly messageId: string };
  readonly 'version-unknown': null;
  readonly 'decided-version-unknown': null;
  readonly 'no-version': null;
  readonly 'no-plan-or-day': null;
  readonly 'follows-none': null;
  readonly follows: { readonly before: number };
  readonly cause: { readonly cause: string };
  readonly 'other-time-before': null;
  readonly 'not-later': null;
  readonly 'no-disenrolment': null;
  readonly 'change-unknown': null;
  readonly 'change-stage': { readonly stage: string };
  readonly 'other-version': { readonly cause: string };
  readonly 'no-decision': null;
  readonly 'correction-unrequested': null;
  readonly 'correction-otherwise': { readonly kind: string; readonly planChangeId: string };
  readonly 'correction-other-version': null;
  readonly 'begin-differently': { readonly enrolments: string; readonly agents: string };
  readonly none: null;
  readonly 'ends-before': { readonly from: string; readonly to: string };
  readonly 'last-ends': { readonly to: string };
  readonly overlap: { readonly day: string };
  readonly gap: { readonly from: string; readonly to: string };
  readonly 'decided-change-unknown': null;
  readonly 'counts-from': { readonly effectiveOn: string };
  readonly 'no-commission': null;
  readonly 'no-evidence': null;
  readonly 'other-agent-before': null;
  readonly 'does-not-follow': null;
  readonly 'other-standing': { readonly agentKey: string; readonly condition: string };
  readonly 'before-later': {
    readonly effectiveOn: string;
    readonly planChangeId: string;
    readonly later: string;
  };
  readonly 'before-first': { readonly effectiveOn: string };
  readonly 'corrects-nothing': { readonly refusal: string };
  readonly undecided: { readonly planChangeId: string; readonly agentKey: string | null };
  readonly 'decided-again': { readonly planChangeId: string };
  readonly 'does-not-count': { readonly planChangeId: string };
  readonly differs: { readonly is: readonly NamedPeriod[]; readonly wanted: readonly NamedPeriod[] };
}

export type Chain = 'enrolments' | 'agents-of-record';

/** One thing that is wrong; `chain`: in which of a version's chains. */
export interface Wrong<Code extends keyof FaultValues = keyof FaultValues> {
  readonly code: Code;
  readonly values: FaultValues[Code];
  readonly chain?: Chain;
}

export const wrong = <Code extends keyof FaultValues>(
  code: Code,
  ...[values]: FaultValues[Code] extends null ? [] : [FaultValues[Code]]
): Wrong => ({ code, values: values ?? null });

/** With the version and the plan change that it is about, if it is about one. */
export interface Fault {
  readonly version?: number;
  readonly planChangeId?: string | null;
  readonly what: Wrong;
}
