/** Whether a password may be chosen: the portal's rule, both entries equal, none of the last ones (spec.md 1). */
import { passwordViolations } from '../domain/password-policy';
import { portalPolicies } from '../domain/portal';
import type { ApiDeps } from './deps';
import { passwordError, type FieldError } from './field-errors';
import type { Account } from './ports';
import { AppError } from './problems';

interface Choice {
  readonly password: string;
  readonly confirmation: string;
}

/** Throws `AppError('password_refused')` with an entry for each rule that is broken; changes nothing. */
export async function refuseUnusable(
  { accounts, hasher, commonPasswords }: Pick<ApiDeps, 'accounts' | 'hasher' | 'commonPasswords'>,
  { id, portal, username }: Account,
  { password, confirmation }: Choice,
): Promise<void> {
  const rule = portalPolicies[portal].password;
  const context = { username, commonPasswords: commonPasswords[portal] };

  const errors: FieldError[] = passwordViolations(rule, password, context).map((violation) =>
    passwordError(violation, rule),
  );
  if (password !== confirmation) errors.push({ pointer: '/confirmation', code: 'not_equal' });
  if (errors.length > 0) throw new AppError('password_refused', { errors });

  // Comparing costs as much as signing in, so it is done for passwords that nothing else speaks against.
  const history = await accounts.passwordHistory(id, rule.historyLength);
  const used = await Promise.all(history.map((hash) => hasher.verify(hash, password)));
  if (used.includes(true)) {
    throw new AppError('password_refused', { errors: [passwordError('used_before', rule)] });
  }
}
