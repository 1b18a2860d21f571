import fc from 'fast-check';
import {
  foldAgentNumber,
  foldLastName,
  foldName,
  lastNameKeys,
  sameLastName,
} from '../../../src/domain/accounts/names';

it.each([
  ['Séamus O’Dwyer', 'seamus odwyer'],
  ["  seamus   O'DWYER\t", 'seamus odwyer'],
  ['O‘Brien', 'obrien'],
  ['O´Brien', 'obrien'],
  ['O`Brien', 'obrien'],
  ['OʻBrien', 'obrien'],
  ['O′Brien', 'obrien'],
  ['O＇Brien', 'obrien'],
  ["O'Brien", 'obrien'],
  ['OBRIEN', 'obrien'],
  ['O\u1ffdBrien', 'obrien'],
  ["D'Andre", 'dandre'],
  ['St. John', 'st john'],
  ['ST.JOHN', 'st john'],
  ['J.R.', 'j r'],
  ['García-López', 'garcia lopez'],
  ['García  López', 'garcia lopez'],
  ['Anne–Marie', 'anne marie'],
  ['Anne - Marie', 'anne marie'],
  ['Anne−Marie', 'anne marie'],
  ['Anne\u2011Marie', 'anne marie'],
  ['Ana\u00adRuiz', 'anaruiz'],
  ['An\u200ba', 'ana'],
  ['de la Cruz y Vega', 'de la cruz y vega'],
  ['Zoë', 'zoe'],
  ['Zoe\u0308', 'zoe'],
  ['Müller', 'muller'],
  ['Groß', 'gross'],
  ['GROSS', 'gross'],
  ['Søren', 'soren'],
  ['Łukasz', 'lukasz'],
  ['Đorđe', 'dorde'],
  ['Guðrún', 'gudrun'],
  ['Þór', 'thor'],
  ['Æsa', 'aesa'],
  ['Yıldız', 'yildiz'],
  ['YILDIZ', 'yildiz'],
  ['İnci', 'inci'],
  ['Nuñez', 'nunez'],
  ['Nguyễn', 'nguyen'],
  ['O', 'o'],
  ['ﬁona', 'fiona'],
  ['Παπάς', 'παπας'],
  ['ΑΣ.Α', 'ας α'],
  ['李', '李'],
  ["'", ''],
  ['-', ''],
  ['42', ''],
  ['', ''],
])('foldName folds %j to %j', (name, folded) => {
  expect(foldName(name)).toBe(folded);
});

it.each([
  ['García-López', 'GARCIA LOPEZ', true],
  ["O'Neil", 'O’NEIL', true],
  ["O'Neil", 'ONeil', true],
  ["O'Brien", 'OBRIEN', true],
  ["O'Brien", 'O Brien', false],
  ['GROẞ', 'Groß', true],
  ['GROẞ', 'GROSS', true],
  ['St John', 'St. John', true],
  ['Smith', 'Smith Jr.', true],
  ['Smith', 'SMITH, JR', true],
  ['Smith', 'Smith,Sr.', true],
  ['Smith', 'Smith III', true],
  ['Smith II', 'Smith IV', true],
  ['Smith', 'Smithjr', false],
  ['Smith', 'Smith Jones', false],
  ['Ii', 'Ii', true],
  ['Jr', 'Sr', false],
  ['García', 'García López', false],
  ['Li', 'Lee', false],
  ['', '', false],
  ['-', "'", false],
])('sameLastName compares %j and %j: %j', (a, b, same) => {
  expect(sameLastName(a, b)).toBe(same);
  expect(sameLastName(b, a)).toBe(same);
});

it.each([
  ['Smith', 'smith'],
  ['Smith Jr.', 'smith'],
  ['Smith, Jr.', 'smith'],
  ['SMITH SR', 'smith'],
  ['Smith Jr. III', 'smith'],
  ['de la Cruz II', 'de la cruz'],
  ["O'Brien-Smith IV", 'obrien smith'],
  ['Ii', 'ii'],
  ['Jr.', 'jr'],
  ['42 Jr', '42 jr'],
  ['Junior', 'junior'],
  ['Davis', 'davis'],
  ['-', ''],
])('foldLastName folds %j to %j', (name, folded) => {
  expect(foldLastName(name)).toBe(folded);
});

it('lastNameKeys gives each key once and in the order of the names', () => {
  expect(lastNameKeys(['O’Dwyer', 'St. John, Jr.', 'ODWYER', 'St John'])).toEqual(['odwyer', 'st john']);
});

it('A name folds the same in either case, and folding it again changes nothing', () => {
  const written = fc.stringMatching(
    /^[a-zé'’´.,\- \u1ffd]{0,8}(?:[ ,]{0,2}(?:jr|sr|ii|iii|iv|j'r)[.,' ]{0,2}){0,2}$/,
  );
  const lettersOfManyCases = fc.stringMatching(/^[ẞßSΣσςΑİıiŉﬁ'.\- ]{0,6}$/);
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), written, lettersOfManyCases), (name) => {
      expect(foldLastName(foldLastName(name))).toBe(foldLastName(name));
      expect(foldName(name.normalize('NFD'))).toBe(foldName(name));
      expect(foldName(foldName(name))).toBe(foldName(name));
    }),
  );
  fc.assert(
    fc.property(lettersOfManyCases, (name) => {
      expect(foldName(name.toLowerCase())).toBe(foldName(name));
      expect(foldName(name.toUpperCase())).toBe(foldName(name));
    }),
  );
});

it('sameLastName ignores case, hyphens, spacing and Unicode form', () => {
  const part = fc.stringMatching(/^[a-zA-ZéüñøßŁ'’]{0,6}[a-zA-Z]$/);
  const joint = fc.constantFrom(' ', '-', '  ', ' - ', '–', '\u00a0');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), joint, joint, (parts, one, other) => {
      const name = parts.join(one);

      expect(sameLastName(name, parts.join(other))).toBe(true);
      expect(sameLastName(name, ` ${name.toUpperCase()} `)).toBe(true);
      expect(sameLastName(name, name.normalize('NFD'))).toBe(true);
      expect(sameLastName(name, `${name}x`)).toBe(false);
    }),
  );
});

it.each([
  ['20417', '20417'],
  [' 77-1003 ', '771003'],
  ['ab 12–c', 'AB12C'],
  ['a\u00a0b\t1', 'AB1'],
  ['12−3', '123'],
  ['', ''],
])('foldAgentNumber folds %j to %j', (number, folded) => {
  expect(foldAgentNumber(number)).toBe(folded);
});
