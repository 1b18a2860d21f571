/** The pages as `npm run web` serves them, in front of a fake API, and a browser that does what it is told. */
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { createHttpServer } from '../../src/api/http/server';
import { composeWeb } from '../../src/compose/web';
import type { WebConfig } from '../../src/config';
import { loadBrand } from '../../src/adapters/brand/load-brand';
import { startFakeApi } from './fake-api';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Of a 303. */
  readonly goesTo: string | null;
}

export type Fields = Readonly<Record<string, string>> | string;
type SentHeaders = Readonly<Record<string, string>>;

export type Pages = Awaited<ReturnType<typeof startPages>>;

export async function startPages(config: Partial<WebConfig> & { readonly cookieKey?: Buffer } = {}) {
  const api = await startFakeApi();
  const lines: string[] = [];
  const { cookieKey = randomBytes(32), ...more } = config;
  const app = composeWeb({
    config: {
      port: 0,
      apiUrl: api.url,
      cookieKeys: [{ id: 'k1', key: cookieKey }],
      trustProxy: false,
      maintenance: false,
      logLevel: 'trace',
      ...more,
    },
    brand: loadBrand(),
    logger: pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) }),
    observers: [],
    clock: Date.now,
  });
  const server = createHttpServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const agent = new Agent({ keepAlive: true });

  return {
    api,
    app,
    origin: `http://127.0.0.1:${port}`,
    /** Everything in the log. */
    log: (): string => lines.join(''),
    browser: (headers: SentHeaders = {}) => new Browser(port, agent, headers),
    stop(): void {
      api.stop();
      agent.destroy();
      server.close().closeAllConnections();
    },
  };
}

/** Keeps cookies, and follows nothing by itself. */
export class Browser {
  /** By name; deleted ones are gone. */
  readonly cookies = new Map<string, string>();

  constructor(
    private readonly port: number,
    private readonly agent: Agent,
    private readonly headers: SentHeaders,
  ) {}

  get = (path: string, headers: SentHeaders = {}): Promise<Answer> => this.send('GET', path, headers);

  /** A form of these pages. */
  post = (path: string, fields: Fields, headers: SentHeaders = {}): Promise<Answer> =>
    this.send('POST', path, { 'sec-fetch-site': 'same-origin', ...headers }, fields);

  /** Opens the page, and sends its form with the hidden fields that it has. */
  async fill(path: string, fields: Readonly<Record<string, string>>): Promise<Answer> {
    const { html } = await this.get(path);
    return this.post(path.split('?')[0]!, { ...hiddenIn(html), ...fields });
  }

  send(method: string, path: string, headers: SentHeaders = {}, fields?: Fields): Promise<Answer> {
    const body = typeof fields === 'object' ? new URLSearchParams({ ...fields }).toString() : (fields ?? '');
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          agent: this.agent,
          host: '127.0.0.1',
          port: this.port,
          method,
          // As it is, though no URL: Node would make one of it.
          path,
          headers: {
            ...(fields === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
            ...(cookie === '' ? {} : { cookie }),
            'content-length': Buffer.byteLength(body),
            ...this.headers,
            ...headers,
          },
        },
        (incoming) => {
          const received = new Headers();
          for (const [name, values = []] of Object.entries(incoming.headersDistinct))
            for (const value of values) received.append(name, value);
          this.#keep(received.getSetCookie());
          text(incoming)
            .then((html) => ({
              status: incoming.statusCode ?? 0,
              headers: received,
              html,
              goesTo: received.get('location'),
            }))
            .then(resolve, reject);
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }

  #keep(set: readonly string[]): void {
    for (const line of set) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/Max-Age=0(;|$)/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }
}

/** Hidden fields of the first form. */
export function hiddenIn(html: string): Readonly<Record<string, string>> {
  const [form = ''] = /<form[\s\S]*?<\/form>/.exec(html) ?? [];
  const inputs = form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name, value]));
}

/** A reset that waits for its PIN, in the cookies of this browser. */
export async function atPin(browser: Browser): Promise<void> {
  await browser.fill('/member/forgot', { email: 'maria@example.com' });
}

/** For the pages, some seconds have passed: what they just heard of the API is old. Undo it with `jest.restoreAllMocks`. */
export function secondsLater(): void {
  const moment = Date.now() + 6_000;
  jest.spyOn(Date, 'now').mockReturnValue(moment);
}
