/** Dockerfile and docker-compose.yml, held against their specifications and the code; there is no Docker engine here. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020';
import { validate } from 'dockerfile-utils';
import { loadDatabaseUrl, loadServerConfig, loadWebConfig, loadWorkerConfig } from '../../src/config';
import { webSettings, workerSettings } from '../../src/settings';
import { projectRoot } from '../../lab/stack/project-root';
import { hostPorts, interpolate, readComposeFile } from './compose-file';
import { copiedFromContext, isIgnored, layOutImage, readProjectFile, readStages } from './image';

const stages = readStages();
const lastStage = stages.at(-1) ?? [];
const compose = readComposeFile();
const services = Object.entries(compose.services);
const ours = services.filter(([, { build }]) => build !== undefined);
const { version, dependencies } = JSON.parse(readProjectFile('package.json')) as {
  version: string;
  dependencies: Record<string, string>;
};
const newKey = () => `k1:${randomBytes(32).toString('base64')}`;
const keys = { TENURE_PEPPERS: newKey(), WEB_COOKIE_KEYS: newKey() };

let image: string;

beforeAll(() => {
  image = mkdtempSync(join(tmpdir(), 'tenure-image-'));
  layOutImage(image);
});

afterAll(() => rmSync(image, { recursive: true }));

describe('Dockerfile', () => {
  it('The Dockerfile has nothing that a linter objects to', () => {
    expect(validate(readProjectFile('Dockerfile'))).toEqual([]);
  });

  it('The Dockerfile’s stages all start from the same full version', () => {
    const bases = new Set(stages.map(([from]) => from?.rest.split(' ')[0]));

    expect([...bases]).toEqual([
      expect.stringMatching(/^node:\d+\.\d+\.\d+-[a-z]+-slim(@sha256:[0-9a-f]{64})?$/),
    ]);
  });

  it('The Dockerfile copies only files that exist and that .dockerignore lets through', () => {
    const copied = stages.flatMap(copiedFromContext);

    expect(copied).toContain('src');
    expect(copied.filter((path) => !existsSync(join(projectRoot, path)) || isIgnored(path))).toEqual([]);
  });

  it.each([
    '.env',
    '.git',
    '.tenure',
    'node_modules',
    'dist',
    'test',
    'lab',
    'ops',
    'prisma/demo',
    'src/adapters/generated',
    'src/ports/generated',
    'src/web/public/pages.css',
  ])('.dockerignore keeps %s out of the build context', (path) => {
    expect(isIgnored(path)).toBe(true);
  });

  it('The image runs as an ordinary user, in production mode and with a health check', () => {
    const names = lastStage.map(({ name, rest }) => `${name} ${rest}`);

    expect(names).toEqual(
      expect.arrayContaining(['ENV NODE_ENV=production', 'USER node', 'EXPOSE 3000 3080']),
    );
    expect(names.filter((line) => line.startsWith('HEALTHCHECK'))).toHaveLength(1);
  });
});

describe('image', () => {
  const filesOfDist = (): string[] =>
    readdirSync(join(image, 'dist'), { recursive: true, encoding: 'utf8' }).map((path) => `dist/${path}`);

  it('The image has neither sources nor tests, and nothing of the development stack', () => {
    const files = filesOfDist();

    expect(files.filter((path) => /\.(ts|map)$/.test(path))).toEqual([]);
    expect(files.filter((path) => path.startsWith('dist/lab/'))).toEqual([]);
  });

  it('The image has every module that its code imports, its own or a production dependency', () => {
    const scripts = filesOfDist().filter(
      (path) => path.endsWith('.js') && !path.endsWith('workflow-bundle.js'),
    );
    const missing = scripts.flatMap((script) =>
      [
        ...readFileSync(join(image, script), 'utf8').matchAll(
          /(?:require|require\.resolve|import)\((["'])(.+?)\1\)/g,
        ),
      ]
        .map(([, , name = '']) => name)
        .filter((name) => !isThere(script, name))
        .map((name) => `${script} asks for ${name}`),
    );

    expect(scripts.length).toBeGreaterThan(100);
    expect(missing).toEqual([]);
  });

  function isThere(script: string, name: string): boolean {
    if (isBuiltin(name)) return true;
    if (!name.startsWith('.')) {
      const packageName = name.split('/', name.startsWith('@') ? 2 : 1).join('/');
      return packageName in dependencies && existsSync(join(image, 'node_modules', packageName));
    }
    const path = join(image, dirname(script), name);
    return [path, `${path}.js`, join(path, 'index.js')].some((each) => existsSync(each));
  }
});

describe('docker-compose.yml', () => {
  it('docker-compose.yml fits the Compose Specification', () => {
    const schema = JSON.parse(readProjectFile('test/ops/compose-spec.schema.json')) as object;
    // Its formats (ports, durations) are Compose's own, and it is not written for Ajv's strict mode.
    const check = new Ajv2020({ strict: false, validateFormats: false, allErrors: true }).compile(schema);

    check(compose);

    expect(check.errors ?? []).toEqual([]);
  });

  it.each(services)('The service %s has a pinned image', (_name, { image: reference, build }) => {
    if (build === undefined) expect(reference).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
    else expect(reference).toBe(`tenure:${version}`);
  });

  it('Temporal’s server and its tools have one version', () => {
    const tags = services.flatMap(([, { image: reference }]) =>
      /^temporalio\/(server|admin-tools):/.test(reference) ? [reference.split(':')[1]] : [],
    );

    expect(new Set(tags).size).toBe(1);
  });

  it.each(services)(
    'The service %s depends only on existing services and on conditions that can be met',
    (_name, service) => {
      for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
        const other = compose.services[name];
        expect(other).toBeDefined();
        // One that is not started without a profile would be waited for in vain.
        expect(service.profiles ?? []).toEqual(expect.arrayContaining([...(other?.profiles ?? [])]));
        if (condition === 'service_completed_successfully') expect(other?.restart).toBe('on-failure');
        // Mailpit's own image has a check.
        else expect(other?.healthcheck?.test ?? (name === 'mailpit' && 'its own')).toBeTruthy();
      }
    },
  );

  it.each(services)('The service %s mounts only what exists', (_name, { volumes = [], configs = [] }) => {
    for (const source of volumes.map((volume) => interpolate(volume, {}).split(':')[0] ?? '')) {
      expect(
        source.startsWith('./') ? existsSync(join(projectRoot, source)) : source in compose.volumes,
      ).toBe(true);
    }
    for (const { source } of configs) expect(compose.configs).toHaveProperty([source]);
  });

  it('docker-compose.yml publishes ports on this machine only, and none twice', () => {
    const taken = services
      .flatMap(([, { ports = [] }]) => ports.map(hostPorts))
      .toSorted((a, b) => a.first - b.first);

    expect(taken.map(({ address }) => address)).toEqual(taken.map(() => '127.0.0.1'));
    expect(taken.filter(({ first }, index) => index > 0 && first <= (taken[index - 1]?.last ?? 0))).toEqual(
      [],
    );
  });

  it('API, pages and worker can have several containers', () => {
    const { api, web, worker } = compose.services;
    const ranges = [api, web].flatMap((service) => (service?.ports ?? []).map(hostPorts));

    expect(services.filter(([, { container_name }]) => container_name !== undefined)).toEqual([]);
    expect(worker?.ports).toBeUndefined();
    expect(ranges).toHaveLength(2);
    for (const { first, last } of ranges) expect(last - first).toBeGreaterThanOrEqual(2);
  });

  it('Prometheus and Grafana start only with their profile', () => {
    const profiles = services.flatMap(
      ([name, service]) => service.profiles?.map((profile) => [name, profile]) ?? [],
    );

    expect(profiles).toEqual([
      ['prometheus', 'observability'],
      ['grafana', 'observability'],
    ]);
  });

  it('docker-compose.yml contains no secrets: keys must be given', () => {
    expect(() => environmentOf('api', {})).toThrow('TENURE_PEPPERS');
    expect(() => environmentOf('web', {})).toThrow('WEB_COOKIE_KEYS');
  });

  it('The pages get all of their settings, and nothing of database and Temporal', () => {
    const env = environmentOf('web', keys);

    expect(Object.keys(webSettings.shape).filter((name) => !(name in env))).toEqual(['TRUST_PROXY']);
    expect(Object.keys(env).filter((name) => !(name in webSettings.shape))).toEqual([]);
    expect(() => loadWebConfig(env)).not.toThrow();
  });

  it.each(ours.map(([name]) => name).filter((name) => name !== 'web'))(
    'The service %s gets all settings and no unknown ones, and can start with them',
    (name) => {
      const env = environmentOf(name, keys);

      expect(Object.keys(env).toSorted()).toEqual(Object.keys(workerSettings.shape).toSorted());
      expect(() => (name === 'worker' ? loadWorkerConfig(env) : loadServerConfig(env))).not.toThrow();
      expect(() => loadDatabaseUrl(env)).not.toThrow();
    },
  );

  it('.env.example names every variable of docker-compose.yml with its default', () => {
    const asked = [...readProjectFile('docker-compose.yml').matchAll(/\$\{(\w+)/g)].map(([, name]) => name);
    const named = [...readProjectFile('.env.example').matchAll(/^(?:# )?([A-Z_]+)=(.*)$/gm)];
    const said = Object.fromEntries(named.map(([, name, value = '']) => [name, value.replaceAll('"', '')]));

    expect(new Set(Object.keys(said))).toEqual(new Set(asked));
    expect(named).toHaveLength(Object.keys(said).length);
    expect(loadWorkerConfig(environmentOf('worker', { ...said, ...keys }))).toEqual(
      loadWorkerConfig(environmentOf('worker', keys)),
    );
  });
});

function environmentOf(name: string, env: Readonly<Record<string, string>>): Record<string, string> {
  const { environment = {} } = compose.services[name] ?? {};
  return Object.fromEntries(
    Object.entries(environment).map(([key, value]) => [key, interpolate(value, env)]),
  );
}
