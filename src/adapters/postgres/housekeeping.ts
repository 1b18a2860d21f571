/** Takes away rows that nobody can need any more. The worker runs it every few minutes; several at once do no harm. */
import { DAY_MS, HOUR_MS, portalPolicies } from '../../domain/portal';
import type { PrismaClient } from '../generated/client';

const FORGOTTEN_AFTER_DAYS = Math.max(
  ...Object.values(portalPolicies).map(({ passwordTries }) => passwordTries.forgottenAfterDays),
);

export interface Housekeeping {
  readonly stagedPasswords: number;
  readonly resets: number;
  readonly addressChanges: number;
  readonly idempotentRequests: number;
  readonly sessions: number;
  readonly resetPins: number;
  readonly rateLimits: number;
  readonly passwordTries: number;
}

/** How many rows went, by table. Wrong guesses and successes stay: consecutive failures count however old they are. */
export async function keepHouse(prisma: PrismaClient, nowMs: number): Promise<Housekeeping> {
  const ago = (ms: number): Date => new Date(nowMs - ms);
  const [staged, resets, addressChanges, requests, sessions, pins, _left, limits, tries] =
    await prisma.$transaction([
      prisma.stagedPassword.deleteMany({ where: { stagedAt: { lt: ago(HOUR_MS) } } }),
      prisma.passwordReset.deleteMany({ where: { openedAt: { lt: ago(DAY_MS) } } }),
      prisma.addressChange.deleteMany({
        where: { changedAt: { lt: ago(7 * DAY_MS) }, announcedAt: { not: null } },
      }),
      prisma.idempotentRequest.deleteMany({ where: { startedAt: { lt: ago(DAY_MS) } } }),
      prisma.session.deleteMany({ where: { expiresAt: { lt: ago(30 * DAY_MS) } } }),
      prisma.resetUse.deleteMany({ where: { kind: 'pin', at: { lt: ago(30 * DAY_MS) } } }),
      prisma.resetUse.deleteMany({ where: { kind: 'left', at: { lt: ago(DAY_MS) } } }),
      prisma.rateLimit.deleteMany({ where: { expire: { lt: nowMs } } }),
      prisma.passwordTry.deleteMany({ where: { lastAt: { lt: ago(FORGOTTEN_AFTER_DAYS * DAY_MS) } } }),
    ]);
  return {
    stagedPasswords: staged.count,
    resets: resets.count,
    addressChanges: addressChanges.count,
    idempotentRequests: requests.count,
    sessions: sessions.count,
    resetPins: pins.count,
    rateLimits: limits.count,
    passwordTries: tries.count,
  };
}
