import fc from 'fast-check';
import { foldAgentNumber, foldName, sameName } from '../../src/domain/names';

it.each([
  ['Séamus O’Dwyer', "seamus o'dwyer"],
  ["  seamus   O'DWYER\t", "seamus o'dwyer"],
  ['O‘Brien', "o'brien"],
  ['O´Brien', "o'brien"],
  ['O`Brien', "o'brien"],
  ['OʻBrien', "o'brien"],
  ['O′Brien', "o'brien"],
  ['O＇Brien', "o'brien"],
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
  ['李', '李'],
  ["'", ''],
  ['-', ''],
  ['42', ''],
  ['', ''],
])('folds the name %j to %j', (name, folded) => {
  expect(foldName(name)).toBe(folded);
});

it.each([
  ['García-López', 'GARCIA LOPEZ', true],
  ["O'Neil", 'O’NEIL', true],
  ["O'Neil", 'ONeil', false],
  ['García', 'García López', false],
  ['Li', 'Lee', false],
  ['', '', false],
  ['-', "'", false],
])('compares %j and %j: %j', (a, b, same) => {
  expect(sameName(a, b)).toBe(same);
  expect(sameName(b, a)).toBe(same);
});

it('folds what is folded to itself, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      expect(foldName(foldName(name))).toBe(foldName(name));
    }),
  );
});

it('takes every way of writing a name for the same', () => {
  const part = fc.stringMatching(/^[a-zA-ZéüñøßŁ'’]{0,6}[a-zA-Z]$/);
  const joint = fc.constantFrom(' ', '-', '  ', ' - ', '–', '\u00a0');
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), joint, joint, (parts, one, other) => {
      const name = parts.join(one);

      expect(sameName(name, parts.join(other))).toBe(true);
      expect(sameName(name, ` ${name.toUpperCase()} `)).toBe(true);
      expect(sameName(name, name.normalize('NFD'))).toBe(true);
      expect(sameName(name, `${name}x`)).toBe(false);
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
])('folds the agent number %j to %j', (number, folded) => {
  expect(foldAgentNumber(number)).toBe(folded);
});
