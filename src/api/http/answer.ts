/** An answer before it is sent, so that it can be stored and repeated (Idempotency-Key). */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import type { Language } from '../../domain/portal';
import { preferredLanguage } from './accept-language';
import { sayIn, type Texts } from '../../ports/texts';
import { fieldDetail } from './field-errors';
import { problemStatuses, type AppError } from './problems';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** A JSON value; absent for 204. */
  readonly body?: unknown;
  /** Instead of a body: lines that are sent as they come. An answer to a POST, which may be stored, has none. */
  readonly csv?: AsyncIterable<string>;
}

const DEFAULT_RETRY_AFTER_SECONDS = 5;
const PROBLEM_JSON = 'application/problem+json';

/** The page with the table of problems; each problem's `type` points into it, relative to the service. */
export const PROBLEMS_PAGE = '/docs/problems';

/** Writes an answer. If the lines of a CSV break off, so does the connection: nobody takes a part for the whole. */
export async function sendAnswer(res: Response, { status, headers, body, csv }: Answer): Promise<void> {
  if (headers['content-type'] === PROBLEM_JSON) res.locals['problem'] = (body as { code: string }).code;
  res.status(status).set(headers);
  if (csv !== undefined) await pipeline(Readable.from(csv), res).catch(unlessClosed);
  else if (body === undefined) res.end();
  else res.send(JSON.stringify(body));
}

/** A caller who disconnects is no error. */
function unlessClosed(error: unknown): void {
  if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}

/** The code of the problem that was answered, including a stored one. */
export const problemOf = (res: Response): string | undefined => res.locals['problem'] as string | undefined;

/** The language that matches `Accept-Language`; the first one if none matches. */
export function languageOf(req: Request, { languages }: Texts): Language {
  return preferredLanguage(req.headers['accept-language'], languages);
}

/** `error` as RFC 9457 problem details in `language`, with the headers its status requires. */
export function problemAnswer({ code, more }: AppError, language: Language, texts: Texts): Answer {
  const status = problemStatuses[code];
  const say = sayIn(texts, language);
  const body = {
    type: `${PROBLEMS_PAGE}#${code}`,
    title: say(`problems.${code}.title`),
    status,
    code,
    detail: more.detail?.(say) ?? say(`problems.${code}.detail`),
    ...(more.errors && {
      errors: more.errors.map((error) => ({
        pointer: error.pointer,
        code: error.code,
        detail: fieldDetail(error, language, texts),
      })),
    }),
    ...more.extensions,
  };
  return { status, headers: problemHeaders(status, more, language), body };
}

function problemHeaders(
  status: number,
  { retryAfterSeconds, allow }: AppError['more'],
  language: Language,
): Record<string, string> {
  const mustTell = status === 429 || status === 503;
  const seconds = retryAfterSeconds ?? (mustTell ? DEFAULT_RETRY_AFTER_SECONDS : undefined);
  return {
    'content-type': PROBLEM_JSON,
    'content-language': language,
    ...(status === 401 && { 'www-authenticate': 'Bearer realm="tenure"' }),
    ...(allow && { allow: allow.join(', ') }),
    ...(seconds !== undefined && { 'retry-after': String(Math.max(1, Math.ceil(seconds))) }),
  };
}
