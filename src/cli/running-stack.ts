/** What a running `npm start` writes to `TENURE_HOME/endpoints.json`, so that commands and scripts find it. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, loadHome } from '../config';

/** Addresses of a running stack. */
export interface Endpoints {
  /** The pages. */
  readonly web: string;
  readonly api: string;
  readonly docs: string;
  /** Absent if an external mail server or Temporal is used. */
  readonly inbox?: string;
  readonly temporalUi?: string;
  /** host:port */
  readonly temporal: string;
  /** With its password. */
  readonly database: string;
  readonly smtp: string;
  /** The file with its peppers; absent if `TENURE_PEPPERS` set them. */
  readonly peppersFile?: string;
}

export const endpointsFile = (home: string): string => join(home, 'endpoints.json');

/**
 * `env` if it names a database; otherwise with database and peppers of the stack that runs in `TENURE_HOME`, which is reported to
 * `say`. Throws `ConfigError` if none runs, or if others may read its secrets.
 */
export function withRunningStack(env: NodeJS.ProcessEnv, say: (line: string) => void): NodeJS.ProcessEnv {
  if (env['DATABASE_URL']) return env;
  const home = loadHome(env);
  const told = readSecret(endpointsFile(home));
  if (told === undefined) {
    throw new ConfigError(
      `DATABASE_URL is not set, and no npm start is ready in ${home}. Start one (npm start), name its home in TENURE_HOME, or set DATABASE_URL (docs/settings.md).`,
    );
  }
  const { database, peppersFile } = JSON.parse(told) as Endpoints;
  const peppers = env['TENURE_PEPPERS'] || (peppersFile && readSecret(peppersFile)?.trim());
  say(`DATABASE_URL is not set: using the npm start that runs in ${home}.\n`);
  return { ...env, DATABASE_URL: database, TENURE_PEPPERS: peppers };
}

/** A file that only its owner may read; undefined if there is none. Windows has no such modes. */
function readSecret(file: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    if (process.platform !== 'win32' && (fstatSync(descriptor).mode & 0o077) !== 0)
      throw new ConfigError(
        `${file} has secrets, and others may read or change it. See who did, then: chmod 600 ${file}`,
      );
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
