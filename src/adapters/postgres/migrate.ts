/** Migrates a database to the schema of this version: what `prisma migrate deploy` does, without its native engine. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationDirectory, MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Client, DatabaseError } from 'pg';
import { refoldKeys, type RefoldReport } from './refold-keys';
import { noFilters, PRISMA_FOLDER, withSchemaEngine } from './schema-engine';

export interface MigrationReport extends RefoldReport {
  /** The database did not exist and was created. */
  readonly created: boolean;
  /** Names of the migrations applied now, oldest first. */
  readonly applied: readonly string[];
}

/** Arbitrary numbers that are the same in every version of this system. The second one is held by a migration's own transaction. */
const MIGRATION_LOCK = 733_206_812;
const SCRIPT_LOCK = 733_206_813;
const NO_SUCH_DATABASE = '3D000';
const DATABASE_IS_THERE = ['42P04', '23505'];

/**
 * Creates the database if it is missing, applies every pending migration, and recomputes keys whose fold has changed. Safe to run
 * from several processes at once: they take turns. Throws if a migration fails, which is then recorded as failed, as Prisma does.
 * One that a killed process was applying is applied anew, unless it was committed.
 */
export async function migrateDatabase(databaseUrl: string): Promise<MigrationReport> {
  const created = await createIfMissing(databaseUrl);
  return holdingLock(databaseUrl, async (client) => {
    await forgetInterrupted(client);
    const migrationsList = readMigrations(join(PRISMA_FOLDER, 'migrations'));
    const applied = await withSchemaEngine(
      databaseUrl,
      async (engine) => {
        const result = await engine.applyMigrations({ migrationsList, filters: noFilters });
        return result.appliedMigrationNames;
      },
      finishingIn(migrationsList),
    );
    return { created, applied, ...(await refoldKeys(client)) };
  });
}

/**
 * Adds to a migration's script that it is finished. Prisma records this afterwards, and a process that was killed in between would
 * leave open whether the script was committed. If the process is gone, PostgreSQL ends the script within a second, where it can.
 */
function finishingIn({ migrationDirectories }: MigrationList): (script: string) => string {
  const scripts = new Set(
    migrationDirectories.map(({ migrationFile: { content } }) => content.tag === 'ok' && content.value),
  );
  return (script) =>
    scripts.has(script)
      ? `DO $$ BEGIN SET LOCAL client_connection_check_interval = '1s'; EXCEPTION WHEN OTHERS THEN NULL; END $$;
         SELECT pg_advisory_xact_lock(${SCRIPT_LOCK});
         ${script}
         ;
         UPDATE _prisma_migrations SET finished_at = now() WHERE finished_at IS NULL AND rolled_back_at IS NULL`
      : script;
}

/** A migration that began and neither failed nor finished was rolled back with its process, once its transaction is over. */
async function forgetInterrupted(client: Client): Promise<void> {
  await client.query('SELECT pg_advisory_lock($1)', [SCRIPT_LOCK]);
  await client.query('SELECT pg_advisory_unlock($1)', [SCRIPT_LOCK]);
  const { rows } = await client.query("SELECT to_regclass('_prisma_migrations') AS found");
  if ((rows as { found: string | null }[])[0]?.found == null) return;
  await client.query(
    `UPDATE _prisma_migrations SET rolled_back_at = now()
     WHERE finished_at IS NULL AND rolled_back_at IS NULL AND coalesce(logs, '') = ''`,
  );
}

async function createIfMissing(databaseUrl: string): Promise<boolean> {
  try {
    await withClient(databaseUrl, async () => {});
    return false;
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.code !== NO_SUCH_DATABASE) throw error;
  }
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  const maintenanceUrl = new URL(databaseUrl);
  maintenanceUrl.pathname = '/postgres';
  return withClient(maintenanceUrl.href, async (client) => {
    try {
      await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
      return true;
    } catch (error) {
      const madeMeanwhile = error instanceof DatabaseError && DATABASE_IS_THERE.includes(error.code ?? '');
      if (madeMeanwhile) return false;
      throw error;
    }
  });
}

function holdingLock<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  return withClient(databaseUrl, async (client) => {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    return work(client);
  });
}

/** Closing the connection always releases its locks. */
async function withClient<T>(connectionString: string, use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

function readMigrations(baseDir: string): MigrationList {
  const lockfile = join(baseDir, 'migration_lock.toml');
  return {
    baseDir,
    lockfile: {
      path: 'migration_lock.toml',
      content: existsSync(lockfile) ? readFileSync(lockfile, 'utf8') : null,
    },
    shadowDbInitScript: '',
    migrationDirectories: readdirSync(baseDir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => readMigration(baseDir, entry.name))
      .toSorted((a, b) => (a.path < b.path ? -1 : 1)),
  };
}

function readMigration(baseDir: string, name: string): MigrationDirectory {
  const value = readFileSync(join(baseDir, name, 'migration.sql'), 'utf8');
  return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } };
}
