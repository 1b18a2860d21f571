// `npm run docs:imports`: docs/imports.md, a drawing of which room of src and lab imports which, on stdout.
import { createRequire } from 'node:module';
import { cruise } from 'dependency-cruiser';

const { options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');
const { output } = await cruise(['src', 'lab'], {
  ...options,
  includeOnly: '^(src|lab)/',
  collapse: '^(src|lab)/[^/]+',
});
const imports = new Map(
  output.modules.map(({ source, dependencies }) => [source, dependencies.map(({ resolved }) => resolved)]),
);

const reaches = (from, to) => imports.get(from).some((next) => next === to || reaches(next, to));
const arrows = [...imports]
  .flatMap(([from, all]) =>
    all.filter((to) => !all.some((other) => reaches(other, to))).map((to) => `  ${from} --> ${to}`),
  )
  .toSorted((a, b) => (a < b ? -1 : 1));

process.stdout.write(`# Imports between rooms

<!-- Written by \`npm run docs:imports\`. -->

An arrow goes from a room to one that it imports. There is none where other arrows lead there as well: \`api\` imports
\`domain\` itself, not only through \`ports\`. What a room may import is in
[.dependency-cruiser.cjs](../.dependency-cruiser.cjs), and why in [architecture.md](architecture.md#parts-and-layers).

\`\`\`mermaid
flowchart TD
${arrows.join('\n')}
\`\`\`
`);
