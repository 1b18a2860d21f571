/** A timeline's entries: a sentence each, and plain fields. */
import type { z } from 'zod';
import { isoTime } from '../http/fields';
import type { timeline } from './schemas';
import { auditText, decisionText, emailText, runText } from './timeline-texts';
import type { EmailFact, OpsRun, TimelineRecord } from '../../ports/ops';
import type { Language } from '../../domain/portal';
import { sayIn, type Texts } from '../../ports/texts';

type TimelineEntry = z.input<typeof timeline>['entries'][number];

/** The entry of a record as it stands at `nowMs`. */
export function recordEntry(
  { atMs, fact }: TimelineRecord,
  nowMs: number,
  texts: Texts,
  language: Language,
): TimelineEntry {
  const say = sayIn(texts, language);
  const at = isoTime(atMs);
  switch (fact.source) {
    case 'audit':
      return {
        at,
        kind: fact.action,
        text: auditText(fact, texts, language),
        outcome: fact.outcome,
        ...without({
          planChangeId: fact.planChangeId,
          apiKeyId: fact.apiKeyId,
          about: fact.about,
          reason: fact.reason,
          operator: fact.operator,
        }),
      };
    case 'email':
      return { at, kind: 'email', text: emailText(fact, nowMs, say), email: emailFields(fact) };
    case 'decision': {
      const { planChangeId, outcome } = fact;
      return { at, kind: 'agent-of-record-decided', text: decisionText(fact, say), outcome, planChangeId };
    }
  }
}

/** The entry of a run: where it ended, or began. */
export function runEntry(run: OpsRun, texts: Texts, language: Language): TimelineEntry {
  const { workflowId, runId, type, status, outcome, startedAtMs, closedAtMs } = run;
  return {
    at: isoTime(closedAtMs ?? startedAtMs),
    kind: 'run',
    text: runText(run, texts, language),
    run: { workflowId, runId, type, status, outcome },
  };
}

type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without what is null. */
const without = <T extends object>(fields: T): Present<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Present<T>;

function emailFields(fact: EmailFact): NonNullable<TimelineEntry['email']> {
  const { messageId, kind, status, attempts, resends, smtpCode, firstTriedAtMs, validUntilMs } = fact;
  return {
    messageId,
    kind,
    status,
    attempts,
    resends,
    smtpCode,
    firstTriedAt: isoTime(firstTriedAtMs),
    validUntil: isoTime(validUntilMs),
  };
}
