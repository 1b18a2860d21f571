/** What the emails of a portal say. The sentences are those of `emails.<kind>` in the catalogs, in the order of `<kind>.njk`. */
import type {
  AccountRegisteredContent,
  AddressChangedContent,
  InvitationContent,
  PasswordChangedContent,
  PasswordReminderContent,
  PinEmailContent,
  RecoveryLimitContent,
  SignInCodeContent,
  TwoStepChangedContent,
  UsernameRemindedContent,
} from '../../../ports/email-templates';
import { calendarDaysLeft } from '../../../domain/password-rotation/rotation-calendar';
import { MINUTE_MS } from '../../../domain/time';
import type { Recipient } from '../../../ports/mail';
import type { Texts } from '../../../ports/texts';
import { fromPortal, type LetterRules, type View } from './view';
import { wordsIn, type Words } from './words';

/** If it is sent later than this, the email says how many minutes are left instead of the PIN's full lifetime. */
const PROMPT_MS = MINUTE_MS;

/** The email with a temporary PIN (spec.md 4). The expiry is in the portal's time zone. */
export function pin(
  { recipient, pin: code, madeAtMs, expiresAtMs, nowMs }: PinEmailContent,
  words: Words,
  rules: LetterRules,
): View {
  return {
    ...codeView('pin', { recipient, code, madeAtMs, expiresAtMs, nowMs }, words, rules),
    pin: code,
    // A broker's PIN shows no username.
    isPasswordOnly: recipient.portal === 'broker',
  };
}

/** The email with a code for signing in, or for turning two-step verification on (spec.md 3). */
export const signInCode = (content: SignInCodeContent, words: Words, rules: LetterRules): View => ({
  ...codeView('sign-in-code', content, words, rules),
  code: content.code,
  isSigningIn: content.purpose === 'sign-in',
});

/** How long a code is good for. */
function codeView(
  kind: 'pin' | 'sign-in-code',
  { recipient, code, madeAtMs, expiresAtMs, nowMs }: Omit<SignInCodeContent, 'purpose'>,
  words: Words,
  rules: LetterRules,
): View {
  const common = fromPortal(words, recipient.portal, rules);
  const end = words.at(expiresAtMs, rules.policies[recipient.portal].timeZone);
  const wholeLifeMs = expiresAtMs - madeAtMs;
  const leftMs = Math.max(0, expiresAtMs - nowMs);
  return {
    ...common,
    subject: words.text(`emails.${kind}.subject`, common),
    title: words.text(`emails.${kind}.title`),
    digits: code.length,
    minutes: Math.round(wholeLifeMs / MINUTE_MS),
    isDelayed: leftMs <= wholeLifeMs - PROMPT_MS,
    minutesLeft: Math.floor(leftMs / MINUTE_MS),
    endTime: end.time,
    endDay: end.day,
  };
}

/** The kinds that say what happened to an account and when, and when to call which number. */
type AccountNotice =
  | 'password-changed'
  | 'username-reminded'
  | 'recovery-limit-reached'
  | 'account-registered'
  | 'address-changed'
  | 'two-step-changed.on'
  | 'two-step-changed.off';

function accountNotice(
  kind: AccountNotice,
  { portal }: Recipient,
  atMs: number,
  words: Words,
  rules: LetterRules,
): View {
  const common = fromPortal(words, portal, rules);
  return {
    ...common,
    ...words.at(atMs, rules.policies[portal].timeZone),
    subject: words.text(`emails.${kind}.subject`, common),
    title: words.text(`emails.${kind}.title`),
  };
}

/** The notice that a password was changed. */
export const passwordChanged = (
  { recipient, changedAtMs }: PasswordChangedContent,
  words: Words,
  rules: LetterRules,
): View => accountNotice('password-changed', recipient, changedAtMs, words, rules);

/** The notice that somebody with the right details looked up a forgotten username (spec.md 5). */
export const usernameReminded = (
  { recipient, remindedAtMs }: UsernameRemindedContent,
  words: Words,
  rules: LetterRules,
): View => accountNotice('username-reminded', recipient, remindedAtMs, words, rules);

/** The notice that the tries of a password reset are used up: when, what still works, and who can help. */
export const recoveryLimitReached = (
  { recipient, reachedAtMs }: RecoveryLimitContent,
  words: Words,
  rules: LetterRules,
): View => accountNotice('recovery-limit-reached', recipient, reachedAtMs, words, rules);

/** The notice to the address that an account had before (docs/spec.md 1). It does not reveal the new one. */
export const addressChanged = (
  { recipient, changedAtMs }: AddressChangedContent,
  words: Words,
  rules: LetterRules,
): View => accountNotice('address-changed', recipient, changedAtMs, words, rules);

/** The notice that two-step verification was turned on or off. */
export const twoStepChanged = (
  { recipient, isOn, changedAtMs }: TwoStepChangedContent,
  words: Words,
  rules: LetterRules,
): View => ({
  ...accountNotice(`two-step-changed.${isOn ? 'on' : 'off'}`, recipient, changedAtMs, words, rules),
  isOn,
});

/**
 * The notice that an account was registered under an agent's number (spec.md 2). The registrant chose the account's language
 * and may be a stranger, so the instructions are in every language of the portal.
 */
export function accountRegistered(
  { recipient, agentNumber, registeredAtMs }: AccountRegisteredContent,
  words: Words,
  rules: LetterRules,
  texts: Texts,
): View {
  const policy = rules.policies[recipient.portal];
  const others = policy.languages.filter((language) => language !== words.language);
  return {
    ...accountNotice('account-registered', recipient, registeredAtMs, words, rules),
    agentNumber,
    inOtherLanguages: others.map((language) => {
      const other = wordsIn(language, texts);
      return {
        language,
        text: other.text('emails.account-registered.in-short', { phone: other.phone(policy) }),
      };
    }),
  };
}

/** The access code for somebody who is not an agent (spec.md 2): single-use, for one address, until it expires. */
export function invitation(
  { recipient, code, expiresAtMs }: InvitationContent,
  words: Words,
  rules: LetterRules,
): View {
  const common = fromPortal(words, recipient.portal, rules);
  return {
    ...common,
    ...words.at(expiresAtMs, rules.policies[recipient.portal].timeZone),
    subject: words.text('emails.invitation.subject', common),
    title: words.text('emails.invitation.title'),
    code,
  };
}

/**
 * The reminder that a password expires soon (spec.md 6): when, in the time zone of its reminder days, and what to do. The days left are
 * counted from `nowMs`, so a delayed email is correct. The password lifetime is not mentioned, because a rule can change it.
 */
export function passwordReminder(
  { recipient, timeZone, expiresAtMs, nowMs }: PasswordReminderContent,
  words: Words,
  rules: LetterRules,
): View {
  const common = fromPortal(words, recipient.portal, rules);
  // An email rendered after expiry is discarded unsent, so any valid sentence will do.
  const days = Math.max(0, calendarDaysLeft(timeZone, expiresAtMs, nowMs));
  const left = words.text('emails.password-reminder.left', { count: days });
  return {
    ...common,
    ...words.at(expiresAtMs, timeZone),
    subject: words.text('emails.password-reminder.subject', { ...common, left }),
    title: words.text('emails.password-reminder.title', { left }),
    left,
    historyLength: rules.policies[recipient.portal].password.historyLength,
  };
}
