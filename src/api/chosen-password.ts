/** Whether a password may be chosen: the portal's rule, both entries equal, none of the last ones (spec.md 1). */
import { passwordViolations } from '../domain/password-policy';
import { portalPolicies, type Portal } from '../domain/portal';
import type { ApiDeps } from './deps';
import { passwordError, type FieldError } from './field-errors';
import type { Account } from './ports';
import { AppError } from './problems';

interface Choice {
  readonly password: string;
  readonly confirmation: string;
}

/**
 * Throws `AppError('password_refused')` with an entry for each rule that is broken; changes nothing. Gives the id of the credential
 * that `resetId` made of this very password, when it got that far and nobody could be told (a part was away); else null.
 */
export async function refuseUnusable(
  { accounts, hasher, commonPasswords }: Pick<ApiDeps, 'accounts' | 'hasher' | 'commonPasswords'>,
  { id, portal, username }: Account,
  { password, confirmation }: Choice,
  resetId: string | null = null,
): Promise<string | null> {
  const rule = portalPolicies[portal].password;
  const errors = choiceErrors({ portal, username }, { password, confirmation }, commonPasswords);
  if (errors.length > 0) throw new AppError('password_refused', { errors });

  // Comparing costs as much as signing in, so it is done for passwords that nothing else speaks against.
  const history = await accounts.passwordHistory(id, rule.historyLength);
  const matches = await Promise.all(history.map(({ hash }) => hasher.verify(hash, password)));
  const used = history.filter((_past, index) => matches[index]);
  const [current] = history;
  if (resetId !== null && current?.resetId === resetId && used.includes(current)) return current.credentialId;
  if (used.length > 0)
    throw new AppError('password_refused', { errors: [passwordError('used_before', rule)] });
  return null;
}

/** An entry for each rule of the portal that the password breaks by itself, and one for entries that differ. */
export function choiceErrors(
  { portal, username }: Pick<Account, 'portal' | 'username'>,
  { password, confirmation }: Choice,
  commonPasswords: Readonly<Record<Portal, ReadonlySet<string>>>,
): FieldError[] {
  const rule = portalPolicies[portal].password;
  const context = { username, commonPasswords: commonPasswords[portal] };
  const errors: FieldError[] = passwordViolations(rule, password, context).map((violation) =>
    passwordError(violation, rule),
  );
  if (password !== confirmation) errors.push({ pointer: '/confirmation', code: 'not_equal' });
  return errors;
}
