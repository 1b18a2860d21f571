/** pino's number for "warn". */
const warnLevel = 40;

/**
 * The part of a log line to show on the screen, if any. Our processes log JSON: warnings and worse are shown, and so
 * is anything that is not JSON, such as a crash. PostgreSQL's and Temporal's lines stay in their files.
 */
export function warningIn(line: string, ours: boolean): string | undefined {
  if (!ours) return undefined;
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== 'object' || entry === null) return undefined;
    const { level, msg } = entry as { level?: unknown; msg?: unknown };
    return typeof level === 'number' && level >= warnLevel
      ? typeof msg === 'string'
        ? msg
        : line
      : undefined;
  } catch {
    return /error|warn|fatal/i.test(line) ? line : undefined;
  }
}
