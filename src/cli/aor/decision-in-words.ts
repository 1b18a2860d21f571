/** Explains one decision on an agent of record, for an agent's complaint and for a lawyer: numbers, no names. */
import type { DecisionToExplain } from '../../adapters/postgres/aor-replay';
import type { ListedPlanChange } from '../../ports/plan-change';
import type { GatheredEvidence } from '../../contracts/plan-change';
import type { AgentEvidence, AorDecision } from '../../domain/plan-change/agent-of-record';
import { stageAt } from '../../domain/plan-change/plan-change';
import { routeOf } from '../../domain/plan-change/routing';
import { standingInWords } from '../../ports/standing-in-words';
import type { Say } from '../../ports/texts';
import { layOutForm, type FormEntry } from '../form';

type Change = Pick<
  ListedPlanChange,
  'planChangeId' | 'customerId' | 'planId' | 'facilitatorKey' | 'facilitatorNumber'
>;

/** The decision as a form of several lines. */
export function explainDecision(
  change: Change,
  decision: DecisionToExplain,
  planChangeLine: string,
  say: Say,
): string {
  const { evidence, originalNumber, facilitatorNumber } = decision;
  const { original, day } = evidence;
  return layOutForm([
    {
      heading: say('explain.decision.title'),
      entries: describeChange(change, decision, planChangeLine, say),
    },
    {
      heading: say('explain.decision.before', { day }),
      entries:
        original === null
          ? [[say('explain.labels.agent-number'), say('explain.decision.nobody-before')]]
          : describeAgent(original, originalNumber, decision, say),
    },
    isFromElsewhere(evidence)
      ? {
          heading: say('explain.decision.facilitated-on', { day }),
          entries: describeAgent(evidence.facilitator, facilitatorNumber, decision, say),
        }
      : {
          heading: say('explain.decision.facilitated'),
          entries: [[say('explain.labels.facilitator'), describeFacilitator(change, decision, say)]],
        },
    { heading: say('explain.decision.ruling'), entries: describeRuling(decision, say) },
  ]);
}

/** Why there is no decision to explain. */
export function explainNoDecision(change: ListedPlanChange, nowMs: number, say: Say): string {
  const { planChangeId, customerId, heldFor } = change;
  const defect = say(`explain.defects.${heldFor ?? 'not-eligible'}`);
  return layOutForm([
    {
      heading: say('explain.undecided.title'),
      entries: [
        [say('explain.labels.plan-change'), planChangeId],
        [say('explain.labels.customer'), customerId],
        [say('explain.labels.stage'), say(`explain.undecided.${stageAt(change, nowMs)}`, { defect })],
      ],
    },
  ]);
}

function describeChange(
  change: Change,
  decision: DecisionToExplain,
  planChangeLine: string,
  say: Say,
): FormEntry[] {
  const { evidence, completedByNumber: staffNumber, apiKeyId } = decision;
  return [
    [say('explain.labels.plan-change'), change.planChangeId],
    [say('explain.labels.customer'), change.customerId],
    [say('explain.labels.channel'), say(`explain.channels.${evidence.channel}`, { line: planChangeLine })],
    [
      say('explain.labels.referred'),
      evidence.referred
        ? say('explain.decision.referred', { by: internalAgent(change, say) })
        : say('explain.decision.not-referred'),
    ],
    [
      say('explain.labels.completed'),
      say('explain.decision.completed', { time: inUtc(decision.decidedAtMs), day: evidence.day }),
    ],
    [
      say('explain.labels.completed-by'),
      staffNumber === null
        ? say('explain.decision.by-system')
        : say('explain.decision.by-staff', { staffNumber }),
    ],
    [say('explain.labels.api-key'), apiKeyId],
    [
      say('explain.labels.new-plan'),
      say('explain.decision.new-plan', {
        plan: change.planId ?? say('explain.not-on-record'),
        date: decision.effectiveOn,
      }),
    ],
  ];
}

