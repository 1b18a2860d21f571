/** Every page of members, in every state that looks different. */
import {
  AWAY,
  inMinutes,
  inSeconds,
  knownSession,
  nothingTyped,
  refusedPassword,
  RESET,
  sampleReset,
  SIGN_IN,
  type SamplePage,
  type SentForm,
} from './sample';

const USERNAME = 'msilva77';
const SENT_TO = 'm***@example.com';

/** A reset at a stage, in the browser of somebody who wants a new password or the user ID. */
function at(
  stage: Parameters<typeof sampleReset>[1],
  more: Parameters<typeof sampleReset>[2] = {},
  wants: 'password' | 'user-id' = 'password',
) {
  const { known: ofReset, held } = sampleReset('member', stage, more);
  return { known: ofReset, cookies: { 'member-reset': { ...held, wants } } };
}

const ofReset = { reset: RESET.id };
const signedIn = { 'member-session': 'sample' } as const;
const known = knownSession(USERNAME, 'María');
const withTwoStep = knownSession(USERNAME, 'María', { account: { twoStep: true } });

const atPin = (leftMinutes: number, resendSeconds: number) =>
  at('pin', {
    sentTo: SENT_TO,
    expiresAt: inMinutes(leftMinutes),
    resendAvailableAt: inSeconds(resendSeconds),
  });
const codeSent = (resendSeconds?: number) => ({
  sentTo: SENT_TO,
  expiresAt: inMinutes(9),
  ...(resendSeconds === undefined ? {} : { resendAvailableAt: inSeconds(resendSeconds) }),
});
const knownCode = (resendSeconds?: number) => ({
  [`GET /v1/sign-ins/${SIGN_IN.id}`]: {
    id: SIGN_IN.id,
    stage: 'code',
    triesLeft: 3,
    ...codeSent(resendSeconds),
  },
});
const wrongCode: SentForm = {
  form: {},
  refused: { code: 'code_wrong', more: (say) => say('problems.code_wrong.tries-left', { triesLeft: 2 }) },
};

const offersTwoStep: SamplePage['isThere'] = ({ member }) => member.twoStep !== null;

const signIn = (): readonly SamplePage[] => {
  const path = '/member/sign-in';
  const form = { username: USERNAME };
  return [
    { path, state: 'empty' },
    { path, state: 'nothing typed', sent: nothingTyped(['/username', '/password']) },
    { path, state: 'wrong password', sent: { form, refused: { code: 'credentials_wrong' } } },
    {
      path,
      state: 'too many requests',
      sent: { form, refused: { code: 'too_many_requests', retryAfterSeconds: 240 } },
      status: 429,
    },
    {
      path,
      state: 'password locked',
      sent: { form, refused: { code: 'password_locked' } },
      status: 429,
    },
    { path, state: 'nobody answers', sent: { form, refused: AWAY }, status: 503 },
    { path: `${path}?ended=yes`, state: 'the session is over' },
    { path: `${path}?ended=code`, state: 'the code is over', isThere: offersTwoStep },
    { path: `${path}?changed=yes`, state: 'password changed' },
    { path: `${path}?signed-out=yes`, state: 'signed out' },
  ];
};

const signInCode = (): readonly SamplePage[] => {
  const path = '/member/sign-in/code';
  const common = { path, cookies: { 'member-sign-in': SIGN_IN }, isThere: offersTwoStep } as const;
  return [
    { ...common, state: 'waiting, no other code yet', known: knownCode(40) },
    { ...common, state: 'wrong code', known: knownCode(0), sent: wrongCode },
    { ...common, path: `${path}?resent=yes`, state: 'sent again', known: knownCode(45) },
    { ...common, state: 'no other code', known: knownCode() },
  ];
};

