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
  if (fields === null) {
    const { reason } = record;
    throw new RosterError((say, inWords) =>
      say('commands.import.header.unreadable', { line, reason: inWords(reason) }),
    );
  }
  const named = fields.slice(0, fields.findLastIndex((name) => !isBlank(name)) + 1);
  const header = named.map((name) => columns.find((column) => isSameName(column, name)));

  const known = header.filter((column) => column !== undefined);
  const missing = columns.filter((column) => !known.includes(column) && !optionalColumns.includes(column));
  const repeated = columns.filter((column) => known.filter((each) => each === column).length > 1);
  const unknown = header.length - known.length;
  if (missing.length === 0 && unknown === 0 && repeated.length === 0)
    return { columns: known, emptyColumns: fields.length - named.length };
  throw new RosterError((say) => {
    const faults = [
      ...(missing.length > 0 ? [say('commands.import.header.lacks', { columns: quoted(missing) })] : []),
      ...(unknown > 0 ? [say('commands.import.header.unknown', { count: unknown })] : []),
      ...(repeated.length > 0 ? [say('commands.import.header.repeats', { columns: quoted(repeated) })] : []),
    ].reduce((first, second) => say('commands.import.header.also', { first, second }));
    return [
      say('commands.import.header.faults', { line, faults }),
      say('commands.import.header.columns', { kind, columns: columns.join(',') }),
      ...(optionalColumns.length > 0
        ? [say('commands.import.header.may-lack', { columns: quoted(optionalColumns) })]
        : []),
      ...(known.length > 0 ? [] : [say(`commands.import.header.${guessCause(named)}`)]),
    ].join(' ');
  });
}

const isSameName = (column: string, name: string): boolean =>
  column.toLowerCase() === trimTyped(name).toLowerCase();

const quoted = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ');

const guessCause = (names: readonly string[]): 'other-separator' | 'missing' =>
  names.length === 1 && /[;\t|]/.test(names[0]!) ? 'other-separator' : 'missing';
