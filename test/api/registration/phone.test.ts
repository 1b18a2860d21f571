import { toE164 } from '../../../src/api/registration/phone';

describe('toE164', () => {
  it.each([
    ['212 555 0123', '+12125550123'],
    ['+1 (212) 555-0123', '+12125550123'],
    ['+44 20 7946 0018', '+442079460018'],
  ])('toE164 reads %j as %s', (typed, e164) => {
    expect(toE164(typed)).toBe(e164);
  });

  it.each([
    '',
    '1',
    '+',
    'abc',
    '212-555-0123x7',
    '020 7946 0018',
    '212-555-0123 212-555-0124',
    '9'.repeat(60),
  ])('toE164 finds no phone number in %j', (typed) => {
    expect(toE164(typed)).toBeNull();
  });
});
