/** Problems of a reset whose text depends on what is left. */
import type { PortalPolicy } from '../../domain/portal';
import { DAY_MS } from '../../domain/time';
import type { Text } from '../http/problem-texts';
import { AppError, problems, type ProblemCode } from '../http/problems';

/** No PIN and no guess is left for this person. `null`: only the helpdesk can help; asking again tomorrow changes nothing. */
export function exhausted(retryAfterMs: number | null, { helpLine: { phone } }: PortalPolicy): AppError {
  const call = { en: `Call ${phone}.`, es: `Llame al ${phone}.` };
  const wait = published('reset_exhausted', { en: `Its number: ${phone}.`, es: `El número: ${phone}.` });
  return new AppError('reset_exhausted', {
    retryAfterSeconds: (retryAfterMs ?? DAY_MS) / 1000,
    detail: retryAfterMs === null ? call : wait,
  });
}

/** A wrong PIN of a member, or wrong answers of a broker, with what is left. */
export function wrongProof(triesLeft: number, { portal, helpLine }: PortalPolicy): AppError {
  const code = portal === 'member' ? 'pin_wrong' : 'answers_wrong';
  const left = { en: `Tries left: ${triesLeft}.`, es: `Intentos restantes: ${triesLeft}.` };
  const detail = triesLeft === 0 ? noTryLeft(code, helpLine.phone) : published(code, left);
  return new AppError(code, { detail, extensions: { triesLeft } });
}

function noTryLeft(code: 'pin_wrong' | 'answers_wrong', phone: string): Text {
  if (code === 'answers_wrong')
    return {
      en: `No tries are left. Try again later, or call ${phone}.`,
      es: `No quedan intentos. Inténtelo más tarde o llame al ${phone}.`,
    };
  return {
    en: 'No tries are left for this PIN. Ask for a new one, if that is still offered, or try again later.',
    es: 'No quedan intentos para este PIN. Pida uno nuevo, si aún es posible, o inténtelo más tarde.',
  };
}

/** The published text, and what is true of this answer alone. */
function published(code: ProblemCode, more: Text): Text {
  const { detail } = problems[code];
  return { en: `${detail.en} ${more.en}`, es: `${detail.es} ${more.es}` };
}
