/** Changing a password that one still knows, expired or not (spec.md 3). The same in both portals. */
import { sessionCookie, usernameCookie } from '../cookies';
import { goTo, show, type Page, type Visit } from '../page';
import type { Portal } from '../../domain/portal';
import type { TextKey } from '../../ports/texts';

const FIELDS = {
  currentPassword: 'pages.fields.current-password',
  password: 'pages.fields.new-password',
  confirmation: 'pages.fields.confirmation',
} as const;

const change = (portal: Portal, username: string, { form, tenure, once }: Visit): Promise<undefined> => {
  const body = {
    username,
    currentPassword: form('currentPassword'),
    password: form('password'),
    confirmation: form('confirmation'),
  };
  return tenure.changePassword(portal, body, once);
};

/** Where signing in leads if the password has expired. */
export const passwordExpiredPage = (portal: Portal, usernameLabel: TextKey): Page => ({
  path: `/${portal}/password-expired`,
  fields: { username: usernameLabel, ...FIELDS },

  async show({ say, jar }) {
    return show('password-expired', say('pages.password-expired.title'), {
      typed: { username: jar.get(usernameCookie(portal)) ?? '' },
    });
  },

  async act(visit) {
    const username = visit.form('username');
    await change(portal, username, visit);
    visit.jar.set(usernameCookie(portal), username);
    return goTo(`/${portal}/sign-in?changed=yes`);
  },
});

/** For somebody who is signed in; `back`: the page that leads here. */
export const changePasswordPage = (path: Page['path'], portal: Portal, back: Page['path']): Page => ({
  path,
  signedIn: true,
  fields: FIELDS,

  async show({ say }) {
    return show('change-password', say('pages.account-password.title'), { back });
  },

  async act(visit) {
    const { username } = visit.session.account;
    await change(portal, username, visit);
    // Every session of the account has ended.
    visit.jar.clear(sessionCookie(portal));
    visit.jar.set(usernameCookie(portal), username);
    return goTo(`/${portal}/sign-in?changed=yes`);
  },
});
