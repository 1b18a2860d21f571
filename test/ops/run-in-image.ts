/** Runs the image's commands bare, in a folder like the image's. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readComposeFile } from './compose-file';
import { layOutImage, readStages } from './image';

export type Env = Readonly<Record<string, string>>;

const compose = readComposeFile();

/** The last stage's instructions: what the image is. */
export const lastStage = readStages().at(-1) ?? [];

/** The service's own command, or the image's. */
export function commandOf(name: string): readonly string[] {
  const ofImage = lastStage.find((instruction) => instruction.name === 'CMD')?.rest ?? '[]';
  return compose.services[name]?.command ?? (JSON.parse(ofImage) as string[]);
}

/** A folder like the image's /app, until `remove`. */
export function createImage() {
  const folder = mkdtempSync(join(tmpdir(), 'tenure-image-'));
  layOutImage(folder);
  /** As the container would: nothing of our environment, and of packages only what the image has. */
  const inImage = (env: Env) => ({ cwd: folder, env: { NODE_ENV: 'production', ...env } });
  const run = (command: readonly string[], env: Env) =>
    promisify(execFile)(process.execPath, argumentsOf(command), inImage(env));
  return {
    folder,
    run,
    /** Of a command that has to fail. */
    refusalOf: (command: readonly string[], env: Env) =>
      run(command, env).then(
        () => ({ code: 0, said: '' }),
        ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
      ),
    /** `said`: its standard output so far. */
    start(command: readonly string[], env: Env) {
      const child = spawn(process.execPath, argumentsOf(command), {
        ...inImage(env),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
      return { child, said: () => said };
    },
    /** As the first process of a container, for which the kernel ignores signals that it has no handler for. */
    startFirst(command: readonly string[], env: Env) {
      const first = ['--user', '--map-root-user', '--pid', '--fork', '--mount-proc', '--kill-child'];
      const outer = spawn('unshare', [...first, process.execPath, ...argumentsOf(command)], {
        ...inImage(env),
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const inner = (): number =>
        Number(readFileSync(`/proc/${outer.pid}/task/${outer.pid}/children`, 'utf8').trim());
      return { outer, signal: (signal: NodeJS.Signals) => process.kill(inner(), signal) };
    },
    isHealthy: (check: readonly string[], env: Env): Promise<boolean> =>
      run(check, env).then(
        () => true,
        () => false,
      ),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

function argumentsOf([program, ...args]: readonly string[]): string[] {
  expect(program).toBe('node');
  return ['--preserve-symlinks', '--preserve-symlinks-main', ...args];
}
