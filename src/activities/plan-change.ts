import { decisionNotices, escalationNotice } from '../contracts/notice';
import type {
  CompletionCheck,
  CompletionInput,
  CompletionRefusal,
  GatheredEvidence,
  PlanChangeActivities,
} from '../contracts/plan-change';
import type { AgentEvidence } from '../domain/plan-change/agent-of-record';
import { standingOn } from '../domain/plan-change/agent-standing';
import { stageAt } from '../domain/plan-change/plan-change';
import { ineligibility, yearOf } from '../domain/plan-change/eligibility';
import { planChangeSnapshot, unitDay, type PlanChangePolicy } from '../domain/plan-change/deadlines';
import { callerOf, completionRefusal, type RightsRefusal } from '../domain/plan-change/rights';
import type { AorDecisions } from '../ports/agent-of-record';
import type { NoticeStarter } from '../ports/mail';
import type { PlanChangeFacts, PlanChangeRecord, PlanChanges } from '../ports/plan-change';

export interface PlanChangeDeps {
  readonly planChanges: PlanChanges;
  readonly planChangeFacts: PlanChangeFacts;
  readonly aorDecisions: AorDecisions;
  readonly planChangePolicy: PlanChangePolicy;
  readonly notices: NoticeStarter;
}

/** The steps of the `planChange` workflow. All are idempotent by plan change. */
export function createPlanChangeActivities(deps: PlanChangeDeps): PlanChangeActivities {
  const { planChanges, planChangeFacts: facts, aorDecisions, planChangePolicy: policy, notices } = deps;

  return {
    async lookAtPlanChange({ planChangeId, terms = policy }) {
      const change = await planChanges.find(planChangeId);
      return change === null ? null : planChangeSnapshot(terms, change);
    },

    putBackPlanChange: ({ planChangeId, atMs }) => planChanges.putBack(planChangeId, atMs),

    abandonPlanChange: ({ planChangeId, atMs }) => planChanges.abandon(planChangeId, atMs),

    async escalatePlanChange({ planChangeId, escalation, atMs }) {
      await planChanges.noteEscalation(planChangeId, escalation, atMs);
      await notices.start(escalationNotice(escalation, planChangeId, atMs));
    },

    gatherAorEvidence: checkCompletion,

    async holdPlanChange(held) {
      await planChanges.hold(held);
      return 'held';
    },

    async recordAorDecision(input) {
      if ((await aorDecisions.record(input)) === 'recorded') return { kind: 'completed' };
      const change = await planChanges.find(input.planChangeId);
      return { kind: 'wrong-stage', stage: change === null ? 'withdrawn' : stageAt(change, input.atMs) };
    },

    async announceAorDecision({ planChangeId, atMs }) {
      const decision = await aorDecisions.findForMail(planChangeId);
      if (decision === null) throw new Error(`nothing is recorded for plan change ${planChangeId}`);
      const toStart = decisionNotices(decision.outcome, planChangeId, atMs).filter(
        ({ kind }) => kind !== 'agent-of-record-lost' || decision.previousAgent !== null,
      );
      await Promise.all(toStart.map((notice) => notices.start(notice)));
    },
  };

  async function checkCompletion(completion: CompletionInput): Promise<CompletionCheck> {
    const change = await planChanges.find(completion.planChangeId);
    if (change === null) throw new Error(`there is no plan change ${completion.planChangeId}`);
    const { staffKey, atMs, terms = policy } = completion;
    const staff = staffKey === null ? null : await facts.staff(staffKey);
    const refused = completionRefusal(change, callerOf(staffKey, staff, unitDay(terms, atMs)), atMs);
    if (refused !== null) return refusalOf(refused, change, atMs);
    return gather({ ...completion, terms }, change);
  }

  async function gather(
    { planId, effectiveOn, atMs, terms }: CompletionInput & { readonly terms: PlanChangePolicy },
    { customerId, channel, route, facilitatorKey, openedAtMs, ...asked }: PlanChangeRecord,
  ): Promise<CompletionCheck> {
    const [customer, plan] = await Promise.all([facts.customer(customerId), facts.plan(planId)]);
    if (plan === null) return { kind: 'plan-unknown' };
    if (customer === null) throw new Error('a plan change without a customer');
    const day = unitDay(terms, atMs);
    // What was possible on the day of intake stays possible; a date other than the one requested then counts from today.
    const datesCountFrom = effectiveOn === asked.effectiveOn ? unitDay(terms, openedAtMs) : day;
    const reason = ineligibility(day, customer, { plan, effectiveOn, datesCountFrom });
    if (reason !== null) return { kind: 'not-eligible', reason };

    const planYear = yearOf(effectiveOn);
    const about = { day, state: customer.state, planYear };
    // Only the agents that the rule needs; an internal agent is not one of them.
    const external = route === 'unit' || route === 'internal-agent' ? null : facilitatorKey;
    const [original, facilitator] = await Promise.all(
      [customer.agentKey, external].map((agentKey) => evidenceOf(agentKey, about)),
    );
    const referred = route === 'unit' && facilitatorKey !== null;
    const onePerson =
      external !== null &&
      customer.agentKey !== null &&
      (await facts.isOnePerson(external, customer.agentKey));
    return {
      kind: 'evidence',
      evidence: {
        channel,
        referred,
        original: original ?? null,
        facilitator: facilitator ?? null,
        onePerson,
        ...about,
      },
    };
  }

  async function evidenceOf(
    agentKey: string | null,
    about: Pick<GatheredEvidence, 'day' | 'state' | 'planYear'>,
  ): Promise<AgentEvidence | null> {
    if (agentKey === null) return null;
    const agent = await facts.agent(agentKey);
    if (agent === null) throw new Error('an agent of record who is on no roster');
    return { agentKey, standing: standingOn(agent, about) };
  }
}

function refusalOf(why: RightsRefusal, change: PlanChangeRecord, nowMs: number): CompletionRefusal {
  return why === 'wrong-stage' ? { kind: why, stage: stageAt(change, nowMs) } : { kind: why };
}
