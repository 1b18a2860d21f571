import {
  CancellationScope,
  allHandlersFinished,
  condition,
  proxyActivities,
  setHandler,
} from '@temporalio/workflow';
import {
  awaitCorrectionUpdate,
  type AorCorrectionActivities,
  type AorCorrectionInput,
  type AorCorrectionResult,
  type CarriedOutCorrection,
} from '../contracts/aor-correction';
import { correctionNotices } from '../contracts/notice';
import { endAs, markOutcome, showDetails } from './run-details';
import { sendNotices } from './send-notice';
import { PATIENTLY } from './step-options';

/** A person waits for it, but what was requested is carried out however long the database is away. */
const { carryOutCorrection } = proxyActivities<AorCorrectionActivities>({
  ...PATIENTLY,
  retry: { ...PATIENTLY.retry, initialInterval: '200ms' },
});

/**
 * Corrects a completed plan change (spec.md 7b): reverses it, or determines its agent of record again. Then it sends the emails to the
 * customer and to every agent concerned.
 *
 * Ends as `reversed`, `redetermined` or `refused`. Cancelling it changes nothing: a correction that was requested is carried out, and
 * nobody loses or regains a customer without being told.
 */
export async function correctAgentOfRecord(input: AorCorrectionInput): Promise<AorCorrectionResult> {
  const { correctionId, planChangeId, kind } = input;
  const facts = { Correction: kind, 'Plan change': planChangeId };
  let carriedOut: CarriedOutCorrection | undefined;

  setHandler(awaitCorrectionUpdate, () => CancellationScope.nonCancellable(result), {
    description: 'Somebody waits for the result',
  });

  return CancellationScope.nonCancellable(async () => {
    showDetails({ stage: 'correction', waitsFor: 'the database to take the correction', facts });
    carriedOut = await carryOutCorrection({ correctionId, atMs: Date.now() });
    await condition(allHandlersFinished);
    if (carriedOut.kind === 'refused') endAs('refused', { ...facts, Why: carriedOut.reason });
    else await tell(carriedOut.agentKeys);
    return result();
  });

  async function result(): Promise<AorCorrectionResult> {
    await condition(() => carriedOut !== undefined);
    return carriedOut!.kind === 'refused' ? carriedOut! : { kind: 'corrected' };
  }

  async function tell(agentKeys: readonly string[]): Promise<void> {
    const outcome = kind === 'reversal' ? 'reversed' : 'redetermined';
    const notices = correctionNotices({ correctionId, planChangeId, agentKeys, atMs: Date.now() });
    await sendNotices(input, outcome, notices, facts);
    markOutcome(outcome);
  }
}
