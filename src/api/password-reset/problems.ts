/** Problems of a reset whose text depends on what is left. */
import { portalPolicies, type Portal } from '../../domain/portal';
import { DAY_MS } from '../../domain/time';
import type { Text } from '../http/problem-texts';
import { AppError, problems, type ProblemCode } from '../http/problems';

/** No PIN and no guess is left for this person. `null`: only the helpdesk can help; asking again tomorrow changes nothing. */
export function exhausted(retryAfterMs: number | null, portal: Portal): AppError {
  const { phone } = portalPolicies[portal].helpLine;
  const call = { en: `Call ${phone}.`, es: `Llame al ${phone}.` };
  const wait = published('reset_exhausted', { en: `Its number: ${phone}.`, es: `El número: ${phone}.` });
  return new AppError('reset_exhausted', {
    retryAfterSeconds: (retryAfterMs ?? DAY_MS) / 1000,
    detail: retryAfterMs === null ? call : wait,
  });
}

/** A wrong PIN of a member, or wrong answers of a broker, with what is left. */
export function wrongProof(triesLeft: number, portal: Portal): AppError {
  const code = portal === 'member' ? 'pin_wrong' : 'answers_wrong';
  const left = { en: `Tries left: ${triesLeft}.`, es: `Intentos restantes: ${triesLeft}.` };
  const detail = triesLeft === 0 ? NO_TRY_LEFT[code] : published(code, left);
  return new AppError(code, { detail, extensions: { triesLeft } });
}

const { phone: brokerPhone } = portalPolicies.broker.helpLine;

const NO_TRY_LEFT = {
  pin_wrong: {
    en: 'No tries are left for this PIN. Ask for a new one, if that is still offered, or try again later.',
    es: 'No quedan intentos para este PIN. Pida uno nuevo, si aún es posible, o inténtelo más tarde.',
  },
  answers_wrong: {
    en: `No tries are left. Try again later, or call ${brokerPhone}.`,
    es: `No quedan intentos. Inténtelo más tarde o llame al ${brokerPhone}.`,
  },
} as const;

/** The published text, and what is true of this answer alone. */
function published(code: ProblemCode, more: Text): Text {
  const { detail } = problems[code];
  return { en: `${detail.en} ${more.en}`, es: `${detail.es} ${more.es}` };
}
