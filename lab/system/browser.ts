/** The browser on this machine. */
import { existsSync } from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const USUAL_PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Where Chromium is: `CHROMIUM_PATH`, or the first of the usual places. Throws with what to install. */
export function findChromium(env: NodeJS.ProcessEnv = process.env, places = USUAL_PLACES): string {
  const asked = env['CHROMIUM_PATH'];
  const found = (asked === undefined ? places : [asked]).find((path) => existsSync(path));
  if (found !== undefined) return found;
  const where = asked === undefined ? 'in none of the usual places' : `not at CHROMIUM_PATH=${asked}`;
  throw new Error(
    `The pages are tested in a real browser, and Chromium is ${where}. Install it (Debian, Ubuntu: "apt install chromium"), or set CHROMIUM_PATH to a Chromium or Chrome.`,
  );
}

/** One is enough for a test file: its contexts share nothing. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(),
    // Chromium refuses its sandbox to root.
    chromiumSandbox: process.getuid?.() !== 0,
  });
