/** A broker's forgotten password (spec.md 4). */
import { minutesUntil } from '../../until';
import { goTo, show, type Page } from '../../page';
import { pinPage, resetSteps } from '../reset-steps';

const steps = resetSteps({
  cookie: 'broker-reset',
  begin: '/broker/forgot-password',
  stages: {
    pin: '/broker/forgot-password/pin',
    answers: '/broker/forgot-password/questions',
    password: '/broker/forgot-password/new',
    completed: '/broker/sign-in?changed=yes',
  },
  ended: '/broker/forgot-password/ended',
});

const begin: Page = {
  path: '/broker/forgot-password',
  fields: {
    username: 'pages.fields.username',
    firstName: 'pages.fields.first-name',
    lastName: 'pages.fields.last-name',
    proof: 'pages.broker.forgot-password.proof',
  },

  async show(visit) {
    const title = visit.say('pages.broker.forgot-password.title');
    return show('broker/forgot-password', title, {
      goOn: await steps.openPage(visit),
      typed: { proof: 'answers' },
    });
  },

  async act(visit) {
    const { form, tenure, facts, once } = visit;
    const body = {
      username: form('username'),
      firstName: form('firstName'),
      lastName: form('lastName'),
      // Where there is no choice, the API has none.
      ...(facts.recovery === 'either' && form('proof') === 'pin' ? { proof: 'pin' as const } : {}),
    };
    const { token, ...reset } = await tenure.openBrokerReset(body, once);
    steps.keep(visit, { id: reset.id, token }, reset);
    return goTo(reset.stage === 'pin' ? '/broker/forgot-password/pin' : '/broker/forgot-password/questions');
  },
};

const questions: Page = {
  path: '/broker/forgot-password/questions',
  fields: { answer1: 'pages.fields.answer1', answer2: 'pages.fields.answer2' },
  pointers: { '/answers/0/answer': 'answer1', '/answers/1/answer': 'answer2' },

  async show(visit) {
    const step = await steps.at('answers', visit);
    if ('goTo' in step) return step;
    return show('broker/questions', visit.say('pages.broker.questions.title'), {
      ...step,
      minutes: minutesUntil(step.reset.expiresAt),
    });
  },

  async act(visit) {
    const step = await steps.ofForm('answers', visit);
    if ('goTo' in step) return step;
    const { tenure, form, once } = visit;
    const [first, second] = step.reset.questions ?? [];
    const answers = [
      { questionId: first?.id ?? '', answer: form('answer1') },
      { questionId: second?.id ?? '', answer: form('answer2') },
    ] as const;
    steps.keep(visit, step.held, await tenure.submitAnswers(step.held, { answers: [...answers] }, once));
    return goTo('/broker/forgot-password/new');
  },
};

const choose: Page = {
  path: '/broker/forgot-password/new',
  fields: { password: 'pages.fields.new-password', confirmation: 'pages.fields.confirmation' },

  async show(visit) {
    const step = await steps.at('password', visit);
    if ('goTo' in step) return step;
    return show('broker/new-password', visit.say('pages.reset-choose.title'), {
      ...step,
      minutes: minutesUntil(step.reset.expiresAt),
    });
  },

  async act(visit) {
    const step = await steps.ofForm('password', visit);
    if ('goTo' in step) return step;
    const { tenure, form, jar, once } = visit;
    const body = { password: form('password'), confirmation: form('confirmation') };
    const reset = await tenure.choosePassword(step.held, body, once);
    steps.keep(visit, step.held, reset);
    if (reset.username !== undefined) jar.set('broker-username', reset.username);
    return goTo('/broker/sign-in?changed=yes');
  },
};

export const forgotPasswordPages: readonly Page[] = [
  begin,
  questions,
  pinPage('/broker/forgot-password/pin', steps, '/broker/forgot-password/new'),
  choose,
  steps.endedPage,
];
