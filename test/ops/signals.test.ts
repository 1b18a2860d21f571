/**
 * SIGTERM and SIGINT to a process or command that is the first one of its container, and has only begun. For such a process the
 * kernel ignores both until there are handlers.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { projectRoot } from '../../lab/stack/project-root';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { until } from '../support/until';
import { commandOf, createImage, exitCodeOf } from './run-in-image';

const ACCOUNT = '00000000-0000-4000-8000-000000000000';
const COMMANDS = {
  migrate: commandOf('migrate'),
  'api-key': ['node', 'dist/cli/api-key.js', 'list'],
  account: ['node', 'dist/cli/account.js', 'close', ACCOUNT],
  aor: ['node', 'dist/cli/aor.js', 'verify'],
  brand: ['node', 'dist/cli/brand.js', 'check'],
  import: ['node', 'dist/cli/import.js', 'plans', 'plans.csv'],
};

let image: ReturnType<typeof createImage>;
let testDatabase: TestDatabase;

beforeAll(async () => {
  image = createImage();
  cpSync(join(projectRoot, 'prisma/demo/plans.csv'), join(image.folder, 'plans.csv'));
  testDatabase = await createTestDatabase();
});

afterAll(async () => {
  image.remove();
  await testDatabase.drop();
});

const environment = () => ({
  TENURE_PEPPERS: `k1:${randomBytes(32).toString('base64')}`,
  TEMPORAL_ADDRESS: '127.0.0.1:1',
  SMTP_URL: 'smtp://127.0.0.1:1',
  PORT: '0',
});

describe('signals', () => {
  it('Every process and command has its handlers before it loads anything else', () => {
    const sources = [
      ...['server', 'worker', 'web'].map((name) => `src/${name}.ts`),
      ...Object.keys(COMMANDS).map((name) => `src/cli/${name}.ts`),
    ];

    const firstImports = sources.map(
      (path) => /^import .*$/m.exec(readFileSync(join(projectRoot, path), 'utf8'))?.[0],
    );

    expect(firstImports).toEqual(sources.map(() => expect.stringMatching(/'\.{1,2}\/signals';$/) as string));
  });

  describe('with a database that never answers', () => {
    let silent: Server;
    let asked: Promise<unknown>;
    beforeEach(async () => {
      silent = createServer().listen(0, '127.0.0.1');
      asked = once(silent, 'connection');
      await once(silent, 'listening');
    });
    afterEach(() => void silent.close());
    const url = () => `postgresql://a:b@127.0.0.1:${(silent.address() as AddressInfo).port}/tenure`;

    it.each(Object.entries(COMMANDS))('%s ends at once', async (_name, command) => {
      const child = image.startFirst(command, { ...environment(), DATABASE_URL: url() });
      await asked;

      child.signal('SIGINT');

      expect(await exitCodeOf(child.outer)).toBe(130);
    });

    it.each(['api', 'worker'])('%s that has not started ends at once and in order', async (name) => {
      const child = image.startFirst(commandOf(name), { ...environment(), DATABASE_URL: url() });
      await asked;

      child.signal('SIGTERM');

      expect(await exitCodeOf(child.outer)).toBe(0);
    });
  });

  describe('migrate within a migration', () => {
    const SLOW = '29990101000000_slow';
    let database: TestDatabase;
    let operator: Client;
    let lock: { release(): Promise<void> };
    beforeEach(async () => {
      const folder = join(image.folder, 'prisma/migrations', SLOW);
      mkdirSync(folder, { recursive: true });
      // It has made a table when it waits for the lock.
      const script = 'CREATE TABLE half (id int);\nLOCK TABLE accounts; -- the last line';
      writeFileSync(join(folder, 'migration.sql'), script);
      database = await createTestDatabase();
      lock = await database.lockTable('accounts');
      operator = new Client({ connectionString: database.url });
      await operator.connect();
    });
    afterEach(async () => {
      await operator.end();
      await database.drop();
    });
    const waiting = async (): Promise<number> =>
      (
        await operator.query(
          "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
      ).rows.length;

    it.each([
      ['SIGTERM', 143],
      ['SIGINT', 130],
      // As unshare reports it.
      ['SIGKILL', 1],
    ] as const)('%s ends it, it is rolled back, and migrate can be run again', async (signal, code) => {
      const child = image.startFirst(commandOf('migrate'), { DATABASE_URL: database.url });
      await until(async () => (await waiting()) === 1);

      child.signal(signal);

      expect(await exitCodeOf(child.outer)).toBe(code);
      // PostgreSQL notices while the lock is still held.
      await until(async () => (await waiting()) === 0);
      expect((await operator.query("SELECT to_regclass('half') AS half")).rows).toEqual([{ half: null }]);
      await lock.release();
      const again = await image.run(commandOf('migrate'), { DATABASE_URL: database.url });
      const onceMore = await image.run(commandOf('migrate'), { DATABASE_URL: database.url });
      expect(again.stdout).toBe(`applied ${SLOW}\nthe database is up to date\n`);
      expect(onceMore.stdout).toBe('the database was up to date\n');
    });
  });
});
