/**
 * The two portals and their rules: spec.md 1, 4 and 6.
 * Every name, number and threshold of a portal is defined only here.
 */
import { DAY_MS } from './time';

export type Portal = 'member' | 'broker';
export type Language = 'en' | 'es';
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
  readonly hours: Readonly<Record<Language, string>>;
}

export interface SecurityQuestion {
  readonly id: string;
  readonly text: Readonly<Record<Language, string>>;
}

export interface PortalPolicy {
  readonly portal: Portal;
  readonly name: Readonly<Record<Language, string>>;
  readonly languages: readonly Language[];
  readonly applications: readonly Application[];
  /** The time zone (IANA name) of dates in emails and of reminder hours. */
  readonly timeZone: string;
  readonly username: UsernameRule;
  readonly password: PasswordRule;
  readonly reminders: ReminderRule;
  readonly pin: PinRule | null;
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
  /** How long an invitation's access code and a verification are valid. */
  readonly invitationDays: number;
  readonly verificationMinutes: number;
}

const usernameRule: UsernameRule = {
  minLength: 4,
  maxLength: 30,
  minLetters: 1,
  maxDigitsInARow: 5,
  symbols: '._-@',
};

const reminders: ReminderRule = { daysBefore: [14, 7, 1], fromHour: 9, toHour: 18 };

const resetLimits: ResetLimits = {
  guessesPerPin: 3,
  pinsPerDay: 3,
  guessesPerDay: 9,
  guessesPerMonth: 27,
  consecutiveFailures: 100,
};

const passwordTries: PasswordTryLimits = {
  withoutWait: 10,
  firstWaitSeconds: 30,
  longestWaitMinutes: 60,
  inARow: 100,
  keptForKnownAddresses: 10,
  knownAddressDays: 30,
  forgottenAfterDays: 365,
};

const aroundTheClock = { en: '24 hours a day, 7 days a week', es: 'las 24 horas, los 7 días de la semana' };
const businessHours = { en: 'during business hours', es: 'en horario de oficina' };

const memberPolicy: PortalPolicy = {
  portal: 'member',
  name: { en: 'Member Portal', es: 'Portal de miembros' },
  languages: ['en', 'es'],
  applications: ['portal'],
  timeZone: 'America/New_York',
  username: usernameRule,
  password: {
    minLength: 8,
    maxLength: 12,
    minDigits: 1,
    minLetters: 1,
    symbols: '_!.&@',
    historyLength: 4,
    lifetimeDays: null,
  },
  reminders,
  pin: { digits: 4, validForMinutes: 90, resendAfterSeconds: 45 },
  chooseWithinMinutes: 30,
  choicesPerReset: 5,
  resetLimits,
  passwordTries,
  helpLine: { phone: '800-853-2713', hours: aroundTheClock },
  emailHelpLine: { phone: '855-221-0273', hours: aroundTheClock },
  securityQuestions: [],
  termsVersion: '2026-01',
  sessionHours: 8,
  invitationDays: 14,
  verificationMinutes: 30,
};

const brokerHelpLine: HelpLine = { phone: '877.454.0923', hours: businessHours };

const brokerPolicy: PortalPolicy = {
  portal: 'broker',
  name: { en: 'Broker Portal', es: 'Portal de agentes' },
  languages: ['en', 'es'],
  applications: ['portal', 'express-app'],
  timeZone: 'America/New_York',
  username: usernameRule,
  password: {
    minLength: 6,
    maxLength: 128,
    minDigits: 1,
    minLetters: 1,
    symbols: '_!,&@',
    historyLength: 4,
    lifetimeDays: 90,
  },
  reminders,
  pin: null,
  chooseWithinMinutes: 30,
  choicesPerReset: 5,
  resetLimits,
  passwordTries,
  helpLine: brokerHelpLine,
  emailHelpLine: brokerHelpLine,
  securityQuestions: [
    {
      id: 'first-pet',
      text: { en: 'What was the name of your first pet?', es: '¿Cómo se llamaba su primera mascota?' },
    },
    {
      id: 'first-street',
      text: { en: 'On which street did you live as a child?', es: '¿En qué calle vivía en su niñez?' },
    },
    {
      id: 'first-employer',
      text: { en: 'Who was your first employer?', es: '¿Cuál fue su primera empresa?' },
    },
    {
      id: 'favorite-teacher',
      text: {
        en: 'What was the last name of your favorite teacher?',
        es: '¿Cuál era el apellido de su docente favorito?',
      },
    },
    {
      id: 'parents-met',
      text: { en: 'In which city did your parents meet?', es: '¿En qué ciudad se conocieron sus padres?' },
    },
    {
      id: 'first-car',
      text: {
        en: 'What make and model was your first car?',
        es: '¿De qué marca y modelo fue su primer auto?',
      },
    },
  ],
  termsVersion: '2026-01',
  sessionHours: 8,
  invitationDays: 14,
  verificationMinutes: 30,
};

export type PortalPolicies = Readonly<Record<Portal, PortalPolicy>>;

/** The policies as specified. Do not read values here that a setting can change (`withMemberPasswordDays`). */
export const portalPolicies: PortalPolicies = { member: memberPolicy, broker: brokerPolicy };

/** The policies if members' passwords expire after `days`; null: they do not expire, as specified. */
export function withMemberPasswordDays(days: number | null): PortalPolicies {
  return {
    ...portalPolicies,
    member: { ...memberPolicy, password: { ...memberPolicy.password, lifetimeDays: days } },
  };
}

/** Whether a password set at `setAtMs` must be replaced by now: from the exact end of its lifetime (spec.md 6). */
export function isPasswordExpired(rule: PasswordRule, setAtMs: number, nowMs: number): boolean {
  return rule.lifetimeDays !== null && nowMs >= setAtMs + rule.lifetimeDays * DAY_MS;
}
