/** Every page of brokers, in every state that looks different. */
import { textIn, type PortalPolicies } from '../../domain/portal';
import {
  inMinutes,
  inSeconds,
  knownSession,
  nothingTyped,
  refusedPassword,
  RESET,
  sampleReset,
  type SamplePage,
} from './sample';

const USERNAME = 'seamus.odwyer';

/** A reset at a stage, in the browser of whoever opened it. */
function at(stage: Parameters<typeof sampleReset>[1], more: Parameters<typeof sampleReset>[2] = {}) {
  const { known, held } = sampleReset('broker', stage, more);
  return { known, cookies: { 'broker-reset': held } };
}

const ofReset = { reset: RESET.id };
const signedIn = { 'broker-session': 'sample' } as const;
const ofSession = (more: Parameters<typeof knownSession>[2] = {}) =>
  knownSession(USERNAME, 'Séamus', { passwordExpiresAt: inMinutes(60 * 24 * 40), ...more });

const registration = (more: object = {}) => ({
  'broker-registration': {
    id: RESET.id,
    token: 'sample',
    kind: 'agent',
    expiresAt: inMinutes(29),
    ...more,
  } as const,
});

const signIn = (): readonly SamplePage[] => {
  const path = '/broker/sign-in';
  const express = `${path}?application=express-app` as const;
  const hasExpress: SamplePage['isThere'] = ({ broker }) => broker.applications.includes('express-app');
  return [
    { path, state: 'empty' },
    { path: express, state: 'Express App', isThere: hasExpress },
    { path: express, state: 'an old browser', userAgent: 'MSIE 9.0', isThere: hasExpress },
    { path, state: 'nothing typed', sent: nothingTyped(['/username', '/password']) },
    {
      path,
      state: 'wrong password',
      sent: { form: { username: USERNAME }, refused: { code: 'credentials_wrong' } },
    },
    ...(
      [
        ['ended', 'the session is over'],
        ['changed', 'password changed'],
        ['signed-out', 'signed out'],
        ['registered', 'registered before'],
        ['found', 'username found'],
      ] as const
    ).map(([news, state]) => ({
      path: `${path}?${news}=yes` as const,
      state,
      cookies: { 'broker-username': USERNAME },
    })),
  ];
};

const home = (): readonly SamplePage[] => {
  const path = '/broker/home';
  const known = ofSession();
  const newTerms = ofSession({ termsToAccept: '2027-01' });
  const password = `${path}/password` as const;
  return [
    { path, state: 'signed in', cookies: signedIn, known },
    {
      path,
      state: 'the session is about to end',
      cookies: signedIn,
      known: ofSession({ idleExpiresAt: inMinutes(1) }),
      isThere: ({ broker }) => broker.sessionIdleMinutes !== null,
    },
    { path: '/broker/terms', state: 'new terms', cookies: signedIn, known: newTerms },
    {
      path: '/broker/terms',
      state: 'not accepted',
      cookies: signedIn,
      known: newTerms,
      sent: nothingTyped(['/version']),
    },
    { path: password, state: 'empty', cookies: signedIn, known },
    { path: password, state: 'refused', cookies: signedIn, known, sent: refusedPassword() },
    { path: '/broker/password-expired', state: 'empty', cookies: { 'broker-username': USERNAME } },
    { path: '/broker/password-expired', state: 'refused', sent: refusedPassword({ username: USERNAME }) },
  ];
};

