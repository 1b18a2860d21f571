/** Signing in, and the account of somebody who is signed in (spec.md 3). */
import { ApiProblem } from '../../api-client';
import { goTo, show, type Page } from '../../page';
import { changePasswordPage, passwordExpiredPage } from '../passwords';
import { signOut } from '../sign-out';

const signIn: Page = {
  path: '/member/sign-in',
  fields: { username: 'pages.fields.user-id', password: 'pages.fields.password' },

  async show({ say, query, jar }) {
    return show('member/sign-in', say('pages.member.sign-in.title'), {
      typed: { username: jar.get('member-username') ?? '' },
      ended: query.get('ended'),
      changed: query.get('changed') === 'yes',
      signedOut: query.get('signed-out') === 'yes',
    });
  },

  async act({ form, tenure, jar, once }) {
    const [username, password] = [form('username'), form('password')];
    try {
      const begun = await tenure.signIn('member', { username, password }, once);
      jar.clear('member-username', 'member-reset');
      if ('stage' in begun) {
        jar.set('member-sign-in', { id: begun.id, token: begun.token });
        return goTo('/member/sign-in/code');
      }
      jar.set('member-session', begun.token);
      return goTo('/member/account');
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'password_expired') throw error;
      jar.set('member-username', username);
      return goTo('/member/password-expired');
    }
  },
};

const account: Page = {
  path: '/member/account',
  signedIn: true,

  async show({ say, session, tenure, token }) {
    const { signIns } = await tenure.signIns(token);
    return show('member/account', say('pages.account.title', { name: session.account.firstName }), {
      signIns,
    });
  },

  act: (visit) => signOut('member', visit),
};

export const signInPages: readonly Page[] = [
  signIn,
  passwordExpiredPage('member', 'pages.fields.user-id'),
  changePasswordPage('/member/account/password', 'member', '/member/account'),
  account,
];
