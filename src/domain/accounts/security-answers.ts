/**
 * Security questions and answers of the broker portal (spec.md 2 and 4). Answers are compared without regard to case, Unicode
 * form, quotes, hyphens and dots against spaces, and repeated or surrounding spaces; accents matter. Two different questions, and
 * no answer that can be guessed from its question.
 */
import type { SecurityQuestion } from '../portal';
import { dotsAsSpaces, joined, withoutApostrophes, withoutDoubleQuotes } from './punctuation';

export interface SecurityAnswer {
  readonly questionId: string;
  readonly answer: string;
}

export type AnswerViolation =
  | 'unknown_question'
  | 'question_repeated'
  | 'answer_too_short'
  | 'answer_repeated'
  | 'answer_is_username'
  | 'answer_in_question';

/** Letters and digits: three dashes are not an answer. */
const MIN_ANSWER_LENGTH = 3;

/**
 * Answers are stored stretched and cannot be folded again: each is compared with its own version of the fold. Version 1 folds case,
 * Unicode form and spaces only; version 2 does not fold ẞ to ss, nor Σ before a mark as before a space. Never change a version: add
 * another.
 */
export type AnswerFoldVersion = 1 | 2 | 3;
export const ANSWER_FOLD_VERSION: AnswerFoldVersion = 3;

/** An answer's folded form: `Mrs. O’Malley` becomes `mrs omalley`. */
export function foldAnswer(answer: string, version: AnswerFoldVersion = ANSWER_FOLD_VERSION): string {
  if (version === 1) return caseless(answer).replace(/\s+/gu, ' ').trim();
  // Compose first, so that an accent used as an apostrophe is one character, however it was typed.
  const typed = withoutApostrophes(answer.normalize('NFC'));
  if (version === 2) return withoutMarks(caseless(typed)).trim();
  // Marks before case, because the lower case of Σ depends on what stands next to it; first lower case, because the upper case
  // of ẞ is ẞ.
  return caseless(withoutMarks(typed.normalize('NFKC')).toLowerCase()).trim();
}

const withoutMarks = (text: string): string =>
  joined(dotsAsSpaces(withoutDoubleQuotes(withoutApostrophes(text)).replace(/\p{Cf}/gu, '')), ' ');

/** Via upper case, which is the same for both forms of a letter (ß and ss, ς and σ). */
const caseless = (answer: string): string =>
  answer.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');

/** The violations of each answer, with its index; empty if all are accepted. */
export function answerViolations(
  questions: readonly SecurityQuestion[],
  answers: readonly SecurityAnswer[],
  username: string,
): { readonly index: number; readonly violation: AnswerViolation }[] {
  return answers.flatMap(({ questionId, answer }, index) => {
    const folded = foldAnswer(answer);
    const question = questions.find(({ id }) => id === questionId);
    const before = answers.slice(0, index);
    const violations: [AnswerViolation, boolean][] = [
      ['unknown_question', question === undefined],
      ['question_repeated', before.some((earlier) => earlier.questionId === questionId)],
      ['answer_too_short', (folded.match(/[\p{L}\p{N}]/gu)?.length ?? 0) < MIN_ANSWER_LENGTH],
      ['answer_repeated', before.some((earlier) => foldAnswer(earlier.answer) === folded)],
      ['answer_is_username', folded === foldAnswer(username)],
      ['answer_in_question', question !== undefined && isInQuestion(question, folded)],
    ];
    return violations.filter(([, broken]) => broken).map(([violation]) => ({ index, violation }));
  });
}

/** Whether the answer is a word of the question, or the question, in any language it is asked in. */
function isInQuestion({ text }: SecurityQuestion, folded: string): boolean {
  return Object.values(text).some((question) => {
    const words = foldAnswer(question).split(/[^\p{L}\p{N}]+/u);
    const answered = folded.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
    return answered.length > 0 && answered.every((word) => words.includes(word));
  });
}
