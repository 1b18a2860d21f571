/** The temporary table in which a roster's lines wait until all of them are known, and the operations common to all kinds. */
import type { ClientBase } from 'pg';
import type { RosterStore, StagedLine } from './roster-kind';
import { reason, type Reason } from './reason';

export interface StagedColumn<Row> {
  readonly type: 'text' | 'date' | 'text[]';
  readonly value: (row: Row) => string | null | readonly string[];
}

export interface Staging<Row> {
  readonly prepare: RosterStore<Row>['prepare'];
  readonly stage: RosterStore<Row>['stage'];
  /** Called after the last line was staged, before any other query. */
  index(): Promise<void>;
  /** If several lines have the same key, in one column or several, the first in the file keeps it. */
  refuseRepeats(columns: readonly string[], field: string | null): Promise<void>;
  /** Refuses each staged line `s` for which `condition` is true; `field` is null for the whole line. */
  refuseWhere(condition: string, field: string | null, why: Reason): Promise<void>;
  count(): Promise<number>;
  /** Removes the staged lines `s` that equal the row `t` of `table`, a name or a query. */
  dropUnchanged(table: string, condition: string): Promise<number>;
  /** Runs `upsert` with the numbers of the last line written before ($1) and of the last one now ($2). */
  write(upsert: string, lastLine: number): ReturnType<RosterStore<Row>['write']>;
}

/**
 * Since when what an import writes is known: one time for all its lines, set by `SET_KNOWN_FROM`. The trigger that notes agents'
 * last days reads it too.
 */
export const KNOWN_FROM = "current_setting('tenure.known_from')::timestamptz(3)";

/** Called once imports are serialised, so that a later import has a later time. */
export const SET_KNOWN_FROM =
  "SELECT set_config('tenure.known_from', date_trunc('milliseconds', clock_timestamp())::text, true)";

/** Separates the elements of a list on their way into the table; roster texts contain no control characters. */
const SEPARATOR = '\u001f';

/** `table` and the names of `columns` go into SQL unescaped: they are constants. */
export function createStaging<Row>(
  client: ClientBase,
  table: string,
  columns: Readonly<Record<string, StagedColumn<Row>>>,
): Staging<Row> {
  const names = Object.keys(columns);
  const specs = Object.values(columns);
  let writtenUpTo = 0;

  const countWhere = async (query: string, values: readonly unknown[] = []): Promise<number> =>
    (await client.query(query, [...values])).rowCount ?? 0;

  return {
    async prepare() {
      const defined = names.map((name, index) => `${name} ${specs[index]!.type}`);
      await client.query(`CREATE TEMPORARY TABLE ${table} (line int, ${defined.join(', ')}) ON COMMIT DROP`);
    },

    async stage(lines: readonly StagedLine<Row>[]) {
      const parameters = specs.map((_, index) => `$${index + 2}::text[]`);
      await client.query(
        `INSERT INTO ${table} SELECT line, ${specs.map(({ type }, index) => fromText(type, names[index]!)).join(', ')}
         FROM unnest($1::int[], ${parameters.join(', ')}) AS staged(line, ${names.join(', ')})`,
        [
          lines.map(({ line }) => line),
          ...specs.map(({ value }) => lines.map(({ row }) => toText(value(row)))),
        ],
      );
    },

    async index() {
      await client.query(`CREATE INDEX ON ${table} (line)`);
      await client.query(`ANALYZE ${table}`);
    },

    async refuseRepeats(keys, field) {
      await client.query(
        `WITH ranked AS (
           SELECT line, min(line) OVER (PARTITION BY ${keys.join(', ')}) AS first FROM ${table}
         ), gone AS (
           DELETE FROM ${table} s USING ranked r WHERE r.line = s.line AND r.first < s.line RETURNING s.line, r.first
         )
         INSERT INTO refused_lines SELECT line, $1, replace($2, '"LINE"', first::text) FROM gone`,
        [field, reason('repeated', { line: 'LINE' })],
      );
    },

    async refuseWhere(condition, field, why) {
      await client.query(
        `WITH gone AS (DELETE FROM ${table} s WHERE ${condition} RETURNING s.line)
         INSERT INTO refused_lines SELECT line, $1, $2 FROM gone`,
        [field, why],
      );
    },

    async count() {
      const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
      return rows[0]!.count;
    },

    dropUnchanged: (target, condition) =>
      countWhere(`DELETE FROM ${table} s USING ${target} t WHERE ${condition}`),

    async write(upsert, lastLine) {
      const { rows } = await client.query<{ created: number; updated: number }>(
        `WITH written AS (${upsert})
         SELECT count(*) FILTER (WHERE created)::int AS created, count(*) FILTER (WHERE NOT created)::int AS updated
         FROM written`,
        [writtenUpTo, lastLine],
      );
      writtenUpTo = lastLine;
      return rows[0]!;
    },
  };
}

const toText = (value: string | null | readonly string[]): string | null =>
  typeof value === 'string' || value === null ? value : value.join(SEPARATOR);

const fromText = (type: StagedColumn<never>['type'], column: string): string =>
  type === 'text[]' ? `string_to_array(${column}, chr(${SEPARATOR.charCodeAt(0)}))` : `${column}::${type}`;
