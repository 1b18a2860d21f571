import { decisionNotices, escalationNotice, replacementNotices } from '../contracts/notice';
import type {
  CompletionCheck,
  CompletionInput,
  CompletionOutcome,
  CompletionRefusal,
  GatheredEvidence,
  PlanChangeActivities,
} from '../contracts/plan-change';
import {
  agentEvidence,
  decideAgentOfRecord,
  type AgentEvidence,
  type AorDecision,
} from '../domain/plan-change/agent-of-record';
import { whatHoldsAfter } from '../domain/plan-change/history';
import { stageAt, type PlanChangeSnapshot } from '../domain/plan-change/plan-change';
import { ineligibility, yearOf } from '../domain/plan-change/eligibility';
import { planChangeSnapshot, unitDay, type PlanChangePolicy } from '../domain/plan-change/deadlines';
import { callerOf, completionRefusal, type RightsRefusal } from '../domain/plan-change/rights';
import type { AorDecisions, CompletionFacts, CustomersTurn } from '../ports/agent-of-record';
import type { NoticeStarter } from '../ports/mail';
import type { AgentOnRecord, PlanChangeRecord, PlanChanges } from '../ports/plan-change';

export interface PlanChangeDeps {
  readonly planChanges: PlanChanges;
  readonly aorDecisions: AorDecisions;
  readonly planChangePolicy: PlanChangePolicy;
  readonly notices: NoticeStarter;
}

/** The steps of the `planChange` workflow. All are idempotent by plan change. */
export function createPlanChangeActivities(deps: PlanChangeDeps): PlanChangeActivities {
  const { planChanges, aorDecisions, planChangePolicy: policy, notices } = deps;
  const withTerms = (completion: CompletionInput): Completion => ({
    ...completion,
    terms: completion.terms ?? policy,
  });

  return {
    async lookAtPlanChange({ planChangeId, terms = policy }) {
      const change = await planChanges.find(planChangeId);
      if (change === null) return null;
      const snapshot = planChangeSnapshot(terms, change);
      if (change.stage !== 'completed') return snapshot;
      return { ...snapshot, ...toTell(await aorDecisions.alsoConcerned(planChangeId)) };
    },

    putBackPlanChange: ({ planChangeId, atMs }) => planChanges.putBack(planChangeId, atMs),

    abandonPlanChange: ({ planChangeId, atMs }) => planChanges.abandon(planChangeId, atMs),

    async escalatePlanChange({ planChangeId, escalation, atMs }) {
      await planChanges.noteEscalation(planChangeId, escalation, atMs);
      await notices.start(escalationNotice(escalation, planChangeId, atMs));
    },

    completePlanChange: (completion) =>
      aorDecisions.inCustomersTurn(completion.planChangeId, (turn) => complete(turn, withTerms(completion))),

    gatherAorEvidence: (completion) =>
      aorDecisions.inCustomersTurn(completion.planChangeId, (turn) =>
        checkCompletion(turn, withTerms(completion)),
      ),

    async holdPlanChange(held) {
      await planChanges.hold(held);
      return 'held';
    },

    async recordAorDecision(input) {
      if ((await aorDecisions.record(input)) === 'recorded')
        return { kind: 'completed', ...toTell(await aorDecisions.alsoConcerned(input.planChangeId)) };
      const change = await planChanges.find(input.planChangeId);
      return { kind: 'wrong-stage', stage: change === null ? 'withdrawn' : stageAt(change, input.atMs) };
    },

    async announceAorDecision({ planChangeId, atMs }) {
      const decision = await aorDecisions.findForMail(planChangeId);
      if (decision === null) throw new Error(`nothing is recorded for plan change ${planChangeId}`);
      const toStart = decisionNotices(decision.outcome, planChangeId, atMs).filter(
        ({ kind }) => kind !== 'agent-of-record-lost' || decision.previousAgent !== null,
      );
      const alsoToStart = replacementNotices(
        planChangeId,
        await aorDecisions.alsoConcerned(planChangeId),
        atMs,
      );
      await Promise.all([...toStart, ...alsoToStart].map((notice) => notices.start(notice)));
    },
  };
}

/** With the limits that the change was opened with. */
interface Completion extends CompletionInput {
  readonly terms: PlanChangePolicy;
}

