/** What a sample of a page is: what a browser sends, and what the API answers. */
import type { Language, Portal, PortalPolicies } from '../../domain/portal';
import type { Say, TextKey } from '../../ports/texts';
import type { CookieValues } from '../cookies';
import type { PasswordReset, Session } from '../tenure';

/** A page of the web in one state, with invented content. What is shown is what the page's own code makes of it. */
export interface SamplePage {
  /** Of the page, with the query. */
  readonly path: `/${string}`;
  /** What is special about it: `empty`, `wrong password`. */
  readonly state: string;
  /** It could be any page: where it belongs in a list of them. */
  readonly of?: string;
  /** What the browser keeps. */
  readonly cookies?: CookieValues;
  /** The API refuses everything else. */
  readonly known?: Known;
  readonly sent?: SentForm;
  /** How a form was sent that is not taken. */
  readonly fromAnotherSite?: true;
  readonly userAgent?: string;
  /** Everybody is told that the portals are being worked on. */
  readonly maintenance?: true;
  /** What the page answers: 200, or after a refusal 422, unless it says something else. */
  readonly status?: number;
  /** Whether a portal with these rules has it. */
  readonly isThere?: (policies: PortalPolicies) => boolean;
}

/** A form that was sent with this, and that the API refused. */
export interface SentForm {
  readonly form: Readonly<Record<string, string>>;
  readonly refused: Refusal;
}

/** What the API answers, by method and path; a function: in the language of the page. An error takes the place of an answer. */
export type Known = Readonly<Record<string, object | ((language: Language) => object)>>;

/** A problem of the API (http-api.md), whose texts are those of the catalogs. */
export interface Refusal {
  readonly code: keyof typeof STATUSES;
  /** What is wrong, by JSON Pointer: the code of a field's error, and the values of its text. */
  readonly errors?: readonly (readonly [pointer: string, code: FieldCode, values?: FieldValues])[];
  /** After the detail. */
  readonly more?: (say: Say) => string;
  readonly retryAfterSeconds?: number;
}

type FieldCode = TextKey extends infer Key ? (Key extends `fields.${infer Code}` ? Code : never) : never;
type FieldValues = Readonly<Record<string, string | number>>;

export const STATUSES = {
  credentials_wrong: 401,
  username_taken: 409,
  already_registered: 409,
  invalid_fields: 422,
  pin_wrong: 422,
  pin_superseded: 422,
  answers_wrong: 422,
  code_wrong: 422,
  access_code_refused: 422,
  password_refused: 422,
  no_match: 404,
  too_many_requests: 429,
  password_locked: 429,
  resend_too_soon: 429,
  unavailable: 503,
} as const;

/** A refusal of a `GET`, in the place of an answer. */
export class Refused extends Error {
  constructor(readonly refusal: Refusal) {
    super(refusal.code);
  }
}

export const RESET = { id: '6f0c2a52-6b35-4d0e-9a5f-9d1f4f7f2f10', token: 'sample' };
export const SIGN_IN = { id: '0d6a3c5e-2f0b-4f1c-8c55-5a3c1f0f7d22', token: 'sample' };

export const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
export const inMinutes = (minutes: number): string => inSeconds(minutes * 60);

/** A browser's reset at a stage: what the API says of it, and what the cookie keeps. */
export function sampleReset(
  portal: Portal,
  stage: PasswordReset['stage'],
  more: Partial<PasswordReset> | ((language: Language) => Partial<PasswordReset>) = {},
) {
  const resetIn = (language: Language): PasswordReset => ({
    id: RESET.id,
    portal,
    stage,
    progressPercent: stage === 'pin' || stage === 'answers' ? 33 : 66,
    expiresAt: inMinutes(28),
    ...(typeof more === 'function' ? more(language) : more),
  });
  return {
    known: { [`GET /v1/password-resets/${RESET.id}`]: resetIn } satisfies Known,
    // So long ago that a page asks again.
    held: { ...RESET, told: { reset: resetIn(''), language: '', at: 0 } },
  };
}

/** What the API says of somebody who is signed in. */
export const knownSession = (
  username: string,
  firstName: string,
  { account, ...more }: Omit<Partial<Session>, 'account'> & { account?: Partial<Session['account']> } = {},
): Known => ({
  'GET /v1/session': {
    account: { id: RESET.id, username, firstName, twoStep: false, ...account },
    application: 'portal',
    startedAt: inMinutes(-20),
    from: '203.0.113.x',
    expiresAt: inMinutes(460),
    idleExpiresAt: inMinutes(15),
    passwordExpiresAt: null,
    ...more,
  } satisfies Session,
  'GET /v1/session/sign-ins': {
    signIns: [
      { at: inMinutes(-20), application: 'portal', address: '203.0.113.x', current: true, ended: false },
      { at: inMinutes(-3000), application: 'portal', address: '2001:db8:1::', current: false, ended: false },
      { at: inMinutes(-9000), application: 'portal', address: null, current: false, ended: true },
    ],
  },
});

/** Each of these fields is empty. */
export const nothingTyped = (pointers: readonly string[], form: SentForm['form'] = {}): SentForm => ({
  form,
  refused: { code: 'invalid_fields', errors: pointers.map((pointer) => [pointer, 'required'] as const) },
});

/** A password that breaks the rule, and is typed in two ways. */
export const refusedPassword = (form: SentForm['form'] = {}): SentForm => ({
  form,
  refused: {
    code: 'password_refused',
    errors: [
      ['/password', 'used_before'],
      ['/password', 'space_not_accepted'],
      ['/confirmation', 'not_equal'],
    ],
  },
});

export const AWAY: Refusal = { code: 'unavailable', retryAfterSeconds: 5 };
