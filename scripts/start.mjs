// `npm start`: sets up what is missing, then becomes the supervisor. There is no second process in between, so Ctrl-C
// reaches it once, and its exit code is ours.
import { createRequire } from 'node:module';
import { setupOrExit } from './setup.mjs';

await setupOrExit();
const require = createRequire(import.meta.url);
require('./typescript.cjs');
require('../lab/stack/main.ts');
