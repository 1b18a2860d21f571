/** `npm run brand -- check [FOLDER]`: whether API and worker would start with an insurer's folder. */
import { refuseGoneQuestions } from '../adapters/brand/answered-questions';
import { BrandError, loadBrand, type Brand } from '../adapters/brand/load-brand';
import { createDatabase } from '../adapters/postgres/database';
import { isDatabaseAway } from '../adapters/postgres/database-errors';
import { ConfigError, loadBrandFolder, loadDatabaseUrl } from '../config';
import { runMain, type Output } from './command';
import { withRunningStack } from './running-stack';

const USAGE = `Usage: npm run brand -- check [FOLDER]
Reads the folder, or the one of TENURE_BRAND, as API and worker do at their start, and tells everything
that is wrong with it, with file and line. With a database (DATABASE_URL, or an npm start that runs) it
also tells questions that people have answered and that the folder no longer has.
`;

/** Runs the command with its arguments after the script's name. Returns the exit code, 78 for a wrong folder; never throws. */
export async function brandCommand(
  [name, given, ...others]: readonly string[],
  env: NodeJS.ProcessEnv,
  { out, err }: Output,
): Promise<number> {
  if (name !== 'check' || others.length > 0) {
    err(USAGE);
    return 1;
  }
  try {
    const folder = given ?? loadBrandFolder(env);
    const brand = loadBrand(folder);
    await checkDatabase(brand, env, err);
    out(`API and worker start with ${brand.folder}.\n`);
    return 0;
  } catch (error) {
    err(`${error instanceof ConfigError ? error.message : `brand: ${(error as Error).message}`}\n`);
    return error instanceof BrandError ? 78 : 1;
  }
}

async function checkDatabase(
  brand: Brand,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<void> {
  const databaseUrl = findDatabase(env, say);
  if (databaseUrl === undefined) {
    say(
      'No database is set, and no npm start runs: questions that people have answered were not looked at.\n',
    );
    return;
  }
  const database = createDatabase({ databaseUrl, databasePoolSize: 1 });
  try {
    await refuseGoneQuestions(database.pool, brand);
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    say('The database cannot be reached: questions that people have answered were not looked at.\n');
  } finally {
    await database.$disconnect();
  }
}

function findDatabase(env: NodeJS.ProcessEnv, say: (text: string) => void): string | undefined {
  try {
    return loadDatabaseUrl(withRunningStack(env, say));
  } catch (error) {
    if (error instanceof ConfigError && !env['DATABASE_URL']) return undefined;
    throw error;
  }
}

if (require.main === module) void runMain((args, env, output) => brandCommand(args, env, output));
