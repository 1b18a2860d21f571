import { isPasswordExpired } from '../../../domain/portal';
import type { FoundSession } from '../../../ports/session';
import type { ApiDeps } from '../../deps';
import { AppError } from '../problems';

/** A session that has not ended, identified by the digest of its token. */
export interface CurrentSession extends FoundSession {
  readonly tokenDigest: string;
}

/** The session of `token`. Throws `AppError('unauthorized')` if it was revoked, has ended, or its password expired. */
export async function requireSession(
  { sessions, policies, digests, clock }: Pick<ApiDeps, 'sessions' | 'policies' | 'digests' | 'clock'>,
  token: string,
): Promise<CurrentSession> {
  const tokenDigest = digests.tokenDigest(token);
  const nowMs = clock();
  const session = await sessions.find(tokenDigest, nowMs);
  if (!session) throw new AppError('unauthorized');
  const rule = policies[session.account.portal].password;
  if (isPasswordExpired(rule, session.passwordSetAtMs, nowMs)) throw new AppError('unauthorized');
  return { ...session, tokenDigest };
}
