/** `portal.yaml`: what may be in it, and what of it contradicts itself. The values have their meaning in brand/default/portal.yaml. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { IANAZone } from 'luxon';
import { z } from 'zod';
import type {
  Application,
  InLanguages,
  Language,
  Portal,
  PortalPolicies,
  Recovery,
} from '../../domain/portal';
import type { PlanChangePolicy } from '../../domain/plan-change/deadlines';
import { weeklyHours } from '../../setting-forms';
import { contrastRatio, READABLE } from './contrast';
import type { Path } from './folder-file';

/** A rule that several values break together. Paths are from the object that has the rule; the first one is where it is reported. */
interface Contradiction<Value> {
  readonly fields: readonly string[];
  readonly isWrong: (value: Value) => boolean;
  readonly message: string;
}

/** `params.fields` of an issue has the paths of all that contradicts itself. */
const without = <Schema extends z.ZodType>(
  schema: Schema,
  ...contradictions: readonly Contradiction<z.output<Schema>>[]
): Schema =>
  schema.superRefine((value, context) => {
    for (const { fields, isWrong, message } of contradictions) {
      if (!isWrong(value)) continue;
      const [first = ''] = fields;
      context.addIssue({ code: 'custom', path: first.split('.'), message, params: { fields } });
    }
  });

const whole = (least: number, most: number) => {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.int({ error }).min(least, { error }).max(most, { error });
};

const line = (most = 200) => {
  const error = `expected a text of one line and at most ${most} characters, in quotes where YAML would take it for something else`;
  return z
    .string({ error })
    .regex(/^\P{Cc}*\S\P{Cc}*$/u, { error })
    .max(most, { error });
};

const language = z
  .string()
  .regex(/^[a-z]{2,3}$/, { error: 'expected the code of a language, such as en', abort: true });

/** What is called so in the catalogs: `hours.<id>`, `questions.<id>`. */
const id = z
  .string({ error: 'expected an id; what is said is a text of locales' })
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected an id of lower-case letters, digits and hyphens');

const isPhone = (typed: string): boolean =>
  /^[\d\s().+-]+$/.test(typed) &&
  parsePhoneNumberFromString(typed, { defaultCountry: 'US', extract: false })?.isPossible() === true;

const phone = line(40).refine(
  isPhone,
  'is no phone number: expected the US national form, or + and the country',
);

const helpLine = z.strictObject({ phone, hours: id });

const timeZone = line().refine(
  (name) => IANAZone.isValidZone(name),
  'is no time zone: expected a name such as America/New_York',
);

