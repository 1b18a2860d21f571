// `npm run docs:settings`: writes docs/settings.md from the schemas of the settings.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('./typescript.cjs');
const { SETTINGS_PAGE, settingsPage } = require('../lab/docs/settings-page.ts');
writeFileSync(new URL(`../${SETTINGS_PAGE}`, import.meta.url), settingsPage());
