/**
 * A line of CSV (RFC 4180). A cell that a spreadsheet would run as a formula gets an apostrophe in front, which makes it text there.
 * Whatever a program might take for a separator is quoted.
 */
export const csvLine = (cells: readonly (string | null)[]): string =>
  `${cells.map((cell) => csvCell(cell ?? '')).join(',')}\r\n`;

function csvCell(text: string): string {
  const defused = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /^[\w.:-]*$/.test(defused) ? defused : `"${defused.replaceAll('"', '""')}"`;
}
