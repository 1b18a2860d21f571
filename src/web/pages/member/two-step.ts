/** The second step of signing in, and turning it on and off (spec.md 3). */
import { ApiProblem } from '../../api-client';
import { goTo, show, type Page } from '../../page';
import { codeValues, withoutSpaces } from '../codes';

/** After these there is nothing to enter any more: the person signs in again. */
const OVER = ['sign_in_expired', 'sign_in_exhausted', 'unauthorized'];

const enterCode: Page = {
  path: '/member/sign-in/code',
  fields: { code: 'pages.fields.code' },

  async show({ jar, tenure, say, query, facts, problem }) {
    const held = jar.get('member-sign-in');
    if (held === undefined) return goTo('/member/sign-in');
    if (problem !== undefined && OVER.includes(problem.code)) return startOver();
    try {
      const sent = await tenure.codeSent(held);
      return show('member/sign-in-code', say('pages.member.sign-in-code.title'), {
        sentTo: sent.sentTo,
        ...codeValues(sent),
        digits: facts.twoStep?.digits,
        resent: query.get('resent') === 'yes',
      });
    } catch (error) {
      if (error instanceof ApiProblem && OVER.includes(error.problem.code)) return startOver();
      throw error;
    }

    function startOver() {
      jar.clear('member-sign-in');
      return goTo('/member/sign-in?ended=code');
    }
  },

  async act({ jar, tenure, form, once }) {
    const held = jar.get('member-sign-in');
    if (held === undefined) return goTo('/member/sign-in');
    if (form('action') === 'resend') {
      await tenure.resendCode(held, once);
      return goTo('/member/sign-in/code?resent=yes');
    }
    const { token } = await tenure.submitCode(held, { code: withoutSpaces(form('code')) }, once);
    jar.clear('member-sign-in');
    jar.set('member-session', token);
    return goTo('/member/account');
  },
};

const turnOnOrOff: Page = {
  path: '/member/account/two-step',
  signedIn: true,
  fields: { code: 'pages.fields.code', password: 'pages.fields.current-password' },

  async show({ jar, say, session, facts, problem }) {
    if (session.account.twoStep) return show('member/two-step-off', say('pages.two-step.off-title'));
    const isOver = problem !== undefined && OVER.includes(problem.code);
    const sent = isOver ? undefined : jar.get('member-two-step');
    const title = say('pages.two-step.on-title');
    if (sent === undefined || Date.parse(sent.expiresAt) <= Date.now())
      return show('member/two-step-on', title, { rule: facts.twoStep });
    return show('member/two-step-code', title, {
      sentTo: sent.sentTo,
      ...codeValues(sent),
      digits: facts.twoStep?.digits,
    });
  },

  async act({ jar, tenure, session, token, form, once }) {
    if (session.account.twoStep) {
      await tenure.turnTwoStepOff(token, { password: form('password') });
      return goTo('/member/account');
    }
    if (form('action') === 'send') {
      const { sentTo, expiresAt, resendAvailableAt } = await tenure.beginTwoStep(token, once);
      jar.set('member-two-step', { sentTo, expiresAt, resendAvailableAt });
      return goTo('/member/account/two-step');
    }
    await tenure.turnTwoStepOn(token, { code: withoutSpaces(form('code')) }, once);
    jar.clear('member-two-step');
    return goTo('/member/account');
  },
};

export const twoStepPages: readonly Page[] = [enterCode, turnOnOrOff];
