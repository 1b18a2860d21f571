import type { Recipient } from '../../../ports/mail';
import { helpPhone, type LetterRules } from './common-texts';
import type { Block, RenderedEmail } from './layout';
import { letterTo } from './letter-to';
import { localTime, type LocalTime } from './local-time';

/** The texts of an account notice in one language. */
export interface AccountNoticeText {
  subject(portalName: string): string;
  readonly title: string;
  happened(portalName: string, at: LocalTime): string;
  readonly details: string;
  readonly callTitle: string;
  call(phone: string): string;
}

/** What happened and when (in the portal's time zone), what else to know, and when to call which number; then `more`. */
export function accountNotice(
  rules: LetterRules,
  recipient: Recipient,
  atMs: number,
  text: AccountNoticeText,
  more: readonly Block[] = [],
): RenderedEmail {
  const { language } = recipient;
  const policy = rules.policies[recipient.portal];
  const portalName = policy.name[language];
  return letterTo(rules, recipient, {
    subject: text.subject(portalName),
    title: text.title,
    blocks: [
      { kind: 'paragraph', text: text.happened(portalName, localTime(atMs, language, policy.timeZone)) },
      { kind: 'paragraph', text: text.details },
      { kind: 'heading', text: text.callTitle },
      { kind: 'notice', text: text.call(helpPhone(language, policy)) },
      ...more,
    ],
  });
}
