/** The API as far as pages of members use it: it keeps a reset and a session for each token, and every call it got. */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { PasswordReset, PortalFacts, Session } from '../../src/web/tenure';

export interface ApiCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface FakeAnswer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Takes the place of what is answered otherwise; undefined: nothing does. */
export type Instead = (call: ApiCall) => FakeAnswer | Promise<FakeAnswer> | undefined;

export const PIN = '0417';
export const USERNAME = 'maria.lopez';
export const PASSWORD = 'Sunny_day7';

export const problem = (status: number, code: string, more: object = {}): FakeAnswer => ({
  status,
  body: {
    type: 'about:blank',
    status,
    code,
    title: `Title of ${code}`,
    detail: `Detail of ${code}`,
    ...more,
  },
  headers: { 'content-type': 'application/problem+json' },
});

/** A field that is wrong. */
export const wrongField = (pointer: string, code: string, detail = `Detail of ${code}`): FakeAnswer =>
  problem(422, 'validation_failed', { errors: [{ pointer, code, detail }] });

const ordinary = {
  firstName: 'María',
  /** Where a PIN goes, masked. */
  sentTo: 'm***@example.com',
  instead: undefined as Instead | undefined,
};

export type FakeApi = Awaited<ReturnType<typeof startFakeApi>>;

/** Listens on a free port of 127.0.0.1. */
export async function startFakeApi() {
  const calls: ApiCall[] = [];
  const resets = new Map<string, PasswordReset>();
  const sessions = new Map<string, string>();
  const api = {
    calls,
    ...ordinary,
    /** Calls whose path ends like this. */
    callsOf: (end: string): ApiCall[] => calls.filter(({ path }) => path.endsWith(end)),
    url: '',
    /** As it was at the start, but for the resets and sessions that there are. */
    reset(): void {
      calls.length = 0;
      Object.assign(api, ordinary);
    },
    stop: (): void => server.close().closeAllConnections(),
  };

  const answer = async (call: ApiCall): Promise<FakeAnswer> => {
    const instead = await api.instead?.(call);
    if (instead !== undefined) return instead;
    const { method, path, headers, body } = call;
    const token = headers.authorization?.replace('Bearer ', '') ?? '';
    const typed = (body ?? {}) as Readonly<Record<string, string>>;
    const [, portal] = /^\/v1\/portals\/(\w+)$/.exec(path) ?? [];
    if (portal !== undefined) return { status: 200, body: factsOf(portal as 'member') };
    if (path === '/v1/portals/member/sessions') return signIn(typed);
    if (path === '/v1/portals/member/password-changes') return { status: 204 };
    if (path === '/v1/portals/member/password-resets') return open();
    if (path.startsWith('/v1/session')) return ofSession(method, path, token);
    const reset = resets.get(token);
    if (reset === undefined || !path.startsWith(`/v1/password-resets/${reset.id}`))
      return problem(401, 'unauthorized');
    return step(token, reset, path.split('/')[4], typed);
  };

  const signIn = ({ username, password }: Readonly<Record<string, string>>): FakeAnswer => {
    if (username === '' || password === '') return wrongField('/username', 'required');
    if (username !== USERNAME || password !== PASSWORD) return problem(401, 'credentials_wrong');
    const token = `session-${randomUUID()}`;
    sessions.set(token, USERNAME);
    return { status: 201, body: { token, expiresAt: inMinutes(60), account: accountOf() } };
  };

  const accountOf = () => ({ id: randomUUID(), username: USERNAME, firstName: api.firstName });

  const ofSession = (method: string, path: string, token: string): FakeAnswer => {
    if (!sessions.has(token)) return problem(401, 'unauthorized');
    if (method === 'DELETE') {
      sessions.delete(token);
      return { status: 204 };
    }
    if (path.endsWith('/sign-ins')) return { status: 200, body: { signIns: [] } };
    return { status: 200, body: sessionOf() };
  };

  const sessionOf = (): Session => ({
    application: 'portal',
    account: { ...accountOf(), twoStep: false },
    startedAt: inMinutes(-1),
    from: '203.0.113.x',
    expiresAt: inMinutes(60),
    idleExpiresAt: inMinutes(15),
    passwordExpiresAt: null,
  });

  const open = (): FakeAnswer => {
    const token = `reset-${randomUUID()}`;
    const reset: PasswordReset = {
      id: randomUUID(),
      portal: 'member',
      stage: 'pin',
      progressPercent: 33,
      sentTo: api.sentTo,
      expiresAt: inMinutes(90),
      resendAvailableAt: inMinutes(0),
    };
    resets.set(token, reset);
    return { status: 202, body: { ...reset, token } };
  };

  const step = (
    token: string,
    reset: PasswordReset,
    what: string | undefined,
    { pin = '' }: Readonly<Record<string, string>>,
  ): FakeAnswer => {
    const goOn = (stage: PasswordReset['stage'], more: Partial<PasswordReset> = {}): FakeAnswer => {
      const now = { ...reset, stage, ...more };
      resets.set(token, now);
      return { status: 200, body: now };
    };
    if (what === 'pin' && pin === '') return wrongField('/pin', 'required');
    if (what === 'pin' && pin !== PIN) return problem(422, 'pin_wrong', { triesLeft: 2 });
    if (what === 'pin') return goOn('password', { progressPercent: 66 });
    if (what === 'password') return goOn('completed', { progressPercent: 100 });
    if (what === 'username') return goOn('username-shown', { username: USERNAME });
    return { status: what === 'resend' ? 202 : 200, body: reset };
  };

  const server = createServer((req, res) => {
    const respond = async (): Promise<void> => {
      const said = await text(req);
      const { method = '', url = '', headers } = req;
      const call = { method, path: url, headers, body: said === '' ? undefined : JSON.parse(said) };
      calls.push(call);
      const { status, body, headers: more } = await answer(call);
      res.writeHead(status, { 'content-type': 'application/json', ...more });
      res.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body));
    };
    // Whoever called has gone: a test that ends.
    respond().catch(() => res.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  api.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return api;
}

const inMinutes = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();

export const factsOf = (portal: 'member' | 'broker'): PortalFacts => ({
  portal,
  name: 'Member Portal',
  languages: ['en', 'es'],
  timeZone: 'America/New_York',
  applications: ['portal'],
  username: { minLength: 4, maxLength: 30, minLetters: 1, maxDigitsInARow: 5, symbols: '._-@' },
  password: {
    minLength: 8,
    maxLength: 12,
    minDigits: 1,
    minLetters: 1,
    symbols: '_!.&@',
    historyLength: 4,
    lifetimeDays: null,
  },
  recovery: portal === 'member' ? 'pin' : 'answers',
  pin: { digits: 4, validForMinutes: 90, resendAfterSeconds: 45 },
  twoStep: null,
  securityQuestions: [],
  sessionIdleMinutes: 15,
  termsVersion: '2026-01',
  helpLines: {
    portal: { phone: '800-555-0100', hours: 'around the clock' },
    emails: { phone: '800-555-0101', hours: 'around the clock' },
  },
});
