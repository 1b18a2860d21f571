// `npm run docs:pages`: draws docs/images/pages-*.png, and prints the accessibility tree of every page in every state.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setupOrExit } from './setup.mjs';

await setupOrExit({ withTemporal: true });
const require = createRequire(import.meta.url);
require('./typescript.cjs');
await require('../lab/docs/pages-tour.ts').tourPages(
  fileURLToPath(new URL('../docs/images', import.meta.url)),
);
