/** What happened, in a sentence: the texts of a timeline's entries, for operators. */
import { PROBLEM_CODES } from '../http/problems';
import type { Language } from '../../domain/portal';
import type { AuditFact, DecisionFact, EmailFact, OpsRun } from '../../ports/ops';
import { sayIn, type Say, type Texts } from '../../ports/texts';

/** An outcome other than `success` is told after a colon, where the action has a text for that. */
export function auditText(fact: AuditFact, texts: Texts, language: Language): string {
  const { action, outcome, reason, operator } = fact;
  const say = sayIn(texts, language);
  const refused = `timeline.audit.${action}.refused` as const;
  return [
    outcome !== 'success' && texts.has(refused)
      ? say(refused, { reason: reasonOf(outcome, texts, say) })
      : say(`timeline.audit.${action}.done`),
    ...(operator === null ? [] : [say('timeline.operator', { operator })]),
    ...(reason === null ? [] : [say('timeline.why', { reason })]),
  ].join(' ');
}

/** In other words than the problem's title, if there are any; an outcome that nothing is known of stays as it is. */
function reasonOf(outcome: string, texts: Texts, say: Say): string {
  const reason = `timeline.reasons.${outcome}` as const;
  if (texts.has(reason)) return say(reason);
  const code = PROBLEM_CODES.find((each) => each === outcome);
  if (code === undefined) return outcome;
  const title = say(`problems.${code}.title`);
  return title.charAt(0).toLowerCase() + title.slice(1);
}

/** An attempt that has not succeeded within this time has most likely failed. */
const FIRST_TRY_MS = 10_000;
/** Ours, and the server's own word for it: nothing else than another address helps. */
const NO_SUCH_ADDRESS = 553;

export function emailText(fact: EmailFact, nowMs: number, say: Say): string {
  const { kind, status, attempts, resends, smtpCode, firstTriedAtMs, validUntilMs, replaced } = fact;
  const isFirstTry = attempts === 1 && nowMs < firstTriedAtMs + FIRST_TRY_MS;
  const email = say(`timeline.emails.${kind}`);
  const again = resends === 0 ? '' : '-again';
  switch (status) {
    case 'delivered':
      return resends > 0 || attempts === 1
        ? say(`timeline.email.delivered${again}`, { email })
        : say('timeline.email.delivered-late', { email, attempts });
    case 'refused': {
      const whose = smtpCode === NO_SUCH_ADDRESS ? 'address-refused' : 'refused';
      const code = smtpCode ?? say('timeline.email.unknown-code');
      return say(`timeline.email.${whose}${again}`, { email, code });
    }
    case 'outdated':
      return say('timeline.email.outdated', { email, count: attempts });
    case 'pending':
      if (replaced) return say('timeline.email.replaced', { email });
      if (nowMs >= validUntilMs) return say('timeline.email.stopped', { email, count: attempts });
      return isFirstTry || resends > 0
        ? say(`timeline.email.under-way${again}`, { email, attempts })
        : say('timeline.email.not-yet', { email, attempts });
  }
}

export function decisionText(fact: DecisionFact, say: Say): string {
  const { customerId, outcome, commissionContinues, role } = fact;
  const values = {
    date: fact.effectiveOn,
    reason: say(`timeline.decision.reasons.${fact.reason}`),
    agent: fact.agentNumber ?? '',
    previous: fact.previousNumber ?? '',
    commission: say(`timeline.decision.commission-${commissionContinues ? 'continues' : 'ends'}`),
  };
  if (role !== null) return say(`timeline.decision.${role}`, { ...values, customerId });
  const isFirst = outcome === 'transferred' && fact.previousNumber === null;
  return say(`timeline.decision.${isFirst ? 'first' : outcome}`, values);
}

export function runText({ type, status, stage, outcome }: OpsRun, texts: Texts, language: Language): string {
  const say = sayIn(texts, language);
  const name = `timeline.runs.${type}` as const;
  const run = texts.has(name) ? say(name, { type }) : say('timeline.runs.other', { type });
  if ((status === 'open' || status === 'paused') && stage !== null)
    return say(`timeline.run.${status}-at`, { run, stage });
  if (status === 'completed' && outcome !== null) return say('timeline.run.completed-as', { run, outcome });
  return say(`timeline.run.${status}`, { run });
}
