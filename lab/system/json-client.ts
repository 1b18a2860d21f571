import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** JSON as received: the caller checks its shape. */
// oxlint-disable-next-line typescript/no-explicit-any -- a type here would claim what the tests are there to find out
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

export interface JsonClient {
  readonly call: Call;
  /** Posts, and returns any answer. */
  ask(path: string, body: object, token?: string): Promise<Answer>;
  /** The same, returning the answer's JSON. Throws unless the answer is a 2xx. */
  post<Body>(path: string, body: object, token?: string): Promise<Body>;
  close(): void;
}

const TIMEOUT_MS = 300_000;
/**
 * The API closes an idle connection after five seconds. The client closes it first, so that no call uses a closing connection.
 */
const IDLE_MS = 2_000;

/**
 * Calls one server on this machine. Reuse connections only if nothing else is busy: otherwise the API may close one that was idle
 * for seconds just as a busy machine is about to use it.
 */
export function createJsonClient(port: number, { keepAlive }: { readonly keepAlive: boolean }): JsonClient {
  const agent = new Agent(keepAlive ? { keepAlive, timeout: IDLE_MS } : { keepAlive });
  const call: Call = (method, path, { body, token, headers, signal } = {}) =>
    new Promise((resolve, reject) => {
      const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
      const outgoing = request(new URL(path, `http://127.0.0.1:${port}`), {
        agent,
        method,
        timeout: TIMEOUT_MS,
        headers: {
          ...(json && { 'content-type': 'application/json', 'content-length': json.length }),
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
          ...headers,
        },
        ...(signal && { signal }),
      });
      outgoing.once('timeout', () => outgoing.destroy(new Error(`${method} ${path} took too long`)));
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        const received = new Headers();
        for (const [name, values = []] of Object.entries(incoming.headersDistinct))
          for (const value of values) received.append(name, value);
        text(incoming)
          .then((said) => ({
            status: incoming.statusCode ?? 0,
            headers: received,
            body: said === '' ? undefined : JSON.parse(said),
          }))
          .then(resolve, reject);
      });
      outgoing.end(json);
    });
  const ask: JsonClient['ask'] = (path, body, token) => call('POST', path, { body, token });

  return {
    call,
    ask,
    async post(path, body, token) {
      const answer = await ask(path, body, token);
      if (answer.status < 200 || answer.status >= 300)
        throw new Error(`POST ${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
    close: () => agent.destroy(),
  };
}
