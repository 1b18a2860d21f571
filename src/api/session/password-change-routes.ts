/** Changing a known password, expired or not (spec.md 3). */
import { portalParams } from '../http/fields';
import { changePasswordBody } from './schemas';
import type { Portal } from '../../domain/portal';
import { audited } from '../http/audited';
import { refuseBrokenRules, refuseUsed } from './chosen-password';
import type { ApiDeps } from '../deps';
import { requirePassword } from './known-password';
import type { Account } from '../../ports/accounts';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';

type ChangeDeps = Pick<
  ApiDeps,
  | 'accounts'
  | 'hasher'
  | 'limiter'
  | 'passwordTries'
  | 'digests'
  | 'replacer'
  | 'notices'
  | 'policies'
  | 'commonPasswords'
  | 'audit'
  | 'clock'
>;

/** `POST /v1/portals/{portal}/password-changes`. */
export function passwordChangeRoutes(deps: ChangeDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/v1/portals/{portal}/password-changes',
      tag: 'Signing in',
      summary: 'Change a known password',
      description:
        'Works for an expired password too. Every session of the account ends, and the owner is notified by email.',
      limits: ['sign-ins'],
      params: portalParams,
      body: changePasswordBody,
      responses: { 204: null },
      problems: ['credentials_wrong', 'password_refused', 'password_locked'],
      handle: ({ params: { portal }, body, address, addressKey, networkKeys, operation }) =>
        // The replacer audits a success itself.
        audited(deps, { refused: 'password-changed', address }, async (subject) => {
          const { username, currentPassword } = body;
          const { isRepeated } = operation;
          const credentialId = operation.idFor('credential');
          const changed = isRepeated ? await findChanged(deps, portal, username, credentialId) : null;
          if (changed !== null) {
            // The email may not have gone out, if its run gave up before the write.
            const change = { accountId: changed.id, credentialId, atMs: deps.clock() };
            await deps.notices.announcePasswordChanged({ ...change, isRepeated });
            return { status: 204 };
          }
          const attempt = { portal, username, password: currentPassword, addressKey, networkKeys };
          const account = await requirePassword(deps, attempt, subject);
          refuseBrokenRules(deps, account, body);
          await refuseUsed(deps, account, body.password);

          const change = { accountId: account.id, credentialId, atMs: deps.clock() };
          const hash = await deps.hasher.hash(body.password);
          // Before the write: a change without its email would be worse than an email run that finds no change.
          await deps.notices.announcePasswordChanged({ ...change, isRepeated });
          const previousCredentialId = account.credential.id;
          const replaced = await deps.replacer.replace({ ...change, previousCredentialId, hash, address });
          // Lost a race with another change: the typed password is no longer the current one.
          if (!replaced) throw new AppError('credentials_wrong');
          return { status: 204 };
        }),
    }),
  ];
}

/** The account whose password an earlier try of this request changed: the typed password is no longer the current one. */
async function findChanged(
  { accounts, policies }: Pick<ChangeDeps, 'accounts' | 'policies'>,
  portal: Portal,
  username: string,
  credentialId: string,
): Promise<Account | null> {
  const account = await accounts.findByUsername(portal, username);
  if (account === null) return null;
  const history = await accounts.passwordHistory(account.id, policies[portal].password.historyLength);
  return history.some((past) => past.credentialId === credentialId) ? account : null;
}
