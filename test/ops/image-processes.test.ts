/** The commands and health checks of Dockerfile and docker-compose.yml, run bare in a folder like the image's. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { claimKeyIds } from '../../src/adapters/postgres/key-fingerprints';
import { freePort } from '../../lab/stack/ports';
import { brandFolder } from '../support/brand';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { newPepper } from '../support/keyring';
import { until } from '../support/until';
import { interpolate, readComposeFile, type Service } from './compose-file';
import { commandOf, createImage, exitCodeOf, lastStage } from './run-in-image';

const compose = readComposeFile();

let image: ReturnType<typeof createImage>;
let testDatabase: TestDatabase;

beforeAll(async () => {
  image = createImage();
  testDatabase = await createTestDatabase();
});

afterAll(async () => {
  image.remove();
  await testDatabase.drop();
});

describe('processes run from the image’s files', () => {
  it('The migrate command works with only what the image holds', async () => {
    const { stdout } = await image.run(commandOf('migrate'), { DATABASE_URL: testDatabase.url });

    expect(stdout).toBe('the database was up to date\n');
  });

  it('The other command line tools work with only what the image holds', async () => {
    const env = { DATABASE_URL: testDatabase.url };

    expect((await image.run(['node', 'dist/cli/api-key.js', 'list'], env)).stderr).toBe(
      'There are no keys.\n',
    );
    await expect(image.run(['node', 'dist/cli/account.js', 'close', 'x'], env)).rejects.toThrow(
      'not the id of an account',
    );
    await expect(image.run(['node', 'dist/cli/import.js', 'members', 'x.csv'], env)).rejects.toThrow('x.csv');
    await image.run(['node', 'dist/cli/aor.js', 'replay', '--since', '2026-01-01'], env);
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

    const children = [image.start(commandOf('api'), api), image.start(commandOf('worker'), worker)];
    try {
      await until(() => image.isHealthy(imageHealthcheck(), api));
      await until(() => image.isHealthy(healthcheckOf('worker', { '9464': `${workerMetrics}` }), worker));
      await until(async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok);
    } finally {
      for (const { child } of children) child.kill('SIGTERM');
    }

    expect(await Promise.all(children.map(({ child }) => exitCodeOf(child)))).toEqual([0, 0]);
  });

  it('A worker that is started before Temporal says that it waits, is not healthy, and then works', async () => {
    const [port, metrics] = [await freePort(), await freePort()];
    const env = {
      TENURE_PEPPERS: `w1:${randomBytes(32).toString('base64')}`,
      DATABASE_URL: testDatabase.url,
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
      TEMPORAL_TASK_QUEUE: `packaging-${randomBytes(4).toString('hex')}`,
      SMTP_URL: 'smtp://127.0.0.1:1',
      METRICS_ADDRESS: `127.0.0.1:${metrics}`,
    };
    const check = healthcheckOf('worker', { '9464': `${metrics}` });
    const worker = image.start(commandOf('worker'), env);
    const impatient = image.start(commandOf('worker'), { ...env, METRICS_ADDRESS: '' });
    const temporal = forwardTo(process.env['TENURE_TEST_TEMPORAL'] ?? '');
    try {
      await until(() =>
        [worker, impatient].every(({ said }) => said().includes('Temporal cannot be reached')),
      );
      const isHealthyBefore = await image.isHealthy(check, env);
      const metricsBefore = await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text();
      impatient.child.kill('SIGTERM');
      const impatientCode = await exitCodeOf(impatient.child);
      temporal.listen(port, '127.0.0.1');
      await until(() => image.isHealthy(check, env));
      worker.child.kill('SIGTERM');

      expect(isHealthyBefore).toBe(false);
      expect(metricsBefore).not.toContain('temporal_num_pollers{');
      expect(impatientCode).toBe(0);
      expect(await exitCodeOf(worker.child)).toBe(0);
      expect(worker.said()).toContain('the worker polls');
    } finally {
      for (const { child } of [worker, impatient]) child.kill('SIGKILL');
      temporal.close();
    }
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
    const roster = join(image.folder, 'agents.csv');
    writeFileSync(roster, 'agentNumber\n');

    const refusals = await Promise.all([
      image.refusalOf(commandOf('api'), { ...env, TENURE_PEPPERS: another('used') }),
      image.refusalOf(commandOf('worker'), { ...env, TENURE_PEPPERS: another('used') }),
      image.refusalOf(['node', 'dist/cli/import.js', 'agents', roster], {
        ...env,
        TENURE_PEPPERS: another('used'),
      }),
      image.refusalOf(commandOf('worker'), {
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
      image.refusalOf(commandOf('api'), env),
      image.refusalOf(commandOf('worker'), env),
      image.refusalOf(['node', 'dist/cli/brand.js', 'check'], env),
      image.refusalOf(['node', 'dist/cli/import.js', 'members', join(image.folder, 'none.csv')], env),
    ]);

    const said = expect.stringContaining(
      `${env.TENURE_BRAND}/portal.yaml:3: portals.member.pin.digits`,
    ) as string;
    expect(refusals).toEqual([78, 78, 78, 1].map((code) => ({ code, said })));
  });

  it('The health checks fail when nothing is running', async () => {
    const nobody = `${await freePort()}`;

    expect(await image.isHealthy(healthcheckOf('worker', { '9464': nobody }), {})).toBe(false);
    expect(await image.isHealthy(imageHealthcheck(), { PORT: nobody })).toBe(false);
  });
});

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

/** A server that passes everything on to `address`. */
function forwardTo(address: string): Server {
  const [host = '', port = ''] = address.split(':');
  return createServer((inner) => {
    const outer = connect(Number(port), host);
    inner.on('error', () => outer.destroy()).pipe(outer);
    outer.on('error', () => inner.destroy()).pipe(inner);
  });
}
