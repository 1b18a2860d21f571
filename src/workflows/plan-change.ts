import {
  CancellationScope,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  setWorkflowOptions,
  workflowInfo,
} from '@temporalio/workflow';
import {
  completePlanChangeUpdate,
  planChangeMovedSignal,
  type CompletionInput,
  type CompletionRequest,
  type CompletionResult,
  type PlanChangeActivities,
  type PlanChangeInput,
  type PlanChangeResult,
} from '../contracts/plan-change';
import { decisionNotices, replacementNotices } from '../contracts/notice';
import { RUN_REVISION, completesInOneStep, sendsItsNotices } from '../contracts/run-revision';
import { decideAgentOfRecord } from '../domain/plan-change/agent-of-record';
import {
  dueStep,
  isOver,
  snapshotAfter,
  withEscalation,
  type Escalation,
  type MovedChange,
  type PlanChangeSnapshot,
} from '../domain/plan-change/plan-change';
import { HOUR_MS, MINUTE_MS } from '../domain/time';
import { planChangeDetails } from './plan-change-details';
import { refuseUpdate } from './refuse-update';
import { endAs, markOutcome, markRoute, markStage, showDetails, utcMinute } from './run-details';
import { sendNotices } from './send-notice';
import { PATIENTLY, WAITED_FOR, movesToNewerBuilds } from './step-options';

/**
 * No local activities: each step is in the history before it starts, so a replay finds it at the same place, however the events
 * before it are grouped into tasks (ADR 26).
 */
const waitedFor = proxyActivities<PlanChangeActivities>(WAITED_FOR);
const patiently = proxyActivities<PlanChangeActivities>(PATIENTLY);
/** For runs started by an earlier build. */
const waitedForLocally = proxyLocalActivities<PlanChangeActivities>(WAITED_FOR);
const patientlyLocally = proxyLocalActivities<PlanChangeActivities>(PATIENTLY);

/** Every move signals the run. If the signal is lost, the run finds out by itself within this time. */
const LOOKS_EVERY_MS = 6 * HOUR_MS;
/** The run is started a moment before the change is written. */
const ANNOUNCED_FOR_MS = MINUTE_MS;

setWorkflowOptions(movesToNewerBuilds, planChange);

/**
 * Runs a customer's plan change from intake to the decision who is agent of record (spec.md 7).
 *
 * Owner and stage of the change are in the database, where representatives claim it from the queue. The run handles
 * the deadlines: it ends expired claims, notifies the unit's lead of a waiting or held change, and
 * abandons a change that is too old, unless it is held.
 * It also completes the change: evidence, decision, record, emails.
 *
 * Ends as `completed`, with the outcome for the agent of record, `withdrawn`, `abandoned`, or `void` (started, but the change was never written).
 * Cancelled in the UI, it only stops its deadlines: the change itself is unaffected, and can be withdrawn over HTTP.
 */
