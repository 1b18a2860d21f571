/** `npm run brand`: whether API, worker and pages would start with an insurer's folder, and how its emails and pages look. */
import { onStopSignal } from '../signals';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { brokenTemplates, type Failure } from '../adapters/brand/broken-templates';
import { refuseBrokenPromises } from '../adapters/brand/kept-promises';
import {
  BrandError,
  DEFAULT_FOLDER,
  loadBrand,
  requireFolder,
  type Brand,
} from '../adapters/brand/load-brand';
import { brokenEmails } from '../adapters/mail/broken-emails';
import { createDatabase } from '../adapters/postgres/database';
import { isDatabaseAway } from '../adapters/postgres/database-errors';
import { ConfigError, loadBrandFolder, loadDatabaseUrl } from '../config';
import { createSampleSite } from '../web/samples/sample-site';
import { createPreview } from './brand-preview';
import { runMain, type Output } from './command';
import { withRunningStack } from './running-stack';

const USAGE = `Usage: npm run brand -- check [FOLDER]
       npm run brand -- preview [FOLDER] [--port PORT]
Both read the folder, or the one of TENURE_BRAND, as API, worker and pages do at their start.

check    also writes every email and shows every page in every language, and tells everything that is
         wrong, with file and line. With a database (DATABASE_URL, or an npm start that runs) it also tells
         questions that people have answered and that the folder no longer has, and terms that read otherwise
         than when people accepted them.
preview  shows every email and every page in every language and state in a browser on this machine, and
         again when a file of the folder changes. Without --port it takes a free port. It ends with Ctrl-C.
`;

/** Runs the command with its arguments after the script's name. Returns the exit code, 78 for a wrong folder; never throws. */
export async function brandCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
): Promise<number> {
  const command = readCommand(args);
  if (command === undefined) {
    output.err(USAGE);
    return 1;
  }
  try {
    const folder = command.folder ?? loadBrandFolder(env);
    if (command.name === 'preview') await preview(folder, command.port, output);
    else await check(folder, env, output);
    return 0;
  } catch (error) {
    output.err(`${error instanceof ConfigError ? error.message : `brand: ${(error as Error).message}`}\n`);
    return error instanceof BrandError ? 78 : 1;
  }
}

interface BrandArgs {
  readonly name: 'check' | 'preview';
  readonly folder: string | undefined;
  /** 0: a free one. */
  readonly port: number;
}

/** Undefined: it is none of the forms of the usage. */
function readCommand(args: readonly string[]): BrandArgs | undefined {
  try {
    const { positionals, values } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { port: { type: 'string' } },
    });
    const [name, folder, ...others] = positionals;
    if (others.length > 0 || (name !== 'preview' && (name !== 'check' || values.port !== undefined)))
      return undefined;
    const { port = '0' } = values;
    return /^\d{1,5}$/.test(port) && Number(port) < 65_536 ? { name, folder, port: Number(port) } : undefined;
  } catch {
    return undefined;
  }
}

async function check(
  folder: string | undefined,
  env: NodeJS.ProcessEnv,
  { out, err }: Output,
): Promise<void> {
  const brand = loadBrand(folder ?? DEFAULT_FOLDER);
  const broken = brokenTemplates(brand, [...brokenEmails(brand), ...(await brokenPages(brand))]);
  if (broken.length > 0) throw new BrandError(brand.folder, broken);
  await checkDatabase(brand, env, err);
  out(`API, worker and pages start with ${brand.folder}.\n`);
}

/** Shows every page in every state and language of the brand. */
async function brokenPages(brand: Brand): Promise<readonly Failure[]> {
  const { samples, show } = createSampleSite(brand);
  const failures: Failure[] = [];
  for (const sample of samples())
    for (const language of brand.languages)
      await show(sample, language).catch((error: unknown) => {
        const what = `${sample.path} (${sample.state}) in the language "${language}"`;
        failures.push({ what, error: error as Error });
      });
  return failures;
}

/** Until the process is asked to end. A folder that is wrong is shown as such; one that is not there is a mistyped name. */
async function preview(folder: string | undefined, port: number, { out }: Output): Promise<void> {
  if (folder !== undefined) requireFolder(folder);
  const server = createPreview(folder);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  out(`http://127.0.0.1:${(server.address() as AddressInfo).port} (Ctrl-C ends it)\n`);
  await new Promise<void>(onStopSignal);
  server.close();
  server.closeAllConnections();
}

async function checkDatabase(
  brand: Brand,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<void> {
  const databaseUrl = findDatabase(env, say);
  if (databaseUrl === undefined) {
    say(
      'No database is set, and no npm start runs: what people have answered and accepted was not looked at.\n',
    );
    return;
  }
  const database = createDatabase({ databaseUrl, databasePoolSize: 1 });
  try {
    await refuseBrokenPromises(database.pool, brand);
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    say('The database cannot be reached: what people have answered and accepted was not looked at.\n');
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
