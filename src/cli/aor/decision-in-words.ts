/** Explains one decision on an agent of record, for an agent's complaint and for a lawyer: numbers, no names. */
import type { DecisionToExplain } from '../../adapters/postgres/aor-replay';
import type { ListedPlanChange } from '../../ports/plan-change';
import type { GatheredEvidence } from '../../contracts/plan-change';
import type { AgentEvidence, AorDecision } from '../../domain/plan-change/agent-of-record';
import type { StandingDefect } from '../../domain/plan-change/agent-standing';
import { standingInWords } from '../../domain/plan-change/standing-in-words';
import { stageAt, type PlanChangeStage } from '../../domain/plan-change/plan-change';
import { routeOf, type PlanChangeChannel } from '../../domain/plan-change/routing';
import { layOutForm, type FormEntry } from '../form';

type Change = Pick<
  ListedPlanChange,
  'planChangeId' | 'customerId' | 'planId' | 'facilitatorKey' | 'facilitatorNumber'
>;

/** With the number of the Dedicated Plan Change line. */
export const channels = (planChangeLine: string): Readonly<Record<PlanChangeChannel, string>> => ({
  'plan-change-line': `a call to the Dedicated Plan Change line, ${planChangeLine}`,
  'customer-service': 'a call to customer service, which transferred it to the Dedicated Plan Change unit',
  'field-agent': 'an internal field agent, whom the customer reached',
  'telesales-agent': 'an internal telesales agent, whom the customer reached',
  'own-agent-application': "an application that the customer's own agent sent in",
  'external-agent-application': 'an application that another external agent sent in',
  'external-call-center': 'an external call center, which facilitated the change',
});

const DEFECTS: Readonly<Record<StandingDefect, string>> = {
  terminated: 'no longer active',
  'not-licensed': "not licensed in the customer's state",
  'not-appointed': 'not appointed',
  'not-certified': 'not certified for the plan year',
};

const ELIGIBLE = 'eligible that day: active, licensed, appointed and certified';

const REASONS: Readonly<Record<AorDecision['reason'], string>> = {
  'unit-completed': `The Dedicated Plan Change unit completed the change, and the agent of record was ${ELIGIBLE}.`,
  'internal-agent-completed': `An internal agent completed the change, and the agent of record was ${ELIGIBLE}.`,
  'own-agent-applied': `The agent of record sent in the application, and was ${ELIGIBLE}.`,
  'facilitator-not-eligible': `Decided again: the facilitator was not eligible that day and so did not earn the customer, and the agent of record was ${ELIGIBLE}.`,
  'external-agent-facilitated': `Another external agent sent in the application and so earned the customer, and was ${ELIGIBLE}.`,
  'call-center-facilitated': `An external call center facilitated the change. The agent or agency that it works under so earned the customer, and was ${ELIGIBLE}.`,
  'agent-terminated': whyEnded('terminated'),
  'agent-not-licensed': whyEnded('not-licensed'),
  'agent-not-appointed': whyEnded('not-appointed'),
  'agent-not-certified': whyEnded('not-certified'),
  'no-agent-of-record': 'The customer had no agent of record, and nobody earned the customer by this change.',
};

const OWN_CALL_CENTER = `The call center that facilitated the change works under the agent of record, who was ${ELIGIBLE}.`;
const UNDER_ANOTHER_NUMBER = `The agent of record facilitated the change under another number of theirs: the roster says that both numbers are one person. The number on record was ${ELIGIBLE}.`;

function whyEnded(defect: StandingDefect): string {
  return `The agent of record was ${DEFECTS[defect]} that day and so was not protected, and nobody else earned the customer.`;
}

/** The decision as a form of several lines. */
export function explainDecision(change: Change, decision: DecisionToExplain, planChangeLine: string): string {
  const { evidence, originalNumber, facilitatorNumber } = decision;
  const { original, day } = evidence;
  return layOutForm([
    { heading: 'Decision on the agent of record', entries: describeChange(change, decision, planChangeLine) },
    {
      heading: `Agent of record before the change, as they stood on ${day}`,
      entries:
        original === null
          ? [['Agent number', 'none: the customer had no agent of record']]
          : describeAgent(original, originalNumber, decision),
    },
    isFromElsewhere(evidence)
      ? {
          heading: `Who facilitated the change, as they stood on ${day}`,
          entries: describeAgent(evidence.facilitator, facilitatorNumber, decision),
        }
      : {
          heading: 'Who facilitated the change',
          entries: [['Facilitator', describeFacilitator(change, decision)]],
        },
    { heading: 'What the rule says', entries: describeRuling(decision) },
  ]);
}

