/** Signing in, looking at the session, signing out (spec.md 3). */
import { randomBytes } from 'node:crypto';
import { isoTime, portalParams } from '../http/fields';
import { acceptTermsBody, currentSession, peekQuery, signInBody, signIns, startedSession } from './schemas';
import { maskedAddress } from '../../domain/accounts/sessions';
import { isPasswordExpired, passwordExpiresAtMs } from '../../domain/portal';
import { audited } from '../http/audited';
import type { ApiDeps } from '../deps';
import { openedSignInBody, requireOpen } from '../sign-in/answers';
import { openedSignIn } from '../sign-in/schemas';
import { requirePassword } from './known-password';
import { askedTerms, endsAt, startSession } from './started-session';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';

const TAG = 'Signing in';
const TOKEN_BYTES = 32;
const SHOWN_SIGN_INS = 10;

type SessionDeps = Pick<
  ApiDeps,
  | 'accounts'
  | 'hasher'
  | 'limiter'
  | 'passwordTries'
  | 'digests'
  | 'sessions'
  | 'signIns'
  | 'termsAcceptances'
  | 'policies'
  | 'audit'
  | 'clock'
>;

/** Signing in and out. Only the digest of a session's token is stored. */
export function sessionRoutes(deps: SessionDeps): Route[] {
  const { sessions, policies, clock } = deps;
  return [
    defineRoute({
      method: 'post',
      path: '/v1/portals/{portal}/sessions',
      tag: TAG,
      summary: 'Sign in',
      description:
        'Only somebody who knows the password learns that it has expired; the next step is choosing a new one. 202 where a member has ' +
        'turned two-step verification on: a code was sent, and `POST /v1/sign-ins/{id}/code` begins the session.',
      limits: ['sign-ins'],
      params: portalParams,
      body: signInBody,
      responses: { 201: startedSession, 202: openedSignIn },
      problems: ['credentials_wrong', 'password_expired', 'password_locked', 'sign_in_exhausted'],
      handle: async ({ params: { portal }, body, address, addressKey, networkKeys, operation }) => {
        const { application, username, password } = body;
        const policy = policies[portal];
        if (!policy.applications.includes(application)) {
          throw new AppError('invalid_fields', { errors: [{ pointer: '/application', code: 'not_one_of' }] });
        }
        return audited(
          deps,
          { accepted: 'signed-in', refused: 'sign-in-refused', address },
          async (subject) => {
            const attempt = { portal, username, password, addressKey, networkKeys };
            const account = await requirePassword(deps, attempt, subject);
            if (isPasswordExpired(policy.password, account.credential.setAtMs, clock())) {
              throw new AppError('password_expired');
            }
            const { termsVersion, credential } = account;
            if (account.twoStep && policy.twoStep !== null) {
              const checked = { accountId: account.id, credentialId: credential.id, application };
              const answer = await deps.signIns.open({ purpose: 'sign-in', ...checked }, operation);
              // Lost a race with a change of the password, or of the account.
              if (answer.kind === 'over') throw new AppError('credentials_wrong');
              subject.accepted = 'sign-in-code-requested';
              const opened = requireOpen(answer);
              const headers = { location: `/v1/sign-ins/${opened.signInId}` };
              return { status: 202, headers, body: openedSignInBody(deps, opened) };
            }
            const token = randomBytes(TOKEN_BYTES).toString('base64url');
            const proved = { credentialId: credential.id, application, addressKey };
            return {
              status: 201,
              body: await startSession(deps, { token, account, termsVersion, ...proved }),
            };
          },
        );
      },
    }),

    defineRoute({
      method: 'get',
      path: '/v1/session',
      tag: TAG,
      summary: 'Show who is signed in',
      description:
        'Every call with a session’s token is a use of it, and so is this one unless it only peeks: a page that warns ' +
        'before the session ends peeks, and calls without peeking when the person wants to stay.',
      auth: 'session',
      query: peekQuery,
      responses: { 200: currentSession },
      problems: [],
      handle: async ({ session }) => {
        const { account, application, createdAtMs, addressKey, passwordSetAtMs } = session;
        const { termsVersion, twoStep } = session;
        const policy = policies[account.portal];
        const passwordEndsAtMs = passwordExpiresAtMs(policy.password, passwordSetAtMs);
        return {
          status: 200,
          body: {
            account: { ...account, twoStep },
            application,
            startedAt: isoTime(createdAtMs),
            from: maskedAddress(addressKey),
            ...endsAt(session),
            passwordExpiresAt: passwordEndsAtMs === null ? null : isoTime(passwordEndsAtMs),
            ...askedTerms(policy, termsVersion),
          },
        };
      },
    }),

    defineRoute({
      method: 'get',
      path: '/v1/session/sign-ins',
      tag: TAG,
      summary: 'List the account’s last sign-ins',
      description: 'The last 10 whose sessions ended less than 30 days ago or go on, newest first.',
      auth: 'session',
      responses: { 200: signIns },
      problems: [],
      handle: async ({ session: { account, tokenDigest } }) => {
        const latest = await sessions.latest(account.id, SHOWN_SIGN_INS, clock());
        return {
          status: 200,
          body: {
            signIns: latest.map(({ atMs, application, addressKey, tokenDigest: digest, ended }) => ({
              at: isoTime(atMs),
              application,
              address: maskedAddress(addressKey),
              current: digest === tokenDigest,
              ended,
            })),
          },
        };
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/session/terms',
      tag: TAG,
      summary: 'Accept the current terms',
      description:
        'For brokers whose session has `termsToAccept`; kept with its time. Accepting them again changes nothing. Members ' +
        'accept no terms here: 404.',
      auth: 'session',
      body: acceptTermsBody,
      responses: { 204: null },
      problems: ['not_found'],
      handle: async ({ session: { account }, body: { version }, address }) => {
        if (account.portal !== 'broker') throw new AppError('not_found');
        if (version !== policies.broker.termsVersion) {
          throw new AppError('invalid_fields', {
            errors: [{ pointer: '/version', code: 'not_current_terms' }],
          });
        }
        await deps.termsAcceptances.accept({ accountId: account.id, version, atMs: clock(), address });
        return { status: 204 };
      },
    }),

    defineRoute({
      method: 'delete',
      path: '/v1/session',
      tag: TAG,
      summary: 'Sign out',
      auth: 'session',
      responses: { 204: null },
      problems: [],
      handle: async ({ session: { account, tokenDigest }, address }) => {
        const nowMs = clock();
        await sessions.revoke(tokenDigest, nowMs);
        await deps.audit.record({
          atMs: nowMs,
          action: 'signed-out',
          outcome: 'success',
          accountId: account.id,
          address,
        });
        return { status: 204 };
      },
    }),

    defineRoute({
      method: 'delete',
      path: '/v1/session/all',
      tag: TAG,
      summary: 'Sign out everywhere',
      description: 'Every session of the account ends, this one too.',
      auth: 'session',
      responses: { 204: null },
      problems: [],
      handle: async ({ session: { account }, address }) => {
        const atMs = clock();
        await sessions.revokeAll(account.id, atMs);
        await deps.audit.record({
          atMs,
          action: 'signed-out-everywhere',
          outcome: 'success',
          accountId: account.id,
          address,
        });
        return { status: 204 };
      },
    }),
  ];
}
