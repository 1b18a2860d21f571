/** The commands and health checks of Dockerfile and docker-compose.yml, run bare in a folder like the image's. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { claimKeyIds } from '../../src/adapters/postgres/key-fingerprints';
import { freePort } from '../../lab/stack/ports';
import { brandFolder } from '../support/brand';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { newPepper } from '../support/keyring';
import { until } from '../support/until';
import { interpolate, readComposeFile, type Service } from './compose-file';
import { layOutImage, readStages } from './image';

const lastStage = readStages().at(-1) ?? [];
const compose = readComposeFile();

let image: string;
let testDatabase: TestDatabase;

beforeAll(async () => {
  image = mkdtempSync(join(tmpdir(), 'tenure-image-'));
  layOutImage(image);
  testDatabase = await createTestDatabase();
});

afterAll(async () => {
  rmSync(image, { recursive: true });
  await testDatabase.drop();
});

describe('processes run from the image’s files', () => {
  it('The migrate command works with only what the image holds', async () => {
    const { stdout } = await run(commandOf('migrate'), { DATABASE_URL: testDatabase.url });

    expect(stdout).toBe('the database was up to date\n');
  });

  it('The other command line tools work with only what the image holds', async () => {
    const env = { DATABASE_URL: testDatabase.url };

    expect((await run(['node', 'dist/cli/api-key.js', 'list'], env)).stderr).toBe('There are no keys.\n');
    await expect(run(['node', 'dist/cli/account.js', 'close', 'x'], env)).rejects.toThrow(
      'not the id of an account',
    );
    await expect(run(['node', 'dist/cli/import.js', 'members', 'x.csv'], env)).rejects.toThrow('x.csv');
    await run(['node', 'dist/cli/aor.js', 'replay', '--since', '2026-01-01'], env);
  });

  it('API and worker pass their health checks and shut down in order with only what the image holds', async () => {
    const [port, apiMetrics, workerMetrics] = [await freePort(), await freePort(), await freePort()];
    const here = {
      TENURE_PEPPERS: `k1:${randomBytes(32).toString('base64')}`,
      DATABASE_URL: testDatabase.url,
      TEMPORAL_ADDRESS: process.env['TENURE_TEST_TEMPORAL'] ?? '',
      TEMPORAL_TASK_QUEUE: `packaging-${randomBytes(4).toString('hex')}`,
      SMTP_URL: 'smtp://127.0.0.1:1',
    };
    const api = { ...here, PORT: `${port}`, METRICS_ADDRESS: `127.0.0.1:${apiMetrics}` };
    const worker = { ...here, METRICS_ADDRESS: `127.0.0.1:${workerMetrics}` };

    const children = [start(commandOf('api'), api), start(commandOf('worker'), worker)];
    try {
      await until(() => isHealthy(imageHealthcheck(), api));
      await until(() => isHealthy(healthcheckOf('worker', { '9464': `${workerMetrics}` }), worker));
      await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
    } finally {
      for (const child of children) child.kill('SIGTERM');
    }

    expect(await Promise.all(children.map(exitCodeOf))).toEqual([0, 0]);
  });

  it('API, worker and import refuse another key under an id that is in use', async () => {
    const env = {
      DATABASE_URL: testDatabase.url,
      TEMPORAL_ADDRESS: process.env['TENURE_TEST_TEMPORAL'] ?? '',
      SMTP_URL: 'smtp://127.0.0.1:1',
    };
    await claimKeyIds(testDatabase.prisma.pool, {
      peppers: [newPepper('used')],
      codecKeys: [newPepper('used')],
    });
    const another = (id: string) => `${id}:${randomBytes(32).toString('base64')}`;
    const roster = join(image, 'agents.csv');
    writeFileSync(roster, 'agentNumber\n');

    const refusals = await Promise.all([
      refusalOf(commandOf('api'), { ...env, TENURE_PEPPERS: another('used') }),
      refusalOf(commandOf('worker'), { ...env, TENURE_PEPPERS: another('used') }),
      refusalOf(['node', 'dist/cli/import.js', 'agents', roster], {
        ...env,
        TENURE_PEPPERS: another('used'),
      }),
      refusalOf(commandOf('worker'), {
        ...env,
        TENURE_PEPPERS: another('fresh'),
        TEMPORAL_CODEC_KEYS: another('used'),
      }),
    ]);

    const sentence = (setting: string) =>
      expect.stringContaining(`${setting}: the id "used" belongs to another key`) as string;
    expect(refusals).toEqual([
      { code: 78, said: sentence('TENURE_PEPPERS') },
      { code: 78, said: sentence('TENURE_PEPPERS') },
      { code: 1, said: sentence('TENURE_PEPPERS') },
      { code: 78, said: sentence('TEMPORAL_CODEC_KEYS') },
    ]);
  });

  it('API, worker and import refuse a brand that is wrong, with file and line', async () => {
    const env = {
      DATABASE_URL: testDatabase.url,
      TEMPORAL_ADDRESS: process.env['TENURE_TEST_TEMPORAL'] ?? '',
      SMTP_URL: 'smtp://127.0.0.1:1',
      TENURE_PEPPERS: `p1:${randomBytes(32).toString('base64')}`,
      TENURE_BRAND: brandFolder({ 'portal.yaml': 'portals:\n  member:\n    pin: { digits: 3 }\n' }),
    };

    const refusals = await Promise.all([
      refusalOf(commandOf('api'), env),
      refusalOf(commandOf('worker'), env),
      refusalOf(['node', 'dist/cli/brand.js', 'check'], env),
      refusalOf(['node', 'dist/cli/import.js', 'members', join(image, 'none.csv')], env),
    ]);

    const said = expect.stringContaining(
      `${env.TENURE_BRAND}/portal.yaml:3: portals.member.pin.digits`,
    ) as string;
    expect(refusals).toEqual([78, 78, 78, 1].map((code) => ({ code, said })));
  });

  it('The health checks fail when nothing is running', async () => {
    const nobody = `${await freePort()}`;

    expect(await isHealthy(healthcheckOf('worker', { '9464': nobody }), {})).toBe(false);
    expect(await isHealthy(imageHealthcheck(), { PORT: nobody })).toBe(false);
  });
});

/** The service's own, or the image's. */
function commandOf(name: string): readonly string[] {
  const ofImage = lastStage.find((instruction) => instruction.name === 'CMD')?.rest ?? '[]';
  return compose.services[name]?.command ?? (JSON.parse(ofImage) as string[]);
}

