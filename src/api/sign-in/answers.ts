/** Sign-ins with a code in HTTP answers, and what a run's answers mean there. */
import type { z } from 'zod';
import type { Operation } from '../../ports/operation';
import type {
  LookedSignIn,
  ResendCodeAnswer,
  SignInForHolder,
  SignInRecord,
  SubmitCodeAnswer,
} from '../../ports/sign-in';
import type { ApiDeps } from '../deps';
import { isoTime } from '../http/fields';
import { countingGuesses } from '../http/guesses';
import { AppError } from '../http/problems';
import type { openedSignIn, signIn } from './schemas';

const PURPOSE = 'sign-in';

/** The `SignIn` of http-api.md. */
export function signInBody({ signInId, sentTo, view }: SignInForHolder): z.input<typeof signIn> {
  const { expiresAtMs, resendAvailableAtMs, triesLeft } = view;
  return {
    id: signInId,
    stage: 'code',
    sentTo,
    expiresAt: isoTime(expiresAtMs),
    ...(resendAvailableAtMs !== undefined && { resendAvailableAt: isoTime(resendAvailableAtMs) }),
    triesLeft,
  };
}

/** With the token, which is told this once. It is sealed and names its own sign-in. */
export function openedSignInBody(
  { digests }: Pick<ApiDeps, 'digests'>,
  opened: SignInForHolder,
): z.input<typeof openedSignIn> {
  return { ...signInBody(opened), token: digests.seal(PURPOSE, opened.signInId) };
}

/** The sign-in of the token. Throws `AppError`: `unauthorized` for a wrong or foreign token, `sign_in_expired`. */
export async function requireOwnSignIn(
  { digests, signInRecords }: Pick<ApiDeps, 'digests' | 'signInRecords'>,
  id: string,
  token: string,
): Promise<SignInRecord> {
  if (digests.open(PURPOSE, token) !== id) throw new AppError('unauthorized');
  return requireFound(await signInRecords.find(id));
}

/** Throws `AppError('sign_in_expired')`: none was opened, or housekeeping has removed it. */
export function requireFound(found: SignInRecord | null): SignInRecord {
  if (found === null) throw new AppError('sign_in_expired');
  return found;
}

/** The open sign-in. Throws the `AppError` of every other answer: 410 or 429. */
export function requireOpen(answer: LookedSignIn | ResendCodeAnswer): SignInForHolder {
  if (answer.kind === 'open') return answer.signIn;
  if (answer.kind === 'too-soon')
    throw new AppError('resend_too_soon', { retryAfterSeconds: answer.retryAfterMs / 1000 });
  throw refusal(answer);
}

/**
 * Throws `AppError` unless the code is accepted: `invalid_fields` for another number of digits than its codes have, which costs no try;
 * `code_wrong`, `sign_in_expired`, `sign_in_exhausted`; `too_many_requests` after too many wrong proofs from this address or in total.
 */
export async function requireCode(
  { signIns, limiter }: Pick<ApiDeps, 'signIns' | 'limiter'>,
  record: SignInRecord,
  code: string,
  { networkKeys, operation }: { readonly networkKeys: readonly string[]; readonly operation: Operation },
): Promise<void> {
  if (code.length !== record.codeDigits)
    throw new AppError('invalid_fields', { errors: [{ pointer: '/code', code: 'wrong_format' }] });
  const answer = await countingGuesses(
    limiter,
    { kind: 'proofs', networkKeys },
    () => signIns.submitCode(record, code, operation),
    ({ kind }) => kind === 'wrong',
  );
  if (answer.kind === 'wrong') throw wrongCode(answer.triesLeft);
  if (answer.kind !== 'accepted') throw refusal(answer);
}

function refusal(answer: Extract<SubmitCodeAnswer, { kind: 'exhausted' | 'over' }>): AppError {
  return answer.kind === 'over'
    ? new AppError('sign_in_expired')
    : new AppError('sign_in_exhausted', { retryAfterSeconds: answer.retryAfterMs / 1000 });
}

function wrongCode(triesLeft: number): AppError {
  return new AppError('code_wrong', {
    detail: (say) =>
      triesLeft > 0
        ? `${say('problems.code_wrong.detail')} ${say('problems.code_wrong.tries-left', { triesLeft })}`
        : say('problems.code_wrong.no-tries-left'),
    extensions: { triesLeft },
  });
}
