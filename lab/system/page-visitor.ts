/** Somebody in front of a browser: with a mouse, or with the keyboard alone. */
import type { Page } from 'playwright-core';

/** What portal.yaml has for journeys: a new PIN at once, for brokers too, and few wrong entries until the last one. */
export const JOURNEY_RULES = {
  resetLimits: { guessesPerDay: 3 },
  portals: {
    member: { pin: { resendAfterSeconds: 1 } },
    broker: { recovery: 'either', pin: { digits: 4, validForMinutes: 20, resendAfterSeconds: 1 } },
  },
} as const;

/** Called in every state of every page that a journey comes to. */
export type Look = (state: string) => Promise<void>;

export interface PageVisitor {
  readonly page: Page;
  open(path: string): Promise<void>;
  /** Types into the field of this name. */
  fill(name: string, typed: string): Promise<void>;
  /** Chooses from the list, or the radio buttons, of this name. */
  choose(name: string, value: string): Promise<void>;
  /** Ticks the box of this name. */
  tick(name: string): Promise<void>;
  /** Uses a link or button, and waits for the page behind it. */
  use(selector: string): Promise<void>;
}

/** The button of the first form, without an action of its own. */
export const SUBMIT = 'main form button[type=submit]:not([name])';

/** Asks for another PIN as soon as there is one: without scripts, the button does not wait for that. */
export async function resend({ page, use }: PageVisitor): Promise<void> {
  do await use('button[value=resend]:not([disabled])');
  while (!page.url().endsWith('resent=yes'));
}

const opening = (page: Page, origin: string) => async (path: string) => void (await page.goto(origin + path));

async function thenLoaded(page: Page, act: () => Promise<unknown>): Promise<void> {
  const loaded = page.waitForEvent('load');
  await Promise.all([loaded, act()]);
}

export const withMouse = (page: Page, origin: string): PageVisitor => ({
  page,
  open: opening(page, origin),
  fill: (name, typed) => page.locator(`[name=${name}]:visible`).fill(typed),
  async choose(name, value) {
    const radio = page.locator(`[type=radio][name=${name}][value=${value}]`);
    if ((await radio.count()) > 0) await radio.check();
    else await page.locator(`[name=${name}]`).selectOption(value);
  },
  tick: (name) => page.locator(`[name=${name}]`).check(),
  use: (selector) => thenLoaded(page, () => page.locator(selector).first().click()),
});

/** More than any page has of what can be focused. */
const MOST_TABS = 80;

export function withKeyboard(page: Page, origin: string): PageVisitor {
  const tabTo = async (selector: string): Promise<void> => {
    for (let tabs = 0; tabs < MOST_TABS; tabs++) {
      if (await page.evaluate<boolean>(`document.activeElement.matches(${JSON.stringify(selector)})`)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab never came to ${selector} on ${page.url()}`);
  };
  return {
    page,
    open: opening(page, origin),
    async fill(name, typed) {
      await tabTo(`[name=${name}]`);
      await page.keyboard.press('ControlOrMeta+a');
      // At once: a key for each character takes longer than all the rest of a page.
      await page.keyboard.insertText(typed);
    },
    async choose(name, value) {
      await tabTo(`[name=${name}]`);
      while ((await page.evaluate('document.activeElement.value')) !== value)
        await page.keyboard.press('ArrowDown');
    },
    async tick(name) {
      await tabTo(`[name=${name}]`);
      await page.keyboard.press('Space');
    },
    async use(selector) {
      await tabTo(selector);
      await thenLoaded(page, () => page.keyboard.press('Enter'));
    },
  };
}
