/** Tells an account's owner that no wrong guesses are left for their reset, no matter who made the last one. */
import { createHash } from 'node:crypto';
import { recoveryLimitNotice } from '../contracts/notice';
import type { RecordWrongGuessInput } from '../contracts/password-reset';
import type { PortalPolicies } from '../domain/portal';
import { guessesAreUsedUp } from '../domain/password-reset/reset-budget';
import type { NoticeStarter } from '../ports/mail';
import type { ResetUsageStore, StandingResets } from '../ports/password-reset';

export interface RecoveryLimitDeps {
  readonly usage: Pick<ResetUsageStore, 'load'>;
  readonly standingResets: Pick<StandingResets, 'accountOf'>;
  readonly notices: NoticeStarter;
  readonly policies: PortalPolicies;
}

/**
 * Sent after the last guess of the day, the month or the series. Used-up PINs need no notice: each was emailed to the owner. The
 * run is started for unknown people too, so that the answer takes as long; without an account it ends immediately. There is one
 * run per person and day, so a retry is safe.
 */
export async function tellIfUsedUp(
  { usage, standingResets, notices, policies }: RecoveryLimitDeps,
  { resetId, subjectKey, atMs }: Pick<RecordWrongGuessInput, 'resetId' | 'subjectKey' | 'atMs'>,
): Promise<void> {
  const used = await usage.load(subjectKey, atMs);
  if (!guessesAreUsedUp(used, policies.member.resetLimits, atMs)) return;
  const day = new Date(atMs).toISOString().slice(0, 10);
  const reference = createHash('sha256').update(`${subjectKey}/${day}`).digest('hex').slice(0, 32);
  const accountId = await standingResets.accountOf(resetId);
  await notices.start(recoveryLimitNotice(accountId ?? undefined, reference, atMs));
}
