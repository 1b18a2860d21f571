import fc from 'fast-check';
import {
  answerViolations,
  foldAnswer,
  type SecurityAnswer,
} from '../../../src/domain/accounts/security-answers';
import { portalPolicies } from '../../support/brand';
import { textIn } from '../../../src/domain/portal';

const questions = portalPolicies.broker.securityQuestions;
const pet: SecurityAnswer = { questionId: 'first-pet', answer: 'Rex' };
const street: SecurityAnswer = { questionId: 'first-street', answer: 'Elm Street 12' };
const violations = (first: Partial<SecurityAnswer>, second: Partial<SecurityAnswer> = {}) =>
  answerViolations(
    questions,
    [
      { ...pet, ...first },
      { ...street, ...second },
    ],
    'ana.ruiz',
  );

describe('answers', () => {
  it.each([
    ['  Rex ', 'rex'],
    ['ELM   Street\t12', 'elm street 12'],
    ['Ｒｅｘ', 'rex'],
    ['Zoe\u0308', 'zoë'],
    ['Zoë', 'zoë'],
    ['STRASSE', 'strasse'],
    ['Straße', 'strasse'],
    ['ΟΔΟΣ', 'οδος'],
    ['STRAẞE', 'strasse'],
    ['ΑΣ.Α "ΑΣ"', 'ας α ας'],
    ['ﬁdo', 'fido'],
    ['a\u00a0b', 'a b'],
    ['Mrs. O’Malley', 'mrs omalley'],
    ["mrs o'malley", 'mrs omalley'],
    ['MRS O\u00b4MALLEY', 'mrs omalley'],
    ['St. John’s', 'st johns'],
    ['J.R. Smith', 'j r smith'],
    ['Anne–Marie', 'anne marie'],
    ['Anne - Marie', 'anne marie'],
    ['“The Hobbit”', 'the hobbit'],
    ['"The Hobbit"', 'the hobbit'],
    ['«The Hobbit»', 'the hobbit'],
    ['Re\u200bx', 'rex'],
    ['3.5', '3.5'],
    ['No. 5.', 'no 5'],
  ])('The answer %j is compared as %j', (answer, folded) => {
    expect(foldAnswer(answer)).toBe(folded);
  });

  it.each([
    ['Mrs. O’Malley', 'mrs. o’malley'],
    ["mrs o'malley", "mrs o'malley"],
    ['Anne–Marie  Ruiz ', 'anne–marie ruiz'],
    ['Straße', 'strasse'],
  ])('The answer %j, stored under version 1, is still compared as %j', (answer, folded) => {
    expect(foldAnswer(answer, 1)).toBe(folded);
  });

  it.each([
    ['Mrs. O’Malley', 'mrs omalley'],
    ['STRAẞE', 'straße'],
    ['ΑΣ.Α', 'ασ α'],
  ])('The answer %j, stored under version 2, is still compared as %j', (answer, folded) => {
    expect(foldAnswer(answer, 2)).toBe(folded);
  });

  it('Accents are part of an answer', () => {
    expect(foldAnswer('Peña')).not.toBe(foldAnswer('Pena'));
  });

  it('Answers are the same regardless of case, spacing and Unicode form', () => {
    const lettersOfManyCases = fc.stringMatching(/^[ẞßSΣσςΑİıiŉﬁ"'.\- \u200b]{0,6}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme' }), lettersOfManyCases), (answer) => {
        const folded = foldAnswer(answer);

        expect(foldAnswer(folded)).toBe(folded);
        expect(foldAnswer(` ${answer}\n`)).toBe(folded);
        expect(foldAnswer(answer.replaceAll(' ', '  '))).toBe(folded);
        expect(foldAnswer(answer.normalize('NFD'))).toBe(folded);
      }),
    );
    fc.assert(
      fc.property(lettersOfManyCases, (answer) => {
        expect(foldAnswer(answer.toLowerCase())).toBe(foldAnswer(answer));
        expect(foldAnswer(answer.toUpperCase())).toBe(foldAnswer(answer));
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[a-zà-öø-ÿ ]*$/), (answer) => {
        expect(foldAnswer(answer.toUpperCase())).toBe(foldAnswer(answer));
      }),
    );
  });
});

it('Two different questions with meaningful answers are accepted', () => {
  expect(violations({})).toEqual([]);
});

it.each([
  ['a question that is not asked here', { questionId: 'shoe-size' }, {}, 0, 'unknown_question'],
  ['the same question twice', {}, { questionId: 'first-pet' }, 1, 'question_repeated'],
  ['nothing', { answer: '' }, {}, 0, 'answer_too_short'],
  ['spaces', { answer: '     ' }, {}, 0, 'answer_too_short'],
  ['two letters', { answer: 'Bo' }, {}, 0, 'answer_too_short'],
  ['two letters apart', { answer: ' b   o ' }, {}, 0, 'answer_too_short'],
  ['signs alone', { answer: '--- !' }, {}, 0, 'answer_too_short'],
  ['the same answer twice', {}, { answer: 'Rex' }, 1, 'answer_repeated'],
  [
    'the same answer in another form',
    { answer: 'Straße  1' },
    { answer: ' STRASSE 1' },
    1,
    'answer_repeated',
  ],
  ['the username', { answer: 'Ana.Ruiz' }, {}, 0, 'answer_is_username'],
  ['the username in other marks', { answer: 'ana ruiz' }, {}, 0, 'answer_is_username'],
  ['the same answer with other marks', { answer: 'St. Elm' }, { answer: 'st elm' }, 1, 'answer_repeated'],
  ['a word of its question', { answer: 'PET' }, {}, 0, 'answer_in_question'],
  [
    'words of its question',
    { answer: 'my first' },
    { answer: 'street, as a child!' },
    1,
    'answer_in_question',
  ],
  ['its whole question', { answer: textIn(questions[0]!.text, 'en') }, {}, 0, 'answer_in_question'],
  ['a word of its question in Spanish', { answer: 'mascota' }, {}, 0, 'answer_in_question'],
  ['words of it with an accent', {}, { answer: '¿en qué calle' }, 1, 'answer_in_question'],
] as const)('Security answers are refused for %s', (_what, first, second, index, violation) => {
  expect(violations(first, second)).toEqual([{ index, violation }]);
});

it('answerViolations reports every broken rule of both answers', () => {
  const found = answerViolations(
    questions,
    [
      { questionId: 'shoe-size', answer: 'x' },
      { questionId: 'shoe-size', answer: 'x' },
    ],
    'x',
  );

  expect(found).toEqual([
    { index: 0, violation: 'unknown_question' },
    { index: 0, violation: 'answer_too_short' },
    { index: 0, violation: 'answer_is_username' },
    { index: 1, violation: 'unknown_question' },
    { index: 1, violation: 'question_repeated' },
    { index: 1, violation: 'answer_too_short' },
    { index: 1, violation: 'answer_repeated' },
    { index: 1, violation: 'answer_is_username' },
  ]);
});

it('An answer may have a word of its question among others', () => {
  expect(violations({ answer: 'Pet Rex' }, { answer: 'Street of Dreams' })).toEqual([]);
});