const register = ({ broker }: PortalPolicies): readonly SamplePage[] => {
  const path = '/broker/register';
  const details = `${path}/details` as const;
  const terms = `${path}/terms` as const;
  const [first, second] = broker.securityQuestions;
  const typed = {
    username: USERNAME,
    email: 'seamus@example.com',
    phone: '(212) 555-0123',
    question1: first?.id ?? '',
    answer1: 'Rex',
    question2: second?.id ?? '',
    answer2: 'Blue Dart',
  };
  const withDetails = registration({ details: { ...typed, password: '' } });
  const ofForm = { registration: RESET.id };
  return [
    { path, state: 'empty' },
    { path: `${path}?ended=yes`, state: 'the time is up' },
    { path, state: 'nothing typed', sent: nothingTyped(['/lastName', '/accessCode']) },
    {
      path,
      state: 'wrong code',
      sent: { form: { lastName: 'O’Dwyer', accessCode: 'C' }, refused: { code: 'access_code_refused' } },
    },
    { path: details, state: 'empty', cookies: registration() },
    { path: details, state: 'with an emailed code', cookies: registration({ kind: 'other' }) },
    {
      path: details,
      state: 'refused',
      cookies: registration(),
      sent: {
        form: { ...ofForm, ...typed, phone: '1' },
        refused: {
          code: 'invalid_fields',
          errors: [
            ['/username', 'too_short', { min: broker.username.minLength }],
            ['/password', 'required'],
            ['/phone', 'not_a_phone_number'],
            ['/securityAnswers/0/answer', 'answer_too_short'],
            ['/securityAnswers/1/questionId', 'question_repeated'],
          ],
        },
      },
    },
    {
      path: details,
      state: 'the username is taken',
      cookies: registration(),
      sent: { form: { ...ofForm, ...typed }, refused: { code: 'username_taken' } },
    },
    { path: `${details}?again=yes`, state: 'no longer possible', cookies: withDetails },
    { path: terms, state: 'to accept', cookies: withDetails },
    {
      path: terms,
      state: 'not accepted',
      cookies: withDetails,
      sent: nothingTyped(['/termsVersion'], ofForm),
    },
    { path: `${path}/done`, state: 'registered', cookies: registration({ registered: USERNAME }) },
  ];
};

const forgotPassword = ({ broker }: PortalPolicies): readonly SamplePage[] => {
  const path = '/broker/forgot-password';
  const questions = `${path}/questions` as const;
  const pin = `${path}/pin` as const;
  const choose = `${path}/new` as const;
  const answering = at('answers', (language) => ({
    questions: broker.securityQuestions
      .slice(0, 2)
      .map(({ id, text }) => ({ id, text: textIn(text, language) })),
  }));
  const atPin = (resendSeconds: number) => at('pin', { resendAvailableAt: inSeconds(resendSeconds) });
  const chosen = at('password');
  const byAnswers: SamplePage['isThere'] = (policies) => policies.broker.recovery !== 'pin';
  const byPin: SamplePage['isThere'] = (policies) => policies.broker.recovery !== 'answers';
  return [
    { path, state: 'empty' },
    { path, state: 'begun before', ...chosen },
    { path, state: 'nothing typed', sent: nothingTyped(['/username', '/firstName', '/lastName']) },
    { path: questions, state: 'empty', ...answering, isThere: byAnswers },
    {
      path: questions,
      state: 'wrong answers',
      ...answering,
      isThere: byAnswers,
      sent: {
        form: { ...ofReset, answer1: 'Rex', answer2: 'Elm' },
        refused: {
          code: 'answers_wrong',
          more: (say) => say('problems.answers_wrong.tries-left', { triesLeft: 2 }),
        },
      },
    },
    { path: pin, state: 'waiting, no other PIN yet', ...atPin(40), isThere: byPin },
    { path: `${pin}?resent=yes`, state: 'sent again', ...atPin(45), isThere: byPin },
    {
      path: pin,
      state: 'wrong PIN',
      ...atPin(0),
      isThere: byPin,
      sent: {
        form: ofReset,
        refused: { code: 'pin_wrong', more: (say) => say('problems.pin_wrong.tries-left', { triesLeft: 1 }) },
      },
    },
    { path: choose, state: 'empty', ...chosen },
    { path: choose, state: 'refused', ...chosen, sent: refusedPassword(ofReset) },
    { path: `${path}/ended`, state: 'over', ...at('expired') },
    { path: `${path}/ended`, state: 'no tries left', ...at('exhausted') },
  ];
};

const forgotUsername = (): readonly SamplePage[] => {
  const path = '/broker/forgot-username';
  const names = { firstName: 'Séamus', lastName: 'O’Dwyer' };
  return [
    { path, state: 'empty' },
    { path, state: 'nothing typed', sent: nothingTyped(['/firstName', '/lastName', '/agentNumber']) },
    {
      path,
      state: 'nobody found',
      sent: { form: { ...names, agentNumber: 'AB-123' }, refused: { code: 'no_match' } },
    },
    {
      path,
      state: 'not an agent',
      sent: {
        form: { ...names, notAnAgent: 'yes', email: 'seamus@example.com' },
        refused: { code: 'no_match' },
      },
    },
  ];
};

export const brokerSamples = (policies: PortalPolicies): readonly SamplePage[] => [
  ...signIn(),
  ...home(),
  ...register(policies),
  ...forgotPassword(policies),
  ...forgotUsername(),
  { path: '/broker/help', state: 'help' },
];
