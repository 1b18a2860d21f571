import { idleExpiryMs, isDueForRenewal } from '../../../domain/accounts/sessions';
import { isPasswordExpired } from '../../../domain/portal';
import type { FoundSession } from '../../../ports/session';
import type { ApiDeps } from '../../deps';
import { AppError } from '../problems';

/** A session that has not ended, identified by the digest of its token. */
export interface CurrentSession extends FoundSession {
  readonly tokenDigest: string;
}

/**
 * The session of `token`, used by this call unless it only `peeks`. Throws `AppError('unauthorized')` if it was revoked, has ended, or
 * its password expired.
 */
export async function requireSession(
  { sessions, policies, digests, clock }: Pick<ApiDeps, 'sessions' | 'policies' | 'digests' | 'clock'>,
  token: string,
  peeks: boolean,
): Promise<CurrentSession> {
  const tokenDigest = digests.tokenDigest(token);
  const nowMs = clock();
  const session = await sessions.find(tokenDigest, nowMs);
  if (!session) throw new AppError('unauthorized');
  const policy = policies[session.account.portal];
  if (isPasswordExpired(policy.password, session.passwordSetAtMs, nowMs)) throw new AppError('unauthorized');
  const foundMs = session.idleExpiresAtMs;
  const idleExpiresAtMs = idleExpiryMs(policy, nowMs);
  if (peeks || !isDueForRenewal(foundMs, idleExpiresAtMs)) return { ...session, tokenDigest };
  await sessions.renew(tokenDigest, { foundMs, idleExpiresAtMs });
  return { ...session, idleExpiresAtMs, tokenDigest };
}
