import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import type { Database } from '../../src/adapters/postgres/database';
import { withDatabase } from '../../lab/system/postgres-url';
import { createCheckedDatabase } from './checked-rows';
import { until } from './until';

export interface TestDatabase {
  readonly url: string;
  readonly prisma: Database;
  /** Locks `table` against writing until released, and against reading if `readable` is false. */
  lockTable(table: string, options?: { readonly readable: boolean }): Promise<{ release(): Promise<void> }>;
  /** Until one of its statements waits for another transaction. */
  untilOneWaits(withinMs?: number): Promise<void>;
  drop(): Promise<void>;
}

/** A separate migrated database, copied from the test run's template. It checks the rows of raw statements. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const serverUrl = process.env['TENURE_TEST_POSTGRES'];
  if (!serverUrl)
    throw new Error('TENURE_TEST_POSTGRES is not set: run the tests through jest and its global setup');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(serverUrl, async (client) => {
    // Only one session may use the template while it is copied.
    await client.query('SELECT pg_advisory_lock(1)');
    await client.query(`CREATE DATABASE ${name} TEMPLATE tenure_template STRATEGY FILE_COPY`);
  });

  const url = withDatabase(serverUrl, name);
  const prisma = createCheckedDatabase(url);
  return {
    url,
    prisma,
    async lockTable(table, { readable } = { readable: true }) {
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query('BEGIN');
      await client.query(`LOCK TABLE ${table} IN ${readable ? 'EXCLUSIVE' : 'ACCESS EXCLUSIVE'} MODE`);
      return { release: () => client.end() };
    },
    untilOneWaits: (withinMs) =>
      until(async () => {
        const waiting = await prisma.$queryRaw<unknown[]>`
          SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return waiting.length > 0;
      }, withinMs),
    drop: async () => {
      await prisma.$disconnect();
      await onServer(serverUrl, (client) => client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`));
    },
  };
}

async function onServer(url: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
