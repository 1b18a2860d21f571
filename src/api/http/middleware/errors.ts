/** The one place where an error becomes an answer. */
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { languageOf, problemAnswer, sendAnswer } from '../answer';
import type { ApiDeps } from '../../deps';
import { AppError, appErrorOf, type ProblemCode } from '../problems';

/** The names of the body parser's errors in Express. */
const bodyProblems: Readonly<Record<string, ProblemCode>> = {
  'entity.too.large': 'payload_too_large',
  'encoding.unsupported': 'unsupported_media_type',
  'request.aborted': 'malformed_json',
  'request.size.invalid': 'malformed_json',
};

/** No part of an unknown error reaches the caller, and no logged part can contain personal data. */
export function answerErrors({
  logger,
  texts,
  isDatabaseAway,
}: Pick<ApiDeps, 'logger' | 'texts' | 'isDatabaseAway'>): ErrorRequestHandler {
  return async (error: unknown, req, res, next) => {
    const known = toAppError(error, isDatabaseAway);
    if (!known) logger.error({ requestId: res.get('x-request-id'), error: describe(error) }, 'unknown error');
    if (res.headersSent) {
      next(error);
      return;
    }
    await sendAnswer(res, problemAnswer(known ?? new AppError('internal'), languageOf(req, texts), texts));
  };
}

/** For every path without a route. */
export const unknownRoute: RequestHandler = () => {
  throw new AppError('not_found');
};

function toAppError(error: unknown, isDatabaseAway: (error: unknown) => boolean): AppError | undefined {
  const told = appErrorOf(error);
  if (told !== undefined) return told;
  if (isDatabaseAway(error)) return new AppError('unavailable');
  // A path with invalid percent-encoding matches nothing.
  if (error instanceof URIError) return new AppError('not_found');
  const code = bodyProblems[String((error as { type?: unknown } | null)?.type)];
  return code && new AppError(code);
}

interface ErrorFacts {
  readonly name: string;
  readonly code?: string;
  readonly frames: readonly string[];
  readonly cause?: ErrorFacts;
}

/** Name, code and frames. Never the message: it may contain what a person typed. */
function describe(error: unknown, depth = 0): ErrorFacts {
  if (!(error instanceof Error)) return { name: typeof error, frames: [] };
  const { name, message, stack = '', cause } = error;
  const code: unknown = (error as { code?: unknown }).code;
  const frames = stack.replace(message, '').split('\n').slice(1);
  return {
    name,
    ...(typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) && { code }),
    frames: frames.map((line) => line.trim()).filter((line) => /^at \S+ ?.*:\d+:\d+\)?$/.test(line)),
    ...(cause !== undefined && depth < 3 && { cause: describe(cause, depth + 1) }),
  };
}
