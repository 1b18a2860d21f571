/**
 * Records of RFC 4180. A quote that is never closed spoils its own line and no other: a parser of the whole file
 * would take everything after it for one field.
 */
import { parse } from 'csv-parse/sync';
import { readLines } from './lines';

/** Longer than any record of a roster; what is gathered to find a closing quote ends here. */
const MAX_RECORD_CHARACTERS = 1 << 16;

export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  /** Its quotes cannot be understood. */
  | { readonly line: number; readonly fields: null };

export interface CsvBatch {
  readonly records: readonly CsvRecord[];
  /** Bytes of the file that were read up to here. */
  readonly bytes: number;
}

/** The records of a UTF-8 file that are not blank, each with the number of the line it begins on, from 1. */
export async function* readCsv(path: string): AsyncGenerator<CsvBatch> {
  let waiting: string[] = [];
  let firstLine = 1;
  let bytes = 0;
  for await (const batch of readLines(path)) {
    bytes += batch.bytes;
    const taken = takeRecords([...waiting, ...batch.lines], firstLine, false);
    waiting = taken.rest;
    firstLine = taken.nextLine;
    yield { records: taken.records, bytes };
  }
  yield { records: takeRecords(waiting, firstLine, true).records, bytes };
}

/** Takes whole records off `lines`; a last one whose quotes are still open stays in `rest` unless the file is over. */
function takeRecords(
  lines: readonly string[],
  firstLine: number,
  isEnd: boolean,
): { records: CsvRecord[]; rest: string[]; nextLine: number } {
  const records: CsvRecord[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = firstLine + at;
    const first = stripReturn(lines[at]!);
    if (!first.includes('"')) {
      if (first !== '') records.push({ line, fields: first.split(',') });
      at++;
      continue;
    }
    const end = endOfQuotes(lines, at);
    if (end === 'open' && !isEnd) break;
    const fields = typeof end === 'number' ? parseRecord(lines.slice(at, end).join('\n')) : null;
    records.push({ line, fields });
    at = typeof end === 'number' && fields !== null ? end : at + 1;
  }
  return { records, rest: lines.slice(at), nextLine: firstLine + at };
}

/** The index after the line that closes the quotes opened on line `start`. */
function endOfQuotes(lines: readonly string[], start: number): number | 'open' | 'too-long' {
  let quotes = 0;
  let characters = 0;
  for (let at = start; at < lines.length; at++) {
    quotes += lines[at]!.split('"').length - 1;
    characters += lines[at]!.length;
    if (quotes % 2 === 0) return at + 1;
    if (characters > MAX_RECORD_CHARACTERS) return 'too-long';
  }
  return 'open';
}

function parseRecord(text: string): string[] | null {
  try {
    const [fields] = parse(stripReturn(text), { record_delimiter: [], relax_column_count: true });
    return fields ?? null;
  } catch {
    return null;
  }
}

const stripReturn = (text: string): string => (text.endsWith('\r') ? text.slice(0, -1) : text);
