/**
 * Which room may import what: docs/architecture.md, Parts and layers. `npm run check` enforces it. An import of a type counts
 * like any other.
 *
 * Paths are regular expressions. A package is known by its folder in node_modules, a module of Node by its name.
 */
const rooms = (...names) => `^src/(${names.join('|')})/`;
const packages = (...names) => `node_modules/(@types/)?(${names.join('|')})/`;
const node = (...names) => `^(${names.join('|')})$`;

const SETTINGS = '^src/(config|settings|setting-forms)[.]ts$';
const ENTRANCES = '^src/(server|worker|web)[.]ts$';
const SIGNALS = '^src/signals[.]ts$';
const OURS = '^(src|lab|test|scripts)/';

/** What is at `from` imports what is `allowed` and nothing else: no other room, package or module of Node. */
const importsOnly = (name, comment, from, ...allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
});

/** What is at `from` imports from this repository only what is `allowed`, and any package. */
const knowsOnly = (name, comment, from, ...allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { path: OURS, pathNot: [from, ...allowed] },
});

const never = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    importsOnly(
      'domain-is-pure',
      'Domain imports itself, and luxon for calendars.',
      rooms('domain'),
      packages('luxon'),
    ),
    importsOnly(
      'contracts-know-domain',
      'Contracts are what crosses between API and runs: workflow code loads them, so they use no module of Node.',
      rooms('contracts'),
      rooms('domain'),
      packages('@temporalio/(common|workflow)'),
      '^package[.]json$',
    ),
    importsOnly(
      'ports-know-contracts',
      'Ports say what the inside needs, in words of domain and contracts: nothing of Prisma or Temporal.',
      rooms('ports'),
      rooms('contracts', 'domain'),
      node('crypto'),
    ),
    importsOnly(
      'workflows-are-deterministic',
      'Workflow code is replayed: no module of Node and no client. It knows activities by their types in contracts.',
      rooms('workflows'),
      rooms('contracts', 'domain'),
      packages('@temporalio/(common|workflow)'),
    ),
    importsOnly(
      'activities-use-ports',
      'Activities reach the outside through ports.',
      rooms('activities'),
      rooms('ports', 'contracts', 'domain'),
      packages('@temporalio/(activity|common)', 'p-limit'),
      node('crypto'),
    ),
    knowsOnly(
      'api-uses-ports',
      'The API reaches the outside, and runs, through ports.',
      rooms('api'),
      rooms('ports', 'contracts', 'domain'),
    ),
    never(
      'api-has-no-client',
      'Only adapters speak to PostgreSQL and Temporal.',
      { path: rooms('api') },
      { path: packages('@prisma', '@temporalio', 'pg') },
    ),
    never(
      'http-knows-no-feature',
      'api/http serves every feature and imports none.',
      { path: '^src/api/http/' },
      { path: '^src/api/[^/]+/', pathNot: '^src/api/http/' },
    ),
    knowsOnly(
      'web-uses-http',
      'Pages reach Tenure over HTTP, like any other front end. They know the words of ports, and of the API the types of what it takes and gives (.oxlintrc.json).',
      rooms('web'),
      rooms('ports', 'contracts', 'domain'),
      '^src/api/[^/]+/schemas[.]ts$',
    ),
    knowsOnly(
      'settings-know-domain',
      'Settings have defaults from the domain. They know nothing of who reads them.',
      SETTINGS,
      rooms('domain'),
    ),
    knowsOnly(
      'adapters-implement-ports',
      'Adapters implement ports and know nothing of who calls them.',
      rooms('adapters'),
      rooms('activities', 'ports', 'contracts', 'domain'),
      SETTINGS,
    ),
    never(
      'only-temporal-uses-a-step',
      'adapters/temporal may use a step of activities where the API does the same as a run (ADR 41). No other adapter may.',
      { path: rooms('adapters'), pathNot: '^src/adapters/temporal/' },
      { path: rooms('activities') },
    ),
    knowsOnly(
      'commands-use-adapters',
      'A command is a process of its own: it uses adapters, and nothing of API and worker. The samples of pages are for those who look at a brand.',
      rooms('cli'),
      '^src/web/samples/sample-site[.]ts$',
      rooms('adapters', 'ports', 'contracts', 'domain'),
      SETTINGS,
      SIGNALS,
    ),
    knowsOnly(
      'compose-puts-together',
      'Compose puts API, pages and activities together with adapters. Workflows are loaded as a bundle.',
      rooms('compose'),
      rooms('activities', 'adapters', 'api', 'web', 'ports', 'contracts', 'domain'),
      SETTINGS,
      SIGNALS,
    ),
    never(
      'samples-are-for-commands',
      'A page that people use has nothing invented.',
      { path: '^src/', pathNot: ['^src/cli/', '^src/web/samples/'] },
      { path: '^src/web/samples/' },
    ),
    never('nothing-imports-an-entrance', 'Entry points are at the top.', {}, { path: ENTRANCES }),
    never(
      'lab-is-not-shipped',
      'dist has neither lab nor tests.',
      { path: '^src/' },
      { path: '^(lab|test|scripts)/' },
    ),
    never('lab-knows-no-test', 'Tests stand on the lab.', { path: '^lab/' }, { path: '^test/' }),
    never('no-cycles', 'What imports each other is one thing in two files.', {}, { circular: true }),
    never(
      'rooms-have-a-rule',
      'A new folder of src needs a rule above, and its name here.',
      {
        path: '^src/[^/]+/',
        pathNot: rooms(
          'domain',
          'contracts',
          'ports',
          'workflows',
          'activities',
          'api',
          'adapters',
          'web',
          'cli',
          'compose',
        ),
      },
      {},
    ),
    never(
      'imports-are-found',
      'No rule holds for an import that leads nowhere: is the package installed, and "npm run generate" done?',
      // Browsers load those by the address that the server gives them.
      { pathNot: '^src/web/public/' },
      { couldNotResolve: true },
    ),
  ],
  options: {
    // TypeScript 7 has no API for tools.
    parser: 'swc',
    doNotFollow: { path: ['node_modules', '^src/adapters/generated/'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['node', 'require', 'default'] },
  },
};
