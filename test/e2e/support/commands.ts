/** Tenure's own commands, as they are built and typed. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importCommand } from '../../../src/cli/import';
import { secret } from '../../support/secrets';
import { expectCleanOutput } from './histories';
import type { Portal } from './portal';
import { projectRoot } from './processes';

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export type Row = Readonly<Record<string, string>>;

/** Runs the import command over `rows`; their columns are those of the first. Throws when what it says holds a fixture's secret. */
export const importRoster = (portal: Portal, kind: string, rows: readonly Row[]): Promise<Said> =>
  importWith((args) => run('import.js', args, portal), kind, rows);

/** The same in this process, for tests that import often. */
export const importRosterHere = ({ settings }: Portal, kind: string, rows: readonly Row[]): Promise<Said> =>
  importWith(
    async (args) => {
      const said = { out: '', err: '' };
      const code = await importCommand(args, settings, {
        out: (text) => void (said.out += text),
        err: (text) => void (said.err += text),
        isTerminal: false,
      });
      return { code, ...said };
    },
    kind,
    rows,
  );

async function importWith(
  runImport: (args: readonly string[]) => Promise<Said>,
  kind: string,
  rows: readonly Row[],
): Promise<Said> {
  const folder = await mkdtemp(join(tmpdir(), 'tenure-roster-'));
  try {
    const file = join(folder, `${kind}.csv`);
    await writeFile(file, toCsv(rows));
    const said = await runImport([kind, file]);
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

/** A key made with the api-key command; of somebody on the staff roster, where a number is given. */
export async function issueApiKey(
  portal: Portal,
  name: string,
  scopes: string,
  staffNumber?: string,
): Promise<IssuedKey> {
  const args = ['create', '--name', name, '--scopes', scopes];
  if (staffNumber !== undefined) args.push('--staff', staffNumber);
  const { code, out, err } = await run('api-key.js', args, portal);
  const id = /^Key (\S+)/.exec(err)?.[1];
  if (code !== 0 || id === undefined) throw new Error(`no key was made: ${err}`);
  const key = secret(out.trim());
  expectCleanOutput('the api-key command', err);
  return { id, key };
}

export const revokeApiKey = (portal: Portal, id: string): Promise<Said> =>
  run('api-key.js', ['revoke', id], portal);

function run(script: string, args: readonly string[], { settings }: Portal): Promise<Said> {
  const path = join(projectRoot, 'dist', 'cli', script);
  const env = { PATH: process.env['PATH'] ?? '', ...settings };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [path, ...args], { cwd: projectRoot, env }, (_error, out, err) =>
      resolve({ code: child.exitCode ?? 1, out, err }),
    );
  });
}

function toCsv(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const line = (values: readonly string[]): string =>
    values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',');
  return [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))].map(line).join('\r\n');
}
