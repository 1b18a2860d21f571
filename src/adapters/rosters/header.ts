/** A roster's header line, and the fields under it. No message repeats a value: a file may lack its header line. */
import { trimTyped } from '../../domain/accounts/text';
import type { CsvRecord } from './csv';
import { RosterError } from './roster-error';
import type { RosterKind } from './roster-kind';

export interface Header {
  /** The kind's own names, in the order of the file. */
  readonly columns: readonly string[];
  /** How many unnamed columns a spreadsheet left as commas at the right. */
  readonly emptyColumns: number;
}

export const isBlank = (field: string): boolean => trimTyped(field) === '';

/**
 * Names ignore case and surrounding space; unnamed columns at the right do not count. Throws `RosterError`, which names each
 * missing or repeated column and the number of unknown ones.
 */
export function readHeader(
  { kind, columns, optionalColumns = [] }: RosterKind<unknown>,
  record: CsvRecord,
): Header {
  const { line, fields } = record;
  if (fields === null)
    throw new RosterError(`The header line (line ${line}) cannot be read: ${record.reason}.`);
  const named = fields.slice(0, fields.findLastIndex((name) => !isBlank(name)) + 1);
  const header = named.map((name) => columns.find((column) => isSameName(column, name)));

  const known = header.filter((column) => column !== undefined);
  const missing = columns.filter((column) => !known.includes(column) && !optionalColumns.includes(column));
  const repeated = columns.filter((column) => known.filter((each) => each === column).length > 1);
  const faults = [
    ...(missing.length > 0 ? [`lacks ${quoted(missing)}`] : []),
    ...(known.length < header.length ? [`has ${countUnknown(header.length - known.length)}`] : []),
    ...(repeated.length > 0 ? [`repeats ${quoted(repeated)}`] : []),
  ];
  if (faults.length === 0) return { columns: known, emptyColumns: fields.length - named.length };
  throw new RosterError(
    [
      `The header line (line ${line}) ${faults.join(', and ')}.`,
      `The columns of the ${kind} roster are ${columns.join(',')}.`,
      ...(optionalColumns.length > 0 ? [`It may lack ${quoted(optionalColumns)}.`] : []),
      ...(known.length > 0 ? [] : [guessCause(named)]),
    ].join(' '),
  );
}

const isSameName = (column: string, name: string): boolean =>
  column.toLowerCase() === trimTyped(name).toLowerCase();

const quoted = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ');

const countUnknown = (count: number): string =>
  count === 1 ? '1 unknown column' : `${count} unknown columns`;

function guessCause(names: readonly string[]): string {
  const isSeparatedOtherwise = names.length === 1 && /[;\t|]/.test(names[0]!);
  return isSeparatedOtherwise
    ? 'Are its fields separated by something other than commas?'
    : 'It has none of them: is the header line missing?';
}
