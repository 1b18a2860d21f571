/**
 * `Idempotency-Key`: the same request sent again gets the same answer, and nothing is done twice (ADR 29).
 * - A key belongs to a caller, a method and a path: another caller's equal key is another key.
 * - The body is compared as the route understood it, so that white space and order do not matter.
 * - After an answer 5xx nobody knows what was done: the next try goes on with the same operation, which finds what was.
 * - A refusal that time heals (429) is not kept: the next try is another operation.
 */
import type { Request } from 'express';
import type { Logger } from 'pino';
import { languageOf, problemAnswer, type Answer } from '../answer';
import { operationOf, type Operation } from '../../../ports/operation';
import type { TokenDigests } from '../../../ports/keys';
import type { IdempotencyStore } from '../../../ports/request';
import { AppError, appErrorOf, problems } from '../problems';

export interface IdempotencyDeps {
  readonly idempotency: IdempotencyStore;
  readonly digests: TokenDigests;
  readonly logger: Logger;
  /** A new UUID. */
  readonly newId: () => string;
}

interface Caller {
  /** Who it is. */
  readonly name: string;
  readonly body: unknown;
}

type Run = (operation: Operation) => Promise<Answer>;

/** Runs `run`, or returns the answer of the earlier request with the same key. Throws `AppError`: 409 or 422. */
export type Idempotency = (req: Request, caller: Caller, run: Run) => Promise<Answer>;

const KEY = /^[\x21-\x7e]{1,255}$/;

/** Answers are sealed before they are kept: they may hold tokens. */
export function createIdempotency({ idempotency, digests, logger, newId }: IdempotencyDeps): Idempotency {
  const keep = async (keyDigest: string, answer: Answer): Promise<void> => {
    const { headers, body } = answer;
    const sealed = digests.seal(purposeOf(keyDigest), JSON.stringify({ headers, body }));
    // What the request did is done: its answer goes out even when it cannot be kept.
    await idempotency.finish(keyDigest, answer.status, sealed).catch((error: unknown) => {
      logger.warn({ error: nameOf(error) }, 'an idempotent answer could not be kept');
    });
  };

  const giveBack = async (giving: Promise<void>): Promise<void> => {
    // The claim lapses by itself; what went wrong first is what the caller has to know.
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
      const refused = told && problemAnswer(told, languageOf(req));
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
        // Sealed under a pepper that is gone: the answer is lost, and doing it again is not what was asked for.
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
/** A budget of requests says nothing about what an earlier try did; every other refusal with 429 looked. */
const isNothingDone = (error: unknown): boolean => {
  const code = appErrorOf(error)?.code;
  return code !== undefined && problems[code].status === 429 && code !== 'too_many_requests';
};
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);
