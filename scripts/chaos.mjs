// `npm run chaos`: sets up what is missing, then runs the round of lab/chaos from its TypeScript.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const setup = fileURLToPath(new URL('setup.mjs', import.meta.url));

// Standard output is for the report, and may be JSON: what the setup says goes to the error stream.
const { status } = spawnSync(process.execPath, [setup, '--with-temporal'], { stdio: ['inherit', 2, 2] });
if (status !== 0) process.exit(status ?? 1);

require('./typescript.cjs');
const { main } = require('../lab/chaos/main.ts');
// The Temporal SDK and sockets of killed servers may keep the process alive; all that matters is ended by now.
process.exit(await main(process.argv.slice(2)));
