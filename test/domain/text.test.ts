import fc from 'fast-check';
import { foldEmail, foldUsername, maskEmail } from '../../src/domain/text';

it.each([
  ['ana@example.com', 'ana@example.com'],
  ['  Ana@Example.COM\t', 'ana@example.com'],
  ['\u00a0ana@example.com\n', 'ana@example.com'],
  ['ÉVA@example.com', 'éva@example.com'],
  ['ana+news@example.com', 'ana+news@example.com'],
  ['an a@example.com', 'an a@example.com'],
])('folds the email address %j to %j', (email, folded) => {
  expect(foldEmail(email)).toBe(folded);
});

it('does not take an address for another that only looks like it', () => {
  const cyrillicA = '\u0430na@example.com';

  expect(foldEmail(cyrillicA)).not.toBe(foldEmail('ana@example.com'));
});

it.each([
  ['Ana.Ruiz', 'ana.ruiz'],
  [' ANA_1 ', 'ana_1'],
  ['JOSE\u0301.Ruiz', 'josé.ruiz'],
  ['Ana \u00a0Ruiz', 'ana ruiz'],
  ["O'Brien77", "o'brien77"],
])('folds the username %j to %j', (username, folded) => {
  expect(foldUsername(username)).toBe(folded);
});

it('folds what is folded to itself, and every spelling of an address to one', () => {
  fc.assert(
    fc.property(fc.emailAddress(), fc.stringMatching(/^[ \t\n]*$/), (email, space) => {
      const folded = foldEmail(email);

      expect(foldEmail(folded)).toBe(folded);
      expect(foldEmail(space + email.toUpperCase() + space)).toBe(folded);
      expect(foldUsername(foldUsername(email))).toBe(foldUsername(email));
    }),
  );
});

it.each([
  ['member@example.com', 'm***@example.com'],
  [' Member@Example.com ', 'M***@Example.com'],
  ['m@example.com', 'm***@example.com'],
  ['"a@b"@example.com', '"***@example.com'],
  ['éva@example.com', 'é***@example.com'],
  ['😀smile@example.com', '😀***@example.com'],
])('masks %j as %j', (email, masked) => {
  expect(maskEmail(email)).toBe(masked);
});

it('shows one character of what stands before the at sign, and no more', () => {
  fc.assert(
    fc.property(fc.emailAddress(), (email) => {
      const at = email.lastIndexOf('@');

      expect(maskEmail(email)).toBe(`${email.slice(0, 1)}***${email.slice(at)}`);
    }),
  );
});