async function complete(turn: CustomersTurn, completion: Completion): Promise<CompletionOutcome> {
  const facts = await factsFor(turn, completion);
  const earlier = resultBefore(facts, completion);
  if (earlier?.kind === 'completed') return completedAs(earlier.outcome, turn, facts, completion);
  if (earlier !== null) return earlier;
  const checked = await check(turn, facts, completion);
  if (checked.kind !== 'evidence') return checked;

  const { evidence } = checked;
  const answer = decideAgentOfRecord(evidence);
  switch (answer.kind) {
    case 'facilitator-does-not-fit':
      return { kind: 'not-eligible', reason: 'facilitator-does-not-fit' };
    case 'facilitator-not-eligible': {
      const { agentKey: facilitatorKey, defect } = answer;
      const { planChangeId, atMs, apiKeyId } = completion;
      await turn.hold({ planChangeId, atMs, facilitatorKey, defect, apiKeyId });
      return { kind: 'held', defect };
    }
    case 'decided': {
      const { decision } = answer;
      const completed = { ...completion, customerId: facts.change.customerId, evidence, decision };
      if (facts.known === null) throw new Error('a completed change of a customer of whom nothing is known');
      await turn.record(completed, whatHoldsAfter(facts.known, completed));
      return completedAs(decision.outcome, turn, facts, completion);
    }
  }
}

/** Only a change for the date of another one can concern agents whom its decision does not name. */
async function completedAs(
  outcome: AorDecision['outcome'],
  turn: CustomersTurn,
  { known }: CompletionFacts,
  { planChangeId, effectiveOn }: Completion,
): Promise<CompletionOutcome> {
  const elections = known?.elections ?? [];
  const isSecond = elections.some(
    (other) => other.effectiveOn === effectiveOn && other.planChangeId !== planChangeId,
  );
  return { kind: 'completed', outcome, ...toTell(isSecond ? await turn.alsoConcerned() : []) };
}

const toTell = (alsoConcerned: readonly string[]): Pick<PlanChangeSnapshot, 'alsoConcerned'> =>
  alsoConcerned.length === 0 ? {} : { alsoConcerned };

/** What this same completion, known by its time, did in an attempt whose answer was lost; null: nothing. */
function resultBefore(
  { change: { stage, endedAtMs, outcome }, heldBefore }: CompletionFacts,
  { atMs }: Completion,
): CompletionOutcome | null {
  if (heldBefore !== null) return { kind: 'held', defect: heldBefore };
  return stage === 'completed' && endedAtMs === atMs && outcome !== null ? { kind: stage, outcome } : null;
}

async function checkCompletion(turn: CustomersTurn, completion: Completion): Promise<CompletionCheck> {
  return check(turn, await factsFor(turn, completion), completion);
}

async function factsFor(turn: CustomersTurn, completion: Completion): Promise<CompletionFacts> {
  const facts = await turn.factsFor(completion);
  if (facts === null) throw new Error(`there is no plan change ${completion.planChangeId}`);
  return facts;
}

async function check(
  turn: CustomersTurn,
  { change, staff, customer, plan }: CompletionFacts,
  { staffKey, effectiveOn, atMs, terms }: Completion,
): Promise<CompletionCheck> {
  const day = unitDay(terms, atMs);
  const refused = completionRefusal(change, callerOf(staffKey, staff, day), atMs);
  if (refused !== null) return refusalOf(refused, change, atMs);
  if (plan === null) return { kind: 'plan-unknown' };
  const { channel, route, facilitatorKey, openedAtMs } = change;
  // What was possible on the day of intake stays possible; a date other than the one requested then counts from today.
  const datesCountFrom = effectiveOn === change.effectiveOn ? unitDay(terms, openedAtMs) : day;
  const reason = ineligibility(day, customer, { plan, effectiveOn, datesCountFrom });
  if (reason !== null) return { kind: 'not-eligible', reason };

  const about = { day, state: customer.state, planYear: yearOf(effectiveOn) };
  // Only the agents that the rule needs; an internal agent is not one of them.
  const external = route === 'unit' || route === 'internal-agent' ? null : facilitatorKey;
  const agents = await turn.agents({ original: customer.agentKey, facilitator: external });
  const original = evidenceOf(customer.agentKey, agents.original, about);
  const facilitator = evidenceOf(external, agents.facilitator, about);
  const referred = route === 'unit' && facilitatorKey !== null;
  const { onePerson } = agents;
  return { kind: 'evidence', evidence: { channel, referred, original, facilitator, onePerson, ...about } };
}

function evidenceOf(
  agentKey: string | null,
  agent: AgentOnRecord | null,
  about: Pick<GatheredEvidence, 'day' | 'state' | 'planYear'>,
): AgentEvidence | null {
  if (agentKey === null) return null;
  if (agent === null) throw new Error('an agent of record who is on no roster');
  return agentEvidence(agentKey, agent, about);
}

function refusalOf(why: RightsRefusal, change: PlanChangeRecord, nowMs: number): CompletionRefusal {
  return why === 'wrong-stage' ? { kind: why, stage: stageAt(change, nowMs) } : { kind: why };
}
