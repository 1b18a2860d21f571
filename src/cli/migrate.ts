/** `npm run migrate`: creates the database of `DATABASE_URL` if it is missing, and migrates it. */
import '../signals';
import { migrateDatabase } from '../adapters/postgres/migrate';
import { ConfigError, loadDatabaseUrl } from '../config';

async function main(): Promise<void> {
  try {
    const { created, applied, refolded, withoutAddress } = await migrateDatabase(
      loadDatabaseUrl(process.env),
    );
    if (created) console.log('created the database');
    for (const name of applied) console.log(`applied ${name}`);
    if (refolded > 0) console.log(`folded ${refolded} names and addresses anew`);
    for (const id of withoutAddress) {
      console.error(
        `account ${id}: its email address is that of another member, who keeps it; no reset finds it`,
      );
    }
    console.log(applied.length === 0 ? 'the database was up to date' : 'the database is up to date');
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : `migrate: ${describe(error)}`);
    process.exitCode = 1;
  }
}

// A connection refused at every address of a host name has a code and no message.
function describe(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code);
}

void main();
