/** Resets as they are told over HTTP, and what a run's answers mean there. */
import type { z } from 'zod';
import { isoTime } from '../http/fields';
import type { openedPasswordReset, passwordReset } from './schemas';
import { progressPercent } from '../../domain/password-reset/password-reset';
import { portalPolicies, type Language, type Portal } from '../../domain/portal';
import type { SecurityAnswer } from '../../domain/accounts/security-answers';
import { answerError, type FieldError } from '../http/field-errors';
import type {
  ChooseResetResult,
  HeldReset,
  OpenedReset,
  SubmitProofResult,
} from '../../ports/password-reset';
import { AppError, problems, type ProblemCode, type Text } from '../http/problems';

type ResetBody = z.input<typeof passwordReset>;

const DAY_SECONDS = 86_400;

/** The `Reset` of http-api.md, its questions in `language`. */
export function resetBody(reset: HeldReset, language: Language): ResetBody {
  const { resetId, portal, sentTo, view } = reset;
  const { stage, expiresAtMs, resendAvailableAtMs, triesLeft } = view;
  return {
    id: resetId,
    portal,
    stage,
    progressPercent: progressPercent(stage),
    sentTo,
    expiresAt: isoTime(expiresAtMs),
    ...(resendAvailableAtMs !== undefined && { resendAvailableAt: isoTime(resendAvailableAtMs) }),
    ...(triesLeft !== undefined && { triesLeft }),
    ...(portal === 'broker' && stage === 'answers' && { questions: questionsOf(reset, language) }),
  };
}

function questionsOf({ portal, questionIds = [] }: HeldReset, language: Language): ResetBody['questions'] {
  const { securityQuestions } = portalPolicies[portal];
  return questionIds.map((questionId) => ({
    id: questionId,
    text: securityQuestions.find(({ id }) => id === questionId)?.text[language] ?? questionId,
  }));
}

/** With the token, which is told this once. */
export function openedReset(reset: OpenedReset, language: Language): z.input<typeof openedPasswordReset> {
  return { ...resetBody(reset, language), token: reset.token };
}

/** The reset; with the username where it was asked for, and at the end of a broker's, to the token that proved identity (spec.md 4). */
export function resetToHolder(reset: HeldReset, language: Language): ResetBody {
  const { portal, username, view } = reset;
  const tellsUsername =
    view.stage === 'username-shown' || (view.stage === 'completed' && portal === 'broker');
  return { ...resetBody(reset, language), ...(tellsUsername && username !== undefined && { username }) };
}

/** The reset, when its holder may choose a password now. Throws `AppError`: 409 before the proof, 410 when it is over. */
export function requireChoosing(reset: HeldReset): HeldReset {
  switch (reset.view.stage) {
    case 'password':
      return reset;
    case 'pin':
    case 'answers':
      throw new AppError('proof_required');
    default:
      throw new AppError('reset_expired');
  }
}

/** The reset after the choice. Throws `AppError`: 409 or 410. */
export function toChosen(result: ChooseResetResult): HeldReset {
  switch (result.kind) {
    case 'done':
      return result.reset;
    case 'not-proved':
      throw new AppError('proof_required');
    case 'lost':
      throw new AppError('password_not_kept');
    case 'over':
      throw new AppError('reset_expired');
  }
}

/** The reset after an accepted proof. Throws `AppError`: 410, 422 or 429; `wrong` makes the one for a wrong proof. */
export function toProved(
  result: SubmitProofResult,
  portal: Portal,
  wrong: (triesLeft: number) => AppError,
): HeldReset {
  switch (result.kind) {
    case 'accepted':
      return result.reset;
    case 'wrong':
      throw wrong(result.triesLeft);
    case 'superseded':
      throw new AppError('pin_superseded');
    case 'exhausted':
      throw exhausted(result.retryAfterMs, portal);
    case 'over':
      throw new AppError('reset_expired');
  }
}

/**
 * What no email of this reset can have said is a slip of the hand, and costs no try. Throws `AppError`: `wrong_proof` for a reset
 * that has no PINs, `invalid_fields` for another number of digits than its PINs have.
 */
export function requireDigits(
  { portal, pinDigits = portalPolicies[portal].pin?.digits }: Pick<HeldReset, 'portal' | 'pinDigits'>,
  pin: string,
): void {
  if (pinDigits === undefined) throw new AppError('wrong_proof');
  if (pin.length !== pinDigits)
    throw new AppError('invalid_fields', { errors: [{ pointer: '/pin', code: 'wrong_format' }] });
}

/** Throws `AppError`: `wrong_proof` for a reset that asks no questions, `invalid_fields` for answers to others than it asks. */
export function requireAskedQuestions(
  { portal, questionIds = [] }: Pick<HeldReset, 'portal' | 'questionIds'>,
  answers: readonly SecurityAnswer[],
): void {
  if (portal !== 'broker') throw new AppError('wrong_proof');
  const errors = answers.flatMap(({ questionId }, index): FieldError[] => {
    if (!questionIds.includes(questionId)) return [answerError('answers', index, 'unknown_question')];
    const isRepeated = answers.findIndex((earlier) => earlier.questionId === questionId) < index;
    return isRepeated ? [answerError('answers', index, 'question_repeated')] : [];
  });
  if (errors.length > 0) throw new AppError('invalid_fields', { errors });
}

/** No PIN and no guess is left for this person. `null`: only the helpdesk can help; asking again tomorrow tells the same. */
export function exhausted(retryAfterMs: number | null, portal: Portal): AppError {
  const { phone } = portalPolicies[portal].helpLine;
  const call = { en: `Call ${phone}.`, es: `Llame al ${phone}.` };
  const wait = published('reset_exhausted', { en: `Its number: ${phone}.`, es: `El número: ${phone}.` });
  return new AppError('reset_exhausted', {
    retryAfterSeconds: retryAfterMs === null ? DAY_SECONDS : retryAfterMs / 1000,
    detail: retryAfterMs === null ? call : wait,
  });
}

/** A wrong PIN, with what is left. */
export function pinWrong(triesLeft: number): AppError {
  return new AppError('pin_wrong', { detail: pinWrongDetail(triesLeft), extensions: { triesLeft } });
}

/** Wrong answers, with what is left. */
export function answersWrong(triesLeft: number): AppError {
  return new AppError('answers_wrong', { detail: answersWrongDetail(triesLeft), extensions: { triesLeft } });
}

function answersWrongDetail(triesLeft: number): Text {
  if (triesLeft === 0) {
    const { phone } = portalPolicies.broker.helpLine;
    return {
      en: `No tries are left. Try again later, or call ${phone}.`,
      es: `No quedan intentos. Inténtelo más tarde o llame al ${phone}.`,
    };
  }
  return published('answers_wrong', triesLeftText(triesLeft));
}

function pinWrongDetail(triesLeft: number): Text {
  if (triesLeft === 0) {
    return {
      en: 'No tries are left for this PIN. Ask for a new one, if that is still offered, or try again later.',
      es: 'No quedan intentos para este PIN. Pida uno nuevo, si aún es posible, o inténtelo más tarde.',
    };
  }
  return published('pin_wrong', triesLeftText(triesLeft));
}

/** What the published table says, and what is true of this answer alone. */
function published(code: ProblemCode, more: Text): Text {
  const { detail } = problems[code];
  return { en: `${detail.en} ${more.en}`, es: `${detail.es} ${more.es}` };
}

const triesLeftText = (triesLeft: number): Text => ({
  en: `Tries left: ${triesLeft}.`,
  es: `Intentos restantes: ${triesLeft}.`,
});
