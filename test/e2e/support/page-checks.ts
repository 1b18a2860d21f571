/** What every page is, in every state. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import type { Language } from '../../../src/domain/portal';

/** At these widths, in CSS pixels, nothing is cut and nothing scrolls sideways: a phone's, and 1280 at 200 %. */
const WIDTHS = [320, 640];
export const DESKTOP = { width: 1280, height: 900 };

/** What Chromium says of a document with a status of 4xx: expected here. */
const REFUSED_DOCUMENT = /^Failed to load resource: the server responded with a status of 4\d\d/;

/** Of fields, by their names: what a password manager, or a browser's own memory, needs. */
const AUTOCOMPLETE: Readonly<Record<string, string>> = {
  username: 'username',
  email: 'email',
  phone: 'tel',
  pin: 'one-time-code',
  code: 'one-time-code',
  currentPassword: 'current-password',
  confirmation: 'new-password',
  firstName: 'given-name',
  lastName: 'family-name',
};

interface Checked {
  readonly language: Language;
  readonly origin: string;
  /** Without it, only what needs no script of ours is looked at. */
  readonly scripts: boolean;
  /** Also goes through the page with Tab: it takes long. */
  readonly tabs: boolean;
}

/** `look` looks at the page as it is now; what it finds is in `complaints`, and where it was in `visited`. */
export function checkPages(page: Page, { language, origin, scripts, tabs }: Checked) {
  const complaints: string[] = [];
  const visited = new Set<string>();
  let state = '';
  const complain = (what: string): void => {
    complaints.push(`${state} (${page.url()}): ${what}`);
  };
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !REFUSED_DOCUMENT.test(message.text()))
      complain(message.text());
  });
  page.on('pageerror', (error) => complain(error.message));
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) complain(`asks ${request.url()}`);
  });

  const look = async (now: string): Promise<void> => {
    state = now;
    visited.add(new URL(page.url()).pathname);
    for (const each of await page.evaluate<string[]>(factsWrong(language))) complain(each);
    if (!scripts) {
      for (const each of await page.evaluate<string[]>(CUT)) complain(each);
      return;
    }
    if (await page.evaluate<boolean>(SUMMARY_WITHOUT_FOCUS)) complain('the error summary has no focus');
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode(true)
      // To tell what passed, and to load styles from elsewhere, takes long.
      .options({ resultTypes: ['violations'], reporter: 'no-passes', preload: false })
      .analyze();
    for (const { id, nodes } of violations)
      complain(
        `axe: ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
      );
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      for (const each of await page.evaluate<string[]>(CUT)) complain(`${width} px: ${each}`);
    }
    await page.setViewportSize(DESKTOP);
    await page.evaluate(`document.documentElement.style.fontSize = '200%'`);
    for (const each of await page.evaluate<string[]>(CUT)) complain(`text of 200 %: ${each}`);
    await page.evaluate(`document.documentElement.style.fontSize = ''`);
    if (tabs) for (const each of await tabThrough(page)) complain(each);
  };
  return { look, complaints, visited };
}

/** Title, language, fields, and links within the page. Written as text: the browser runs it. */
const factsWrong = (language: Language): string => `(() => {
  const wrong = [];
  const autocomplete = ${JSON.stringify(AUTOCOMPLETE)};
  const all = (selector) => [...document.querySelectorAll(selector)];
  if (document.documentElement.lang !== ${JSON.stringify(language)}) wrong.push('lang is ' + document.documentElement.lang);
  const headings = all('h1').map((each) => each.textContent.trim());
  if (headings.length !== 1) wrong.push(headings.length + ' headings of the first level');
  const isWrong = document.querySelector('.govuk-error-summary') !== null;
  const said = document.title.startsWith('Error: ');
  if (said !== isWrong) wrong.push('title: ' + document.title);
  if (!document.title.replace('Error: ', '').startsWith(headings[0])) wrong.push('title: ' + document.title);
  if (/undefined|\\[object|{{|NaN|null/.test(document.body.innerText)) wrong.push('text: ' + document.body.innerText);
  for (const field of all('input:not([type=hidden]), select, textarea')) {
    const asked = autocomplete[field.name] ?? (field.type === 'password' ? 'password' : undefined);
    if (asked !== undefined && !field.autocomplete.endsWith(asked)) wrong.push(field.name + ' has autocomplete ' + field.autocomplete);
    if (['password', 'pin', 'code', 'confirmation', 'currentPassword'].includes(field.name) && field.getAttribute('value'))
      wrong.push(field.name + ' was sent back');
  }
  for (const link of all('a[href^="#"]')) {
    const target = document.getElementById(link.hash.slice(1));
    if (target === null) wrong.push('leads nowhere: ' + link.outerHTML);
  }
  for (const field of all('[aria-describedby]'))
    for (const id of field.getAttribute('aria-describedby').split(' '))
      if (document.getElementById(id) === null) wrong.push('described by nothing: ' + id);
  return wrong;
})()`;

const SUMMARY_WITHOUT_FOCUS = `(() => {
  const summary = document.querySelector('.govuk-error-summary');
  return summary !== null && document.activeElement !== summary;
})()`;

/** What is wider than the window, or than what it is in. */
const CUT = `(() => {
  const wrong = [];
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push('scrolls sideways: ' + scrollWidth + ' in ' + clientWidth);
  for (const each of document.querySelectorAll('body *')) {
    if (each.closest('input, .govuk-visually-hidden, .govuk-skip-link, [hidden], dialog:not([open])')) continue;
    const { right, left, width } = each.getBoundingClientRect();
    const hides = getComputedStyle(each).overflowX !== 'visible';
    if (width > 0 && (right > clientWidth + 1 || left < -1 || (hides && each.scrollWidth > each.clientWidth + 1)))
      wrong.push('is cut: ' + each.outerHTML.slice(0, 200));
  }
  return wrong;
})()`;

/** Every link, field and button that is there, in the order in which it should get the focus; of radio buttons the chosen one. */
const FOCUSABLE = `[...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter((each) =>
  !each.disabled && each.type !== 'hidden' && (each.type !== 'radio' || each.checked) && each.tabIndex >= 0 && (each.checkVisibility() || each.matches('.govuk-skip-link')))`;

/** The button that asks for another PIN or code may be used after a while, which may pass meanwhile. */
const MAY_BE_USED_NOW = 'may be used now';

/** What is wrong with the focus, which should be on this one of `toFocus`. */
const focusIsOn = (index: number): string => `(() => {
  const { activeElement } = document;
  const wanted = toFocus[${index}];
  if (!toFocus.includes(activeElement) && activeElement.matches('[data-wait-seconds] button')) return '${MAY_BE_USED_NOW}';
  if (activeElement !== wanted) return 'Tab comes to ' + activeElement.outerHTML.slice(0, 150) + ' instead of ' + wanted.outerHTML.slice(0, 150);
  const { outlineStyle, boxShadow } = getComputedStyle(activeElement);
  return outlineStyle === 'none' && boxShadow === 'none' ? 'nothing shows the focus of ' + activeElement.outerHTML.slice(0, 150) : null;
})()`;

/** From the beginning of the page: whether Tab comes to all, in order, and each shows that it has the focus. */
async function tabThrough(page: Page): Promise<readonly string[]> {
  const count = await page.evaluate<number>(`(() => {
    // Without a focus, Tab would go on from where it was: from the error summary.
    document.body.tabIndex = -1;
    document.body.focus();
    globalThis.toFocus = ${FOCUSABLE};
    return toFocus.length;
  })()`);
  const wrong: string[] = [];
  for (let index = 0; index < count; index++) {
    await page.keyboard.press('Tab');
    let found = await page.evaluate<string | null>(focusIsOn(index));
    if (found === MAY_BE_USED_NOW) {
      await page.keyboard.press('Tab');
      found = await page.evaluate<string | null>(focusIsOn(index));
    }
    if (found !== null) wrong.push(found);
  }
  return wrong;
}
