// Makes a bare clone runnable: checks Node, installs the packages, builds, and gets the Temporal CLI when asked
// (`--with-temporal`). Does only what is missing, and needs nothing but Node itself.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 19];

/** A sentence for people; no stack trace belongs under it. */
class SetupError extends Error {}

export async function setup({ withTemporal = false } = {}) {
  checkNode();
  if (!installed()) {
    refuseLinkedFolder();
    await step('Installing packages', [...npm(), 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
      advice: 'Check that this machine reaches the npm registry, then run "npm ci" to see more.',
    });
  }
  const inputs = buildInputs();
  if (!built(inputs)) {
    // Whatever a build that fails leaves is no build of any sources.
    rmSync(buildStamp(), { force: true });
    await step('Building', [...npm(), 'run', 'build'], {
      advice: 'What it said is above; "npm run build" runs it again.',
    });
    writeFileSync(buildStamp(), inputs);
  }
  if (withTemporal) {
    const script = join(root, 'lab', 'stack', 'temporal-cli-main.ts');
    await inherit([process.execPath, '--require', join(root, 'scripts', 'typescript.cjs'), script]);
  }
}

/** Runs `setup` and ends the process with a clear message when it cannot be done. */
export async function setupOrExit(options) {
  try {
    await setup(options);
  } catch (error) {
    console.error(error instanceof SetupError ? `\n${error.message}` : error);
    process.exit(1);
  }
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new SetupError(
    `Tenure needs Node.js ${oldestNode.join('.')} or newer, and this is ${process.versions.node}. ` +
      'Install a newer one (https://nodejs.org) and start again.',
  );
}

/**
 * Whether node_modules holds what package-lock.json names. npm writes what it installed into a lock file of its own, last
 * of all, so an interrupted install does not pass.
 */
function installed() {
  try {
    const wanted = packagesOf(join(root, 'package-lock.json'));
    const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
    return Object.entries(wanted).every(([path, { version, optional, peer }]) => {
      if (path === '') return true;
      const found = present[path];
      // Packages for other platforms are in the lock file and rightly not here.
      return found ? found.version === version : Boolean(optional || peer);
    });
  } catch {
    return false;
  }
}

/** `npm ci` begins by emptying the folder, through a link too: that would be somebody else's. */
function refuseLinkedFolder() {
  const folder = join(root, 'node_modules');
  if (!lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  throw new SetupError(
    `${folder} is a link to another folder, and its packages are not those of package-lock.json. ` +
      'Remove the link, or install there.',
  );
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

function built(inputs) {
  return (
    existsSync(join(root, 'dist', 'server.js')) &&
    existsSync(buildStamp()) &&
    readFileSync(buildStamp(), 'utf8') === inputs
  );
}

function buildStamp() {
  return join(root, 'dist', '.tenure-build');
}

/** One digest of everything a build reads. */
function buildInputs() {
  const hash = createHash('sha256');
  const settings = readdirSync(root)
    .filter((name) => /^(package.*|tsconfig.*)\.json$|^prisma\.config\.ts$/.test(name))
    .toSorted();
  const sources = ['src', 'prisma', 'scripts', 'brand'].flatMap(filesUnder);
  for (const path of [...settings, ...sources]) {
    if (!existsSync(join(root, path))) continue;
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0');
  }
  return hash.digest('hex');
}

function filesUnder(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      // Outputs of the build, though they lie among the sources: the Prisma client, the keys of texts, the layout of emails.
      if (entry.isDirectory()) return entry.name === 'generated' ? [] : filesUnder(path);
      return entry.name === 'layout.html.njk' ? [] : [path];
    });
}

/** The npm that runs us, or the one on PATH. */
function npm() {
  const cli = process.env.npm_execpath;
  return cli && /npm-cli\.c?js$/.test(cli) ? [process.execPath, cli] : ['npm'];
}

/** Runs a long command quietly, with the time it takes on the screen; what it said is shown when it fails. */
async function step(title, [command, ...args], { advice }) {
  const startedAt = Date.now();
  const elapsed = () => `${((Date.now() - startedAt) / 1000).toFixed(0)} s`;
  const live = process.stdout.isTTY;
  const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';
  let tick = 0;
  if (!live) console.log(`${title} ...`);
  const timer = setInterval(
    () => {
      tick += 1;
      if (live)
        process.stdout.write(
          `\r  \x1b[36m${frames[tick % frames.length]}\x1b[0m ${title}  \x1b[2m${elapsed()}\x1b[0m\x1b[K`,
        );
      else console.log(`${title}: still at it after ${elapsed()}`);
    },
    live ? 100 : 15_000,
  );
  const { code, output } = await collect(command, args);
  clearInterval(timer);
  if (live) process.stdout.write('\r\x1b[K');
  if (code === 0) {
    console.log(
      live ? `  \x1b[32m✔\x1b[0m ${title}  \x1b[2m${elapsed()}\x1b[0m` : `${title}: done after ${elapsed()}`,
    );
    return;
  }
  throw new SetupError(
    `${output.trimEnd()}\n\n${title} failed (${[command, ...args].join(' ')}: exit code ${code}).\n${advice}`,
  );
}

function collect(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (output += text));
    child.once('error', (error) => resolve({ code: error.code ?? 1, output: error.message }));
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}

/** Runs a command that talks to the screen itself. */
async function inherit([command, ...args]) {
  const code = await new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' });
    child.once('error', () => resolve(1));
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  });
  if (code !== 0) throw new SetupError('The Temporal CLI could not be had; see above.');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await setupOrExit({ withTemporal: process.argv.includes('--with-temporal') });
}