/** Why there is no decision to explain. */
export function explainNoDecision(change: ListedPlanChange, nowMs: number): string {
  const { planChangeId, customerId, heldFor } = change;
  const stages: Readonly<Record<PlanChangeStage, string>> = {
    queued: 'waits for a representative of the Dedicated Plan Change unit. Nothing is decided yet.',
    claimed: 'is with a representative of the Dedicated Plan Change unit. Nothing is decided yet.',
    'with-facilitator': 'is with the agent or call center who completes it. Nothing is decided yet.',
    held: `is held, because who facilitates it was ${heldFor === null ? 'not eligible' : DEFECTS[heldFor]}. Nothing is decided yet.`,
    completed: 'is completed, but no decision is on record for it.',
    withdrawn: 'was withdrawn. Nothing was decided, and the agent of record is who it was.',
    abandoned:
      'was abandoned: nobody completed it. Nothing was decided, and the agent of record is who it was.',
  };
  return layOutForm([
    {
      heading: 'No decision on the agent of record',
      entries: [
        ['Plan change', planChangeId],
        ['Customer', customerId],
        ['Stage', `It ${stages[stageAt(change, nowMs)]}`],
      ],
    },
  ]);
}

function describeChange(change: Change, decision: DecisionToExplain, planChangeLine: string): FormEntry[] {
  const { evidence, completedByNumber, apiKeyId } = decision;
  const by =
    completedByNumber === null ? 'a system, no member of staff' : `staff number ${completedByNumber}`;
  return [
    ['Plan change', change.planChangeId],
    ['Customer', change.customerId],
    ['How it came', channels(planChangeLine)[evidence.channel]],
    [
      'Handed over',
      evidence.referred
        ? `yes, by ${internalAgent(change)}, to the Dedicated Plan Change unit`
        : 'no internal agent handed it over',
    ],
    ['Completed', `${inUtc(decision.decidedAtMs)}; the unit's calendar day was ${evidence.day}`],
    ['Completed by', by],
    ['With API key', apiKeyId],
    ['New plan', `${change.planId ?? 'not on record'}, counts from ${decision.effectiveOn} on`],
  ];
}

function describeAgent(
  agent: AgentEvidence,
  agentNumber: string | null,
  { evidence }: DecisionToExplain,
): FormEntry[] {
  return [
    ['Agent number', agentNumber ?? agent.agentKey],
    ...standingInWords(agent, evidence).map(({ name, answer }): FormEntry => [
      name.charAt(0).toUpperCase() + name.slice(1),
      answer,
    ]),
  ];
}

const isFromElsewhere = (
  evidence: GatheredEvidence,
): evidence is GatheredEvidence & { readonly facilitator: AgentEvidence } =>
  evidence.facilitator !== null && evidence.facilitator.agentKey !== evidence.original?.agentKey;

/** For a facilitator who is not external, or who is the agent of record, whose standing is already shown. */
function describeFacilitator(change: Change, { evidence, originalNumber }: DecisionToExplain): string {
  const { channel, referred, facilitator } = evidence;
  if (facilitator !== null) return `agent number ${originalNumber ?? facilitator.agentKey}, the same agent`;
  return routeOf(channel, referred) === 'internal-agent'
    ? `nobody from outside: ${internalAgent(change)} completed it`
    : 'nobody from outside: the Dedicated Plan Change unit completed it';
}

const internalAgent = ({ facilitatorKey, facilitatorNumber }: Change): string =>
  `the internal agent with staff number ${facilitatorNumber ?? facilitatorKey ?? 'not on record'}`;

function describeRuling(decision: DecisionToExplain): FormEntry[] {
  const { outcome, reason, ruleVersion, evidence } = decision;
  return [
    ['Agent of record', describeOutcome(decision)],
    ['Because', describeReason(reason, evidence)],
    ['Renewal commission', describeCommission(decision)],
    ['Rule', `version ${ruleVersion}; recorded as ${outcome}, ${reason}`],
  ];
}

function describeReason(reason: AorDecision['reason'], evidence: GatheredEvidence): string {
  if (reason !== 'own-agent-applied') return REASONS[reason];
  if (isFromElsewhere(evidence)) return UNDER_ANOTHER_NUMBER;
  return evidence.channel === 'external-call-center' ? OWN_CALL_CENTER : REASONS[reason];
}

function describeOutcome({ outcome, agentNumber, agentKey, effectiveOn }: DecisionToExplain): string {
  switch (outcome) {
    case 'retained':
      return `stays: agent number ${agentNumber ?? agentKey}`;
    case 'transferred':
      return `passes to agent number ${agentNumber ?? agentKey} from ${effectiveOn} on`;
    case 'ended':
      return `nobody from ${effectiveOn} on`;
    case 'none':
      return 'nobody, as before';
  }
}

function describeCommission({
  commissionContinues,
  originalNumber,
  evidence: { original },
  effectiveOn,
}: DecisionToExplain): string {
  if (original === null) return 'does not arise: nobody was agent of record before the change';
  const of = `of agent number ${originalNumber ?? original.agentKey}`;
  return commissionContinues ? `${of} goes on` : `${of} does not go on from ${effectiveOn}`;
}

export const inUtc = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** In a line. */
export const decisionInWords = ({
  outcome,
  reason,
  agentNumber,
  commissionContinues,
  ruleVersion,
}: Pick<
  DecisionToExplain,
  'outcome' | 'reason' | 'agentNumber' | 'commissionContinues' | 'ruleVersion'
>): string =>
  [
    ...[outcome, reason, agentNumber === null ? 'nobody' : `agent ${agentNumber}`],
    ...[`commission ${commissionContinues ? 'goes on' : 'ends'}`, `rule ${ruleVersion}`],
  ].join(', ');
