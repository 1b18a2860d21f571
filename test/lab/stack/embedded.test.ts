import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type RunningPostgres, startPostgres } from '../../../lab/stack/embedded';
import { createDatabase } from '../../../lab/stack/postgres';

let dataDir: string;
let postgres: RunningPostgres;

beforeAll(async () => {
  // Nobody but its owner may enter this folder, as with a clone in a home directory.
  dataDir = join(await mkdtemp(join(tmpdir(), 'tenure-postgres-')), 'cluster');
  postgres = await startPostgres({ dataDir });
});
afterAll(async () => {
  await postgres.stop();
  await rm(join(dataDir, '..'), { recursive: true });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('embedded PostgreSQL', () => {
  it('The embedded PostgreSQL is version 18 with UTF-8 and UTC', async () => {
    const rows = await query(
      postgres.url,
      `select current_setting('server_encoding') as encoding, current_setting('timezone') as zone, current_setting('server_version_num')::int / 10000 as major`,
    );

    expect(rows).toEqual([{ encoding: 'UTF8', zone: 'UTC', major: 18 }]);
  });

  it('The embedded PostgreSQL refuses a wrong password', async () => {
    const wrong = new URL(postgres.url);
    wrong.password = 'guess';

    await expect(query(wrong.href, 'select 1')).rejects.toThrow('password authentication failed');
  });

  it('The embedded PostgreSQL keeps committed data when it is killed and started again', async () => {
    await query(postgres.url, 'create table kept (value text)');
    await query(postgres.url, `insert into kept values ('before')`);

    await postgres.kill();
    postgres = await startPostgres({ dataDir, port: postgres.port });

    await expect(query(postgres.url, 'select value from kept')).resolves.toEqual([{ value: 'before' }]);
  });

  it('createDatabase can be called twice and creates the database once', async () => {
    await createDatabase(postgres.url, 'tenure');
    await createDatabase(postgres.url, 'tenure');

    const found = await query(postgres.url, `select datname from pg_database where datname = 'tenure'`);
    expect(found).toEqual([{ datname: 'tenure' }]);
  });
});
