/** A session that begins: after the password, or after the password and a code. */
import type { z } from 'zod';
import { idleExpiryMs } from '../../domain/accounts/sessions';
import { termsToAccept, type PortalPolicy } from '../../domain/portal';
import { HOUR_MS } from '../../domain/time';
import type { Account } from '../../ports/accounts';
import type { NewSession } from '../../ports/session';
import type { ApiDeps } from '../deps';
import { isoTime } from '../http/fields';
import { AppError } from '../http/problems';
import type { startedSession } from './schemas';

interface Beginning extends Pick<NewSession, 'credentialId' | 'application' | 'addressKey' | 'signInId'> {
  readonly token: string;
  readonly account: Account;
  /** The accepted version of the terms. */
  readonly termsVersion: string | null;
}

/**
 * Only the digest of the token is stored; the same token begins one session. Throws `AppError` if what was proved no longer holds:
 * `sign_in_expired` after a code, else `credentials_wrong`.
 */
export async function startSession(
  { sessions, digests, policies, clock }: Pick<ApiDeps, 'sessions' | 'digests' | 'policies' | 'clock'>,
  { token, account, termsVersion, ...proved }: Beginning,
): Promise<z.input<typeof startedSession>> {
  const policy = policies[account.portal];
  const createdAtMs = clock();
  const expiresAtMs = createdAtMs + policy.sessionHours * HOUR_MS;
  const idleExpiresAtMs = idleExpiryMs(policy, createdAtMs);
  const session = { ...proved, accountId: account.id, createdAtMs, expiresAtMs, idleExpiresAtMs };
  if (!(await sessions.create(digests.tokenDigest(token), session)))
    throw new AppError(proved.signInId === undefined ? 'credentials_wrong' : 'sign_in_expired');
  return { token, ...endsAt(session), account, ...askedTerms(policy, termsVersion) };
}

/** For an answer: when a session ends, used or not. */
export const endsAt = ({
  expiresAtMs,
  idleExpiresAtMs,
}: Pick<NewSession, 'expiresAtMs' | 'idleExpiresAtMs'>): {
  expiresAt: string;
  idleExpiresAt: string | null;
} => ({
  expiresAt: isoTime(expiresAtMs),
  idleExpiresAt: idleExpiresAtMs === null ? null : isoTime(idleExpiresAtMs),
});

/** For an answer: the terms that the person must be asked for, if any. */
export function askedTerms(policy: PortalPolicy, accepted: string | null): { termsToAccept?: string } {
  const version = termsToAccept(policy, accepted);
  return version === null ? {} : { termsToAccept: version };
}
