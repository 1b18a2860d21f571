/** The most common passwords of each portal (spec.md 1), from the dictionary of @zxcvbn-ts/language-common (MIT). */
import { dictionary } from '@zxcvbn-ts/language-common';
import { commonPasswordsUnderRule } from '../../domain/accounts/password-policy';
import type { Portal, PortalPolicies } from '../../domain/portal';

const HOW_MANY = 3_000;

/** For each portal the 3,000 most common passwords that its own rule would accept, in lower case. */
export function loadCommonPasswords(policies: PortalPolicies): Readonly<Record<Portal, ReadonlySet<string>>> {
  const list = dictionary['passwords-common'];
  const forPortal = (portal: Portal) => commonPasswordsUnderRule(policies[portal].password, list, HOW_MANY);
  return { member: forPortal('member'), broker: forPortal('broker') };
}
