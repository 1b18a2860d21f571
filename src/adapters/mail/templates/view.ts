import { textIn, type Portal, type PortalPolicies } from '../../../domain/portal';
import type { PlanChangePolicy } from '../../../domain/plan-change/deadlines';
import type { Texts } from '../../../ports/texts';
import type { Words } from './words';

/** The rules that emails name. */
export interface LetterRules {
  readonly policies: PortalPolicies;
  readonly planChangePolicy: PlanChangePolicy;
  readonly planChangeLine: string;
}

/** What emails are made of. */
export interface EmailBrand extends LetterRules {
  readonly texts: Texts;
  /** Folders of templates; the first one that has a file counts. */
  readonly emailFolders: readonly string[];
  /** What templates find as `colors`. */
  readonly colors: object;
}

/** What a template gets, besides texts: all of it can be a placeholder of them. */
export interface View {
  readonly subject: string;
  readonly title: string;
  /** Shown at the top. */
  readonly sender: string;
  /** At the end: nobody reads the mailbox, the content is confidential. */
  readonly smallPrint: readonly string[];
  readonly [value: string]: unknown;
}

/** Of every email from a portal. */
export function fromPortal(words: Words, portal: Portal, { policies }: LetterRules) {
  const policy = policies[portal];
  const sender = textIn(policy.name, words.language);
  return {
    sender,
    portal: sender,
    phone: words.phone(policy),
    smallPrint: [
      words.text('emails.common.not-read-portal', { sender }),
      words.text('emails.common.confidential', { phone: policy.emailHelpLine.phone }),
    ],
  };
}

/** Of every email from the Dedicated Plan Change unit (spec.md 7), which belongs to no portal. The subject starts with its name. */
export function fromUnit(words: Words, subject: string, { planChangeLine: line, policies }: LetterRules) {
  const sender = words.text('emails.common.unit');
  return {
    subject: words.text('emails.common.unit-subject', { unit: sender, subject }),
    sender,
    line,
    brokerPhone: words.phone(policies.broker),
    smallPrint: [
      words.text('emails.common.not-read-unit', { sender }),
      words.text('emails.common.confidential', { phone: line }),
    ],
  };
}
