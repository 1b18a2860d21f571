import { sessionCookie } from '../cookies';
import { goTo, type GoTo, type SignedInVisit } from '../page';
import type { Portal } from '../../domain/portal';

/** What the buttons of an account's page do: sign out here, or everywhere. */
export async function signOut(portal: Portal, { form, tenure, jar, token }: SignedInVisit): Promise<GoTo> {
  await (form('action') === 'sign-out-everywhere' ? tenure.signOutEverywhere(token) : tenure.signOut(token));
  jar.clear(sessionCookie(portal));
  return goTo(`/${portal}/sign-in?signed-out=yes`);
}
