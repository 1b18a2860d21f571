/**
 * `npm run api-key -- create | list | revoke`: keys of back-office systems and representatives (http-api.md, "Staff").
 * A key is shown once, on the standard output and alone there; what is kept is its digest.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createApiKeys, type ApiKeyRecords, type ListedApiKey } from '../adapters/api-keys';
import { createDatabase } from '../adapters/database';
import { isDatabaseAway } from '../adapters/database-errors';
import { tokenDigest } from '../adapters/token-digest';
import { ConfigError, loadDatabaseUrl } from '../config';
import { SCOPES, type Scope } from '../contracts/scopes';
import type { CommandOutput } from './import';

const KEY_PREFIX = 'tenure_';
const KEY_BYTES = 32;
const MAX_NAME_LENGTH = 64;

const USAGE = `Usage:
  npm run api-key -- create --name NAME --scopes SCOPE,SCOPE [--staff NUMBER]
  npm run api-key -- list
  npm run api-key -- revoke ID
Scopes: ${SCOPES.join(', ')}`;

/** What was typed cannot be done; the message says why, to whoever typed it. */
class CommandError extends Error {
  override readonly name = 'CommandError';
}

type Output = Pick<CommandOutput, 'out' | 'err'>;
type Command = (keys: ApiKeyRecords, output: Output, nowMs: number) => Promise<void>;

/** Runs the command with its arguments after the script's name. Gives the exit code; never throws. */
export async function apiKeyCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
  nowMs: number,
): Promise<number> {
  try {
    const command = readCommand(args);
    const database = createDatabase({ databaseUrl: loadDatabaseUrl(env), databasePoolSize: 1 });
    try {
      await command(createApiKeys(database), output, nowMs);
    } finally {
      await database.$disconnect();
    }
    return 0;
  } catch (error) {
    output.err(`${describeError(error)}\n`);
    return 1;
  }
}

function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [name, id, ...others] = positionals;
  const hasOptions = Object.keys(values).length > 0;
  if (name === 'create' && id === undefined) return createKey(values);
  if (name === 'list' && id === undefined && !hasOptions) return listKeys;
  if (name === 'revoke' && id !== undefined && others.length === 0 && !hasOptions) return revokeKey(id);
  throw new CommandError(USAGE);
}

const OPTIONS = { name: { type: 'string' }, scopes: { type: 'string' }, staff: { type: 'string' } } as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n${USAGE}`);
  }
}

function createKey(values: ReturnType<typeof parse>['values']): Command {
  const name = readText('--name', values.name);
  const scopes = readScopes(values.scopes);
  const staffNumber = values.staff === undefined ? null : readText('--staff', values.staff);
  return async (keys, { out, err }, nowMs) => {
    const id = randomUUID();
    const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
    await keys.create({ id, name, scopes, staffNumber, digest: tokenDigest(key), atMs: nowMs });
    const holder = staffNumber === null ? '' : ` for staff number ${staffNumber}`;
    err(
      `Key ${id} "${name}"${holder}, with ${scopes.join(', ')}. It is shown this once: keep it safe now.\n`,
    );
    out(`${key}\n`);
  };
}

const listKeys: Command = async (keys, { out, err }) => {
  const listed = await keys.list();
  if (listed.length === 0) err('There are no keys.\n');
  for (const key of listed) out(`${describeKey(key)}\n`);
};

function revokeKey(id: string): Command {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id))
    throw new CommandError(`${JSON.stringify(id)} is not the id of a key: "list" shows them.`);
  return async (keys, { out }, nowMs) => {
    const answer = await keys.revoke(id, nowMs);
    if (answer === 'unknown') throw new CommandError(`There is no key ${id}: "list" shows them.`);
    out(answer === 'revoked' ? `Key ${id} is revoked.\n` : `Key ${id} was revoked before.\n`);
  };
}

function describeKey({
  id,
  name,
  scopes,
  staffNumber,
  createdAtMs,
  lastUsedAtMs,
  revokedAtMs,
}: ListedApiKey): string {
  const time = (ms: number): string => new Date(ms).toISOString();
  return [
    id,
    name,
    scopes.join(','),
    staffNumber === null ? 'no staff number' : `staff ${staffNumber}`,
    `created ${time(createdAtMs)}`,
    lastUsedAtMs === null ? 'never used' : `used ${time(lastUsedAtMs)}`,
    ...(revokedAtMs === null ? [] : [`revoked ${time(revokedAtMs)}`]),
  ].join('  ');
}

function readText(option: string, value: string | undefined): string {
  const text = value?.trim() ?? '';
  if (text === '') throw new CommandError(`${option} is missing.\n${USAGE}`);
  if (text.length > MAX_NAME_LENGTH)
    throw new CommandError(`${option} has more than ${MAX_NAME_LENGTH} characters.`);
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) throw new CommandError(`${option} has a control character.`);
  return text;
}

/** Each once, in the order of `SCOPES`. */
function readScopes(list: string | undefined): readonly Scope[] {
  const asked = readText('--scopes', list)
    .split(',')
    .map((scope) => scope.trim());
  const unknown = asked.filter((scope) => !SCOPES.some((known) => known === scope));
  if (unknown.length > 0) {
    const told = unknown.map((scope) => JSON.stringify(scope)).join(', ');
    throw new CommandError(`There is no scope ${told}. Scopes: ${SCOPES.join(', ')}`);
  }
  return SCOPES.filter((scope) => asked.includes(scope));
}

function describeError(error: unknown): string {
  if (error instanceof CommandError || error instanceof ConfigError) return error.message;
  if (isDatabaseAway(error))
    return 'The database of DATABASE_URL cannot be reached, and nothing was changed.';
  return `api-key: ${(error as Error).message}`;
}

async function main(): Promise<void> {
  process.exitCode = await apiKeyCommand(
    process.argv.slice(2),
    process.env,
    { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) },
    Date.now(),
  );
}

if (require.main === module) void main();
