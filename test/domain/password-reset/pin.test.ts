import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { digestsEqual, pinFromMac } from '../../../src/domain/password-reset/pin';

describe('pinFromMac', () => {
  // RFC 4226, appendix D: HMAC-SHA-1 of "12345678901234567890" over the counter, six digits.
  it.each([
    [0, '755224'],
    [1, '287082'],
    [2, '359152'],
    [3, '969429'],
    [4, '338314'],
    [9, '520489'],
  ])('The PIN of counter %i is the one that RFC 4226 gives', (counter, expected) => {
    const message = Buffer.alloc(8);
    message.writeBigUInt64BE(BigInt(counter));
    const mac = createHmac('sha1', '12345678901234567890').update(message).digest();

    expect(pinFromMac(mac, 6)).toBe(expected);
  });

  it('A PIN always has all its digits, leading zeros included', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 4, max: 8 }),
        (mac, digits) => new RegExp(`^\\d{${digits}}$`).test(pinFromMac(mac, digits)),
      ),
    );
  });
});

describe('digestsEqual', () => {
  it.each([
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'abcd', false],
    ['abcd', 'abc', false],
    ['', '', true],
    ['a', '', false],
    ['', 'a', false],
  ])('digestsEqual compares %p and %p: %p', (a, b, expected) => {
    expect(digestsEqual(a, b)).toBe(expected);
  });
});
