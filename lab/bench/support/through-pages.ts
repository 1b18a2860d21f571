/** A whole recovery through the pages, as a browser does it: each form is read from its page, each answer is followed. */
import { randomUUID } from 'node:crypto';
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
    const answer = await fetch(new URL(at, origin), {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        'sec-fetch-site': 'same-origin',
      },
      ...(form === undefined ? {} : { body: form }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    const text = await answer.text();
    if (answer.status === 303) return ask('GET', answer.headers.get('location') ?? '');
    if (answer.status !== 200) throw new Error(`${method} ${at}: ${answer.status}`);
    [path, html] = [at, text];
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
