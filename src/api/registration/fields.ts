/** What can be wrong with the fields of a registration: each entry names the field and the rule (spec.md 1 and 2). */
import type { z } from 'zod';
import type { checkRegistrationBody, registerBody } from './schemas';
import { answerViolations } from '../../domain/accounts/security-answers';
import { foldEmail } from '../../domain/accounts/text';
import { usernameViolations } from '../../domain/accounts/username-policy';
import { choiceErrors } from '../session/chosen-password';
import type { ApiDeps } from '../deps';
import { answerError, usernameError, type FieldError } from '../http/field-errors';
import { toE164 } from './phone';
import { AppError } from '../http/problems';
import type { Verified } from './token';

/** Without a version of the terms where they are not accepted yet. */
type Fields = Partial<z.output<typeof registerBody>> & z.output<typeof checkRegistrationBody>;

/**
 * The phone number in E.164, when every field can be accepted. Throws `AppError` with an entry for each rule that is broken:
 * `password_refused` where only the password is to blame, else `invalid_fields`.
 */
export function requireUsableFields(
  deps: Pick<ApiDeps, 'policies' | 'commonPasswords'>,
  fields: Fields,
  { boundEmail }: Verified,
): { readonly phone: string } {
  const policy = deps.policies.broker;
  const { username, securityAnswers, termsVersion } = fields;
  const phone = toE164(fields.phone);
  const passwordErrors = choiceErrors(deps, { portal: 'broker', username }, fields);
  const otherErrors: FieldError[] = [
    ...usernameViolations(policy.username, username).map((violation) =>
      usernameError(violation, policy.username),
    ),
    ...(boundEmail === null || foldEmail(boundEmail) === foldEmail(fields.email)
      ? []
      : [{ pointer: '/email', code: 'not_the_invited_address' } as const]),
    ...(phone === null ? [{ pointer: '/phone', code: 'not_a_phone_number' } as const] : []),
    ...answerViolations(policy.securityQuestions, securityAnswers, username).map(({ index, violation }) =>
      answerError('securityAnswers', index, violation),
    ),
    ...(termsVersion === undefined || termsVersion === policy.termsVersion
      ? []
      : [{ pointer: '/termsVersion', code: 'not_current_terms' } as const]),
  ];
  if (phone === null || otherErrors.length > 0) {
    throw new AppError('invalid_fields', { errors: [...otherErrors, ...passwordErrors] });
  }
  if (passwordErrors.length > 0) throw new AppError('password_refused', { errors: passwordErrors });
  return { phone };
}
