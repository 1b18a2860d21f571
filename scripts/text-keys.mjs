// Writes the types of all texts from the English catalog, so that a wrong key or placeholder does not compile.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
require('./typescript.cjs');
const { catalogOf, shapesOf } = require('../src/adapters/brand/catalog.ts');

const catalog = new URL('../brand/default/locales/en.json', import.meta.url);
const folder = new URL('../src/ports/generated/', import.meta.url);

const shapes = shapesOf(catalogOf(JSON.parse(readFileSync(catalog, 'utf8'))));
const lines = [...shapes]
  // Only templates have lists.
  .filter(([, { isList }]) => !isList)
  .map(([key, { placeholders }]) => {
    const values = [...placeholders].map(
      (name) => `readonly ${name}: ${name === 'count' ? 'number' : 'string | number'}`,
    );
    return `  '${key}': ${values.length === 0 ? 'null' : `{ ${values.join('; ')} }`};`;
  });

mkdirSync(folder, { recursive: true });
writeFileSync(
  new URL('text-keys.ts', folder),
  `/** Written by \`npm run generate\` from brand/default/locales/en.json: each text, and the values it takes. */
export interface TextValues {
${lines.join('\n')}
}
`,
);
