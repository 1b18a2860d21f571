/** Programs of this run that are Go modules: built once with Go, kept in the run's folder. */
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../stack/command-line';

export interface GoProgram {
  readonly module: string;
  readonly version: string;
  /** Of the program's package within the module; `.` for the module itself. */
  readonly package: string;
  /** For the linker. */
  readonly flags?: readonly string[];
}

export interface GoBuilds {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/**
 * The path of the program, built if it is not there, with the versions that its own module is released with: Go does not
 * install by name what replaces or excludes modules. Go checks the sources against its checksum database.
 */
export async function goProgram(program: GoProgram, builds: GoBuilds): Promise<string> {
  const { module, version, flags = [] } = program;
  const { env, home, say, signal } = builds;
  const name = [module, ...(program.package === '.' ? [] : [program.package])].join('/');
  const built = join(home, 'programs', `${name.replaceAll('/', '_')}@${version}`);
  if (existsSync(built)) return built;
  say(`Building ${name} ${version} with Go: minutes, once`);
  const cwd = await goSources(program, builds);
  const temporary = `${built}.tmp`;
  const args = ['build', '-ldflags', ['-s -w', ...flags].join(' '), '-o', temporary, `./${program.package}`];
  await run({ command: 'go', args, cwd, env: goEnv(env) }, { signal });
  await rename(temporary, built);
  return built;
}

/** The folder with the module's sources. */
export async function goSources(
  { module, version }: Pick<GoProgram, 'module' | 'version'>,
  { env, home, signal }: GoBuilds,
): Promise<string> {
  const args = ['mod', 'download', '-json', `${module}@${version}`];
  const said = await run({ command: 'go', args, env: goEnv(env), cwd: home }, { signal });
  return (JSON.parse(said) as { Dir: string }).Dir;
}

// The user's own workspace and flags must not apply here.
const goEnv = (env: NodeJS.ProcessEnv) => ({ ...env, CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '' });
