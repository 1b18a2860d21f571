/** Whether a password may be chosen: the portal's rule, both entries equal, none of the last ones (spec.md 1). */
import { passwordViolations } from '../../domain/accounts/password-policy';
import type { ApiDeps } from '../deps';
import { passwordError, type FieldError } from '../http/field-errors';
import type { Account } from '../../ports/accounts';
import { AppError } from '../http/problems';

type RuleDeps = Pick<ApiDeps, 'policies' | 'commonPasswords'>;

interface Choice {
  readonly password: string;
  readonly confirmation: string;
}

/** Throws `AppError('password_refused')` with an entry for each rule that the password breaks by itself; compares it with no other. */
export function refuseBrokenRules(
  deps: RuleDeps,
  account: Pick<Account, 'portal' | 'username'>,
  choice: Choice,
): void {
  const errors = choiceErrors(deps, account, choice);
  if (errors.length > 0) throw new AppError('password_refused', { errors });
}

/**
 * Throws `AppError('password_refused')` for one of the last passwords; changes nothing. Gives the id of the credential that `resetId`
 * made of this very password, when it got that far and nobody could be told (a part was away); else null. Whoever may call this learns
 * whether a guess was a password of the account: it is for those who proved identity, after `refuseBrokenRules`, and counted.
 */
export async function refuseUsed(
  { accounts, hasher, policies }: Pick<ApiDeps, 'accounts' | 'hasher' | 'policies'>,
  { id, portal }: Pick<Account, 'id' | 'portal'>,
  password: string,
  resetId: string | null = null,
): Promise<string | null> {
  const rule = policies[portal].password;
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
  { policies, commonPasswords }: RuleDeps,
  { portal, username }: Pick<Account, 'portal' | 'username'>,
  { password, confirmation }: Choice,
): FieldError[] {
  const rule = policies[portal].password;
  const context = { username, commonPasswords: commonPasswords[portal] };
  const errors: FieldError[] = passwordViolations(rule, password, context).map((violation) =>
    passwordError(violation, rule),
  );
  if (password !== confirmation) errors.push({ pointer: '/confirmation', code: 'not_equal' });
  return errors;
}
