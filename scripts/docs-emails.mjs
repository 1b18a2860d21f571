// `npm run docs:emails`: draws docs/images/emails.png, with the Chromium on this machine.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
require('./typescript.cjs');
const { emailSheet } = require('../lab/docs/email-sheet.ts');
const { brand } = require('../lab/system/brand.ts');
const { findChromium } = require('../lab/system/browser.ts');

const PICTURES = [
  { kind: 'pin', language: 'en', scheme: 'light', width: 640 },
  { kind: 'pin', language: 'es', scheme: 'dark', width: 640 },
  { kind: 'agentOfRecord', state: 'lost, agent-not-certified', language: 'es', scheme: 'light', width: 320 },
  { kind: 'planChangeCompleted', language: 'en', scheme: 'dark', width: 320 },
  { kind: 'signInCode', language: 'en', scheme: 'light', width: 640 },
  { kind: 'twoStepChanged', language: 'es', scheme: 'dark', width: 640 },
];

const folder = mkdtempSync(join(tmpdir(), 'tenure-emails-'));
const page = join(folder, 'emails.html');
writeFileSync(page, emailSheet(brand, PICTURES));
execFileSync(findChromium(), [
  '--headless',
  '--no-sandbox',
  '--hide-scrollbars',
  '--virtual-time-budget=3000',
  '--force-device-scale-factor=0.7',
  '--window-size=2000,1960',
  `--screenshot=${fileURLToPath(new URL('../docs/images/emails.png', import.meta.url))}`,
  `file://${page}`,
]);
rmSync(folder, { recursive: true });
