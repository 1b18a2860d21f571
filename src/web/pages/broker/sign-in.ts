/** Signing in to the portal or the Express App, and the page of somebody who is signed in (spec.md 3). */
import { ApiProblem } from '../../api-client';
import { isCurrentBrowser } from '../../browsers';
import { goTo, show, type Page, type Visit } from '../../page';
import { changePasswordPage, passwordExpiredPage } from '../passwords';
import { signOut } from '../sign-out';

const APPLICATIONS = ['portal', 'express-app'] as const;

/** Nothing else than the two: a wrong one is the portal. */
const applicationOf = ({ query, form }: Visit): (typeof APPLICATIONS)[number] =>
  APPLICATIONS.find((each) => each === (form('application') || query.get('application'))) ?? 'portal';

const signIn: Page = {
  path: '/broker/sign-in',
  fields: { username: 'pages.fields.username', password: 'pages.fields.password' },

  async show(visit) {
    const { say, query, jar, userAgent } = visit;
    const application = applicationOf(visit);
    return show('broker/sign-in', say(`pages.broker.sign-in.title-${application}`), {
      application,
      isOldBrowser: !isCurrentBrowser(userAgent),
      typed: { username: jar.get('broker-username') ?? '' },
      news: NEWS.find((each) => query.get(each) === 'yes'),
    });
  },

  async act(visit) {
    const { form, tenure, jar, once } = visit;
    const [username, password] = [form('username'), form('password')];
    try {
      const body = { username, password, application: applicationOf(visit) };
      const { token } = await tenure.signIn('broker', body, once);
      jar.clear('broker-username', 'broker-reset', 'broker-registration');
      jar.set('broker-session', token);
      return goTo('/broker/home');
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'password_expired') throw error;
      jar.set('broker-username', username);
      return goTo('/broker/password-expired');
    }
  },
};

/** What happened before somebody came here, by the name in the query. */
const NEWS = ['ended', 'changed', 'signed-out', 'registered', 'found'] as const;

const home: Page = {
  path: '/broker/home',
  signedIn: true,

  async show({ say, session, tenure, token }) {
    if (session.termsToAccept !== undefined) return goTo('/broker/terms');
    const { signIns } = await tenure.signIns(token);
    return show('broker/home', say('pages.account.title', { name: session.account.firstName }), { signIns });
  },

  act: (visit) => signOut('broker', visit),
};

/** Terms that changed since the person accepted them. */
const terms: Page = {
  path: '/broker/terms',
  signedIn: true,
  fields: { terms: 'pages.fields.terms' },
  pointers: { '/version': 'terms' },

  async show({ say, session, tenure }) {
    if (session.termsToAccept === undefined) return goTo('/broker/home');
    return show('broker/terms', say('pages.broker.terms.title'), { terms: await tenure.terms('broker') });
  },

  async act({ form, tenure, token, once }) {
    await tenure.acceptTerms(token, { version: acceptedVersion(form) }, once);
    return goTo('/broker/home');
  },
};

/** The version that the page showed, if the person accepted it. */
export const acceptedVersion = (form: Visit['form']): string =>
  form('terms') === 'accepted' ? form('version') : '';

export const signInPages: readonly Page[] = [
  signIn,
  passwordExpiredPage('broker', 'pages.fields.username'),
  home,
  terms,
  changePasswordPage('/broker/home/password', 'broker', '/broker/home'),
];
