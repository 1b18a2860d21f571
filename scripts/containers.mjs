// `npm run containers`: sets up what is missing, then runs lab/containers from its TypeScript.
import { createRequire } from 'node:module';
import { setupOrExit } from './setup.mjs';

const require = createRequire(import.meta.url);

if (!process.argv.includes('--help')) await setupOrExit({ withTemporal: true });
require('./typescript.cjs');
const { main } = require('../lab/containers/main.ts');
process.exit(await main(process.argv.slice(2)));
