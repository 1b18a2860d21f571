/** Registering as a broker: the access code, the details, the terms (spec.md 2). */
import { randomUUID } from 'node:crypto';
import { ApiProblem } from '../../api-client';
import type { Kept } from '../../cookies';
import { goTo, show, type GoTo, type Page, type Visit } from '../../page';
import { minutesUntil } from '../../until';
import { acceptedVersion } from './sign-in';

type Registration = Kept<'broker-registration'>;
type Details = NonNullable<Registration['details']>;

/** What the browser's registration is, while it goes on; otherwise where to go. */
function going({ jar }: Visit): Registration | GoTo {
  const held = jar.get('broker-registration');
  if (held === undefined) return goTo('/broker/register');
  return held.registered === undefined ? held : goTo('/broker/register/done');
}

/** The same for a form: it must have been shown for this very registration. Another tab may have begun one for somebody else since. */
function goingForForm(visit: Visit): Registration | GoTo {
  const held = going(visit);
  return 'goTo' in held || visit.form('registration') === held.id ? held : goTo('/broker/register/details');
}

const begin: Page = {
  path: '/broker/register',
  fields: { lastName: 'pages.fields.last-name', accessCode: 'pages.fields.access-code' },

  async show({ say, query }) {
    return show('broker/register', say('pages.broker.register.title'), {
      ended: query.get('ended') === 'yes',
    });
  },

  async act(visit) {
    const { form, tenure, jar, once } = visit;
    return orElsewhere(visit, async () => {
      const body = { lastName: form('lastName'), accessCode: form('accessCode') };
      const { token, kind, expiresAt } = await tenure.verifyBroker(body, once);
      jar.set('broker-registration', { id: randomUUID(), token, kind, expiresAt });
      return goTo('/broker/register/details');
    });
  },
};

const details: Page = {
  path: '/broker/register/details',
  fields: {
    username: 'pages.fields.username',
    password: 'pages.fields.password',
    confirmation: 'pages.fields.password-again',
    email: 'pages.fields.email',
    phone: 'pages.fields.phone',
    question1: 'pages.fields.question1',
    answer1: 'pages.fields.answer1',
    question2: 'pages.fields.question2',
    answer2: 'pages.fields.answer2',
  },
  pointers: {
    '/securityAnswers/0/questionId': 'question1',
    '/securityAnswers/0/answer': 'answer1',
    '/securityAnswers/1/questionId': 'question2',
    '/securityAnswers/1/answer': 'answer2',
  },

  async show(visit) {
    const held = going(visit);
    if ('goTo' in held) return held;
    const { password: _kept, ...typed } = held.details ?? {};
    return show('broker/register-details', visit.say('pages.broker.register-details.title'), {
      held,
      typed,
      minutes: minutesUntil(held.expiresAt),
      again: visit.query.get('again') === 'yes',
    });
  },

  async act(visit) {
    const held = goingForForm(visit);
    if ('goTo' in held) return held;
    const { form, tenure, jar, say, once } = visit;
    return orElsewhere(visit, async () => {
      const typed = detailsOf(form);
      await tenure.checkRegistration({ ...bodyOf(held, typed), confirmation: form('confirmation') }, once);
      const kept = { ...held, details: typed };
      if (!jar.hasRoomFor('broker-registration', kept)) throw tooLong(say);
      jar.set('broker-registration', kept);
      return goTo('/broker/register/terms');
    });
  },
};

const terms: Page = {
  path: '/broker/register/terms',
  fields: { terms: 'pages.fields.terms' },
  pointers: { '/termsVersion': 'terms' },

  async show(visit) {
    const held = going(visit);
    if ('goTo' in held) return held;
    if (held.details === undefined) return goTo('/broker/register/details');
    const { say, tenure } = visit;
    return show('broker/register-terms', say('pages.broker.register-terms.title'), {
      held,
      terms: await tenure.terms('broker'),
    });
  },

  async act(visit) {
    const held = goingForForm(visit);
    if ('goTo' in held) return held;
    const { details: typed } = held;
    if (typed === undefined) return goTo('/broker/register/details');
    const { form, tenure, jar, once } = visit;
    return orElsewhere(visit, async () => {
      const body = bodyOf(held, typed);
      const { password: confirmation } = body;
      try {
        await tenure.registerBroker({ ...body, confirmation, termsVersion: acceptedVersion(form) }, once);
      } catch (error) {
        // Since they were checked: the username was taken, or the rules are others.
        if (isRefusalOfDetails(error)) return goTo('/broker/register/details?again=yes');
        throw error;
      }
      const { details: _done, ...registration } = held;
      jar.set('broker-registration', { ...registration, registered: typed.username });
      jar.set('broker-username', typed.username);
      return goTo('/broker/register/done');
    });
  },
};

const done: Page = {
  path: '/broker/register/done',
  async show({ jar, say }) {
    const username = jar.get('broker-registration')?.registered;
    if (username === undefined) return goTo('/broker/register');
    return show('broker/register-done', say('pages.broker.register-done.title'), { username });
  },
};

/** Answers that end a registration, whichever page they come to. */
async function orElsewhere({ jar }: Visit, step: () => Promise<GoTo>): Promise<GoTo> {
  try {
    return await step();
  } catch (error) {
    const code = error instanceof ApiProblem ? error.problem.code : undefined;
    const elsewhere = code === undefined ? undefined : ENDS[code];
    if (elsewhere === undefined) throw error;
    jar.clear('broker-registration');
    return goTo(elsewhere);
  }
}

const ENDS: Readonly<Record<string, `/${string}`>> = {
  already_registered: '/broker/sign-in?registered=yes',
  verification_expired: '/broker/register?ended=yes',
  unauthorized: '/broker/register?ended=yes',
};

function isRefusalOfDetails(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return false;
  const { code, errors = [] } = error.problem;
  if (code === 'username_taken' || code === 'password_refused') return true;
  return code === 'invalid_fields' && errors.some(({ pointer }) => pointer !== '/termsVersion');
}

/** No browser keeps a larger cookie. Only answers can be that long, beside the longest of everything else. */
const tooLong = (say: Visit['say']): ApiProblem =>
  new ApiProblem({
    status: 422,
    code: 'invalid_fields',
    title: '',
    detail: '',
    errors: [1, 0].map((index) => ({
      pointer: `/securityAnswers/${index}/answer`,
      code: 'too_long',
      detail: say('pages.problems.answer1.too_long'),
    })),
  });

const DETAILS = [
  ...(['username', 'password', 'email', 'phone'] as const),
  ...(['question1', 'answer1', 'question2', 'answer2'] as const),
] as const;

const detailsOf = (form: Visit['form']): Details =>
  Object.fromEntries(DETAILS.map((name) => [name, form(name)])) as Details;

const bodyOf = (
  { token }: Registration,
  { username, password, email, phone, question1, answer1, question2, answer2 }: Details,
) => ({
  token,
  username,
  password,
  email,
  phone,
  securityAnswers: [
    { questionId: question1, answer: answer1 },
    { questionId: question2, answer: answer2 },
  ] as [{ questionId: string; answer: string }, { questionId: string; answer: string }],
});

export const registerPages: readonly Page[] = [begin, details, terms, done];