const describeAgent = (
  agent: AgentEvidence,
  agentNumber: string | null,
  { evidence }: DecisionToExplain,
  say: Say,
): FormEntry[] => [
  [say('explain.labels.agent-number'), agentNumber ?? agent.agentKey],
  ...standingInWords(agent, evidence, say).map(([name, answer]): FormEntry => [
    name.charAt(0).toUpperCase() + name.slice(1),
    answer,
  ]),
];

const isFromElsewhere = (
  evidence: GatheredEvidence,
): evidence is GatheredEvidence & { readonly facilitator: AgentEvidence } =>
  evidence.facilitator !== null && evidence.facilitator.agentKey !== evidence.original?.agentKey;

/** For a facilitator who is not external, or who is the agent of record, whose standing is already shown. */
function describeFacilitator(
  change: Change,
  { evidence, originalNumber }: DecisionToExplain,
  say: Say,
): string {
  const { channel, referred, facilitator } = evidence;
  if (facilitator !== null)
    return say('explain.decision.same-agent', { agent: originalNumber ?? facilitator.agentKey });
  return routeOf(channel, referred) === 'internal-agent'
    ? say('explain.decision.by-internal-agent', { by: internalAgent(change, say) })
    : say('explain.decision.by-unit');
}

const internalAgent = ({ facilitatorKey, facilitatorNumber }: Change, say: Say): string =>
  say('explain.decision.internal-agent', {
    staffNumber: facilitatorNumber ?? facilitatorKey ?? say('explain.not-on-record'),
  });

function describeRuling(decision: DecisionToExplain, say: Say): FormEntry[] {
  const { outcome, reason, ruleVersion: version, evidence } = decision;
  return [
    [say('explain.labels.agent-of-record'), describeOutcome(decision, say)],
    [say('explain.labels.because'), say(`explain.reasons.${reasonIn(reason, evidence)}`)],
    [say('explain.labels.commission'), describeCommission(decision, say)],
    [say('explain.labels.rule'), say('explain.decision.rule', { version, outcome, reason })],
  ];
}

function reasonIn(reason: AorDecision['reason'], evidence: GatheredEvidence) {
  if (reason !== 'own-agent-applied') return reason;
  if (isFromElsewhere(evidence)) return 'own-other-number';
  return evidence.channel === 'external-call-center' ? 'own-call-center' : reason;
}

function describeOutcome(
  { outcome, agentNumber, agentKey, effectiveOn: date }: DecisionToExplain,
  say: Say,
): string {
  const agent = agentNumber ?? agentKey ?? '';
  switch (outcome) {
    case 'retained':
      return say('explain.decision.retained', { agent });
    case 'transferred':
      return say('explain.decision.transferred', { agent, date });
    case 'ended':
      return say('explain.decision.ended', { date });
    case 'none':
      return say('explain.decision.still-none');
  }
}

function describeCommission(
  { commissionContinues, originalNumber, evidence: { original }, effectiveOn: date }: DecisionToExplain,
  say: Say,
): string {
  if (original === null) return say('explain.decision.no-commission');
  const agent = originalNumber ?? original.agentKey;
  return commissionContinues
    ? say('explain.decision.commission-continues', { agent })
    : say('explain.decision.commission-ends', { agent, date });
}

export const inUtc = (ms: number): string =>
  `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** In a line, with what is recorded as it is recorded. */
export const decisionInWords = (
  {
    outcome,
    reason,
    agentNumber,
    commissionContinues,
    ruleVersion,
  }: Pick<DecisionToExplain, 'outcome' | 'reason' | 'agentNumber' | 'commissionContinues' | 'ruleVersion'>,
  say: Say,
): string =>
  say('explain.line.decision', {
    outcome,
    reason,
    agent: agentNumber === null ? say('explain.nobody') : say('explain.line.agent', { agent: agentNumber }),
    commission: say(`explain.line.commission-${commissionContinues ? 'continues' : 'ends'}`),
    rule: ruleVersion,
  });
