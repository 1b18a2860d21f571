import type { EmailTemplates } from '../../../ports/email-templates';
import type { Addressee, WrittenEmail } from '../../../ports/mail';
import type { Texts } from '../../../ports/texts';
import * as account from './account-views';
import * as planChange from './plan-change-views';
import { createRenderer } from './render';
import type { EmailBrand, LetterRules, View } from './view';
import { wordsIn, type Words } from './words';

/** The emails of both portals and of the plan change unit in every language of the brand, as text and as HTML. */
export function createEmailTemplates(brand: EmailBrand): EmailTemplates {
  const { texts } = brand;
  const renderer = createRenderer(brand);
  const email = <Content extends { readonly recipient: Addressee }>(
    kind: string,
    view: (content: Content, words: Words, rules: LetterRules, texts: Texts) => View,
  ): ((content: Content) => WrittenEmail) => {
    const render = renderer(kind);
    return (content) => {
      const words = wordsIn(content.recipient.language, texts);
      return render(view(content, words, brand, texts), content.recipient, words);
    };
  };
  return {
    pin: email('pin', account.pin),
    signInCode: email('sign-in-code', account.signInCode),
    twoStepChanged: email('two-step-changed', account.twoStepChanged),
    passwordChanged: email('password-changed', account.passwordChanged),
    usernameReminded: email('username-reminded', account.usernameReminded),
    recoveryLimitReached: email('recovery-limit-reached', account.recoveryLimitReached),
    accountRegistered: email('account-registered', account.accountRegistered),
    addressChanged: email('address-changed', account.addressChanged),
    invitation: email('invitation', account.invitation),
    passwordReminder: email('password-reminder', account.passwordReminder),
    planChangeCompleted: email('plan-change-completed', planChange.planChangeCompleted),
    agentOfRecord: email('agent-of-record', planChange.agentOfRecord),
    planChangeCorrected: email('plan-change-corrected', planChange.planChangeCorrected),
    agentOfRecordCorrected: email('agent-of-record-corrected', planChange.agentOfRecordCorrected),
    planChangeWaiting: email('plan-change-waiting', planChange.planChangeWaiting),
    planChangeHeld: email('plan-change-held', planChange.planChangeHeld),
    agentTerminated: email('agent-terminated', planChange.agentTerminated),
  };
}
