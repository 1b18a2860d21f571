/** The API's calls that pages make, with the types of its own schemas. */
import type { z } from 'zod';
import type {
  choosePasswordBody,
  openBrokerResetBody,
  openedPasswordReset,
  openMemberResetBody,
  passwordReset,
  submitAnswersBody,
  submitPinBody,
} from '../api/password-reset/schemas';
import type { portalFacts, termsText } from '../api/portal/schemas';
import type {
  checkRegistrationBody,
  registerBody,
  remindBody,
  remindedUsername,
  verification,
  verifyBody,
} from '../api/registration/schemas';
import type {
  acceptTermsBody,
  changePasswordBody,
  currentSession,
  signInBody,
  signIns,
  startedSession,
} from '../api/session/schemas';
import type { openedSignIn, signIn, submitCodeBody, turnedOn, turnOffBody } from '../api/sign-in/schemas';
import type { Portal } from '../domain/portal';
import type { ApiCall, Caller, SendCall } from './api-client';

export type PortalFacts = z.output<typeof portalFacts>;
export type TermsText = z.output<typeof termsText>;
export type PasswordReset = z.output<typeof passwordReset>;
export type OpenedReset = z.output<typeof openedPasswordReset>;
export type StartedSession = z.output<typeof startedSession>;
/** A code was sent: the second step of signing in. */
export type CodeSent = z.output<typeof signIn>;
export type OpenedSignIn = z.output<typeof openedSignIn>;
export type Session = z.output<typeof currentSession>;
export type Verification = z.output<typeof verification>;

/** What a page holds of a reset or a sign-in: all that it needs to go on with it. */
export interface Held {
  readonly id: string;
  readonly token: string;
}

/** On behalf of one person. Every call throws `ApiProblem`. `once`: the form's `Idempotency-Key`. */
export type Tenure = ReturnType<typeof tenureFor>;

/** Bodies are what people typed: the API says what is wrong with them. */
export function tenureFor(send: SendCall, caller: Caller) {
  const call = async <Body>(sent: ApiCall): Promise<Body> => (await send(caller, sent)).body as Body;
  const get = <Body>(path: string, token?: string): Promise<Body> =>
    call({ method: 'GET', path, ...(token === undefined ? {} : { token }) });
  const ofReset = ({ id, token }: Held, what = ''): Pick<ApiCall, 'path' | 'token'> => ({
    path: `/v1/password-resets/${id}${what}`,
    token,
  });

  const ofSignIn = ({ id, token }: Held, what = ''): Pick<ApiCall, 'path' | 'token'> => ({
    path: `/v1/sign-ins/${id}${what}`,
    token,
  });

  return {
    portal: (portal: Portal) => get<PortalFacts>(`/v1/portals/${portal}`),
    terms: (portal: Portal) => get<TermsText>(`/v1/portals/${portal}/terms`),

    openMemberReset: (body: z.input<typeof openMemberResetBody>, once: string) =>
      call<OpenedReset>({ method: 'POST', path: '/v1/portals/member/password-resets', body, once }),
    openBrokerReset: (body: z.input<typeof openBrokerResetBody>, once: string) =>
      call<OpenedReset>({ method: 'POST', path: '/v1/portals/broker/password-resets', body, once }),
    reset: (held: Held) => call<PasswordReset>({ method: 'GET', ...ofReset(held) }),
    submitPin: (held: Held, body: z.input<typeof submitPinBody>, once: string) =>
      call<PasswordReset>({ method: 'POST', ...ofReset(held, '/pin'), body, once }),
    submitAnswers: (held: Held, body: z.input<typeof submitAnswersBody>, once: string) =>
      call<PasswordReset>({ method: 'POST', ...ofReset(held, '/answers'), body, once }),
    resendPin: (held: Held, once: string) =>
      call<PasswordReset>({ method: 'POST', ...ofReset(held, '/resend'), once }),
    choosePassword: (held: Held, body: z.input<typeof choosePasswordBody>, once: string) =>
      call<PasswordReset>({ method: 'POST', ...ofReset(held, '/password'), body, once }),
    showUsername: (held: Held, once: string) =>
      call<PasswordReset>({ method: 'POST', ...ofReset(held, '/username'), once }),

    signIn: (portal: Portal, body: z.input<typeof signInBody>, once: string) =>
      call<StartedSession | OpenedSignIn>({
        method: 'POST',
        path: `/v1/portals/${portal}/sessions`,
        body,
        once,
      }),
    codeSent: (held: Held) => call<CodeSent>({ method: 'GET', ...ofSignIn(held) }),
    submitCode: (held: Held, body: z.input<typeof submitCodeBody>, once: string) =>
      call<StartedSession>({ method: 'POST', ...ofSignIn(held, '/code'), body, once }),
    resendCode: (held: Held, once: string) =>
      call<CodeSent>({ method: 'POST', ...ofSignIn(held, '/resend'), once }),
    beginTwoStep: (token: string, once: string) =>
      call<CodeSent>({ method: 'POST', path: '/v1/session/two-step', token, once }),
    turnTwoStepOn: (token: string, body: z.input<typeof submitCodeBody>, once: string) =>
      call<z.output<typeof turnedOn>>({
        method: 'POST',
        path: '/v1/session/two-step/code',
        token,
        body,
        once,
      }),
    turnTwoStepOff: (token: string, body: z.input<typeof turnOffBody>) =>
      call<undefined>({ method: 'DELETE', path: '/v1/session/two-step', token, body }),
    session: (token: string) => get<Session>('/v1/session', token),
    /** Without being a use of the session. */
    peekAtSession: (token: string) => get<Session>('/v1/session?peek=true', token),
    signIns: (token: string) => get<z.output<typeof signIns>>('/v1/session/sign-ins', token),
    signOutEverywhere: (token: string) =>
      call<undefined>({ method: 'DELETE', path: '/v1/session/all', token }),
    signOut: (token: string) => call<undefined>({ method: 'DELETE', path: '/v1/session', token }),
    acceptTerms: (token: string, body: z.input<typeof acceptTermsBody>, once: string) =>
      call<undefined>({ method: 'POST', path: '/v1/session/terms', token, body, once }),
    changePassword: (portal: Portal, body: z.input<typeof changePasswordBody>, once: string) =>
      call<undefined>({ method: 'POST', path: `/v1/portals/${portal}/password-changes`, body, once }),

    verifyBroker: (body: z.input<typeof verifyBody>, once: string) =>
      call<Verification>({
        method: 'POST',
        path: '/v1/portals/broker/registrations/verifications',
        body,
        once,
      }),
    checkRegistration: (body: z.input<typeof checkRegistrationBody>, once: string) =>
      call<undefined>({
        method: 'POST',
        path: '/v1/portals/broker/registrations/checks',
        body,
        once,
      }),
    registerBroker: (body: z.input<typeof registerBody>, once: string) =>
      call<unknown>({ method: 'POST', path: '/v1/portals/broker/registrations', body, once }),
    remindUsername: (body: z.input<typeof remindBody>, once: string) =>
      call<z.output<typeof remindedUsername>>({
        method: 'POST',
        path: '/v1/portals/broker/username-reminders',
        body,
        once,
      }),
  };
}
