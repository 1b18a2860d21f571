/** The definition of a kind of roster. A new kind is one such object, registered in `registry.ts`. */
import type { ClientBase } from 'pg';
import type { z } from 'zod';
import type { NamedKey } from '../../config';
import type { Reason } from './reason';

export interface RosterKind<Row> {
  /** As typed on the command line: `members`. */
  readonly kind: string;
  /** Columns of the header line, in any order. */
  readonly columns: readonly string[];
  /** Those that a file may lack; the others are required. */
  readonly optionalColumns?: readonly string[];
  /** Turns a record, by column, into a row. Its messages are reasons. */
  readonly schema: z.ZodType<Row, Record<string, string | undefined>>;
  /** Whether a column's value is kept as a keyed digest only. */
  readonly needsPeppers: boolean;
  /** Works inside the transaction of `client`. `peppers`, the current one first, are for kinds that need them. */
  store(client: ClientBase, peppers: readonly NamedKey[]): RosterStore<Row>;
}

export interface StagedLine<Row> {
  readonly line: number;
  readonly row: Row;
}

/** Called in this order: `prepare`, `stage` for each batch, `settle`, `write` up to the last line, `finish`. */
export interface RosterStore<Row> {
  /** Creates the temporary table for the lines, which ends with the transaction. */
  prepare(): Promise<void>;
  stage(lines: readonly StagedLine<Row>[]): Promise<void>;
  /**
   * Moves each line that cannot be imported to `refused_lines`. Returns how many are left, and how many of these change nothing.
   */
  settle(): Promise<{ readonly accepted: number; readonly unchanged: number }>;
  /** Writes the staged lines up to and including `lastLine` that were not written yet. */
  write(lastLine: number): Promise<{ readonly created: number; readonly updated: number }>;
  /** Writes what follows from all lines, last of all: others wait for what it locks. */
  finish?(): Promise<void>;
}

/** Why a line was not imported. `field` is null if the whole line is refused. */
export interface Refusal {
  readonly line: number;
  readonly field: string | null;
  readonly reason: Reason;
}
