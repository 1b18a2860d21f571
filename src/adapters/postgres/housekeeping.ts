/** Deletes rows that are no longer needed. The worker runs it every few minutes; concurrent runs do no harm. */
import type { PortalPolicies } from '../../domain/portal';
import { DAY_MS, HOUR_MS } from '../../domain/time';
import { timestamp } from './epoch';
import type { PrismaClient } from '../generated/client';

export interface Housekeeping {
  readonly stagedPasswords: number;
  readonly resets: number;
  readonly signIns: number;
  readonly signInCodes: number;
  readonly addressChanges: number;
  readonly twoStepChanges: number;
  readonly idempotentRequests: number;
  readonly sessions: number;
  readonly resetPins: number;
  readonly rateLimits: number;
  readonly passwordTries: number;
}

/** Rows deleted, by table. Wrong guesses and successes stay: consecutive failures count at any age. */
export async function keepHouse(
  prisma: PrismaClient,
  policies: PortalPolicies,
  nowMs: number,
): Promise<Housekeeping> {
  const triesForgottenAfterDays = Math.max(
    ...Object.values(policies).map(({ passwordTries }) => passwordTries.forgottenAfterDays),
  );
  const ago = (ms: number) => timestamp(nowMs - ms);
  const [
    stagedPasswords,
    resets,
    signIns,
    signInCodes,
    addressChanges,
    twoStepChanges,
    idempotentRequests,
    sessions,
    resetPins,
    _left,
    rateLimits,
    passwordTries,
  ] = await prisma.$transaction([
    prisma.$executeRaw`DELETE FROM staged_passwords WHERE staged_at < ${ago(HOUR_MS)}`,
    prisma.$executeRaw`DELETE FROM password_resets WHERE opened_at < ${ago(DAY_MS)}`,
    prisma.$executeRaw`DELETE FROM sign_ins WHERE opened_at < ${ago(DAY_MS)}`,
    prisma.$executeRaw`DELETE FROM sign_in_codes WHERE at < ${ago(DAY_MS)}`,
    prisma.$executeRaw`DELETE FROM address_changes WHERE changed_at < ${ago(7 * DAY_MS)} AND announced_at IS NOT NULL`,
    prisma.$executeRaw`DELETE FROM two_step_changes WHERE changed_at < ${ago(7 * DAY_MS)} AND announced_at IS NOT NULL`,
    prisma.$executeRaw`DELETE FROM idempotent_requests WHERE started_at < ${ago(DAY_MS)}`,
    prisma.$executeRaw`DELETE FROM sessions WHERE expires_at < ${ago(30 * DAY_MS)}`,
    prisma.$executeRaw`DELETE FROM reset_uses WHERE kind = 'pin' AND at < ${ago(30 * DAY_MS)}`,
    prisma.$executeRaw`DELETE FROM reset_uses WHERE kind IN ('guess', 'left') AND at < ${ago(DAY_MS)}`,
    prisma.$executeRaw`DELETE FROM rate_limits WHERE expire < ${nowMs}::bigint`,
    prisma.$executeRaw`DELETE FROM password_tries WHERE last_at < ${ago(triesForgottenAfterDays * DAY_MS)}`,
  ]);
  return {
    stagedPasswords,
    resets,
    signIns,
    signInCodes,
    addressChanges,
    twoStepChanges,
    idempotentRequests,
    sessions,
    resetPins,
    rateLimits,
    passwordTries,
  };
}