const account = (): readonly SamplePage[] => {
  const path = '/member/account';
  const password = `${path}/password` as const;
  return [
    { path, state: 'signed in', cookies: signedIn, known },
    {
      path,
      state: 'two-step verification on',
      cookies: signedIn,
      known: withTwoStep,
      isThere: offersTwoStep,
    },
    {
      path,
      state: 'the session is about to end',
      cookies: signedIn,
      known: knownSession(USERNAME, 'María', { idleExpiresAt: inMinutes(1) }),
      isThere: ({ member }) => member.sessionIdleMinutes !== null,
    },
    { path: password, state: 'empty', cookies: signedIn, known },
    { path: password, state: 'refused', cookies: signedIn, known, sent: refusedPassword() },
    { path: '/member/password-expired', state: 'empty', cookies: { 'member-username': USERNAME } },
    {
      path: '/member/password-expired',
      state: 'refused',
      sent: refusedPassword({ username: USERNAME }),
    },
  ];
};

const twoStep = (): readonly SamplePage[] => {
  const common = {
    path: '/member/account/two-step',
    cookies: signedIn,
    known,
    isThere: offersTwoStep,
  } as const;
  const waiting = { ...signedIn, 'member-two-step': codeSent(0) };
  return [
    { ...common, state: 'to turn on' },
    { ...common, state: 'waiting for the code', cookies: waiting },
    { ...common, state: 'wrong code', cookies: waiting, sent: wrongCode },
    { ...common, state: 'to turn off', known: withTwoStep },
    { ...common, state: 'to turn off, nothing typed', known: withTwoStep, sent: nothingTyped(['/password']) },
  ];
};

const forgot = (): readonly SamplePage[] => {
  const path = '/member/forgot';
  const pin = `${path}/pin` as const;
  const choose = `${path}/choose` as const;
  const chosen = at('password');
  return [
    { path, state: 'password' },
    { path: `${path}?for=user-id`, state: 'user ID' },
    { path, state: 'a PIN was asked for before', ...atPin(80, 0) },
    {
      path,
      state: 'no address',
      sent: {
        form: { for: 'password', email: 'maria' },
        refused: { code: 'invalid_fields', errors: [['/email', 'wrong_format']] },
      },
    },
    { path: pin, state: 'waiting, no other PIN yet', ...atPin(90, 40) },
    { path: pin, state: 'waiting', ...atPin(62, 0) },
    { path: pin, state: 'one minute left', ...atPin(1, 0) },
    { path: `${pin}?resent=yes`, state: 'sent again', ...atPin(90, 45) },
    {
      path: pin,
      state: 'nothing typed',
      ...atPin(62, 0),
      sent: nothingTyped(['/pin'], ofReset),
    },
    {
      path: pin,
      state: 'wrong PIN',
      ...atPin(62, 0),
      sent: {
        form: ofReset,
        refused: { code: 'pin_wrong', more: (say) => say('problems.pin_wrong.tries-left', { triesLeft: 2 }) },
      },
    },
    {
      path: pin,
      state: 'PIN of an older email',
      ...atPin(62, 0),
      sent: { form: ofReset, refused: { code: 'pin_superseded' } },
    },
    {
      path: pin,
      state: 'asked again too soon',
      ...atPin(89, 20),
      sent: {
        form: { ...ofReset, action: 'resend' },
        refused: { code: 'resend_too_soon', retryAfterSeconds: 20 },
      },
      status: 429,
    },
    { path: choose, state: 'a new password', ...chosen },
    { path: choose, state: 'refused', ...chosen, sent: refusedPassword(ofReset) },
    { path: choose, state: 'user ID', ...at('password', {}, 'user-id') },
    { path: `${path}/done`, state: 'password changed', ...at('completed') },
    {
      path: `${path}/user-id`,
      state: 'shown',
      ...at('username-shown', { username: USERNAME }, 'user-id'),
    },
    { path: `${path}/ended`, state: 'over', ...at('expired') },
    { path: `${path}/ended`, state: 'no tries left', ...at('exhausted') },
  ];
};

export const memberSamples = (): readonly SamplePage[] => [
  ...signIn(),
  ...signInCode(),
  ...account(),
  ...twoStep(),
  ...forgot(),
  { path: '/member/help', state: 'help' },
];
