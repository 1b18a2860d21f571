/** Calls Tenure's HTTP API as any front end does (docs/http-api.md). */
import type { Language } from '../domain/portal';

/** On whose behalf a call is made. */
export interface Caller {
  readonly language: Language;
  /** The person's address, so that the API's limits count people and not this process. */
  readonly address: string;
  /** The same in the logs of both processes. */
  readonly requestId: string;
}

export interface ApiCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** The bearer token: a session's, a reset's or a sign-in's. */
  readonly token?: string;
  /** `Idempotency-Key`: the same form sent twice does one thing. */
  readonly once?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: unknown;
}

export type SendCall = (caller: Caller, call: ApiCall) => Promise<ApiAnswer>;

/** RFC 9457, as far as pages use it. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly code: string; readonly detail: string }[];
  readonly triesLeft?: number;
  readonly retryAfterSeconds?: number;
}

/** The API refused a call, or did not answer it: `unavailable`, without texts. */
export class ApiProblem extends Error {
  override readonly name = 'ApiProblem';

  constructor(readonly problem: Problem) {
    super(problem.code);
  }
}

const AWAY: Problem = { status: 503, code: 'unavailable', title: '', detail: '', retryAfterSeconds: 5 };

/** Longer than the API waits for its own parts, so that its answer comes first. */
const TIMEOUT_MS = 20_000;
/** Another try of the same form may still be running. */
const TRIES_WHILE_RUNNING = 15;

/** Throws `ApiProblem`. */
export function createApiClient(apiUrl: string, timeoutMs = TIMEOUT_MS): SendCall {
  const send: SendCall = async (caller, call) => {
    for (let attempt = 1; ; attempt++) {
      const response = await ask(apiUrl, caller, call, timeoutMs);
      const { status, body } = response;
      if (status < 400) return { status, body };
      const problem = { ...(body as Problem), ...response.retry };
      if (problem.code !== 'request_in_progress' || attempt === TRIES_WHILE_RUNNING)
        throw new ApiProblem(problem);
      await new Promise((resolve) => setTimeout(resolve, (problem.retryAfterSeconds ?? 1) * 1000));
    }
  };
  return send;
}

async function ask(
  apiUrl: string,
  { language, address, requestId }: Caller,
  { method, path, body, token, once }: ApiCall,
  timeoutMs: number,
): Promise<ApiAnswer & { readonly retry: { readonly retryAfterSeconds?: number } }> {
  try {
    const response = await fetch(new URL(path, apiUrl), {
      method,
      headers: {
        'accept-language': language,
        'x-forwarded-for': address,
        'x-request-id': requestId,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(once === undefined ? {} : { 'idempotency-key': once }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { status, headers } = response;
    const seconds = Number(headers.get('retry-after') ?? NaN);
    return {
      status,
      body: bodyOf(status, await response.text()),
      retry: Number.isNaN(seconds) ? {} : { retryAfterSeconds: seconds },
    };
  } catch {
    // It may have been carried out: the same form, sent again, finds what was done.
    throw new ApiProblem(AWAY);
  }
}

/** Throws for what the API does not answer: a proxy in front of it does, or another server. */
function bodyOf(status: number, text: string): unknown {
  if (status === 204) return undefined;
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null) throw new TypeError('not an object');
  if (status >= 400 && typeof (body as Partial<Problem>).code !== 'string')
    throw new TypeError('not a problem');
  return body;
}
