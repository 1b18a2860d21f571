/** Dockerfile and docker-compose.yml, held against their specifications and the code; there is no Docker engine here. */
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
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
const { version, dependencies } = JSON.parse(readProjectFile('package.json')) as {
  version: string;
  dependencies: Record<string, string>;
};
const ours = services.filter(([, service]) => service.image === `tenure:${version}`);
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

  it('The image keeps of native libraries and query compilers only what this machine and PostgreSQL need', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tenure-packages-'));
    const bridge = join('node_modules', '@temporalio', 'core-bridge');
    const compilers = join('node_modules', '@prisma', 'client', 'runtime');
    const afterwards =
      stages[1]
        ?.find(({ name }) => name === 'RUN')
        ?.rest.split(' && ')
        .slice(1) ?? [];
    for (const path of ['package.json', 'common.js'].map((name) => join(bridge, name))) {
      cpSync(join(projectRoot, path), join(folder, path));
    }
    const released = readdirSync(join(projectRoot, bridge, 'releases'));
    for (const path of [
      ...released.map((target) => join(bridge, 'releases', target, 'index.node')),
      ...readdirSync(join(projectRoot, compilers)).map((name) => join(compilers, name)),
    ]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), '');
    }

    execFileSync('sh', ['-ec', afterwards.join(' && ')], { cwd: folder });

    expect(released.length).toBeGreaterThan(1);
    expect(readdirSync(join(folder, bridge, 'releases'))).toEqual([
      `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-unknown-linux-gnu`,
    ]);
    const kept = readdirSync(join(folder, compilers)).filter((name) => name.startsWith('query_compiler_'));
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.filter((name) => !name.includes('.postgresql.'))).toEqual([]);
    rmSync(folder, { recursive: true });
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

  it.each(services)('The service %s has a pinned image', (_name, { image: reference }) => {
    expect(reference).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z]+)?$/);
  });

  // Several builds of one tag at the same moment fail ("already exists"), and no registry has it.
  it('One service builds the image, the others only name it, and nobody pulls it', () => {
    expect(services.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual([
      'migrate',
    ]);
    expect(ours.map(([name]) => name)).toEqual(['keys', 'migrate', 'api', 'web', 'worker']);
    expect(ours.filter(([, service]) => service.pull_policy !== 'never')).toEqual([]);
  });

  it('The services of the image run under an init process', () => {
    expect(ours.filter(([, { init }]) => init !== true)).toEqual([]);
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
        if (condition === 'service_completed_successfully')
          expect(other?.restart).toMatch(/^(on-failure|no)$/);
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

  it.each(services)(
    'The health check of the service %s reaches podman 4 whole, which splits its words at spaces',
    (_name, service) => {
      const [kind, ...words] = service.healthcheck?.test ?? [];

      expect(kind === 'CMD' ? words.filter((word) => /\s/.test(word)) : []).toEqual([]);
    },
  );

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

  it('docker-compose.yml needs no .env to be read, so that ps, logs and down work without', () => {
    expect(readProjectFile('docker-compose.yml')).not.toMatch(/\$\{\w+:?\?/);
  });

  it('docker-compose.yml contains no secrets: API, pages and worker are not started without keys', async () => {
    expect(environmentOf('api', {})).toMatchObject({ TENURE_PEPPERS: '' });
    expect(environmentOf('web', {})).toMatchObject({ WEB_COOKIE_KEYS: '' });
    for (const name of ['api', 'web', 'worker']) {
      expect(compose.services[name]?.depends_on).toMatchObject({
        keys: { condition: 'service_completed_successfully' },
      });
    }
    expect(compose.services['keys']?.restart).toBe('no');

    const { TENURE_PEPPERS, WEB_COOKIE_KEYS } = keys;
    expect(await checkKeys({})).toEqual({ code: 78, said: expect.stringContaining('.env') as string });
    expect(await checkKeys({ TENURE_PEPPERS })).toMatchObject({ code: 78 });
    expect(await checkKeys({ WEB_COOKIE_KEYS })).toMatchObject({ code: 78 });
    expect(await checkKeys(keys)).toEqual({ code: 0, said: '' });
  });

  it('The pages get all of their settings, and nothing of database and Temporal', () => {
    const env = environmentOf('web', keys);

    expect(Object.keys(webSettings.shape).filter((name) => !(name in env))).toEqual(['TRUST_PROXY']);
    expect(Object.keys(env).filter((name) => !(name in webSettings.shape))).toEqual([]);
    expect(() => loadWebConfig(env)).not.toThrow();
  });

  it.each(['migrate', 'api', 'worker'])(
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

/** The command of the service keys, as its container would run it. */
async function checkKeys(env: Readonly<Record<string, string>>): Promise<{ code: number; said: string }> {
  const [program = '', ...words] = compose.services['keys']?.command ?? [];
  const args = words.map((word) => interpolate(word, {}));
  return promisify(execFile)(program, args, { env: environmentOf('keys', env) }).then(
    () => ({ code: 0, said: '' }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}
