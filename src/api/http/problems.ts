/** Every error that a caller can see: one table of codes, and the error that carries a code. */
import type { CorrectionRefusal } from '../../domain/plan-change/corrections';
import type { StandingDefect } from '../../domain/plan-change/agent-standing';
import type { ShownStage } from '../../domain/plan-change/plan-change';
import type { Ineligibility } from '../../domain/plan-change/eligibility';
import { ResetRefusedError, UnavailableError } from '../../ports/errors';
import type { FieldError } from './field-errors';
import type { Say } from '../../ports/texts';

/** The published table (http-api.md): `code` -> status. Title and detail are `problems.<code>` in the catalogs of texts. */
export const problemStatuses = {
  malformed_json: 400,
  unauthorized: 401,
  credentials_wrong: 401,
  password_expired: 403,
  scope_missing: 403,
  representative_required: 403,
  role_not_allowed: 403,
  not_found: 404,
  no_match: 404,
  method_not_allowed: 405,
  proof_required: 409,
  already_proved: 409,
  wrong_proof: 409,
  already_registered: 409,
  username_taken: 409,
  password_not_kept: 409,
  plan_change_open: 409,
  claimed_by_other: 409,
  not_the_facilitator: 409,
  wrong_stage: 409,
  later_change_recorded: 409,
  nothing_to_correct: 409,
  facilitator_not_eligible: 409,
  email_not_resendable: 409,
  email_outdated: 409,
  email_being_sent: 409,
  request_in_progress: 409,
  reset_expired: 410,
  sign_in_expired: 410,
  verification_expired: 410,
  payload_too_large: 413,
  unsupported_media_type: 415,
  invalid_fields: 422,
  pin_wrong: 422,
  pin_superseded: 422,
  answers_wrong: 422,
  code_wrong: 422,
  access_code_refused: 422,
  not_eligible: 422,
  password_refused: 422,
  idempotency_key_reused: 422,
  too_many_requests: 429,
  password_locked: 429,
  reset_exhausted: 429,
  sign_in_exhausted: 429,
  resend_too_soon: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<string, number>;

export type ProblemCode = keyof typeof problemStatuses;
export const PROBLEM_CODES = Object.keys(problemStatuses) as [ProblemCode, ...ProblemCode[]];

export interface ProblemExtensions {
  readonly triesLeft?: number;
  /** For plan changes: which one is open, its stage, and why something is not possible. */
  readonly planChangeId?: string;
  readonly stage?: ShownStage;
  readonly reason?: Ineligibility | StandingDefect | CorrectionRefusal;
}

export interface ProblemMore {
  /** In the place of the published one. */
  readonly detail?: (say: Say) => string;
  readonly errors?: readonly FieldError[];
  /** Seconds, rounded up to a whole number of at least 1. 429 and 503 always have it. */
  readonly retryAfterSeconds?: number;
  /** Members in addition to those of RFC 9457. */
  readonly extensions?: ProblemExtensions;
  readonly allow?: readonly string[];
}

/** An error that the caller must see. Its message is only the code, never anything a person typed. */
export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ProblemCode,
    readonly more: ProblemMore = {},
  ) {
    super(code);
  }
}

/** The error as the caller sees it; undefined for an internal fault. */
export function appErrorOf(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error instanceof ResetRefusedError) return new AppError(error.reason);
  if (error instanceof UnavailableError) {
    return new AppError('unavailable', { retryAfterSeconds: error.retryAfterSeconds });
  }
  return undefined;
}
