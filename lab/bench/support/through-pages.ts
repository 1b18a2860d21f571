/** A whole recovery through the pages, as a browser does it: each form is read from its page, each answer is followed. */
import { randomUUID } from 'node:crypto';
import { Agent, request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { BenchMail } from './bench-mail';
import { timeMs } from './measure';
import type { BenchMember } from './members';
import { noPause, resetTimes, type Pause, type ResetTimes } from './steps';

const NEW_PASSWORD = 'Cloudy_day8';

/** How many pages are rendered by one recovery. */
export const PAGES_A_RECOVERY = 4;

export async function recoverThroughPages(
  pagesUrl: string,
  mailServer: BenchMail,
  { email }: BenchMember,
  pause: Pause = noPause,
): Promise<ResetTimes> {
  const browser = createBrowser(pagesUrl);
  const open = await timeMs(async () => {
    await browser.open('/member/forgot');
    await browser.submit({ email });
  });
  let pin = '';
  const mail = await timeMs(async () => (pin = await mailServer.pinFor(email)));
  await pause();
  const proof = await timeMs(() => browser.submit({ pin }));
  await pause();
  const password = await timeMs(async () => {
    await browser.submit({ password: NEW_PASSWORD, confirmation: NEW_PASSWORD });
    if (browser.path() !== '/member/forgot/done') throw new Error(`a recovery ended at ${browser.path()}`);
  });
  return resetTimes({ open, mail, pin: proof, password });
}

/** Cookies, the page it shows, and the first form of that page. */
function createBrowser(origin: string) {
  const cookies = new Map<string, string>();
  let [path, html] = ['', ''];

  async function ask(method: 'GET' | 'POST', at: string, form?: URLSearchParams): Promise<void> {
    const answer = await send(new URL(at, origin), method, cookies, form);
    for (const line of answer.headers['set-cookie'] ?? []) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const said = await text(answer);
    const { statusCode, headers } = answer;
    if (statusCode === 303) return ask('GET', headers.location ?? '');
    if (statusCode !== 200) throw new Error(`${method} ${at}: ${statusCode}`);
    [path, html] = [at, said];
  }

  return {
    path: () => path,
    open: (at: string) => ask('GET', at),
    submit(typed: Readonly<Record<string, string>>) {
      const hidden = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)];
      const first = Object.fromEntries(hidden.toReversed().map(([, name = '', value = '']) => [name, value]));
      return ask('POST', path, new URLSearchParams({ once: randomUUID(), ...first, ...typed }));
    },
  };
}

/** With as little work here as for the same over HTTP: `fetch` would take as long as the page. */
function send(
  url: URL,
  method: string,
  cookies: ReadonlyMap<string, string>,
  form?: URLSearchParams,
): Promise<IncomingMessage> {
  const body = form?.toString();
  return new Promise((resolve, reject) => {
    const outgoing = request(url, {
      agent,
      method,
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'sec-fetch-site': 'same-origin',
        ...(body === undefined
          ? {}
          : {
              'content-type': 'application/x-www-form-urlencoded',
              'content-length': Buffer.byteLength(body),
            }),
      },
    });
    outgoing.once('error', reject);
    outgoing.once('response', resolve);
    outgoing.end(body);
  });
}

/** Connections end here before the pages close them. */
const agent = new Agent({ keepAlive: true, timeout: 2_000 });
