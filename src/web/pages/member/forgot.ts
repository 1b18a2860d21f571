/** A member's forgotten password or user ID (spec.md 4 and 5). */
import type { Kept } from '../../cookies';
import { goTo, show, type Page } from '../../page';
import { minutesUntil } from '../../until';
import { pinPage, resetSteps } from '../reset-steps';

const steps = resetSteps({
  cookie: 'member-reset',
  begin: '/member/forgot',
  stages: {
    pin: '/member/forgot/pin',
    password: '/member/forgot/choose',
    completed: '/member/forgot/done',
    'username-shown': '/member/forgot/user-id',
  },
  ended: '/member/forgot/ended',
});

const begin: Page = {
  path: '/member/forgot',
  fields: { email: 'pages.fields.email' },

  async show(visit) {
    const { say, query, form } = visit;
    const wants = wantsOf(form('for') || query.get('for'));
    const title = say(`pages.member.forgot.title-${wants}`);
    return show('member/forgot', title, { wants, goOn: await steps.openPage(visit) });
  },

  async act(visit) {
    const { form, tenure, once } = visit;
    const { token, ...reset } = await tenure.openMemberReset({ email: form('email') }, once);
    steps.keep(visit, { id: reset.id, token, wants: wantsOf(form('for')) }, reset);
    return goTo('/member/forgot/pin');
  },
};

const wantsOf = (asked: string | null): Kept<'member-reset'>['wants'] =>
  asked === 'user-id' ? 'user-id' : 'password';

const choose: Page = {
  path: '/member/forgot/choose',
  fields: { password: 'pages.fields.new-password', confirmation: 'pages.fields.confirmation' },

  async show(visit) {
    const step = await steps.at('password', visit);
    if ('goTo' in step) return step;
    return show('member/forgot-choose', visit.say('pages.reset-choose.title'), {
      ...step,
      minutes: minutesUntil(step.reset.expiresAt),
    });
  },

  async act(visit) {
    const step = await steps.ofForm('password', visit);
    if ('goTo' in step) return step;
    const { tenure, form, once } = visit;
    if (form('action') === 'show-user-id') {
      steps.keep(visit, step.held, await tenure.showUsername(step.held, once));
      return goTo('/member/forgot/user-id');
    }
    const body = { password: form('password'), confirmation: form('confirmation') };
    steps.keep(visit, step.held, await tenure.choosePassword(step.held, body, once));
    return goTo('/member/forgot/done');
  },
};

const done: Page = {
  path: '/member/forgot/done',
  async show(visit) {
    const step = await steps.at('completed', visit);
    return 'goTo' in step
      ? step
      : show('member/forgot-done', visit.say('pages.member.forgot-done.title'), { ...step });
  },
};

const userId: Page = {
  path: '/member/forgot/user-id',
  async show(visit) {
    const step = await steps.at('username-shown', visit);
    if ('goTo' in step) return step;
    return show('member/forgot-user-id', visit.say('pages.member.forgot-user-id.title'), { ...step });
  },
};

export const forgotPages: readonly Page[] = [
  begin,
  pinPage('/member/forgot/pin', steps, '/member/forgot/choose'),
  choose,
  done,
  userId,
  steps.endedPage,
];
