import { idleExpiryMs, isDueForRenewal, maskedAddress } from '../../../src/domain/accounts/sessions';
import { addressKey } from '../../../src/adapters/postgres/rate-limits';

const MINUTE_MS = 60_000;

it('A session ends its portal’s minutes after a use, or not at all', () => {
  expect(idleExpiryMs({ sessionIdleMinutes: 15 }, 1_000)).toBe(901_000);
  expect(idleExpiryMs({ sessionIdleMinutes: null }, 1_000)).toBeNull();
});

it.each([
  ['is the same', 5, 5, false],
  ['is less than a minute later', 5, 5 + MINUTE_MS - 1, false],
  ['is a minute later', 5, 5 + MINUTE_MS, true],
  ['is a minute earlier, because the rule is shorter now', 5 + MINUTE_MS, 5, true],
  ['is there, where there was none', null, 5, true],
  ['is not there any more', 5, null, true],
  ['was not there and is not', null, null, false],
])('Whether a use is recorded, if the end without use %s', (_how, recordedMs, nextMs, isDue) => {
  expect(isDueForRenewal(recordedMs, nextMs)).toBe(isDue);
});

it.each([
  ['203.0.113.45', '203.0.113.x'],
  ['::ffff:203.0.113.45', '203.0.113.x'],
  ['2001:db8:5:6:7:8:9:a', '2001:db8:5::/48'],
  ['2001:db8::1', '2001:db8:0::/48'],
  ['forged', null],
])('Of the address %s its owner is shown %s', (address, shown) => {
  expect(maskedAddress(addressKey(address))).toBe(shown);
});

it('A session of an early build has no address', () => {
  expect(maskedAddress(null)).toBeNull();
});
