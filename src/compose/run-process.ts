/** How both processes begin and end. */
import { ConfigError } from '../config';

/**
 * Runs `start`, then its returned `stop` once on SIGTERM or SIGINT. A setting that is wrong is told in a sentence and
 * ends with exit code 78 (EX_CONFIG); any other failure to start ends with 1.
 */
export async function runProcess(name: string, start: () => Promise<() => Promise<void>>): Promise<void> {
  try {
    const stop = await start();
    let stopping = false;
    const onSignal = (): void => {
      if (stopping) return;
      stopping = true;
      void stop().then(
        () => process.exit(0),
        (error: unknown) => end(name, error, 1),
      );
    };
    process.on('SIGTERM', onSignal).on('SIGINT', onSignal);
  } catch (error) {
    failToStart(name, error);
  }
}

/** Ends the process: 78 for a setting that is wrong, told in a sentence, else 1. */
export function failToStart(name: string, error: unknown): never {
  return end(name, error, error instanceof ConfigError ? 78 : 1);
}

function end(name: string, error: unknown, code: number): never {
  const said = error instanceof ConfigError ? error.message : error;
  console.error(`tenure ${name}:`, said);
  process.exit(code);
}