function imageHealthcheck(): readonly string[] {
  const { rest = '' } = lastStage.find(({ name }) => name === 'HEALTHCHECK') ?? {};
  return JSON.parse(rest.slice(rest.indexOf('CMD ') + 4)) as string[];
}

/** With other ports than those of the container. */
function healthcheckOf(name: string, ports: Readonly<Record<string, string>>): readonly string[] {
  const { healthcheck }: Partial<Service> = compose.services[name] ?? {};
  const [kind, ...words] = healthcheck?.test ?? [];
  expect(kind).toBe('CMD');
  return words.map((word) =>
    Object.entries(ports).reduce(
      (text, [from, to]) => text.replaceAll(`:${from}/`, `:${to}/`),
      interpolate(word, {}),
    ),
  );
}

/** As the container would: nothing of our environment, and of packages only what the image has. */
const inImage = (env: Readonly<Record<string, string>>) => ({
  cwd: image,
  env: { NODE_ENV: 'production', ...env },
});

function argumentsOf([program, ...args]: readonly string[]): string[] {
  expect(program).toBe('node');
  return ['--preserve-symlinks', '--preserve-symlinks-main', ...args];
}

const run = (command: readonly string[], env: Readonly<Record<string, string>>) =>
  promisify(execFile)(process.execPath, argumentsOf(command), inImage(env));

/** Of a command that has to fail. */
const refusalOf = (command: readonly string[], env: Readonly<Record<string, string>>) =>
  run(command, env).then(
    () => ({ code: 0, said: '' }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );

const start = (command: readonly string[], env: Readonly<Record<string, string>>): ChildProcess =>
  spawn(process.execPath, argumentsOf(command), { ...inImage(env), stdio: ['ignore', 'ignore', 'inherit'] });

const isHealthy = (check: readonly string[], env: Readonly<Record<string, string>>): Promise<boolean> =>
  run(check, env).then(
    () => true,
    () => false,
  );

async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}
