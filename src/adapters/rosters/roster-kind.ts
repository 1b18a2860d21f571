/** What a kind of roster tells about itself. A new kind is one such object, entered in `registry.ts`. */
import type { ClientBase } from 'pg';
import type { z } from 'zod';
import type { NamedKey } from '../../config';

export interface RosterKind<Row> {
  /** As it is typed on the command line: `members`. */
  readonly kind: string;
  /** Columns of the header line, in whatever order. All are required. */
  readonly columns: readonly string[];
  /** Turns a record, by column, into a row. Its messages are read after the column's name: "is empty". They repeat no value. */
  readonly schema: z.ZodType<Row, Record<string, string>>;
  /** Whether a column holds something that is kept as a keyed digest only. */
  readonly needsPeppers: boolean;
  /** Works inside the transaction that `client` is in. `peppers`, the current one first, are there for whoever needs them. */
  store(client: ClientBase, peppers: readonly NamedKey[]): RosterStore<Row>;
}

export interface StagedLine<Row> {
  readonly line: number;
  readonly row: Row;
}

/** Called in this order: `prepare`, `stage` for each batch, `settle`, `write` up to the last line. */
export interface RosterStore<Row> {
  /** Makes the temporary table that lines wait in, gone with the transaction. */
  prepare(): Promise<void>;
  stage(lines: readonly StagedLine<Row>[]): Promise<void>;
  /** Moves each line that cannot go in to `refused_lines`. Gives how many are left, and how many of these change nothing. */
  settle(): Promise<{ readonly accepted: number; readonly unchanged: number }>;
  /** Writes the waiting lines up to and including `lastLine` that were not written yet. */
  write(lastLine: number): Promise<{ readonly created: number; readonly updated: number }>;
}

/** Why a line did not go in. `field` is null where the whole line is meant. */
export interface Refusal {
  readonly line: number;
  readonly field: string | null;
  readonly reason: string;
}
