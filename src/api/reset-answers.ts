/** Resets as they are told over HTTP, and what a run's answers mean there. */
import type { z } from 'zod';
import { isoTime } from '../contracts/http/fields';
import type { openedPasswordReset, passwordReset } from '../contracts/http/password-reset';
import { progressPercent } from '../domain/password-reset';
import { portalPolicies } from '../domain/portal';
import type { AccountStore, ChooseResetResult, HeldReset, OpenedReset } from './ports';
import { AppError } from './problems';

type ResetBody = z.input<typeof passwordReset>;

const DAY_SECONDS = 86_400;

/** The `Reset` of http-api.md. */
export function resetBody({ resetId, portal, sentTo, view }: HeldReset): ResetBody {
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
  };
}

/** With the token, which is told this once. */
export function openedReset(reset: OpenedReset): z.input<typeof openedPasswordReset> {
  return { ...resetBody(reset), token: reset.token };
}

/** With the user ID, where the token is the one that proved identity. */
export async function resetWithUsername(
  { accounts }: { readonly accounts: AccountStore },
  reset: HeldReset,
): Promise<ResetBody> {
  const account = reset.accountId === undefined ? null : await accounts.findById(reset.accountId);
  return { ...resetBody(reset), ...(account && { username: account.username }) };
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

/** No PIN and no guess is left for this person. `null`: only the helpdesk can help; asking again tomorrow tells the same. */
export function exhausted(retryAfterMs: number | null): AppError {
  const { phone } = portalPolicies.member.helpLine;
  const call = { en: `Call ${phone}.`, es: `Llame al ${phone}.` };
  const wait = { en: `Try again later, or call ${phone}.`, es: `Inténtelo más tarde o llame al ${phone}.` };
  return new AppError('reset_exhausted', {
    retryAfterSeconds: retryAfterMs === null ? DAY_SECONDS : retryAfterMs / 1000,
    detail: retryAfterMs === null ? call : wait,
  });
}

/** A wrong PIN, with what is left. */
export function pinWrong(triesLeft: number): AppError {
  return new AppError('pin_wrong', { detail: pinWrongDetail(triesLeft), extensions: { triesLeft } });
}

function pinWrongDetail(triesLeft: number): { en: string; es: string } {
  if (triesLeft === 0) {
    return {
      en: 'No tries are left for this PIN. Ask for a new one, if that is still offered, or try again later.',
      es: 'No quedan intentos para este PIN. Pida uno nuevo, si aún es posible, o inténtelo más tarde.',
    };
  }
  return {
    en: `Compare it with the newest email. Tries left: ${triesLeft}.`,
    es: `Compárelo con el correo más reciente. Intentos restantes: ${triesLeft}.`,
  };
}
