/** A reset through the pages while the parts behind them are killed and frozen between any two steps. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { startMailServer, type MailServer } from '../../lab/chaos/mail-server';
import { openBrowser } from '../../lab/system/browser';
import { inTurn } from '../../lab/system/closing';
import { newPassword } from '../../lab/system/members';
import { SUBMIT } from '../../lab/system/page-visitor';
import { createStack, type Stack } from '../../lab/system/stack';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/until';
import { closeStack } from './support/close-stack';

let folder: string;
let database: TestDatabase;
let mail: MailServer;
let stack: Stack;
let browser: Browser;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-pages-'));
  [database, mail, browser] = await Promise.all([
    createTestDatabase(),
    startMailServer(folder, new AbortController().signal),
    openBrowser(),
  ]);
  const temporalAddress = process.env['TENURE_TEST_TEMPORAL']!;
  stack = await createStack({
    databaseUrl: database.url,
    temporalAddress,
    mailbox: mail.mailbox,
    withPages: true,
  });
  await stack.start();
});

afterAll(() =>
  inTurn(
    () => browser.close(),
    () => closeStack(stack),
    () => database.drop(),
    () => rm(folder, { recursive: true }),
  ),
);

/** Long enough for a request to reach the part that is frozen. */
const FROZEN_MS = 500;

describe('a reset through the pages', () => {
  it('goes on after each part was killed, and while each is frozen, between any two steps', async () => {
    const person = await stack.addPerson('pagessurvive');
    const page = await browser.newPage();
    const chosen = newPassword();
    const parts = [stack.worker, mail.server, stack.api, stack.web];
    // Each part is the last one to be killed before one of the steps.
    const trouble = async (): Promise<void> => {
      parts.unshift(parts.pop()!);
      for (const part of parts) {
        await part.kill();
        await part.start();
      }
    };
    const steps: readonly [fields: () => Promise<Readonly<Record<string, string>>>, leadsTo: string][] = [
      [async () => ({ email: person.email }), '/member/forgot/pin'],
      [async () => ({ pin: await stack.mailbox.pinTo(person.email) }), '/member/forgot/choose'],
      [async () => ({ password: chosen, confirmation: chosen }), '/member/forgot/done'],
      [async () => ({ username: person.username, password: chosen }), '/member/account'],
    ];

    await page.goto(`${stack.pagesUrl}/member/forgot`);
    for (const [fieldsOf, leadsTo] of steps) {
      const fields = await fieldsOf();
      await trouble();
      for (const part of parts) part.freeze();
      const sent = send(page, fields, leadsTo);
      await sleep(FROZEN_MS);
      for (const part of parts) part.thaw();
      await sent;
      await until(async () => {
        if (!page.url().endsWith(leadsTo)) await send(page, fields, leadsTo);
        return page.url().endsWith(leadsTo);
      });
      if (leadsTo.endsWith('/done')) await page.locator('main a[href="/member/sign-in"]').click();
    }
    await stack.mailbox.mailTo(person.email, 2);

    const subjects = (await stack.mailbox.mailsTo(person.email)).map(
      ({ messageId }) => messageId.split('.')[0],
    );
    expect(subjects).toEqual(['<pin', '<password-changed']);
    expect(await page.locator('h1').textContent()).toContain(person.firstName);
    expect(await stack.credentialsOf(person)).toHaveLength(2);
  });
});

/** Types it again, as whoever was told to, and sends the form. Where it leads shows itself. */
async function send(page: Page, fields: Readonly<Record<string, string>>, leadsTo: string): Promise<void> {
  for (const [name, typed] of Object.entries(fields)) await page.locator(`[name=${name}]`).fill(typed);
  const loaded = page.waitForEvent('load');
  await page.locator(SUBMIT).click();
  await loaded;
  if (!page.url().endsWith(leadsTo)) expect(await page.title()).toMatch(/^Error: /);
}
