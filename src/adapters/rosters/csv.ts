/**
 * Records of RFC 4180. An unclosed quote invalidates only its own line; a parser of the whole file would treat everything after
 * it as one field.
 */
import { parse } from 'csv-parse/sync';
import { readLines, type RosterFile } from './lines';
import { reason, type Reason } from './reason';

/** Longer than any record of a roster; limits the search for a closing quote. */
const MAX_RECORD_CHARACTERS = 1 << 16;

export type CsvRecord =
  | { readonly line: number; readonly fields: readonly string[] }
  /** It cannot be parsed: */
  | { readonly line: number; readonly fields: null; readonly reason: Reason };

export interface CsvBatch {
  readonly records: readonly CsvRecord[];
  /** Bytes of the file that were read so far. */
  readonly bytes: number;
}

const NOT_UTF8 = reason('not-utf8');
const QUOTES_DO_NOT_MATCH = reason('quotes');

/** The non-blank records of a file, each with the number of its first line, from 1. */
export async function* readCsv(file: RosterFile): AsyncGenerator<CsvBatch> {
  let waiting: string[] = [];
  let firstLine = 1;
  let bytes = 0;
  const notUtf8 = new Set<number>();
  for await (const batch of readLines(file)) {
    bytes += batch.bytes;
    for (const index of batch.notUtf8) notUtf8.add(firstLine + waiting.length + index);
    const taken = takeRecords([...waiting, ...batch.lines], firstLine, notUtf8, false);
    waiting = taken.rest;
    firstLine = taken.nextLine;
    yield { records: taken.records, bytes };
  }
  yield { records: takeRecords(waiting, firstLine, notUtf8, true).records, bytes };
}

/** Takes complete records from `lines`; a last one with open quotes stays in `rest` unless the file has ended. */
function takeRecords(
  lines: readonly string[],
  firstLine: number,
  notUtf8: ReadonlySet<number>,
  isEnd: boolean,
): { records: CsvRecord[]; rest: string[]; nextLine: number } {
  const records: CsvRecord[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = firstLine + at;
    const first = stripReturn(lines[at]!);
    if (!first.includes('"')) {
      if (notUtf8.has(line)) records.push({ line, fields: null, reason: NOT_UTF8 });
      else if (first !== '') records.push({ line, fields: first.split(',') });
      at++;
      continue;
    }
    const end = endOfQuotes(lines, at);
    if (end === 'open' && !isEnd) break;
    const fields = typeof end === 'number' ? parseRecord(lines.slice(at, end).join('\n')) : null;
    const next = typeof end === 'number' && fields !== null ? end : at + 1;
    const isSound = !lines.slice(at, next).some((_, index) => notUtf8.has(line + index));
    if (!isSound) records.push({ line, fields: null, reason: NOT_UTF8 });
    else if (fields === null) records.push({ line, fields, reason: QUOTES_DO_NOT_MATCH });
    else records.push({ line, fields });
    at = next;
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
