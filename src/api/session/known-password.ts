/** Checking a username and its password, with the same face and the same work for people we do not know (spec.md 3). */
import { foldUsername } from '../../domain/accounts/text';
import { rowCountsFromMs, tryAllowance, type TryAnswer } from '../../domain/accounts/password-tries';
import type { Portal } from '../../domain/portal';
import { DAY_MS } from '../../domain/time';
import type { Subject } from '../http/audited';
import type { ApiDeps } from '../deps';
import { countingGuesses } from '../http/guesses';
import { tooManyRequests } from '../http/middleware/rate-limits';
import type { AccountWithCredential } from '../../ports/accounts';
import { AppError } from '../http/problems';

type KnownAccount = AccountWithCredential & { credential: NonNullable<AccountWithCredential['credential']> };

type CheckDeps = Pick<
  ApiDeps,
  'accounts' | 'hasher' | 'limiter' | 'passwordTries' | 'digests' | 'policies' | 'clock'
>;

interface Attempt {
  readonly portal: Portal;
  readonly username: string;
  readonly password: string;
  readonly addressKey: string;
  readonly networkKeys: readonly string[];
}

/**
 * The account, when the password is its current one. Throws `AppError`: `credentials_wrong`; `too_many_requests` after too many
 * wrong ones for this username, from this address or network, or everywhere; `password_locked` after too many in a row, which a
 * reset ends. `subject` learns whom the username names, for the audit log, whether the password is right or not.
 */
export async function requirePassword(
  deps: CheckDeps,
  attempt: Attempt,
  subject: Subject,
): Promise<KnownAccount> {
  const { limiter, accounts, digests } = deps;
  const { portal, username, addressKey } = attempt;
  const named = digests.keyedDigest(`username\0${portal}\0${foldUsername(username)}`);
  const key = `${named}/${addressKey}`;

  // Everything is taken before the comparison, so that many guesses at once cannot outrun a counter.
  const waitMs = await limiter.take('wrong-passwords', key);
  if (waitMs !== null) throw tooManyRequests(waitMs);
  let isWrong = false;
  try {
    const account = await accounts.findByUsername(portal, username);
    subject.accountId = account?.id;
    const known = await compareUnlessSlowed(deps, attempt, account, named);
    isWrong = known === null;
    if (known === null) throw new AppError('credentials_wrong');
    return known;
  } finally {
    if (!isWrong) await limiter.giveBack('wrong-passwords', key);
  }
}

/** Null when the password is wrong. What slows guessing over many accounts does not concern an address that this one is known at. */
async function compareUnlessSlowed(
  deps: CheckDeps,
  { portal, password, addressKey, networkKeys }: Attempt,
  account: AccountWithCredential | null,
  named: string,
): Promise<KnownAccount | null> {
  const { limiter, passwordTries, hasher, policies, clock } = deps;
  const limits = policies[portal].passwordTries;
  const credential = account?.credential ?? null;
  const who = account === null ? `nobody/${named}` : `account/${account.id}`;
  const nowMs = clock();
  const isKnownAddress = await passwordTries.isKnownAddress(
    credential?.id ?? null,
    addressKey,
    nowMs - limits.knownAddressDays * DAY_MS,
  );

  const compare = async (): Promise<KnownAccount | null> => {
    const countsFromMs = rowCountsFromMs(limits, credential?.setAtMs ?? null, nowMs);
    requireTry(await passwordTries.take(who, tryAllowance(limits, isKnownAddress), { countsFromMs, nowMs }));
    const isRight =
      credential === null
        ? await hasher.verifyNobody(password)
        : await hasher.verify(credential.hash, password);
    if (account === null || credential === null || !isRight) return null;
    await passwordTries.endRow(who);
    return { ...account, credential };
  };

  if (isKnownAddress) return compare();
  return countingGuesses(limiter, { kind: 'passwords', networkKeys }, compare, (known) => known === null);
}

function requireTry(answer: TryAnswer): void {
  if (answer.kind === 'wait') {
    throw new AppError('too_many_requests', {
      retryAfterSeconds: answer.waitMs / 1000,
      // The same for usernames that nobody has.
      detail: (say) => say('problems.too_many_requests.wrong-passwords'),
    });
  }
  if (answer.kind === 'locked') throw new AppError('password_locked', { retryAfterSeconds: DAY_MS / 1000 });
}
