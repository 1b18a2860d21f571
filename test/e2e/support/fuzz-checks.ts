/** Sends fuzzed requests byte for byte, and checks the answers against the rules that apply to every answer. */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { trimTyped } from '../../../src/domain/accounts/text';
import { expectToFitDocument, fitting, operationOf, type Document, type Operation } from '../../api/document';
import { expectNoSecrets } from '../../../lab/system/secrets';
import type { Outgoing } from './fuzz';

export interface Incoming {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Far more than any answer takes, even on a busy machine; if it is exceeded, the request hangs. */
const ANSWERED_WITHIN_MS = 120_000;

/** Sends requests to `url` over persistent connections, so that an answer that breaks its connection is noticed. */
export function createSender(url: string) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const { hostname, port, host } = new URL(url);
  let sent = 0;
  let slowestMs = 0;
  return {
    counted: () => ({ sent, slowestMs }),
    close: (): void => agent.destroy(),

    async send({ method, target, headers, body }: Outgoing): Promise<Incoming> {
      sent += 1;
      const startedAt = performance.now();
      const response = await new Promise<IncomingMessage>((resolve, reject) => {
        const request = httpRequest({
          hostname,
          port,
          method,
          agent,
          path: target,
          headers: ['Host', host, ...headers],
          timeout: ANSWERED_WITHIN_MS,
        });
        request.once('response', resolve).once('error', reject);
        request.once('timeout', () => request.destroy(new Error(`no answer in ${ANSWERED_WITHIN_MS} ms`)));
        request.end(body);
      });
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      slowestMs = Math.max(slowestMs, Math.round(performance.now() - startedAt));
      const told = new Headers();
      for (const [name, values = []] of Object.entries(response.headersDistinct)) {
        for (const value of values) told.append(name, value);
      }
      return { status: response.statusCode ?? 0, headers: told, text: Buffer.concat(chunks).toString() };
    },
  };
}

/** As sent over the wire, in readable form. */
export function asText({ method, target, headers, body }: Outgoing): string {
  const lines: string[] = [];
  for (let at = 0; at < headers.length; at += 2)
    lines.push(`${headers[at]}: ${short(headers[at + 1] ?? '')}`);
  return [`${method} ${short(target)}`, ...lines, '', short(body?.toString() ?? '')].join('\n');
}

const short = (text: string): string => {
  const quoted = text.replaceAll(/[^\x20-\x7e]/g, (char) => `\\u${char.charCodeAt(0).toString(16)}`);
  return quoted.length > 1000 ? `${quoted.slice(0, 1000)}... (${text.length} characters)` : quoted;
};

const SECURITY_HEADERS = [
  ...['content-security-policy', 'x-content-type-options', 'x-frame-options', 'referrer-policy'],
  ...['strict-transport-security', 'cross-origin-resource-policy', 'x-request-id'],
];

function must(holds: boolean, promise: string): asserts holds {
  if (!holds) throw new Error(`broken promise: ${promise}`);
}

