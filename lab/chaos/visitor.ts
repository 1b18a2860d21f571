/** A client as front ends are written: a key for each POST, patience with 503 and broken connections, and what it saw of them. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../system/json-client';
import type { Stack } from '../system/stack';
import type { Random } from './random';

/** What clients met, all of them together. */
export interface Troubles {
  requests: number;
  repeated: number;
  unavailable: number;
  connectionsLost: number;
  /** 409 request_in_progress: an API process died with the request in hand, or has it still. */
  inProgress: number;
  /** 429 that went away. */
  tooMany: number;
  /** Found done after an answer that never came, or a 503, by what was asked for. */
  readonly doneAfterAll: Map<string, number>;
  /** Answers that must never be. */
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

/** A flow could not be brought to its end: the suite counts it as a violation. */
export class FlowStuck extends Error {}

export interface Call {
  readonly body?: unknown;
  readonly token?: string;
  /** Asked again under its first key, however long an earlier try of it is under way. */
  readonly keepsKey?: true;
}

export interface Heard {
  readonly answer: Answer;
  /** An earlier try may have been done though its answer never came. */
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
  /** So long somebody waits for a request under way before they send it anew under another key. */
  readonly keyPatienceMs: number;
  readonly withinMs: number;
  /** The longest time that somebody takes before they send something. */
  readonly thinkMs: number;
}

export function createVisitor({ stack, random, troubles, signal, ...limits }: VisitorOptions) {
  const giveUpAt = performance.now() + limits.withinMs;

  /** Null: the connection broke, or nothing came. */
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

  /** Tries until there is an answer. Throws `FlowStuck` when there is none for minutes. */
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

  /** Before try number `tried` + 2: longer and longer, less up to half by chance. */
  async function pause(tried: number, what: string): Promise<void> {
    if (performance.now() > giveUpAt) throw new FlowStuck(`no answer within its time: ${what}`);
    const ms = Math.min(3_000, 150 * 2 ** Math.min(tried, 6)) * random.between(0.5, 1);
    await sleep(ms, undefined, { signal });
  }

  /** Asks again and again until there is something. Throws `FlowStuck` when there is nothing for minutes. */
  async function untilThere<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
    for (let tried = 0; ; tried++) {
      // The servers that it looks at may be down.
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

/** The answer's words; nothing in it that belongs to a person. */
export const said = ({ status, body }: Answer): string =>
  [status, body?.code, body?.reason, body?.stage].filter((word) => word !== undefined).join(' ');

export const unexpected = (what: string, answer: Answer): FlowStuck =>
  new FlowStuck(`${what} was answered ${said(answer)}`);

const withoutIds = (path: string): string => path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}');