export async function planChange(input: PlanChangeInput): Promise<PlanChangeResult> {
  // A run allows 2,000 updates; before that, repeated completions make it continue as new.
  const { planChangeId, terms, completionsPerRun = 500 } = input;
  const { completePlanChange, recordAorDecision } = waitedFor;
  const { gatherAorEvidence: checkCompletion, holdPlanChange } =
    input.revision === undefined ? waitedForLocally : waitedFor;
  const steps = input.revision === undefined ? patientlyLocally : patiently;
  const { lookAtPlanChange: loadPlanChange, putBackPlanChange, abandonPlanChange } = steps;
  const { escalatePlanChange, announceAorDecision } = steps;
  let snapshot = input.standing;
  let escalated: readonly Escalation[] = input.escalated ?? [];
  let presence: 'there' | 'not-yet' | 'never' = 'there';
  let moved = false;
  let lastMove: MovedChange | undefined;
  let busy = false;
  let completions = 0;

  setHandler(planChangeMovedSignal, onMoved, {
    description: 'Somebody claimed, released, referred or withdrew it, or put in another facilitator',
  });
  setHandler(completePlanChangeUpdate, onComplete, {
    validator: refuseWhenOver,
    description: 'Somebody completes the change',
  });

  try {
    describe();
    await keepTime();
  } catch (error) {
    if (!isCancellation(error)) throw error;
    await CancellationScope.nonCancellable(lookOnceMore);
    if (!isOver(snapshot)) {
      endAs('cancelled');
      throw error;
    }
  }
  return CancellationScope.nonCancellable(finish);

  async function keepTime(): Promise<void> {
    while (!isOver(snapshot) && presence !== 'never') {
      if (completions >= completionsPerRun || workflowInfo().continueAsNewSuggested) await goOnAsNew();
      const due = dueStep(snapshot, escalated, Date.now());
      if (presence === 'not-yet') await until(announcedUntilMs());
      else if (due.kind === 'wait') await until(Math.min(due.untilMs, Date.now() + LOOKS_EVERY_MS));
      else await alone(() => (due.kind === 'escalate' ? escalate(due.escalation) : carryOut(due.kind)));
    }
  }

  /** Waits until `atMs`, or until the change is moved, then reads the change. */
  async function until(atMs: number): Promise<void> {
    const isDisturbed = (): boolean =>
      moved || lastMove !== undefined || isOver(snapshot) || completions >= completionsPerRun;
    const summary = `looks at the change again, ${utcMinute(atMs)}`;
    const isMoved = await condition(isDisturbed, Math.max(1, atMs - Date.now()), { summary });
    await alone(async () => {
      if (!isOver(snapshot) && !(isMoved && takeLastMove())) await look();
    });
  }

  /** Moves may arrive in any order: the last one counts. */
  function onMoved(move?: MovedChange): void {
    if (move === undefined || !completesInOneStep(input)) moved = true;
    else if (lastMove === undefined || move.moves > lastMove.moves) lastMove = move;
  }

  /** False: the run has to load the change. */
  function takeLastMove(): boolean {
    if (moved || lastMove === undefined || presence !== 'there') return false;
    const next = snapshotAfter(snapshot, lastMove);
    lastMove = undefined;
    if (next !== null) advance(next);
    return next !== null;
  }

  async function look(): Promise<void> {
    moved = false;
    lastMove = undefined;
    const found = await loadPlanChange({ planChangeId, terms });
    if (found !== null) advance(found);
    presence = found !== null ? 'there' : Date.now() < announcedUntilMs() ? 'not-yet' : 'never';
  }

  function announcedUntilMs(): number {
    return workflowInfo().startTime.getTime() + ANNOUNCED_FOR_MS;
  }

  /** A completion in progress when the run was cancelled may have been recorded. */
  async function lookOnceMore(): Promise<void> {
    await condition(allHandlersFinished);
    if (!isOver(snapshot)) await look();
  }

  async function carryOut(step: 'put-back' | 'abandon'): Promise<void> {
    const carry = step === 'put-back' ? putBackPlanChange : abandonPlanChange;
    await carry({ planChangeId, atMs: Date.now() });
    await look();
  }

  async function escalate(escalation: Escalation): Promise<void> {
    await escalatePlanChange({ planChangeId, escalation, atMs: Date.now() });
    escalated = withEscalation(escalated, escalation);
    describe();
  }

  /** Serialised: the second caller sees the first one's result. A cancelled run finishes a started completion. */
  function onComplete(request: CompletionRequest): Promise<CompletionResult> {
    return CancellationScope.nonCancellable(() => alone(() => completeNow(request)));
  }

  async function completeNow(request: CompletionRequest): Promise<CompletionResult> {
    completions += 1;
    if (isOver(snapshot)) return tooLate();
    const result = await complete(request);
    // It was moved, or completed without the run learning of it.
    if (result.kind === 'wrong-stage') moved = true;
    return result;
  }

  async function complete(request: CompletionRequest): Promise<CompletionResult> {
    const completion = { planChangeId, terms, atMs: Date.now(), ...request };
    if (!completesInOneStep(input)) return completeInSteps(completion);
    const result = await completePlanChange(completion);
    if (result.kind === 'held') {
      // The run reads since when it is held, and notifies the unit's lead at once.
      moved = true;
      advanceToHeld();
    }
    if (result.kind !== 'completed') return result;
    advanceToCompleted(result);
    return { kind: 'completed' };
  }

  /** For runs started by an earlier build. */
  async function completeInSteps(completion: CompletionInput): Promise<CompletionResult> {
    const checked = await checkCompletion(completion);
    if (checked.kind !== 'evidence') return checked;

    const { evidence } = checked;
    const answer = decideAgentOfRecord(evidence);
    switch (answer.kind) {
      case 'facilitator-does-not-fit':
        return { kind: 'not-eligible', reason: 'facilitator-does-not-fit' };
      case 'facilitator-not-eligible': {
        const { agentKey: facilitatorKey, defect } = answer;
        const { atMs, apiKeyId } = completion;
        // Histories of the oldest builds lack this result.
        if ((await holdPlanChange({ planChangeId, atMs, facilitatorKey, defect, apiKeyId })) === 'held')
          moved = true;
        advanceToHeld();
        return { kind: 'held', defect };
      }
      case 'decided': {
        const { decision } = answer;
        const recorded = await recordAorDecision({ ...completion, evidence, decision });
        if (recorded.kind !== 'completed') return recorded;
        advanceToCompleted({ outcome: decision.outcome, ...recorded });
        return { kind: 'completed' };
      }
    }
  }

  function advanceToHeld(): void {
    advance({ ...snapshot, stage: 'held', claimUntilMs: null });
  }

  function advanceToCompleted({
    outcome,
    alsoConcerned = [],
  }: Required<Pick<PlanChangeSnapshot, 'outcome'>> & Pick<PlanChangeSnapshot, 'alsoConcerned'>): void {
    advance({ ...snapshot, stage: 'completed', claimUntilMs: null, outcome, alsoConcerned });
  }

  function refuseWhenOver(_request: CompletionRequest): void {
    if (isOver(snapshot)) refuseUpdate(tooLate());
  }

  function tooLate(): CompletionResult {
    return { kind: 'wrong-stage', stage: snapshot.stage };
  }

  async function finish(): Promise<PlanChangeResult> {
    await condition(allHandlersFinished);
    const { stage, outcome, alsoConcerned = [] } = snapshot;
    if (stage === 'completed') {
      if (sendsItsNotices(input) && outcome !== undefined) {
        const nowMs = Date.now();
        const toOthers = replacementNotices(planChangeId, alsoConcerned, nowMs);
        await sendNotices(input, `aor-${outcome}`, [
          ...decisionNotices(outcome, planChangeId, nowMs),
          ...toOthers,
        ]);
        markOutcome(`aor-${outcome}`);
      } else {
        await announceAorDecision({ planChangeId, atMs: Date.now() });
        endAs(`aor-${outcome}`);
      }
      return { ending: stage, ...(outcome === undefined ? {} : { agentOfRecord: outcome }) };
    }
    const ending = stage === 'withdrawn' || stage === 'abandoned' ? stage : 'void';
    endAs(ending);
    return { ending };
  }

  async function goOnAsNew(): Promise<never> {
    await condition(allHandlersFinished);
    return continueAsNew<typeof planChange>({
      ...input,
      standing: snapshot,
      escalated,
      revision: RUN_REVISION,
    });
  }

  /** The only place where the snapshot changes; operators see it at once. */
  function advance(next: PlanChangeSnapshot): void {
    const { stage, route } = snapshot;
    snapshot = next;
    if (next.stage !== stage && !isOver(next)) markStage(next.stage);
    if (next.route !== route) markRoute(next.route);
    describe();
  }

  /** Serialises steps that read or change the database's state, so that none overwrites another's result. */
  async function alone<T>(step: () => Promise<T>): Promise<T> {
    while (busy) await condition(() => !busy);
    busy = true;
    try {
      return await step();
    } finally {
      busy = false;
    }
  }

  function describe(): void {
    showDetails(planChangeDetails(snapshot, escalated));
  }
}
