/** Signing in, choosing a password one still knows, and the account of somebody who is signed in (spec.md 3). */
import { ApiProblem } from '../../api-client';
import { goTo, show, type Page } from '../../page';

const signIn: Page = {
  path: '/member/sign-in',
  fields: { username: 'pages.fields.user-id', password: 'pages.fields.password' },

  async show({ say, query, jar }) {
    return show('member/sign-in', say('pages.member.sign-in.title'), {
      typed: { username: jar.get('member-username') ?? '' },
      ended: query.get('ended') === 'yes',
      changed: query.get('changed') === 'yes',
      signedOut: query.get('signed-out') === 'yes',
    });
  },

  async act({ form, tenure, jar, once }) {
    const [username, password] = [form('username'), form('password')];
    try {
      const { token } = await tenure.signIn('member', { username, password }, once);
      jar.clear('member-username', 'member-reset');
      jar.set('member-session', token);
      return goTo('/member/account');
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'password_expired') throw error;
      jar.set('member-username', username);
      return goTo('/member/password-expired');
    }
  },
};

const expired: Page = {
  path: '/member/password-expired',
  fields: {
    username: 'pages.fields.user-id',
    currentPassword: 'pages.fields.current-password',
    password: 'pages.fields.new-password',
    confirmation: 'pages.fields.confirmation',
  },

  async show({ say, jar }) {
    return show('member/password-expired', say('pages.member.password-expired.title'), {
      typed: { username: jar.get('member-username') ?? '' },
    });
  },

  async act({ form, tenure, jar, once }) {
    const username = form('username');
    await tenure.changePassword('member', { username, ...chosen(form) }, once);
    jar.set('member-username', username);
    return goTo('/member/sign-in?changed=yes');
  },
};

const changePassword: Page = {
  path: '/member/account/password',
  signedIn: true,
  fields: {
    currentPassword: 'pages.fields.current-password',
    password: 'pages.fields.new-password',
    confirmation: 'pages.fields.confirmation',
  },

  async show({ say }) {
    return show('member/account-password', say('pages.account-password.title'));
  },

  async act({ form, tenure, jar, once, session }) {
    const { username } = session.account;
    await tenure.changePassword('member', { username, ...chosen(form) }, once);
    // Every session of the account has ended.
    jar.clear('member-session');
    jar.set('member-username', username);
    return goTo('/member/sign-in?changed=yes');
  },
};

const chosen = (form: (name: string) => string) => ({
  currentPassword: form('currentPassword'),
  password: form('password'),
  confirmation: form('confirmation'),
});

const account: Page = {
  path: '/member/account',
  signedIn: true,

  async show({ say, session, tenure, token }) {
    const { signIns } = await tenure.signIns(token);
    return show('member/account', say('pages.account.title', { name: session.account.firstName }), {
      signIns,
    });
  },

  async act({ form, tenure, jar, token }) {
    await (form('action') === 'sign-out-everywhere'
      ? tenure.signOutEverywhere(token)
      : tenure.signOut(token));
    jar.clear('member-session');
    return goTo('/member/sign-in?signed-out=yes');
  },
};

export const signInPages: readonly Page[] = [signIn, expired, changePassword, account];
