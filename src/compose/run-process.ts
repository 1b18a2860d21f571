/** Start and shutdown of both processes. */
import { ConfigError } from '../config';

/**
 * Runs `start`, then its returned `stop` once on SIGTERM or SIGINT. A wrong setting is reported in a sentence and
 * exits with 78 (EX_CONFIG); any other failure to start exits with 1.
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

/** Exits with 78 for a wrong setting, reported in a sentence, otherwise with 1. */
export function failToStart(name: string, error: unknown): never {
  return end(name, error, error instanceof ConfigError ? 78 : 1);
}

function end(name: string, error: unknown, code: number): never {
  const said = error instanceof ConfigError ? error.message : error;
  console.error(`tenure ${name}:`, said);
  process.exit(code);
}
