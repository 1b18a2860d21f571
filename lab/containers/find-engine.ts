/** The container engine of this machine: Docker as it is, or podman with a storage of its own. */
import { run, type RunOptions } from '../stack/command-line';
import type { Engine, EngineOptions } from './engine';
import { startPodman } from './podman';

/** Takes Docker if it answers, otherwise podman. Throws with what to install if there is neither. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  return (await findDocker(options.env)) ?? (await startPodman(options));
}

async function findDocker(env: NodeJS.ProcessEnv): Promise<Engine | undefined> {
  const docker = (args: readonly string[], options: RunOptions = {}): Promise<string> =>
    run({ command: 'docker', args, env }, options);
  try {
    const version = await docker(['version', '--format', '{{.Server.Version}}'], { timeoutMs: 20_000 });
    return {
      about: `Docker ${version.trim()}`,
      portRanges: true,
      ownStorage: false,
      env,
      run: docker,
      close: () => Promise.resolve(),
    };
  } catch {
    return undefined;
  }
}
