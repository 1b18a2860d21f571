import { pino, type Logger } from 'pino';

/** JSON lines on standard output. Callers log ids, codes and counts; never what a person typed. */
export function createLogger(level: string, process: string): Logger {
  return pino({ level, base: { process } });
}
