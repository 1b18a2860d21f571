// Adds to package-lock.json the optional packages of other platforms that a registry mirror did not carry.
//
// npm leaves out of the lock file what it could not fetch while resolving, and `npm ci` then refuses the lock file for
// not matching package.json. What is added has the exact version that its parent asks for, and no integrity hash:
// where such a package is installed, npm gets the hash from the registry there. Run it after `npm install`.
import { readFileSync, writeFileSync } from 'node:fs';

const FILE = new URL('../package-lock.json', import.meta.url);
const OS = [
  'darwin',
  'linux',
  'win32',
  'android',
  'freebsd',
  'openharmony',
  'openbsd',
  'netbsd',
  'sunos',
  'aix',
];
const CPU = ['arm64', 'x64', 'ia32', 'ppc64', 's390x', 'riscv64', 'loong64', 'arm'];

const lock = JSON.parse(readFileSync(FILE, 'utf8'));
const added = [];

for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    if (isLocked(path, name)) continue;
    lock.packages[`node_modules/${name}`] = entry(name, range, parent.dev === true);
    added.push(name);
  }
}

lock.packages = Object.fromEntries(Object.entries(lock.packages).toSorted(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(FILE, `${JSON.stringify(lock, null, 2)}\n`);
console.log(
  added.length === 0 ? 'package-lock.json is complete' : `added to package-lock.json: ${added.join(', ')}`,
);

/** Whether Node would find `name` from the package at `path`: beside it, or beside one of its parents. */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (lock.packages[`${folder === '' ? '' : `${folder}/`}node_modules/${name}`]) return true;
    if (folder === '') return false;
  }
}

function entry(name, range, dev) {
  const words = name.toLowerCase().replace('windows', 'win32').replace('armv7', 'arm').split(/[-/]/);
  const cpu = CPU.filter((word) => words.includes(word)).slice(0, 1);
  const os = OS.filter((word) => words.includes(word)).slice(0, 1);
  const libc = words.includes('musl') ? ['musl'] : words.includes('gnu') ? ['glibc'] : [];
  return {
    version: range.replace(/^[\^~]/, ''),
    ...(cpu.length ? { cpu } : {}),
    ...(dev ? { dev } : {}),
    ...(libc.length && os[0] === 'linux' ? { libc } : {}),
    optional: true,
    ...(os.length ? { os } : {}),
  };
}
