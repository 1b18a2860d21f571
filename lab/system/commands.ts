/** Tenure's own commands, run in this process: a process for each would take longer than most tests. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { apiKeyCommand } from '../../src/cli/api-key';
import type { Output } from '../../src/cli/command';
import { importCommand } from '../../src/cli/import';
import { expectCleanOutput, secret } from './secrets';
import type { Stack } from './stack';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export type Row = Readonly<Record<string, string>>;

/** Imports `rows`, whose columns are those of the first. Throws if the command's output contains a fixture's secret. */
export async function importRoster({ settings }: Stack, kind: string, rows: readonly Row[]): Promise<Said> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-roster-'));
  try {
    const file = join(folder, `${kind}.csv`);
    await writeFile(file, toCsv(rows));
    const said = await run((output) =>
      importCommand([kind, file], settings, { ...output, isTerminal: false }),
    );
    expectCleanOutput('the import command', `${said.out}\n${said.err}`);
    return said;
  } finally {
    await rm(folder, { recursive: true });
  }
}

export interface IssuedKey {
  readonly id: string;
  readonly key: string;
}

/** A key created with the api-key command; for a member of the staff roster if a number is given. */
export async function issueApiKey(
  stack: Stack,
  name: string,
  scopes: string,
  staffNumber?: string,
): Promise<IssuedKey> {
  const args = ['create', '--name', name, '--scopes', scopes];
  if (staffNumber !== undefined) args.push('--staff', staffNumber);
  const { code, out, err } = await apiKey(args, stack);
  const id = /^Key (\S+)/.exec(err)?.[1];
  if (code !== 0 || id === undefined) throw new Error(`no key was made: ${err}`);
  const key = secret(out.trim());
  expectCleanOutput('the api-key command', err);
  return { id, key };
}

export const revokeApiKey = (stack: Stack, id: string): Promise<Said> => apiKey(['revoke', id], stack);

const apiKey = (args: readonly string[], { settings }: Stack): Promise<Said> =>
  run((output) => apiKeyCommand(args, settings, output, Date.now()));

async function run(command: (output: Output) => Promise<number>): Promise<Said> {
  let [out, err] = ['', ''];
  const code = await command({ out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

function toCsv(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (values: readonly string[]): string =>
    values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))].map(line).join('\r\n');
}
