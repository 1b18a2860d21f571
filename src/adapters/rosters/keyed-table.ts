/** The SQL of a table that has one row for each key of a roster, and takes over what the roster says of it. */
export interface KeyedTable {
  readonly name: string;
  /** The temporary table with the same columns, and `line`. */
  readonly staged: string;
  readonly key: string;
  /** What a line says besides the key. */
  readonly columns: readonly string[];
}

/** The condition under which the staged line `s` says what the row `t` says already. */
export const sameRow = ({ key, columns }: KeyedTable): string => {
  const columnsOf = (table: string): string => columns.map((column) => `${table}.${column}`).join(', ');
  return `t.${key} = s.${key} AND (${columnsOf('t')}) IS NOT DISTINCT FROM (${columnsOf('s')})`;
};

/** The statement that writes the staged lines after $1 up to $2, as `Staging.write` wants it. */
export const upsertRows = ({ name, staged, key, columns }: KeyedTable): string => `
  INSERT INTO ${name} (${key}, ${columns.join(', ')})
  SELECT ${key}, ${columns.join(', ')} FROM ${staged} WHERE line > $1 AND line <= $2
  ON CONFLICT (${key}) DO UPDATE SET
    ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}, updated_at = now()
  RETURNING xmax = 0 AS created`;
