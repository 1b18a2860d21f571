/** `npm run docs:pages`: goes the journeys, draws some pages, and prints what a screen reader tells of each state. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadStackConfig } from '../stack/config';
import { ensureTemporalCli } from '../stack/embedded';
import { openBrowser } from '../system/browser';
import { brokerJourney } from '../system/broker-journey';
import { agentRows, newBroker } from '../system/brokers';
import { inTurn } from '../system/closing';
import { importRoster } from '../system/commands';
import { memberJourney } from '../system/member-journey';
import { JOURNEY_RULES, withMouse } from '../system/page-visitor';
import { startServers } from '../system/servers';
import { createStack } from '../system/stack';

/** States with a picture in docs/images, and its name. */
const PICTURES: Readonly<Record<string, string>> = {
  'member: sign-in': 'pages-sign-in',
  'member: forgot-pin, wrong': 'pages-pin',
  'broker: register-details': 'pages-register',
};

/** `images`: the folder of the pictures. */
export async function tourPages(images: string): Promise<void> {
  const { temporalCliPath, env } = loadStackConfig(process.env);
  const cliPath = await ensureTemporalCli({ temporalCliPath, env, log: (line) => console.error(line) });
  const servers = await startServers({ cliPath });
  const brand = join(servers.folder, 'brand');
  await mkdir(brand);
  await writeFile(join(brand, 'portal.yaml'), stringify(JOURNEY_RULES));
  const stack = await createStack({ ...servers, withPages: true, env: { TENURE_BRAND: brand } });
  const browser = await openBrowser();
  try {
    await stack.start();
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en' });
    const visitor = withMouse(page, stack.pagesUrl);
    const lookAt = (portal: string) => async (state: string) => {
      const name = `${portal}: ${state}`;
      const path = PICTURES[name] && join(images, `${PICTURES[name]}.png`);
      if (path) await page.screenshot({ path, fullPage: true });
      console.log(`\n# ${name}\n${await page.title()}\n${await page.locator('body').ariaSnapshot()}`);
    };
    const person = await stack.addPerson('Maria');
    await memberJourney({ visitor, person, mailbox: stack.mailbox, look: lookAt('member') });
    const broker = newBroker('Dwyer');
    await importRoster(stack, 'agents', agentRows([broker]));
    const bringNewTerms = () =>
      stack.database.account.updateMany({
        where: { username: broker.username },
        data: { termsVersion: '2025-01' },
      });
    const { mailbox } = stack;
    await brokerJourney({ visitor, broker, mailbox, look: lookAt('broker'), bringNewTerms });
  } finally {
    await inTurn(
      () => browser.close(),
      () => stack.stop(),
      () => servers.stop(),
    );
  }
}
