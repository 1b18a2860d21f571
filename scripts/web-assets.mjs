// Compiles the styles of the pages (`npm run generate`); with a folder, puts all that browsers load there (`npm run build`).
import { cpSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compile } from 'sass';

const root = new URL('../', import.meta.url);
const path = (name) => fileURLToPath(new URL(name, root));

const { css } = compile(path('src/web/styles.scss'), {
  style: 'compressed',
  loadPaths: [path('node_modules')],
  quietDeps: true,
});
writeFileSync(path('src/web/public/pages.css'), css);

const [folder] = process.argv.slice(2);
if (folder !== undefined) cpSync(path('src/web/public'), folder, { recursive: true });
