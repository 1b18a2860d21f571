/**
 * `npm run api-key -- create | list | revoke`: keys of back-office systems and representatives (http-api.md, "Staff"). A key is
 * shown once, alone on the standard output; only its digest is stored.
 */
import '../signals';
import { randomBytes, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { createApiKeys, type ListedApiKey } from '../adapters/postgres/api-keys';
import { tokenDigest } from '../adapters/keys/token-digest';
import { SCOPES, type Scope } from '../contracts/scopes';
import type { Say } from '../ports/texts';
import { CommandError, readId, runCommand, runMain, type Command, type Output } from './command';

const KEY_PREFIX = 'tenure_';
const KEY_BYTES = 32;
const MAX_NAME_LENGTH = 64;

const USAGE = `Usage:
  npm run api-key -- create --name NAME --scopes SCOPE,SCOPE [--staff NUMBER]
  npm run api-key -- list
  npm run api-key -- revoke ID
Scopes: ${SCOPES.join(', ')}`;

/** Runs the command with its arguments after the script's name. Returns the exit code; never throws. */
export const apiKeyCommand = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
  nowMs: number,
): Promise<number> => runCommand('api-key', () => readCommand(args), env, output, nowMs);

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
  return async (database, { out, err, say }, nowMs, operator) => {
    const id = randomUUID();
    const key = KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
    await createApiKeys(database).create({
      id,
      name,
      scopes,
      staffNumber,
      digest: tokenDigest(key),
      atMs: nowMs,
      operator,
    });
    const created = { id, name, scopes: scopes.join(', ') };
    err(
      staffNumber === null
        ? `${say('commands.api-key.created', created)}\n`
        : `${say('commands.api-key.created-for-staff', { ...created, staffNumber })}\n`,
    );
    out(`${key}\n`);
  };
}

const listKeys: Command = async (database, { out, err, say }) => {
  const listed = await createApiKeys(database).list();
  if (listed.length === 0) err(`${say('commands.api-key.none')}\n`);
  for (const key of listed) out(`${describeKey(key, say)}\n`);
};

function revokeKey(typed: string): Command {
  const id = readId(typed, 'the id of a key: "list" shows them.');
  return async (database, { out, say }, nowMs, operator) => {
    const answer = await createApiKeys(database).revoke(id, nowMs, operator);
    if (answer === 'unknown') throw new CommandError(say('commands.api-key.unknown', { id }));
    out(`${say(`commands.api-key.${answer === 'revoked' ? 'revoked' : 'revoked-before'}`, { id })}\n`);
  };
}

function describeKey(key: ListedApiKey, say: Say): string {
  const { id, name, scopes, staffNumber, createdAtMs, lastUsedAtMs, revokedAtMs } = key;
  const at = (ms: number): { readonly time: string } => ({ time: new Date(ms).toISOString() });
  return [
    id,
    name,
    scopes.join(','),
    staffNumber === null ? say('commands.api-key.no-staff') : say('commands.api-key.staff', { staffNumber }),
    say('commands.api-key.created-at', at(createdAtMs)),
    lastUsedAtMs === null
      ? say('commands.api-key.never-used')
      : say('commands.api-key.used-at', at(lastUsedAtMs)),
    ...(revokedAtMs === null ? [] : [say('commands.api-key.revoked-at', at(revokedAtMs))]),
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

/** Without duplicates, in the order of `SCOPES`. */
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

if (require.main === module) void runMain(apiKeyCommand);
