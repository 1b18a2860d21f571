/** Invalid and hostile parts for fuzzed requests. */
import { secret } from '../../../lab/system/secrets';

/** In every text that a person could have typed. Found anywhere except in an answer that returns it by design, it has leaked. */
export const MARKER = secret('Xq9fuzzword');

/** Texts that are valid in no field. */
export const HOSTILE_TEXTS = [
  ...['', ' ', '\u0000', `${MARKER}\u0000`, `${MARKER}\r\nBcc: ${MARKER}@example.com`, '\u0085', '\u202e'],
  ...['\ud800', `\udc00${MARKER}`, '\ufeff', '\uffff', '👩‍👩‍👧‍👦', 'İ', 'ﬀ'.repeat(200), 'a\u0301'.repeat(100)],
  ...['__proto__', 'constructor', 'toString', '%00', '%', '${7*7}', "' OR 1=1 --", '\\', '"', '*', '_%'],
  ...['2026-02-30', '0000-00-00', '2026-13-01', '9999-12-31', '0001-01-01', '+275760-09-13', '1899-12-31'],
  ...['2026-02-28T00:00:00Z', 'NaN', 'null', '0', '-1', '1e309', '00000000-0000-0000-0000-000000000000'],
  ...['a'.repeat(5000), 'a'.repeat(70_000), '\u0000'.repeat(3000), '٠٤١٧', '04\u200b17', `${MARKER}@`],
];

/** Names of no existing field. */
export const HOSTILE_NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'toJSON', 'then', ''],
  ...['a/b~c', 'x'.repeat(300), '\ud800', '\u0000', '0', 'length', 'Email', 'PASSWORD', 'email ', 'ключ'],
];

/** ASCII only: Node refuses anything else before the application sees it. */
export const HOSTILE_PATHS = [
  ...['%', '%2', '%zz', '%ff', '%c3%28', '%E0%A4%A', '%00', '%0d%0aX-Evil:%201', '%2F', '%2e%2e', '..', '.'],
  ...['', '%20', '%5c', ';', ';a=b', '*', '%25', '~', '%C3%A9', '__proto__', 'constructor', 'next'],
  ...['%F0%9F%90%B6', '%ED%A0%80', '%e2%80%ae', MARKER, 'x'.repeat(3000), '%F0'.repeat(500), '0', 'null'],
  ...['00000000-0000-0000-0000-000000000000', 'C-1#fragment', '{id}', ':id', '%7Bid%7D', 'a|b', '[x]', '"'],
];

/** Under existing and unknown parameters. */
export const HOSTILE_QUERIES = [
  ...['?', '??', '?a=b', '?=', '?&&&', '?%', '?%zz=%ff', '?__proto__=1', '?constructor[prototype][x]=1'],
  ...['?cursor', '?cursor=', '?cursor=%00', '?cursor=1&cursor=2', '?cursor[]=1', '?cursor=%ff%fe', '?on=%'],
  ...[
    '?cursor=WzEsMV0',
    '?cursor=WzAsIjAwMDAwMDAwLTAwMDAtMDAwMC0wMDAwLTAwMDAwMDAwMDAwMCJd',
    '?on=2026-02-30',
  ],
  ...['?cursor=WzFlMzA4LCJhdWRpdDoxIl0', '?cursor=e30', '?cursor=bnVsbA', '?cursor=W10', '?stage=&route='],
  ...[
    `?token=${MARKER}`,
    `?email=${MARKER}%40example.com`,
    `?a=${'x'.repeat(5000)}`,
    '?stage=PIN',
    '?%E9=%FF',
  ],
  ...[
    "?customer='%20OR%201=1",
    '?customer=%22%20OR%20%22',
    '?stage=a--',
    '?account=x',
    '?type=',
    '?portal=x',
  ],
];

export const LANGUAGES = [
  ...[
    'en',
    'es',
    'es-MX,es;q=0.9,en;q=0.1',
    'de',
    '*',
    '',
    'en;q=0, es;q=0',
    'es;q=2',
    ';;;,,,',
    'x'.repeat(2000),
  ],
  ...['es;q=abc', '\u00e9', 'en-US-x-private', '*;q=0', ','.repeat(1000), 'ES', '__proto__', 'es;q=0.5;q=1'],
];

export const IDEMPOTENCY_KEYS = [
  ...[
    'a',
    'x'.repeat(255),
    'x'.repeat(256),
    '',
    ' ',
    'two words',
    '\u00e9',
    'a\tb',
    `${MARKER}!~`,
    '"quoted"',
  ],
  ...['{}', '__proto__', '%00', 'a,b', "'; --"],
];

export const CONTENT_TYPES = [
  ...[
    'application/json; charset=utf-8',
    'Application/JSON',
    'application/json; charset=utf-16',
    'text/plain',
    '',
  ],
  ...[
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    '*/*',
  ],
  ...[
    'application/problem+json',
    'application/json; charset="utf-8',
    'json',
    ';',
    'application/json;;',
    '\u00ff',
  ],
];

const each = (name: string, ...values: readonly string[]): (readonly [string, string])[] =>
  values.map((value) => [name, value]);

export const OTHER_HEADERS: readonly (readonly [string, string])[] = [
  ...each('Content-Encoding', 'gzip', 'identity', 'br, gzip', ''),
  ...each('X-Request-Id', 'abc', 'x'.repeat(65), '{"a":1}', '\u00e9', ''),
  ...each('X-Forwarded-For', '1.2.3.4', '::1', 'x, y', '"', '256.1.1.1', ','),
  ...each('Accept', 'text/html', '*/*;q=0', ';', 'application/xml'),
  ...each('Traceparent', '00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01', '00-0-0-zz'),
  ['X-HTTP-Method-Override', 'DELETE'],
  ['Range', 'bytes=0-1'],
  ['If-None-Match', '*'],
  ['If-Modified-Since', 'never'],
  ['Origin', 'https://evil.example.com'],
  ['Cookie', `a=${MARKER}; __proto__=1`],
  ['Tracestate', 'a=b,,=,c'],
  ['Baggage', `user=${MARKER}`],
  ['X-Forwarded-Host', 'evil.example.com'],
  ['X-Forwarded-Proto', 'gopher, https'],
  ['__proto__', 'x'],
];

export const METHODS = [
  ...[
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'SEARCH',
    'PURGE',
    'LINK',
  ],
];

export const STRAY_PATHS = [
  ...[
    '/',
    '*',
    '/v1',
    '/v1/',
    '//',
    '/v1//session',
    '/V1/session',
    '/v2/session',
    '/docs',
    '/docs/problems',
    '/%',
  ],
  ...[
    '/docs/..%2fpackage.json',
    '/docs/%2e%2e/package.json',
    '/docs/swagger-ui.css',
    '/docs/start.js/',
    '/.env',
  ],
  ...['http://evil.example.com/v1/session', '//evil.example.com/v1/session', '/favicon.ico', '/metrics'],
  ...['/v1/__proto__', '/constructor', `/v1/${MARKER}`, '/v1/%c0%af'],
];
