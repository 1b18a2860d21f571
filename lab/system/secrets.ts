/** Values that must never appear in Temporal or in logs: fixtures register their personal data and secrets here. */
const secrets = new Set<string>();

/** Registers a fixture's value and returns it. */
export function secret(value: string): string {
  secrets.add(value);
  return value;
}

/**
 * Throws an error naming `where` if `text` contains a registered value in any letter case. Numbers match as whole words; before
 * an @ they are process ids.
 */
export function expectNoSecrets(where: string, text: string): void {
  const folded = text.toLowerCase();
  for (const value of secrets) {
    const found = /^\d+$/.test(value)
      ? new RegExp(`(?<![\\w-])${value}(?![\\w@-])`).test(text)
      : folded.includes(value.toLowerCase());
    if (found) throw new Error(`${where} holds ${JSON.stringify(value)}, which must never leave PostgreSQL`);
  }
}

/** All text in a structure: its strings, and its byte arrays decoded as UTF-8. */
export function readableText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8');
  if (Array.isArray(value)) return value.map(readableText).join('\n');
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => `${key}=${readableText(inner)}`)
      .join('\n');
  }
  return '';
}

/** Throws if the output of a process contains a fixture's secret. In JSON lines everything except numbers is checked. */
export function expectCleanOutput(process: string, output: string): void {
  const lines = output.split('\n').map((line) => {
    try {
      return readableText(JSON.parse(line));
    } catch {
      return line;
    }
  });
  expectNoSecrets(`output of ${process}`, lines.join('\n'));
}
