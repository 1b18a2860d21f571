/** Start and shutdown of a process. */
import type { AddressInfo } from 'node:net';
import { ConfigError } from '../config';
import { onStopSignal } from '../signals';
import { exitWithParent } from './supervisor-channel';

/**
 * Runs `start`, then its returned `stop` once on SIGTERM, on SIGINT or when the supervisor is gone. While `start` still runs they
 * end the process at once: nobody uses it yet. A wrong setting is reported in a sentence and exits with 78 (EX_CONFIG); any other
 * failure to start exits with 1.
 */
export async function runProcess(name: string, start: () => Promise<() => Promise<void>>): Promise<void> {
  let stop = (): Promise<void> => Promise.resolve();
  let isStopping = false;
  const stopOnce = (): void => {
    if (isStopping) return;
    isStopping = true;
    void stop().then(
      () => process.exit(0),
      (error: unknown) => end(name, error, 1),
    );
  };
  onStopSignal(stopOnce);
  exitWithParent(stopOnce);
  try {
    stop = await start();
  } catch (error) {
    failToStart(name, error);
  }
}

/** Exits with 78 for a wrong setting, reported in a sentence, otherwise with 1. */
export function failToStart(name: string, error: unknown): never {
  return end(name, error, error instanceof ConfigError ? 78 : 1);
}

function end(name: string, error: unknown, code: number): never {
  console.error(`tenure ${name}:`, sentenceOf(error) ?? error);
  process.exit(code);
}

/** Of what an operator can mend; undefined: the error itself says more. */
function sentenceOf(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.message;
  if (!(error instanceof Error) || !('syscall' in error) || error.syscall !== 'listen') return undefined;
  const { code, address, port } = error as NodeJS.ErrnoException & Partial<AddressInfo>;
  const reason = CANNOT_LISTEN[code ?? ''] ?? code;
  return `cannot listen on port ${port} of ${address}: ${reason}`;
}

const CANNOT_LISTEN: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process does; stop it, or set another port',
  EACCES: 'this user may not; set a port from 1024 on',
  EADDRNOTAVAIL: 'this machine has no such address; set one that it has',
};
