/** Resets in HTTP answers, and what a run's answers mean there. */
import type { z } from 'zod';
import { isoTime } from '../http/fields';
import type { openedPasswordReset, passwordReset } from './schemas';
import { progressPercent, type ProofKind } from '../../domain/password-reset/password-reset';
import { textIn, type Language, type PortalPolicies, type PortalPolicy } from '../../domain/portal';
import type { SecurityAnswer } from '../../domain/accounts/security-answers';
import { answerError, type FieldError } from '../http/field-errors';
import type {
  ChooseResetResult,
  ResetForHolder,
  OpenedReset,
  ResendResult,
  SubmitProofResult,
} from '../../ports/password-reset';
import { AppError, type ProblemCode } from '../http/problems';
import { exhausted, wrongProof } from './problems';

type ResetBody = z.input<typeof passwordReset>;

/** The `Reset` of http-api.md, its questions in `language`. */
export function resetBody(policies: PortalPolicies, reset: ResetForHolder, language: Language): ResetBody {
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
    ...(stage === 'answers' && { questions: questionsOf(policies, reset, language) }),
  };
}

function questionsOf(
  policies: PortalPolicies,
  { portal, questionIds = [] }: ResetForHolder,
  language: Language,
): ResetBody['questions'] {
  const { securityQuestions } = policies[portal];
  return questionIds.map((questionId) => {
    const question = securityQuestions.find(({ id }) => id === questionId);
    return { id: questionId, text: question ? textIn(question.text, language) : questionId };
  });
}

/** With the token, which is told this once. */
export function openedReset(
  policies: PortalPolicies,
  reset: OpenedReset,
  language: Language,
): z.input<typeof openedPasswordReset> {
  return { ...resetBody(policies, reset, language), token: reset.token };
}

/** The reset; with the username where it was asked for, and at the end of a broker's, to the token that proved identity (spec.md 4). */
export function resetToHolder(
  policies: PortalPolicies,
  reset: ResetForHolder,
  language: Language,
): ResetBody {
  const { portal, username, view } = reset;
  const tellsUsername =
    view.stage === 'username-shown' || (view.stage === 'completed' && portal === 'broker');
  return {
    ...resetBody(policies, reset, language),
    ...(tellsUsername && username !== undefined && { username }),
  };
}

/** The reset, when its holder may choose a password now. Throws `AppError`: 409 before the proof, 410 when it is over. */
export function requireChoosing(reset: ResetForHolder): ResetForHolder {
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

const PROBLEMS = {
  superseded: 'pin_superseded',
  'already-proved': 'already_proved',
  'not-proved': 'proof_required',
  lost: 'password_not_kept',
  over: 'reset_expired',
} as const satisfies Record<string, ProblemCode>;

type ResetAnswer = SubmitProofResult | ResendResult | ChooseResetResult;

/** The reset that went on. Throws the `AppError` of every other answer: 409, 410, 422 or 429. */
export function requireReset(result: Exclude<ResetAnswer, { kind: 'wrong' | 'exhausted' }>): ResetForHolder {
  switch (result.kind) {
    case 'accepted':
    case 'made':
    case 'done':
      return result.reset;
    case 'too-soon':
      throw new AppError('resend_too_soon', { retryAfterSeconds: result.retryAfterMs / 1000 });
    default:
      throw new AppError(PROBLEMS[result.kind]);
  }
}

/** The same of a reset of the policy's portal, where what is left is limited. */
export function requireResetWithinLimits(
  result: ResetAnswer,
  proof: ProofKind,
  policy: PortalPolicy,
): ResetForHolder {
  if (result.kind === 'wrong') throw wrongProof(result.triesLeft, proof, policy);
  if (result.kind === 'exhausted') throw exhausted(result.retryAfterMs, policy);
  return requireReset(result);
}

/**
 * What no email of this reset can have said is a slip of the hand, and costs no try. Throws `AppError`: `wrong_proof` for a reset
 * that has no PINs, `invalid_fields` for another number of digits than its PINs have.
 */
export function requireDigits(
  policies: PortalPolicies,
  {
    portal,
    proof,
    pinDigits = policies[portal].pin?.digits,
  }: Pick<ResetForHolder, 'portal' | 'proof' | 'pinDigits'>,
  pin: string,
): void {
  if (proof !== 'pin') throw new AppError('wrong_proof');
  if (pin.length !== pinDigits)
    throw new AppError('invalid_fields', { errors: [{ pointer: '/pin', code: 'wrong_format' }] });
}

/** Throws `AppError`: `wrong_proof` for a reset that asks no questions, `invalid_fields` for answers to others than it asks. */
export function requireAskedQuestions(
  { proof, questionIds = [] }: Pick<ResetForHolder, 'proof' | 'questionIds'>,
  answers: readonly SecurityAnswer[],
): void {
  if (proof !== 'answers') throw new AppError('wrong_proof');
  const errors = answers.flatMap(({ questionId }, index): FieldError[] => {
    if (!questionIds.includes(questionId)) return [answerError('answers', index, 'unknown_question')];
    const isRepeated = answers.findIndex((earlier) => earlier.questionId === questionId) < index;
    return isRepeated ? [answerError('answers', index, 'question_repeated')] : [];
  });
  if (errors.length > 0) throw new AppError('invalid_fields', { errors });
}
