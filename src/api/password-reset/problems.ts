/** Problems of a reset whose text depends on what is left. */
import type { ProofKind } from '../../domain/password-reset/password-reset';
import type { PortalPolicy } from '../../domain/portal';
import { DAY_MS } from '../../domain/time';
import { AppError } from '../http/problems';

/** No PIN and no guess is left for this person. `null`: only the helpdesk can help; asking again tomorrow changes nothing. */
export function exhausted(retryAfterMs: number | null, { helpLine: { phone } }: PortalPolicy): AppError {
  return new AppError('reset_exhausted', {
    retryAfterSeconds: (retryAfterMs ?? DAY_MS) / 1000,
    detail: (say) =>
      retryAfterMs === null
        ? say('problems.reset_exhausted.helpdesk-only', { phone })
        : `${say('problems.reset_exhausted.detail')} ${say('problems.reset_exhausted.number', { phone })}`,
  });
}

/** A wrong PIN, or wrong answers, with what is left. */
export function wrongProof(
  triesLeft: number,
  proof: ProofKind,
  { helpLine: { phone } }: PortalPolicy,
): AppError {
  const code = `${proof}_wrong` as const;
  return new AppError(code, {
    detail: (say) => {
      if (triesLeft > 0)
        return `${say(`problems.${code}.detail`)} ${say(`problems.${code}.tries-left`, { triesLeft })}`;
      return code === 'pin_wrong'
        ? say('problems.pin_wrong.no-tries-left')
        : say('problems.answers_wrong.no-tries-left', { phone });
    },
    extensions: { triesLeft },
  });
}
