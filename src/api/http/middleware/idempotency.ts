/**
 * `Idempotency-Key`: a repeated request gets the same answer, and nothing is done twice (ADR 29).
 * - A key belongs to a caller, a method and a path: another caller's equal key is a different key.
 * - The body is compared as parsed by the route, so that white space and order do not matter.
 * - After a 5xx answer it is unknown what was done: the next try continues the same operation, which finds what was.
 * - A temporary refusal (429) is not stored: the next try is a new operation.
 */
import type { Request } from 'express';
import type { Logger } from 'pino';
import { languageOf, problemAnswer, type Answer } from '../answer';
import { operationOf, type Operation } from '../../../ports/operation';
import type { TokenDigests } from '../../../ports/keys';
import type { IdempotencyStore } from '../../../ports/request';
import type { Texts } from '../../../ports/texts';
import { AppError, appErrorOf, problemStatuses } from '../problems';

export interface IdempotencyDeps {
  readonly idempotency: IdempotencyStore;
  readonly digests: TokenDigests;
  readonly texts: Texts;
  readonly logger: Logger;
  /** A new UUID. */
  readonly newId: () => string;
}

interface Caller {
  /** The caller's identity. */
  readonly name: string;
  readonly body: unknown;
}

type Run = (operation: Operation) => Promise<Answer>;

/** Runs `run`, or returns the answer of the earlier request with the same key. Throws `AppError`: 409 or 422. */
export type Idempotency = (req: Request, caller: Caller, run: Run) => Promise<Answer>;

const KEY = /^[\x21-\x7e]{1,255}$/;

/** Answers are sealed before they are stored: they may contain tokens. */
export function createIdempotency({
  idempotency,
  digests,
  texts,
  logger,
  newId,
}: IdempotencyDeps): Idempotency {
  const keep = async (keyDigest: string, answer: Answer): Promise<void> => {
    const { headers, body } = answer;
    const sealed = digests.seal(purposeOf(keyDigest), JSON.stringify({ headers, body }));
    // The request's work is done: its answer is sent even if it cannot be stored.
    await idempotency.finish(keyDigest, answer.status, sealed).catch((error: unknown) => {
      logger.warn({ error: nameOf(error) }, 'an idempotent answer could not be kept');
    });
  };

  const giveBack = async (giving: Promise<void>): Promise<void> => {
    // The claim lapses by itself; the caller must see the original error.
    await giving.catch((error: unknown) => {
      logger.warn({ error: nameOf(error) }, 'an idempotency key could not be given back');
    });
  };

  const runClaimed = async (req: Request, keyDigest: string, run: () => Promise<Answer>): Promise<Answer> => {
    let answer: Answer;
    try {
      answer = await run();
    } catch (error) {
      const told = appErrorOf(error);
      const refused = told && problemAnswer(told, languageOf(req, texts), texts);
      if (!refused || !isKept(refused.status)) {
        await giveBack(isNothingDone(error) ? idempotency.forget(keyDigest) : idempotency.release(keyDigest));
        throw error;
      }
      answer = refused;
    }
    await keep(keyDigest, answer);
    return answer;
  };

  return async (req, { name, body }, run) => {
    const key = req.headers['idempotency-key'];
    if (key === undefined) return run(operationOf(newId()));
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw new AppError('invalid_fields', {
        errors: [{ pointer: 'header:Idempotency-Key', code: 'wrong_format' }],
      });
    }

    const keyDigest = digests.keyedDigest(
      `idempotency-key\0${JSON.stringify([req.method, req.path, name, key])}`,
    );
    const bodyDigest = digests.keyedDigest(`idempotency-body\0${JSON.stringify(body)}`);

    const found = await idempotency.begin(keyDigest, bodyDigest);
    switch (found.kind) {
      case 'claimed':
        return runClaimed(req, keyDigest, () => run(operationOf(found.operationId, found.isRepeated)));
      case 'running':
        throw new AppError('request_in_progress', { retryAfterSeconds: 1 });
      case 'other-body':
        throw new AppError('idempotency_key_reused');
      case 'answered': {
        const opened = digests.open(purposeOf(keyDigest), found.answer);
        // Sealed under a pepper that is no longer available: the answer is lost, and the caller did not ask for the work
        // to be done twice.
        if (opened === null) throw new AppError('idempotency_key_reused');
        const kept = JSON.parse(opened) as Pick<Answer, 'headers' | 'body'>;
        return {
          ...kept,
          status: found.status,
          headers: { ...kept.headers, 'idempotency-replayed': 'true' },
        };
      }
    }
  };
}

const purposeOf = (keyDigest: string): string => `idempotent-answer/${keyDigest}`;
const isKept = (status: number): boolean => status < 500 && status !== 429;
/** A request budget says nothing about what an earlier try did; every other 429 refusal has checked that. */
const isNothingDone = (error: unknown): boolean => {
  const code = appErrorOf(error)?.code;
  return code !== undefined && problemStatuses[code] === 429 && code !== 'too_many_requests';
};
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
