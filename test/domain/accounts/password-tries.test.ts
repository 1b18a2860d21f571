import { mayTry, rowCountsFromMs, tryAllowance } from '../../../src/domain/accounts/password-tries';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import { portalPolicies } from '../../support/brand';

const NOW_MS = Date.UTC(2026, 10, 29, 12);
const limits = portalPolicies.member.passwordTries;
const stranger = tryAllowance(limits, false);
const known = tryAllowance(limits, true);

describe('tries from an unknown address', () => {
  it.each([
    [0, 0],
    [9, 0],
    [10, 30_000],
    [11, MINUTE_MS],
    [12, 2 * MINUTE_MS],
    [16, 32 * MINUTE_MS],
    [17, HOUR_MS],
    [18, HOUR_MS],
    [89, HOUR_MS],
  ])('From an unknown address, %d wrong passwords in a row mean a wait of %d ms', (wrong, waitMs) => {
    const at = (sinceMs: number) => mayTry({ wrong, lastAtMs: NOW_MS }, stranger, NOW_MS + sinceMs);

    expect(at(waitMs)).toEqual({ kind: 'may-try' });
    if (waitMs > 0) expect(at(waitMs - 1)).toEqual({ kind: 'wait', waitMs: 1 });
  });

  it.each([
    [90, 'locked'],
    [99, 'locked'],
    [100, 'locked'],
  ])('From an unknown address, after %d wrong passwords in a row the password stays %s', (wrong, kind) => {
    expect(mayTry({ wrong, lastAtMs: NOW_MS }, stranger, NOW_MS + 300 * DAY_MS)).toEqual({ kind });
  });
});

describe('tries from a known address', () => {
  it.each([
    [10, 'may-try'],
    [90, 'may-try'],
    [99, 'may-try'],
    [100, 'locked'],
  ])('From a known address nobody has to wait: after %d wrong passwords, %s', (wrong, kind) => {
    expect(mayTry({ wrong, lastAtMs: NOW_MS }, known, NOW_MS)).toEqual({ kind });
  });
});

describe('rows of wrong passwords', () => {
  it.each([
    ['from the new password on', NOW_MS - DAY_MS, NOW_MS - DAY_MS],
    ['for a year where the password is older', NOW_MS - 400 * DAY_MS, NOW_MS - 365 * DAY_MS],
    ['for a year where there is no password', null, NOW_MS - 365 * DAY_MS],
  ])('A row of wrong passwords counts %s', (_when, passwordSetAtMs, fromMs) => {
    expect(rowCountsFromMs(limits, passwordSetAtMs, NOW_MS)).toBe(fromMs);
  });
});

it('A stranger needs more than three days for the 90 tries before the lock', () => {
  const wholeMs = stranger.waitsMs.slice(0, 90).reduce((sum, waitMs) => sum + waitMs, 0);

  expect(wholeMs).toBeGreaterThan(3 * DAY_MS);
});
