import fc from 'fast-check';
import { isPasswordExpired } from '../../src/domain/portal';
import { DAY_MS } from '../../src/domain/time';
import { portalPolicies, withMemberPasswordDays } from '../support/brand';

const member = portalPolicies.member.password;
const broker = portalPolicies.broker.password;
const setAtMs = Date.UTC(2026, 7, 24, 12);

it.each([
  ['when it was set', 0, false],
  ['after 89 days', 89 * DAY_MS, false],
  ['a millisecond before the 90 days are over', 90 * DAY_MS - 1, false],
  ['when the 90 days are over', 90 * DAY_MS, true],
  ['a millisecond later', 90 * DAY_MS + 1, true],
  ['long after', 900 * DAY_MS, true],
])('A broker’s password expires after 90 days: %s', (_when, ageMs, expired) => {
  expect(isPasswordExpired(broker, setAtMs, setAtMs + ageMs)).toBe(expired);
});

it('A member’s password never expires', () => {
  fc.assert(
    fc.property(fc.nat({ max: 4e12 }), (ageMs) => {
      expect(isPasswordExpired(member, setAtMs, setAtMs + ageMs)).toBe(false);
    }),
  );
});

it('An expired password stays expired', () => {
  fc.assert(
    fc.property(fc.nat({ max: 400 * DAY_MS }), fc.nat({ max: 400 * DAY_MS }), (ageMs, laterMs) => {
      const before = isPasswordExpired(broker, setAtMs, setAtMs + ageMs);
      const after = isPasswordExpired(broker, setAtMs, setAtMs + ageMs + laterMs);

      expect(after || !before).toBe(true);
    }),
  );
});

describe('member passwords that expire', () => {
  it.each([
    [30, -1, false],
    [30, 0, true],
    [30, 1, true],
    [1, -1, false],
    [1, 0, true],
    [1, 1, true],
    [3650, -1, false],
    [3650, 0, true],
    [3650, 1, true],
  ])('A member’s password that lives %i days is expired %i ms from its end: %s', (days, asideMs, expired) => {
    const { password } = withMemberPasswordDays(days).member;

    expect(isPasswordExpired(password, setAtMs, setAtMs + days * DAY_MS + asideMs)).toBe(expired);
  });
});

it('Portal policies state the figures of the documents', () => {
  expect(member).toMatchObject({ minLength: 8, maxLength: 12, symbols: '_!.&@', lifetimeDays: null });
  expect(broker).toMatchObject({ minLength: 6, maxLength: 128, symbols: '_!,&@', lifetimeDays: 90 });
  expect(portalPolicies.broker.reminders).toEqual({ daysBefore: [14, 7, 1], fromHour: 9, toHour: 18 });
  expect(portalPolicies.member.reminders).toEqual(portalPolicies.broker.reminders);
  expect(portalPolicies.member.pin).toEqual({ digits: 4, validForMinutes: 90, resendAfterSeconds: 45 });
  expect(portalPolicies.member.sessionIdleMinutes).toBe(15);
  expect(portalPolicies.broker.sessionIdleMinutes).toBe(15);
  expect(portalPolicies.member.helpLine.phone).toBe('800-853-2713');
  expect(portalPolicies.member.emailHelpLine.phone).toBe('855-221-0273');
  expect(portalPolicies.broker.helpLine.phone).toBe('877.454.0923');
});
