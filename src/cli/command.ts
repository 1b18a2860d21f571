/** What the small commands share: one connection, one language, one way to report errors. */
import { BrandError, loadBrand, type Brand } from '../adapters/brand/load-brand';
import { createDatabase, type Database } from '../adapters/postgres/database';
import { isDatabaseAway } from '../adapters/postgres/database-errors';
import { ConfigError, loadBrandFolder, loadDatabaseUrl, loadOperator } from '../config';
import type { Language } from '../domain/portal';
import { sayIn, type Say } from '../ports/texts';
import { withRunningStack } from './running-stack';

/** The request cannot be carried out; the message tells the user why. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

export interface Output {
  out(text: string): void;
  err(text: string): void;
}

/** `say` is in the language of the user's environment. */
export interface Console extends Output {
  readonly say: Say;
  readonly brand: Brand;
}

/** `operator` is the user who runs it, for the audit log; `env` is complete. */
export type Command = (
  database: Database,
  console: Console,
  nowMs: number,
  operator: string,
  env: NodeJS.ProcessEnv,
) => Promise<void>;

/**
 * Parses the command, then runs it with the database of `env` or of a running `npm start`. Returns the exit code; never throws.
 */
export async function runCommand(
  name: string,
  read: () => Command,
  env: NodeJS.ProcessEnv,
  output: Output,
  nowMs: number,
): Promise<number> {
  try {
    const command = read();
    const operator = loadOperator(env);
    const complete = withRunningStack(env, output.err);
    const brand = loadBrand(loadBrandFolder(complete));
    const say = sayIn(brand.texts, languageOf(complete, brand.texts.languages));
    const database = createDatabase({ databaseUrl: loadDatabaseUrl(complete), databasePoolSize: 1 });
    try {
      await command(database, { ...output, say, brand }, nowMs, operator, complete);
    } finally {
      await database.$disconnect();
    }
    return 0;
  } catch (error) {
    output.err(`${describeError(name, error)}\n`);
    return error instanceof BrandError ? 78 : 1;
  }
}

/**
 * That of the first of these that is set, as for other commands; English otherwise, and for one that there are no texts in.
 * `es_MX.UTF-8` is Spanish.
 */
export function languageOf(env: NodeJS.ProcessEnv, languages: readonly Language[]): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  const [primary = ''] = locale.toLowerCase().split(/[^a-z]/);
  return languages.find((language) => language === primary) ?? 'en';
}

/** Whether it has the form of the ids that Tenure gives. */
export const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Throws `CommandError` with `hint` unless `text` is a valid id. */
export function readId(text: string, hint: string): string {
  if (isId(text)) return text;
  throw new CommandError(`${JSON.stringify(text)} is not ${hint}`);
}

const MAX_REASON_LENGTH = 500;

/** `ACCOUNT-ID --reason TEXT`. Throws `CommandError`: with `usage` for other words. */
export function readIdAndReason(
  [typed, flag, reason, ...others]: readonly string[],
  usage: string,
): { readonly id: string; readonly reason: string } {
  if (typed === undefined || flag !== '--reason' || reason === undefined || others.length > 0)
    throw new CommandError(usage);
  const id = readId(typed, 'the id of an account.').toLowerCase();
  const why = reason.trim();
  if (why === '' || why.length > MAX_REASON_LENGTH)
    throw new CommandError(`--reason takes a text of 1 to ${MAX_REASON_LENGTH} characters.`);
  return { id, reason: why };
}

/** Runs `command` with the process's arguments and streams. */
export async function runMain(
  command: (
    args: readonly string[],
    env: NodeJS.ProcessEnv,
    output: Output,
    nowMs: number,
  ) => Promise<number>,
): Promise<void> {
  process.exitCode = await command(
    process.argv.slice(2),
    process.env,
    { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
    Date.now(),
  );
}

function describeError(name: string, error: unknown): string {
  if (error instanceof CommandError || error instanceof ConfigError) return error.message;
  if (isDatabaseAway(error))
    return 'The database of DATABASE_URL cannot be reached, and nothing was changed.';
  return `${name}: ${(error as Error).message}`;
}
