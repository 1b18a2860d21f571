/** Lines of a table: first column left-aligned, figures right-aligned. An empty row is an empty line. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('   ')
      .trimEnd();
  const rule = '-'.repeat(widths.reduce((sum, width) => sum + width + 3, -3));
  return [line(header), rule, ...rows.map(line)].join('\n');
}

/** With about three digits: `7.3`, `31`; `-` if unknown. */
export function figure(value: number, digits = value < 9.95 ? 1 : 0): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-';
}
