/** Telling an account's owner that no wrong guess at their reset is left, whoever made the last one. */
import { createHash } from 'node:crypto';
import { recoveryLimitNotice } from '../contracts/notice';
import type { RecordWrongGuessInput } from '../contracts/password-reset';
import { portalPolicies } from '../domain/portal';
import { guessesAreUsedUp } from '../domain/password-reset/reset-budget';
import type { NoticeStarter } from '../ports/mail';
import type { ResetUsageStore, StandingResets } from '../ports/password-reset';

export interface RecoveryLimitDeps {
  readonly usage: Pick<ResetUsageStore, 'load'>;
  readonly standingResets: Pick<StandingResets, 'accountOf'>;
  readonly notices: NoticeStarter;
}

/** Of both portals alike: a guess does not say which it is of. */
const RESET_LIMITS = portalPolicies.member.resetLimits;

/**
 * With the last guess of the day, the month or the row. PINs that are used up need no word: the owner was sent each of them. The
 * run is started whether or not we know the person, so that the answer takes as long; without an account it ends at once. It is one
 * a person and day, so this may be run twice.
 */
export async function tellIfUsedUp(
  { usage, standingResets, notices }: RecoveryLimitDeps,
  { resetId, subjectKey, atMs }: Pick<RecordWrongGuessInput, 'resetId' | 'subjectKey' | 'atMs'>,
): Promise<void> {
  const used = await usage.load(subjectKey, atMs);
  if (!guessesAreUsedUp(used, RESET_LIMITS, atMs)) return;
  const day = new Date(atMs).toISOString().slice(0, 10);
  const reference = createHash('sha256').update(`${subjectKey}/${day}`).digest('hex').slice(0, 32);
  const accountId = await standingResets.accountOf(resetId);
  await notices.start(recoveryLimitNotice(accountId ?? undefined, reference, atMs));
}
