/** The second step of signing in, and turning two-step verification on and off (spec.md 3). */
import type { Operation } from '../../ports/operation';
import type { SignInForHolder, SignInSubject } from '../../ports/sign-in';
import type { ApiDeps } from '../deps';
import { audited } from '../http/audited';
import type { CurrentSession } from '../http/middleware/session';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';
import { requirePassword } from '../session/known-password';
import { startedSession } from '../session/schemas';
import { startSession } from '../session/started-session';
import { requireCode, requireFound, requireOpen, requireOwnSignIn, signInBody } from './answers';
import { signIn, signInParams, submitCodeBody, turnedOn, turnOffBody } from './schemas';

const TAG = 'Two-step verification';
const REFUSED = 'sign-in-code-refused';

type SignInDeps = Pick<
  ApiDeps,
  | 'signIns'
  | 'signInRecords'
  | 'twoStep'
  | 'accounts'
  | 'sessions'
  | 'hasher'
  | 'limiter'
  | 'passwordTries'
  | 'digests'
  | 'policies'
  | 'audit'
  | 'clock'
>;

export function signInRoutes(deps: SignInDeps): Route[] {
  return [...codeRoutes(deps), ...switchRoutes(deps)];
}

function codeRoutes(deps: SignInDeps): Route[] {
  const { signIns, accounts, digests } = deps;
  return [
    defineRoute({
      method: 'get',
      path: '/v1/sign-ins/{id}',
      tag: TAG,
      summary: 'Show the state of a sign-in that waits for its code',
      auth: 'flow-token',
      params: signInParams,
      responses: { 200: signIn },
      problems: ['sign_in_expired', 'sign_in_exhausted'],
      handle: async ({ params, token }) => {
        const record = await requireOwnSignIn(deps, params.id, token);
        return { status: 200, body: signInBody(requireOpen(await signIns.look(record))) };
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/sign-ins/{id}/code',
      tag: TAG,
      summary: 'Sign in with the emailed code',
      description:
        'The newest code alone counts; an older one is a wrong one. The session begins only if account and password are still those that ' +
        'the code was sent for.',
      auth: 'flow-token',
      limits: ['proofs'],
      params: signInParams,
      body: submitCodeBody,
      responses: { 201: startedSession },
      problems: ['code_wrong', 'sign_in_expired', 'sign_in_exhausted'],
      handle: ({ params, body, token, address, addressKey, networkKeys, operation }) =>
        audited(deps, { accepted: 'signed-in', refused: REFUSED, address }, async (subject) => {
          const record = await requireOwnSignIn(deps, params.id, token);
          const { signInId, accountId, credentialId, application } = record;
          subject.accountId = accountId;
          if (application === null) throw new AppError('unauthorized');
          await requireCode(deps, record, body.code, { networkKeys, operation });
          const account = await accounts.findById(accountId);
          if (account === null) throw new AppError('sign_in_expired');
          const begun = await startSession(deps, {
            // Of the operation: if its answer is lost, the repeated request begins no second session.
            token: digests.keyedDigest(`session\0${operation.idFor('session')}`),
            account,
            // Members accept no terms here.
            termsVersion: null,
            credentialId,
            application,
            addressKey,
            signInId,
          });
          return { status: 201, body: begun };
        }),
    }),

    defineRoute({
      method: 'post',
      path: '/v1/sign-ins/{id}/resend',
      tag: TAG,
      summary: 'Send a new code',
      description:
        'Possible from `resendAvailableAt` on. The new code has its own tries and lifetime; older ones become invalid. A person gets a few ' +
        'codes an hour, over all sign-ins.',
      auth: 'flow-token',
      params: signInParams,
      responses: { 202: signIn },
      problems: ['resend_too_soon', 'sign_in_expired', 'sign_in_exhausted'],
      handle: async ({ params, token, operation }) => {
        const record = await requireOwnSignIn(deps, params.id, token);
        return { status: 202, body: signInBody(requireOpen(await signIns.resend(record, operation))) };
      },
    }),
  ];
}

function switchRoutes(deps: SignInDeps): Route[] {
  const { signIns, signInRecords, twoStep, policies, clock } = deps;

  return [
    defineRoute({
      method: 'post',
      path: '/v1/session/two-step',
      tag: TAG,
      summary: 'Send a code to turn two-step verification on',
      description:
        'The code goes to the address on record, and proves that codes arrive. Called again before `resendAvailableAt` it sends nothing and ' +
        'shows the same code’s state, afterwards it sends a new one. 404 for a portal that does not offer it.',
      auth: 'session',
      responses: { 202: signIn },
      problems: ['not_found', 'sign_in_exhausted'],
      handle: ({ session, address, operation }) =>
        audited(deps, { accepted: 'sign-in-code-requested', refused: REFUSED, address }, async (subject) => {
          subject.accountId = requireOffered(session);
          return { status: 202, body: signInBody(await sendCode(session, operation)) };
        }),
    }),

    defineRoute({
      method: 'post',
      path: '/v1/session/two-step/code',
      tag: TAG,
      summary: 'Turn two-step verification on with the emailed code',
      description: 'The owner is told by email.',
      auth: 'session',
      limits: ['proofs'],
      body: submitCodeBody,
      responses: { 200: turnedOn },
      problems: ['not_found', 'code_wrong', 'sign_in_expired', 'sign_in_exhausted'],
      handle: ({ session, body, address, networkKeys, operation }) =>
        // The statement that turns it on audits a success.
        audited(deps, { refused: REFUSED, address }, async (subject) => {
          subject.accountId = requireOffered(session);
          const record = requireFound(await signInRecords.findOfSession(session.tokenDigest));
          await requireCode(deps, record, body.code, { networkKeys, operation });
          const change = { signInId: record.signInId, atMs: clock(), address };
          if (!(await twoStep.turnOn(change))) throw new AppError('sign_in_expired');
          return { status: 200, body: { twoStep: true } };
        }),
    }),

    defineRoute({
      method: 'delete',
      path: '/v1/session/two-step',
      tag: TAG,
      summary: 'Turn two-step verification off',
      description: 'Takes the password. The owner is told by email.',
      auth: 'session',
      limits: ['sign-ins'],
      body: turnOffBody,
      responses: { 204: null },
      problems: ['credentials_wrong', 'password_locked'],
      handle: ({ session: { account }, body: { password }, address, addressKey, networkKeys }) =>
        audited(deps, { refused: 'two-step-refused', address }, async (subject) => {
          const { id: accountId, portal, username } = account;
          await requirePassword(deps, { portal, username, password, addressKey, networkKeys }, subject);
          await twoStep.turnOff({ accountId, atMs: clock(), address });
          return { status: 204 };
        }),
    }),
  ];

  /** The account's id. Throws `AppError('not_found')` where the portal does not offer it. */
  function requireOffered({ account: { id, portal } }: CurrentSession): string {
    if (policies[portal].twoStep === null) throw new AppError('not_found');
    return id;
  }

  /** Joins the open one, with a new code if it is time. */
  async function sendCode(
    { account: { id: accountId }, tokenDigest: sessionDigest }: CurrentSession,
    operation: Operation,
  ): Promise<SignInForHolder> {
    const newest = await signInRecords.findOfSession(sessionDigest);
    const joined = newest && (await signIns.resend(newest, operation));
    if (joined?.kind === 'open' || joined?.kind === 'too-soon') return joined.signIn;
    const subject: SignInSubject = { purpose: 'turn-on', accountId, sessionDigest };
    return requireOpen(await signIns.open(subject, operation));
  }
}