const color = z
  .string({ error: "expected a color such as '#0b5cad', in quotes" })
  .regex(/^#[0-9a-f]{6}$/i, "expected a color such as '#0b5cad'");
const colors = without(
  z.strictObject({ accent: color, code: color, codeBackground: color, codeBorder: color }),
  {
    fields: ['code', 'codeBackground'],
    isWrong: ({ code, codeBackground }) => contrastRatio(code, codeBackground) < READABLE,
    message: `is hard to read on codeBackground: the contrast must be ${READABLE} : 1 at least (WCAG 2.2, 1.4.3)`,
  },
);
const colorsOnWhite = without(colors, {
  fields: ['accent'],
  isWrong: ({ accent }) => contrastRatio(accent, '#ffffff') < READABLE,
  message: `is hard to read on white, and white on it: the contrast must be ${READABLE} : 1 at least (WCAG 2.2, 1.4.3)`,
});

const symbols = z
  .string({ error: 'expected the symbols in quotes' })
  .regex(/^[!-/:-@[-`{-~]*$/, 'expected ASCII punctuation only: letters and digits are accepted anyway')
  .refine((each) => new Set(each).size === each.length, 'has a symbol twice');

const username = without(
  z.strictObject({
    minLength: whole(1, 64),
    maxLength: whole(1, 254),
    minLetters: whole(0, 64),
    maxDigitsInARow: whole(0, 254),
    symbols,
  }),
  {
    fields: ['maxLength', 'minLength'],
    isWrong: ({ minLength, maxLength }) => maxLength < minLength,
    message: 'is less than minLength: nobody can satisfy this rule',
  },
  {
    fields: ['minLetters', 'maxLength'],
    isWrong: ({ minLetters, maxLength }) => minLetters > maxLength,
    message: 'is more than maxLength: nobody can satisfy this rule',
  },
);

const password = without(
  z.strictObject({
    minLength: whole(6, 128),
    maxLength: whole(6, 1024),
    minDigits: whole(0, 128),
    minLetters: whole(0, 128),
    symbols,
    historyLength: whole(1, 24),
    lifetimeDays: whole(1, 3650).nullable(),
  }),
  {
    fields: ['maxLength', 'minLength'],
    isWrong: ({ minLength, maxLength }) => maxLength < minLength,
    message: 'is less than minLength: nobody can satisfy this rule',
  },
  {
    fields: ['minDigits', 'minLetters', 'maxLength'],
    isWrong: ({ minDigits, minLetters, maxLength }) => minDigits + minLetters > maxLength,
    message: 'is with minLetters more than maxLength: nobody can satisfy this rule',
  },
);

const isDistinct = (values: readonly unknown[]): boolean => new Set(values).size === values.length;

const reminders = without(
  z.strictObject({
    daysBefore: z
      .array(whole(1, 365))
      .min(1, 'expected one day at least')
      .max(10, 'expected ten days at most')
      .refine(isDistinct, 'has a day twice'),
    fromHour: whole(0, 23),
    toHour: whole(1, 24),
  }),
  {
    fields: ['toHour', 'fromHour'],
    isWrong: ({ fromHour, toHour }) => toHour <= fromHour,
    message: 'is not after fromHour: no reminder could go out',
  },
);

const pin = without(
  z.strictObject({
    digits: whole(4, 9),
    validForMinutes: whole(5, 720),
    resendAfterSeconds: whole(1, 3600),
  }),
  {
    fields: ['resendAfterSeconds', 'validForMinutes'],
    isWrong: ({ resendAfterSeconds, validForMinutes }) => resendAfterSeconds >= validForMinutes * 60,
    message: 'is not less than validForMinutes: a PIN would be over before a new one could be asked for',
  },
);

const twoStep = without(
  z.strictObject({
    digits: whole(6, 9),
    validForMinutes: whole(5, 60),
    resendAfterSeconds: whole(1, 3600),
    triesPerCode: whole(1, 10),
    codesPerHour: whole(1, 20),
  }),
  {
    fields: ['resendAfterSeconds', 'validForMinutes'],
    isWrong: ({ resendAfterSeconds, validForMinutes }) => resendAfterSeconds >= validForMinutes * 60,
    message: 'is not less than validForMinutes: a code would be over before a new one could be asked for',
  },
);

const resetLimits = without(
  z.strictObject({
    guessesPerPin: whole(1, 10),
    pinsPerDay: whole(1, 20),
    guessesPerDay: whole(1, 100),
    guessesPerMonth: whole(1, 1000),
    consecutiveFailures: whole(1, 1000),
  }),
  {
    fields: ['guessesPerPin', 'guessesPerDay'],
    isWrong: ({ guessesPerPin, guessesPerDay }) => guessesPerPin > guessesPerDay,
    message: 'is more than guessesPerDay',
  },
  {
    fields: ['guessesPerDay', 'guessesPerMonth'],
    isWrong: ({ guessesPerDay, guessesPerMonth }) => guessesPerDay > guessesPerMonth,
    message: 'is more than guessesPerMonth',
  },
  {
    fields: ['consecutiveFailures', 'guessesPerDay'],
    isWrong: ({ consecutiveFailures, guessesPerDay }) => consecutiveFailures < guessesPerDay,
    message: 'is less than guessesPerDay: one bad day would need the helpdesk',
  },
);

const passwordTries = without(
  z.strictObject({
    withoutWait: whole(1, 100),
    firstWaitSeconds: whole(1, 3600),
    longestWaitMinutes: whole(1, 1440),
    inARow: whole(2, 1000),
    keptForKnownAddresses: whole(0, 999),
    knownAddressDays: whole(1, 3650),
    forgottenAfterDays: whole(1, 3650),
  }),
  {
    fields: ['keptForKnownAddresses', 'inARow'],
    isWrong: ({ keptForKnownAddresses, inARow }) => keptForKnownAddresses >= inARow,
    message: 'is not less than inARow: nobody could sign in from a new address',
  },
  {
    fields: ['withoutWait', 'inARow'],
    isWrong: ({ withoutWait, inARow }) => withoutWait > inARow,
    message: 'is more than inARow',
  },
  {
    fields: ['firstWaitSeconds', 'longestWaitMinutes'],
    isWrong: ({ firstWaitSeconds, longestWaitMinutes }) => firstWaitSeconds > longestWaitMinutes * 60,
    message: 'is more than longestWaitMinutes',
  },
);

const APPLICATIONS = ['portal', 'express-app'] as const satisfies readonly Application[];

const ofBoth = {
  applications: z
    .array(z.enum(APPLICATIONS, { error: `expected one of ${APPLICATIONS.join(', ')}` }))
    .min(1, 'expected one application at least')
    .refine(isDistinct, 'has an application twice'),
  timeZone,
  username,
  password,
  reminders,
  chooseWithinMinutes: whole(5, 240),
  choicesPerReset: whole(1, 50),
  sessionHours: whole(1, 720),
  sessionIdleMinutes: whole(2, 1440).nullable(),
  helpLine,
  emailHelpLine: helpLine,
  termsVersion: line(64).regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'expected letters, digits, dots, hyphens and underscores: it is part of the names of files in terms',
  ),
};

const securityQuestions = z
  .array(id)
  // Two are asked, and decoys for unknown usernames must not be told from them.
  .min(3, 'expected three questions at least: two of them are asked')
  .superRefine((questions, context) => {
    for (const [index, question] of questions.entries())
      if (questions.indexOf(question) < index)
        context.addIssue({ code: 'custom', path: [index], message: 'this question is there already' });
  });

interface Expiring {
  readonly password: { readonly lifetimeDays: number | null };
  readonly reminders: { readonly daysBefore: readonly number[] };
}

const remindersBeyondLifetime: Contradiction<Expiring> = {
  fields: ['reminders.daysBefore', 'password.lifetimeDays'],
  isWrong: ({ password: { lifetimeDays }, reminders: { daysBefore } }) =>
    lifetimeDays !== null && Math.max(...daysBefore) >= lifetimeDays,
  message: 'has a day that is not within password.lifetimeDays: its reminder would never go out',
};

const idleBeyondHours: Contradiction<{
  readonly sessionHours: number;
  readonly sessionIdleMinutes: number | null;
}> = {
  fields: ['sessionIdleMinutes', 'sessionHours'],
  isWrong: ({ sessionHours, sessionIdleMinutes }) => (sessionIdleMinutes ?? 0) > sessionHours * 60,
  message: 'is more than sessionHours: no session would end without use',
};

const RECOVERIES = ['answers', 'pin', 'either'] as const satisfies readonly Recovery[];

interface Recovering {
  readonly recovery: Recovery;
  readonly pin: z.output<typeof pin> | null;
}

const recoveryWithoutPin: Contradiction<Recovering>[] = [
  {
    fields: ['pin', 'recovery'],
    isWrong: ({ recovery, pin: rule }) => recovery !== 'answers' && rule === null,
    message: 'is missing: recovery by PIN needs digits, validForMinutes and resendAfterSeconds',
  },
  {
    fields: ['pin', 'recovery'],
    isWrong: ({ recovery, pin: rule }) => recovery === 'answers' && rule !== null,
    message: 'nothing reads this while recovery is answers',
  },
];

/** Records of resets are deleted after a day (src/adapters/postgres/housekeeping.ts). */
const A_DAY_MINUTES = 24 * 60;

interface Lasting {
  readonly resetLimits: { readonly pinsPerDay: number };
  readonly portals: Readonly<
    Record<Portal, { readonly chooseWithinMinutes: number; readonly pin: Recovering['pin'] }>
  >;
}

export const portalFile = without(
  z.strictObject({
    languages: z
      .array(language)
      .min(1, 'expected one language at least')
      .refine(isDistinct, 'has a language twice'),
    colors: z.strictObject({ light: colorsOnWhite, dark: colors }),
    resetLimits,
    passwordTries,
    portals: z.strictObject({
      member: without(
        z.strictObject({ ...ofBoth, pin, twoStep: twoStep.nullable() }),
        remindersBeyondLifetime,
        idleBeyondHours,
      ),
      broker: without(
        z.strictObject({
          ...ofBoth,
          recovery: z.enum(RECOVERIES, { error: `expected one of ${RECOVERIES.join(', ')}` }),
          pin: pin.nullable(),
          securityQuestions,
          invitationDays: whole(1, 365),
          verificationMinutes: whole(5, 1440),
        }),
        remindersBeyondLifetime,
        idleBeyondHours,
        ...recoveryWithoutPin,
      ),
    }),
    planChanges: without(
      z.strictObject({
        phone,
        timeZone,
        unitHours: weeklyHours,
        claimMinutes: whole(1, 1440),
        waitingMinutes: whole(1, 1440),
        overdueHours: whole(1, 720),
        abandonAfterDays: whole(1, 365),
        reversibleDays: whole(1, 3650),
      }),
      {
        fields: ['overdueHours', 'abandonAfterDays'],
        isWrong: ({ overdueHours, abandonAfterDays }) => overdueHours >= abandonAfterDays * 24,
        message:
          'is not less than abandonAfterDays: a change would be given up before its lead is told again',
      },
    ),
  }),
  ...(['member', 'broker'] as const).map((portal): Contradiction<Lasting> => ({
    fields: [
      `portals.${portal}.pin.validForMinutes`,
      `portals.${portal}.chooseWithinMinutes`,
      'resetLimits.pinsPerDay',
    ],
    isWrong: ({ resetLimits: { pinsPerDay }, portals }) => {
      const { pin: rule, chooseWithinMinutes } = portals[portal];
      return (rule?.validForMinutes ?? 0) * pinsPerDay + chooseWithinMinutes > A_DAY_MINUTES;
    },
    message:
      'is too long: with resetLimits.pinsPerDay and chooseWithinMinutes a reset could last more than a day, when its record is deleted',
  })),
);

type PortalFile = z.output<typeof portalFile>;

/** Where the file names a text, and the key of that text. */
export function namedTexts({ portals }: PortalFile): readonly { path: Path; key: string }[] {
  const hours = (['member', 'broker'] as const).flatMap((portal) =>
    (['helpLine', 'emailHelpLine'] as const).map((which) => ({
      path: ['portals', portal, which, 'hours'],
      key: `hours.${portals[portal][which].hours}`,
    })),
  );
  const questions = portals.broker.securityQuestions.map((question, index) => ({
    path: ['portals', 'broker', 'securityQuestions', index],
    key: `questions.${question}`,
  }));
  return [...hours, ...questions];
}

/** What the processes are given of it. */
export interface Rules {
  /** Of emails, pages and texts; the first one is used where nothing says which. */
  readonly languages: readonly Language[];
  readonly colors: Readonly<Record<'light' | 'dark', Readonly<Record<string, string>>>>;
  readonly policies: PortalPolicies;
  readonly planChangePolicy: PlanChangePolicy;
  readonly planChangeLine: string;
  /** How many days after its effective date a completed plan change can be reversed. */
  readonly reversibleDays: number;
}

/** `inEach`: a text in each language. */
export function rulesOf(file: PortalFile, inEach: (key: string) => InLanguages): Rules {
  const {
    languages,
    colors: ofEmails,
    resetLimits: limits,
    passwordTries: tries,
    portals,
    planChanges,
  } = file;
  const { phone: planChangeLine, timeZone: zone, unitHours, reversibleDays, ...bounds } = planChanges;
  const lineOf = ({ phone: number, hours }: z.output<typeof helpLine>) => ({
    phone: number,
    hours: inEach(`hours.${hours}`),
  });
  const common = (portal: Portal) => ({
    name: inEach(`portals.${portal}.name`),
    languages,
    resetLimits: limits,
    passwordTries: tries,
    helpLine: lineOf(portals[portal].helpLine),
    emailHelpLine: lineOf(portals[portal].emailHelpLine),
  });
  return {
    languages,
    colors: ofEmails,
    policies: {
      member: {
        ...portals.member,
        ...common('member'),
        portal: 'member',
        recovery: 'pin',
        securityQuestions: [],
      },
      broker: {
        ...portals.broker,
        ...common('broker'),
        portal: 'broker',
        twoStep: null,
        securityQuestions: portals.broker.securityQuestions.map((question) => ({
          id: question,
          text: inEach(`questions.${question}`),
        })),
      },
    },
    planChangePolicy: { ...bounds, unitHours: { ...unitHours, timeZone: zone } },
    planChangeLine,
    reversibleDays,
  };
}
