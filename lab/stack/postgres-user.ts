import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CommandLine, run } from './command-line';

/** How PostgreSQL's programs are run: as ourselves, or, for root, as the user `postgres`. */
export interface RunAs {
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  command(line: CommandLine): CommandLine;
}

/**
 * PostgreSQL refuses to run as root, so root runs it as the user `postgres`, created if missing. That user may have no
 * access to our folders (a clone under /root, say); then it gets only the one capability to traverse them.
 */
export async function asPostgresUser(paths: readonly string[]): Promise<RunAs> {
  if (process.getuid?.() !== 0) return { command: (line) => line };
  const { uid, gid } = await postgresIds();
  if (await everyoneMayPass(paths)) return { uid, gid, command: (line) => ({ ...line, uid, gid }) };

  const capability = await passingCapability();
  const setpriv = await run({ command: 'setpriv', args: ['--version'] }).catch(() => undefined);
  if (capability === undefined || setpriv === undefined) {
    throw new Error(
      `PostgreSQL does not run as root, and the user postgres cannot reach ${paths.join(' and ')}. ` +
        'Run this as an ordinary user, or from a folder that everybody may enter, or name a PostgreSQL of your own in DATABASE_URL.',
    );
  }
  const options = [
    `--reuid=${uid}`,
    `--regid=${gid}`,
    '--clear-groups',
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
    // Without it access(2), which PostgreSQL uses to check its own programs, would ignore the capability.
    '--securebits=+no_setuid_fixup',
  ];
  return {
    uid,
    gid,
    command: (line) => ({ ...line, command: 'setpriv', args: [...options, line.command, ...line.args] }),
  };
}

async function postgresIds(): Promise<{ uid: number; gid: number }> {
  const find = async () => ({ uid: await idOf('-u'), gid: await idOf('-g') });
  return find().catch(async () => {
    try {
      await run({ command: 'useradd', args: ['--system', '--user-group', '--no-create-home', 'postgres'] });
      return await find();
    } catch (error) {
      throw new Error(
        'PostgreSQL does not run as root, and a user "postgres" to run it could not be made. ' +
          'Make one, run this as an ordinary user, or name a PostgreSQL of your own in DATABASE_URL.',
        { cause: error },
      );
    }
  });
}

async function idOf(flag: '-u' | '-g'): Promise<number> {
  return Number.parseInt(await run({ command: 'id', args: [flag, 'postgres'] }), 10);
}

/** Whether other users may traverse every folder on the way to each path. */
async function everyoneMayPass(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    for (let folder = path; ; folder = dirname(folder)) {
      if (((await stat(folder)).mode & 0o001) === 0) return false;
      if (folder === dirname(folder)) break;
    }
  }
  return true;
}

/** The smallest available capability to traverse any folder: reading is enough, but containers often have only the other. */
async function passingCapability(): Promise<'dac_read_search' | 'dac_override' | undefined> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const bits = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  if (bits & (1n << 2n)) return 'dac_read_search';
  if (bits & (1n << 1n)) return 'dac_override';
  return undefined;
}
