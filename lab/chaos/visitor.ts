/** A client like a front end: a key for each POST, retries after 503 and broken connections, and statistics of both. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../system/json-client';
import type { Stack } from '../system/stack';
import type { Random } from './random';

/** What all clients together experienced. */
export interface Troubles {
  requests: number;
  repeated: number;
  unavailable: number;
  connectionsLost: number;
  /** 409 request_in_progress: an API process died while handling the request, or is still handling it. */
  inProgress: number;
  /** Temporary 429 answers. */
  tooMany: number;
  /** Found done after a lost answer or a 503, by request. */
  readonly doneAfterAll: Map<string, number>;
  /** Answers that must never occur. */
  readonly wrong: string[];
}

export const noTroubles = (): Troubles => ({
  requests: 0,
  repeated: 0,
  unavailable: 0,
  connectionsLost: 0,
  inProgress: 0,
  tooMany: 0,
  doneAfterAll: new Map(),
  wrong: [],
});

/** A flow could not finish: the suite counts it as a violation. */
export class FlowStuck extends Error {}

export interface Call {
  readonly body?: unknown;
  readonly token?: string;
  /** Retried with its first key, however long an earlier try takes. */
  readonly keepsKey?: true;
}

export interface Heard {
  readonly answer: Answer;
  /** An earlier try may have succeeded although its answer was lost. */
  readonly unsure: boolean;
}

export type Visitor = ReturnType<typeof createVisitor>;

/** Longer than any answer takes. */
const CALL_WITHIN_MS = 40_000;
const LOCKED_OUT_SECONDS = 90;

export interface VisitorOptions {
  readonly stack: Stack;
  readonly random: Random;
  readonly troubles: Troubles;
  readonly signal: AbortSignal;
  /** How long a person waits for a request in progress before sending it with another key. */
  readonly keyPatienceMs: number;
  readonly withinMs: number;
  /** A person's maximum delay before sending something. */
  readonly thinkMs: number;
}

export function createVisitor({ stack, random, troubles, signal, ...limits }: VisitorOptions) {
  const giveUpAt = performance.now() + limits.withinMs;

  /** Null: the connection broke, or there was no answer. */
  async function ask(method: string, path: string, call: Call, key?: string): Promise<Answer | null> {
    signal.throwIfAborted();
    troubles.requests += 1;
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const timeout = AbortSignal.any([signal, AbortSignal.timeout(CALL_WITHIN_MS)]);
    try {
      const answer = await stack.call(method, path, { ...call, headers, signal: timeout });
      if (answer.status >= 500 && answer.status !== 503)
        troubles.wrong.push(`${answer.status} to ${method} ${withoutIds(path)}`);
      return answer;
    } catch {
      signal.throwIfAborted();
      troubles.connectionsLost += 1;
      return null;
    }
  }

  /** One try. Null: no answer, or one that says "later". */
  async function once(method: string, path: string, call: Call = {}): Promise<Answer | null> {
    await think(method);
    const answer = await ask(method, path, call, method === 'POST' ? randomUUID() : undefined);
    return answer !== null && isLater(answer) ? null : answer;
  }

  /** Retries until there is an answer. Throws `FlowStuck` if there is none for minutes. */
  async function send(method: string, path: string, call: Call = {}): Promise<Heard> {
    const newKey = (): string | undefined => (method === 'POST' ? randomUUID() : undefined);
    let [key, keySince] = [newKey(), performance.now()];
    let unsure = false;
    await think(method);
    for (let tried = 0; ; tried++) {
      if (tried > 0) troubles.repeated += 1;
      const answer = await ask(method, path, call, key);
      if (answer !== null && !isLater(answer)) return { answer, unsure };
      unsure = true;
      const isInProgress = answer?.body?.code === 'request_in_progress';
      if (isInProgress && !call.keepsKey && performance.now() - keySince > limits.keyPatienceMs)
        [key, keySince] = [newKey(), performance.now()];
      await pause(tried, `${method} ${withoutIds(path)}`);
    }
  }

  async function think(method: string): Promise<void> {
    if (method === 'POST') await sleep(random.between(0, limits.thinkMs), undefined, { signal });
  }

  function isLater({ status, headers, body }: Answer): boolean {
    if (status === 503) troubles.unavailable += 1;
    else if (status >= 500) return true;
    else if (body?.code === 'request_in_progress') troubles.inProgress += 1;
    else if (body?.code === 'too_many_requests') {
      const seconds = Number(headers.get('retry-after'));
      if (seconds > LOCKED_OUT_SECONDS)
        throw new FlowStuck(`locked out for ${seconds} s by interrupted calls`);
      troubles.tooMany += 1;
    } else return false;
    return true;
  }

  /** The delay before try number `tried` + 2: growing, minus a random jitter of up to half. */
  async function pause(tried: number, what: string): Promise<void> {
    if (performance.now() > giveUpAt) throw new FlowStuck(`no answer within its time: ${what}`);
    const ms = Math.min(3_000, 150 * 2 ** Math.min(tried, 6)) * random.between(0.5, 1);
    await sleep(ms, undefined, { signal });
  }

  /** Polls until there is a result. Throws `FlowStuck` if there is none for minutes. */
  async function untilThere<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
    for (let tried = 0; ; tried++) {
      // The servers it polls may be down.
      const found = await find().catch((error: unknown) => {
        signal.throwIfAborted();
        if (error instanceof FlowStuck) throw error;
        return undefined;
      });
      if (found !== undefined) return found;
      await pause(tried, what);
    }
  }

  return {
    once,
    send,
    untilThere,
    pause,
    wait: (ms: number): Promise<unknown> => sleep(ms, undefined, { signal }),
    doneAfterAll: (what: string): void =>
      void troubles.doneAfterAll.set(what, (troubles.doneAfterAll.get(what) ?? 0) + 1),
  };
}

/** The answer's codes, without personal data. */
export const said = ({ status, body }: Answer): string =>
  [status, body?.code, body?.reason, body?.stage].filter((word) => word !== undefined).join(' ');

export const unexpected = (what: string, answer: Answer): FlowStuck =>
  new FlowStuck(`${what} was answered ${said(answer)}`);

const withoutIds = (path: string): string => path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}');
