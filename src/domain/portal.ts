/**
 * The two portals, and what their rules consist of: spec.md 1, 4 and 6. The values are an insurer's (`portal.yaml` of its folder,
 * docs/branding.md), and come as an argument.
 */
import { DAY_MS } from './time';

export const PORTALS = ['member', 'broker'] as const;
export type Portal = (typeof PORTALS)[number];
/** The primary subtag of a BCP 47 tag: `en`. Which ones there are, the brand says. */
export type Language = string;

/** One text in each language of the brand. */
export type InLanguages = Readonly<Record<Language, string>>;

/** The text in `language`, or in the brand's first one: an account may have a language that the brand has no more. */
export const textIn = (texts: InLanguages, language: Language): string =>
  texts[language] ?? Object.values(texts)[0] ?? '';

/** A version of a portal's terms of use. */
export interface Terms {
  readonly version: string;
  /** The day from which it holds, as an ISO date. */
  readonly date: string;
  /** Markdown. */
  readonly text: InLanguages;
}

export type Application = 'portal' | 'express-app';

export interface UsernameRule {
  readonly minLength: number;
  readonly maxLength: number;
  readonly minLetters: number;
  readonly maxDigitsInARow: number;
  /** Accepted besides A-Z, a-z and 0-9. */
  readonly symbols: string;
}

export interface PasswordRule {
  readonly minLength: number;
  readonly maxLength: number;
  readonly minDigits: number;
  readonly minLetters: number;
  /** Accepted besides A-Z, a-z and 0-9; nothing else is. */
  readonly symbols: string;
  /** How many of the last passwords cannot be reused, including the current one. */
  readonly historyLength: number;
  /** Days until a new one must be chosen; null: never. */
  readonly lifetimeDays: number | null;
}

/** When reminders go out (spec.md 6): this many calendar days before expiry, between these hours of the portal's time zone. */
export interface ReminderRule {
  readonly daysBefore: readonly number[];
  /** 0-23; `toHour` is exclusive. */
  readonly fromHour: number;
  readonly toHour: number;
}

export interface PinRule {
  readonly digits: number;
  readonly validForMinutes: number;
  readonly resendAfterSeconds: number;
}

/** Two-step verification by emailed codes (spec.md 3). */
export interface TwoStepRule {
  readonly digits: number;
  readonly validForMinutes: number;
  readonly resendAfterSeconds: number;
  readonly triesPerCode: number;
  /** For one person, counted across all sign-ins. */
  readonly codesPerHour: number;
}

/** How people of a portal prove who they are when they forgot a password (spec.md 4); `either`: as they choose. */
export type Recovery = 'answers' | 'pin' | 'either';

/** How often a person may try, counted across all of that person's resets (spec.md 4). */
export interface ResetLimits {
  readonly guessesPerPin: number;
  readonly pinsPerDay: number;
  readonly guessesPerDay: number;
  readonly guessesPerMonth: number;
  /** After this many wrong guesses without a success only the helpdesk can help. */
  readonly consecutiveFailures: number;
}

/** Allowed wrong passwords in a row per account, across all addresses (NIST SP 800-63B, 5.2.2; ADR 31). */
export interface PasswordTryLimits {
  /** How many before the first wait. */
  readonly withoutWait: number;
  /** The first wait; each further wrong password doubles it, up to the maximum. */
  readonly firstWaitSeconds: number;
  readonly longestWaitMinutes: number;
  /** After this many the password is no longer accepted; a reset ends that. */
  readonly inARow: number;
  /** How many of these are reserved for known addresses, so that strangers cannot use them up. */
  readonly keptForKnownAddresses: number;
  /** How long an address is known after somebody signed in from it with the current password. */
  readonly knownAddressDays: number;
  /** A count without another wrong password expires after this time. */
  readonly forgottenAfterDays: number;
}

export interface HelpLine {
  readonly phone: string;
  readonly hours: InLanguages;
}

export interface SecurityQuestion {
  readonly id: string;
  readonly text: InLanguages;
}

export interface PortalPolicy {
  readonly portal: Portal;
  readonly name: InLanguages;
  readonly languages: readonly Language[];
  readonly applications: readonly Application[];
  /** The time zone (IANA name) of dates in emails and of reminder hours. */
  readonly timeZone: string;
  readonly username: UsernameRule;
  readonly password: PasswordRule;
  readonly reminders: ReminderRule;
  readonly recovery: Recovery;
  /** Null where no PINs are sent. */
  readonly pin: PinRule | null;
  /** Null: not offered. Accounts that have it on then sign in without. */
  readonly twoStep: TwoStepRule | null;
  readonly chooseWithinMinutes: number;
  /** How many chosen passwords one reset compares with earlier ones before it ends. */
  readonly choicesPerReset: number;
  readonly resetLimits: ResetLimits;
  readonly passwordTries: PasswordTryLimits;
  readonly helpLine: HelpLine;
  /** The phone number in emails, if it differs from the helpdesk's. */
  readonly emailHelpLine: HelpLine;
  readonly securityQuestions: readonly SecurityQuestion[];
  readonly termsVersion: string;
  readonly sessionHours: number;
  /** Minutes without use until a session ends; null: only `sessionHours` end it. */
  readonly sessionIdleMinutes: number | null;
}

export interface BrokerPolicy extends PortalPolicy {
  /** How long an invitation's access code and a verification are valid. */
  readonly invitationDays: number;
  readonly verificationMinutes: number;
}

/** Both portals have the same `resetLimits`: a guess does not tell which portal it belongs to. */
export interface PortalPolicies extends Readonly<Record<Portal, PortalPolicy>> {
  readonly broker: BrokerPolicy;
}

/** What pages of a portal need, in one language. */
export function portalFactsIn(policy: PortalPolicy, language: Language) {
  const helpLine = ({ phone, hours }: HelpLine) => ({ phone, hours: textIn(hours, language) });
  return {
    ...policy,
    name: textIn(policy.name, language),
    languages: [...policy.languages],
    applications: [...policy.applications],
    securityQuestions: policy.securityQuestions.map(({ id, text }) => ({ id, text: textIn(text, language) })),
    helpLines: { portal: helpLine(policy.helpLine), emails: helpLine(policy.emailHelpLine) },
  };
}

/** The version that somebody who accepted `accepted` still has to accept; null: none. Members accept no terms here. */
export function termsToAccept(
  { portal, termsVersion }: Pick<PortalPolicy, 'portal' | 'termsVersion'>,
  accepted: string | null,
): string | null {
  return portal === 'broker' && accepted !== termsVersion ? termsVersion : null;
}

/** The exact end of the lifetime of a password set at `setAtMs` (spec.md 6); null if it has none. */
export function passwordExpiresAtMs({ lifetimeDays }: PasswordRule, setAtMs: number): number | null {
  return lifetimeDays === null ? null : setAtMs + lifetimeDays * DAY_MS;
}

/** Whether a password set at `setAtMs` must be replaced by now. */
export function isPasswordExpired(rule: PasswordRule, setAtMs: number, nowMs: number): boolean {
  const expiresAtMs = passwordExpiresAtMs(rule, setAtMs);
  return expiresAtMs !== null && nowMs >= expiresAtMs;
}
