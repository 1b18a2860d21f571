/** The pages in a real browser, with every part real: what web.md asks of each, in every state that it has. */
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { openBrowser } from '../../lab/system/browser';
import { brokerJourney } from '../../lab/system/broker-journey';
import { agentRows, newBroker } from '../../lab/system/brokers';
import { importRoster } from '../../lab/system/commands';
import { memberJourney } from '../../lab/system/member-journey';
import {
  JOURNEY_RULES,
  withKeyboard,
  withMouse,
  type Look,
  type PageVisitor,
} from '../../lab/system/page-visitor';
import type { Stack } from '../../lab/system/stack';
import { pages } from '../../src/web/app';
import type { Language } from '../../src/domain/portal';
import { brandFolder } from '../support/brand';
import { checkPages, DESKTOP } from './support/page-checks';
import { withStack } from './support/with-stack';

let stack: Stack;
let browser: Browser;

withStack(
  (started) => (stack = started),
  () =>
    Promise.resolve({
      withPages: true,
      env: {
        TENURE_BRAND: brandFolder({ 'portal.yaml': JOURNEY_RULES }),
      },
    }),
);
beforeAll(async () => (browser = await openBrowser()));
afterAll(() => browser.close());

interface Way {
  readonly language: Language;
  readonly keyboard?: boolean;
  readonly scripts?: boolean;
  readonly context?: BrowserContextOptions;
}

/** What somebody does in a browser of their own. */
type Journey = (visitor: PageVisitor, look: Look, name: string, language: Language) => Promise<void>;

const member: Journey = async (visitor, look, name, language) => {
  const person = await stack.addPerson(name, { language });
  await memberJourney({ visitor, person, mailbox: stack.mailbox, look });
};

const broker: Journey = async (visitor, look, name) => {
  const listed = newBroker(name);
  await importRoster(stack, 'agents', agentRows([listed]));
  const bringNewTerms = () =>
    stack.database.account.updateMany({
      where: { username: listed.username },
      data: { termsVersion: '2025-01' },
    });
  await brokerJourney({ visitor, broker: listed, mailbox: stack.mailbox, look, bringNewTerms });
};

/** Goes the whole way; returns what is wrong, and which pages of the portal it did not come to. */
async function go(
  portal: 'member' | 'broker',
  name: string,
  { language, keyboard = false, scripts = true, context = {} }: Way,
) {
  const opened = await browser.newContext({
    viewport: DESKTOP,
    locale: language,
    javaScriptEnabled: scripts,
    ...context,
  });
  const page = await opened.newPage();
  const origin = stack.pagesUrl;
  const { look, complaints, visited } = checkPages(page, { language, origin, scripts, tabs: keyboard });
  const visitor = (keyboard ? withKeyboard : withMouse)(page, origin);
  await { member, broker }[portal](visitor, look, name, language);
  await opened.close();
  const ofPortal = pages.map(({ path }) => path).filter((path) => path.startsWith(`/${portal}/`));
  return { complaints, missed: ofPortal.filter((path) => !visited.has(path)) };
}

const NOTHING = { complaints: [], missed: [] };
const phone = { viewport: { width: 320, height: 640 } };

describe('every page, in every state', () => {
  it('of members in English, with a mouse: from a forgotten password to signed in, and every mistake', async () => {
    expect(await go('member', 'pagesmouse', { language: 'en' })).toEqual(NOTHING);
  });

  it('of brokers in English, with a mouse: from an access code to signed in, and every mistake', async () => {
    expect(await go('broker', 'pagesbrokermouse', { language: 'en' })).toEqual(NOTHING);
  });

  it.each(['member', 'broker'] as const)('of %ss without scripts, on a phone', async (portal) => {
    const way = { language: 'en', scripts: false, context: phone } as const;
    expect(await go(portal, `pagesphone${portal}`, way)).toEqual(NOTHING);
  });

  it.each(['member', 'broker'] as const)('of %ss in Spanish, with the keyboard alone', async (portal) => {
    expect(await go(portal, `pageskeys${portal}`, { language: 'es', keyboard: true })).toEqual(NOTHING);
  });
});

describe('languages', () => {
  it('The first visit follows the browser; ?lang= switches, and is kept', async () => {
    const opened = await browser.newContext({ locale: 'es-MX' });
    const page = await opened.newPage();
    const lang = () => page.locator('html').getAttribute('lang');
    const seen = [];

    await page.goto(`${stack.pagesUrl}/member/sign-in`);
    seen.push(await lang());
    await page.getByRole('link', { name: 'English' }).click();
    await page.waitForURL('**/member/sign-in?lang=en');
    seen.push(await lang());
    await page.goto(`${stack.pagesUrl}/member/forgot?for=user-id`);
    seen.push(await lang());
    await page.getByRole('link', { name: 'Español' }).click();
    await page.waitForURL('**/member/forgot?for=user-id&lang=es');
    seen.push(await lang(), await page.title());
    await opened.close();

    expect(seen).toEqual(['es', 'en', 'en', 'es', expect.stringContaining('ID de usuario')]);
  });
});
