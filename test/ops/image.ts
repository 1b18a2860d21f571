/** What the Dockerfile makes, without a Docker engine: its instructions, its build context, and a folder like its /app. */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { projectRoot } from '../../lab/stack/project-root';

export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

export const readProjectFile = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

/** The Dockerfile's stages, each from its FROM on. */
export function readStages(): Instruction[][] {
  const text = readProjectFile('Dockerfile')
    .replace(/^#.*\n/gm, '')
    .replace(/\\\n/g, ' ');
  const stages: Instruction[][] = [];
  for (const line of text.split('\n').filter((each) => each.trim() !== '')) {
    const [name = '', ...words] = line.trim().split(/\s+/);
    if (name === 'FROM') stages.push([]);
    stages.at(-1)?.push({ name, rest: words.join(' ') });
  }
  return stages;
}

/** What COPY takes from the build context, in whichever stage. */
export const copiedFromContext = (stage: readonly Instruction[]): string[] =>
  stage
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => rest.split(' ').slice(0, -1));

/** Whether .dockerignore keeps `path` out of the build context: the last pattern that fits it, or a folder it is in, decides. */
export function isIgnored(path: string): boolean {
  const patterns = readProjectFile('.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const folders = path.split('/').map((_name, depth, names) => names.slice(0, depth + 1).join('/'));
  let ignored = false;
  for (const pattern of patterns) {
    const name = pattern.replace(/^!/, '');
    if (name === '*' || folders.includes(name)) ignored = !pattern.startsWith('!');
  }
  return ignored;
}

interface LockedPackage {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** Paths of what `npm ci --omit=dev --legacy-peer-deps` installs: what production dependencies need, peers aside. */
export function productionPackages(): string[] {
  const { packages } = JSON.parse(readProjectFile('package-lock.json')) as {
    packages: Record<string, LockedPackage>;
  };
  const found = new Set<string>();
  const visit = (path: string): void => {
    const { dependencies = {}, optionalDependencies = {} } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
      const there = whereFound(path, name);
      if (there === undefined || found.has(there)) continue;
      found.add(there);
      visit(there);
    }
  };
  visit('');
  return [...found].toSorted();

  /** As Node looks: beside the one that asks, then beside each that it is in. */
  function whereFound(from: string, name: string): string | undefined {
    for (let folder: string | undefined = from; folder !== undefined; folder = parentOf(folder)) {
      const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`;
      if (packages[path]) return path;
    }
    return undefined;
  }
}

function parentOf(path: string): string | undefined {
  if (path === '') return undefined;
  const at = path.lastIndexOf('/node_modules/');
  return at < 0 ? '' : path.slice(0, at);
}

/**
 * Lays out `folder` as the last stage's /app: the same copies, what was built less what the Dockerfile takes away again, and links to
 * the production packages alone. Run it with `--preserve-symlinks`, or links lead back to all packages.
 */
export function layOutImage(folder: string): void {
  const [build = [], , last = []] = readStages();
  for (const path of copiedFromContext(last)) copyInto(folder, path);
  copyInto(folder, 'dist');
  copyInto(folder, 'brand/default/email/layout.html.njk');
  const [, ...afterwards] = (build.findLast(({ name }) => name === 'RUN')?.rest ?? '').split(' && ');
  execFileSync('sh', ['-ec', afterwards.join('\n')], { cwd: folder });
  for (const path of productionPackages()) {
    // What lies within another package comes with it.
    if (path.lastIndexOf('node_modules/') > 0 || !existsSync(join(projectRoot, path))) continue;
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(join(projectRoot, path), join(folder, path));
  }
}

function copyInto(folder: string, path: string): void {
  cpSync(join(projectRoot, path), join(folder, path), { recursive: true });
}
