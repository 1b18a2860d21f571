// `npm start`: sets up what is missing, then becomes the supervisor. There is no second process in between, so Ctrl-C
// reaches it once, and its exit code is ours.
import { setupOrExit } from './setup.mjs';

await setupOrExit();
await import('../dist/dev.js');
