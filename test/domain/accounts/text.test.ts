import fc from 'fast-check';
import {
  foldEmail,
  foldUsername,
  hasHiddenCharacter,
  maskEmail,
  trimTyped,
} from '../../../src/domain/accounts/text';

it.each([
  ['ana@example.com', 'ana@example.com'],
  ['  Ana@Example.COM\t', 'ana@example.com'],
  ['\u00a0ana@example.com\n', 'ana@example.com'],
  ['ÉVA@example.com', 'éva@example.com'],
  ['ana+news@example.com', 'ana+news@example.com'],
  ['an a@example.com', 'an a@example.com'],
  ['\u200bana@example.com\ufeff', 'ana@example.com'],
  ['jose\u0301@example.com', 'josé@example.com'],
  ['JOSÉ@example.com', 'josé@example.com'],
  ['ana@Correo-México.example', 'ana@xn--correo-mxico-ieb.example'],
  ['ana@correo-me\u0301xico.example', 'ana@xn--correo-mxico-ieb.example'],
  ['ana@XN--correo-mxico-ieb.example', 'ana@xn--correo-mxico-ieb.example'],
  ['Ana@Bücher', 'ana@xn--bcher-kva'],
  ['josé', 'josé'],
  ['', ''],
])('foldEmail folds %j to %j', (email, folded) => {
  expect(foldEmail(email)).toBe(folded);
});

it('foldEmail does not fold an address to another that only looks like it', () => {
  const cyrillicA = '\u0430na@example.com';

  expect(foldEmail(cyrillicA)).not.toBe(foldEmail('ana@example.com'));
});

it('trimTyped takes time in proportion to the length of the text', () => {
  const text = `x${' '.repeat(2_000_000)}x`;
  const startedAt = performance.now();

  expect(trimTyped(` ${text}\u200b`)).toBe(text);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});

it.each([
  [' \t\r\n\u0085\u00a0\u2003\u3000', ''],
  ['\u200b\u200d\ufeff\u00ad\u2066', ''],
  ['\u{e0020}0417\u2069', '0417'],
  ['\u00a0an\u00a0a\u200b', 'an\u00a0a'],
  ['\u0000a', '\u0000a'],
  ['\ud83d', '\ud83d'],
  ['', ''],
])('trimTyped trims %j to %j', (text, trimmed) => {
  expect(trimTyped(text)).toBe(trimmed);
});

it.each([
  ['04\u200b17', true],
  ['Ana\u202eRuiz', true],
  ['\u3164', true],
  ['\u{e0020}', true],
  ['Ana Ruiz', false],
  ['Zoe\u0308', false],
  ['李', false],
])('hasHiddenCharacter answers %j with %j', (text, hidden) => {
  expect(hasHiddenCharacter(text)).toBe(hidden);
});

it.each([
  ['Ana.Ruiz', 'ana.ruiz'],
  ['jose\u0301', 'josé'],
  [' ANA_1 ', 'ana_1'],
  ['JOSE\u0301.Ruiz', 'josé.ruiz'],
  ['Ana \u00a0Ruiz', 'ana ruiz'],
  ["O'Brien77", "o'brien77"],
])('foldUsername folds %j to %j', (username, folded) => {
  expect(foldUsername(username)).toBe(folded);
});

it('foldEmail folds every spelling of an address to one, and folding again changes nothing', () => {
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
])('maskEmail masks %j as %j', (email, masked) => {
  expect(maskEmail(email)).toBe(masked);
});

it('maskEmail shows only one character before the at sign', () => {
  fc.assert(
    fc.property(fc.emailAddress(), (email) => {
      const at = email.lastIndexOf('@');

      expect(maskEmail(email)).toBe(`${email.slice(0, 1)}***${email.slice(at)}`);
    }),
  );
});
