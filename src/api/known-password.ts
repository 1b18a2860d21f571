/** Checking a username and its password, with the same face and the same work for people we do not know (spec.md 3). */
import { foldUsername } from '../domain/text';
import type { Portal } from '../domain/portal';
import type { Subject } from './audited';
import type { ApiDeps } from './deps';
import { tooManyRequests } from './middleware/rate-limits';
import type { AccountWithCredential } from './ports';
import { AppError } from './problems';

type KnownAccount = AccountWithCredential & { credential: NonNullable<AccountWithCredential['credential']> };

interface Attempt {
  readonly portal: Portal;
  readonly username: string;
  readonly password: string;
  readonly addressKey: string;
}

/**
 * The account, when the password is its current one. Throws `AppError`: `credentials_wrong`, or `too_many_requests` after
 * too many wrong ones for this username from this address: nobody can lock another person out from elsewhere. `subject` learns
 * whom the username names, for the audit log, whether the password is right or not.
 */
export async function requirePassword(
  { accounts, hasher, limiter, digests }: Pick<ApiDeps, 'accounts' | 'hasher' | 'limiter' | 'digests'>,
  { portal, username, password, addressKey }: Attempt,
  subject: Subject,
): Promise<KnownAccount> {
  const who = digests.keyedDigest(`username\0${portal}\0${foldUsername(username)}`);
  const key = `${who}/${addressKey}`;

  // Taken before the comparison, so that many guesses at once cannot outrun the counter.
  const waitMs = await limiter.take('wrong-passwords', key);
  if (waitMs !== null) throw tooManyRequests(waitMs);

  const account = await accounts.findByUsername(portal, username);
  subject.accountId = account?.id;
  const credential = account?.credential;
  const right = credential
    ? await hasher.verify(credential.hash, password)
    : await hasher.verifyNobody(password);
  if (!account || !credential || !right) throw new AppError('credentials_wrong');
  await limiter.giveBack('wrong-passwords', key);
  return { ...account, credential };
}