/** The part in which the application looks for a route. No client sends a fragment; if one does, it is ignored. */
export const pathOf = (target: string): string =>
  target.replace(/^http:\/\/[^/]*/, '').split(/[?#]/)[0] ?? '';

/** Throws unless the document and this service's conventions allow the answer to the request. */
export function check(document: Document, sent: Outgoing, answer: Incoming): void {
  const { status, headers, text } = answer;
  const path = pathOf(sent.target);
  const isApi = path === '/v1' || path.startsWith('/v1/');
  const mediaType = headers.get('content-type')?.split(';')[0];

  must(status >= 200 && status < 500, `never 5xx, nor anything else that is no answer (${status})`);
  for (const name of SECURITY_HEADERS) must(headers.has(name), `the header ${name}`);
  must(!headers.has('x-powered-by'), 'no header that names software');
  must(!headers.has('x-evil'), 'no header that a caller made up');
  if (isApi) must(headers.get('cache-control') === 'no-store', 'Cache-Control: no-store');
  must(status === 204 || mediaType !== undefined, 'a Content-Type');
  if (status === 429)
    must(/^[1-9]\d*$/.test(headers.get('retry-after') ?? ''), 'Retry-After in whole seconds');
  if (status === 401) must(headers.has('www-authenticate'), 'WWW-Authenticate');
  if (sent.method === 'HEAD' || status === 204) must(text === '', 'no body');
  if (status >= 400) must(mediaType === 'application/problem+json', 'problems as application/problem+json');
  if (sent.method === 'HEAD') return;

  const isJson = mediaType?.endsWith('json') === true;
  const isCsv = mediaType === 'text/csv' && /[?&]format=csv/.test(sent.target);
  if (isApi && status !== 204) must(isJson || isCsv, 'JSON under /v1, or CSV where it was asked for');
  const body: unknown = isJson ? JSON.parse(text) : text;
  if (status >= 400) checkProblem(answer, body as Record<string, unknown>);
  const operation = operationOf(document, sent.method, path);
  expectToFitDocument(document, sent.method, path, { status, headers, body });
  if (status === 405) {
    const allowed = (headers.get('allow') ?? '').split(', ');
    must(!allowed.includes(sent.method) && allowed.length > 0, 'Allow names what is allowed, and not this');
    must(operation === undefined, 'a documented method is allowed');
  }
  if (operation && status < 400) checkTaken(document, operation, sent);
}

function checkProblem({ status, headers, text }: Incoming, body: Record<string, unknown>): void {
  must(typeof body['code'] === 'string', 'problems with a code');
  must(typeof body['title'] === 'string' && body['title'] !== '', 'problems with a title');
  must(body['status'] === status, 'problems with the status that was sent');
  must(/^(?:en|es)$/.test(headers.get('content-language') ?? ''), 'problems in a language');
  must(text.length < 10_000, 'short problems');
  expectNoSecrets('the problem', text);
}

/** An accepted request conforms to the document. */
function checkTaken(document: Document, operation: Operation, { headers, body, target }: Outgoing): void {
  const schema = operation.requestBody?.content['application/json']?.schema;
  if (schema) {
    const value = trimmed(JSON.parse((body ?? '').toString().replace(/^\ufeff/, '')));
    const result = fitting(document, schema).safeParse(value);
    must(result.success, `a body that does not fit the document is refused: ${result.error?.message}`);
  }
  if (operation.security.length > 0) {
    const given = headers.filter(
      (_, at) => headers[at - 1]?.toLowerCase() === 'authorization' && at % 2 === 1,
    );
    must(given.length > 0, 'nothing without a token');
  }
  const inQuery = [...new URLSearchParams(target.split('?').slice(1).join('?'))];
  const { parameters = [] } = operation;
  const takesQuery = parameters.some((parameter) => parameter.in === 'query');
  for (const [place, values] of [
    ['path', inPath(document, operation, pathOf(target))],
    ['query', takesQuery ? inQuery : []],
  ] as const) {
    for (const [name, value] of values) {
      const declared = parameters.find((parameter) => parameter.in === place && parameter.name === name);
      must(declared !== undefined, `no ${place} parameter ${name}`);
      must(
        fitting(document, declared.schema).safeParse(trimmed(value)).success,
        `the ${place} parameter ${name} as the document has it`,
      );
    }
  }
}

/** Names and values of the parameters in a path. */
function inPath(document: Document, operation: Operation, path: string): [string, string][] {
  const [pattern = ''] =
    Object.entries(document.paths).find(([, item]) => Object.values(item).includes(operation)) ?? [];
  const given = path.split('/');
  return pattern.split('/').flatMap((part, at): [string, string][] => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return name === undefined ? [] : [[name, decodeURIComponent(given[at] ?? '')]];
  });
}

/** HEAD answers like GET, without the body. */
export function checkHead(got: Incoming, head: Incoming): void {
  must(head.status === got.status, `HEAD has the status of GET (${head.status})`);
  must(head.headers.get('content-type') === got.headers.get('content-type'), 'HEAD has the type of GET');
}

/** Space around typed text is not part of it; the document's lengths and formats apply to the rest. */
function trimmed(value: unknown): unknown {
  if (typeof value === 'string') return trimTyped(value) === '' ? value : trimTyped(value);
  if (Array.isArray(value)) return value.map(trimmed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, trimmed(inner)]));
}

/** A request sent again with its Idempotency-Key gets the same answer, and is carried out once. */
export function checkRepeated(first: Incoming, second: Incoming): void {
  const replayed = second.headers.get('idempotency-replayed') === 'true';
  if (first.status < 300) must(replayed, 'a repeated request is not done again');
  if (!replayed) return;
  must(first.status === second.status, 'a repeated request has the same status');
  must(first.text === second.text, 'a repeated request has the same body');
}
