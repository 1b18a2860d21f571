/** The store of a table with one row for each key of a roster, updated from the roster. */
import type { ClientBase } from 'pg';
import type { RosterStore } from './roster-kind';
import { createStaging, type StagedColumn, type Staging } from './staging';

type Columns<Row> = Readonly<Record<string, StagedColumn<Row>>>;

export interface KeyedTable<Row> {
  readonly name: string;
  readonly key: string;
  readonly keyOf: (row: Row) => string;
  /** The field that contains the key. */
  readonly keyField: string;
  /** The fields of a line except the key. */
  readonly columns: Columns<Row>;
  /** Columns of the staged line that the row does not have. */
  readonly stagedOnly?: Columns<Row>;
  /** Condition for a staged line `s` that changes something else than its row: it counts as updated. */
  readonly alsoChanges?: string;
  /** Refuses staged lines for reasons other than a repeated key, and completes the remaining ones. */
  readonly settle?: (staging: Staging<Row>) => Promise<void>;
}

/** Lines wait in `staged_<name>`. */
export function createKeyedStore<Row>(client: ClientBase, table: KeyedTable<Row>): RosterStore<Row> {
  const { name, key, keyOf, keyField, columns, stagedOnly = {}, alsoChanges = 'false', settle } = table;
  const staging = createStaging<Row>(client, `staged_${name}`, {
    [key]: { type: 'text', value: keyOf },
    ...columns,
    ...stagedOnly,
  });
  const names = Object.keys(columns);
  const list = names.join(', ');
  const of = (alias: string): string => names.map((column) => `${alias}.${column}`).join(', ');
  const unchanged = `t.${key} = s.${key} AND (${of('t')}) IS NOT DISTINCT FROM (${of('s')}) AND NOT (${alsoChanges})`;
  const upsert = `
    INSERT INTO ${name} (${key}, ${list})
    SELECT ${key}, ${list} FROM staged_${name} WHERE line > $1 AND line <= $2
    ON CONFLICT (${key}) DO UPDATE SET
      ${names.map((column) => `${column} = excluded.${column}`).join(', ')}, updated_at = now()
    RETURNING xmax = 0 AS created`;

  return {
    prepare: staging.prepare,
    stage: staging.stage,

    async settle() {
      await staging.index();
      await staging.refuseRepeats([key], keyField);
      await settle?.(staging);
      const accepted = await staging.count();
      return { accepted, unchanged: await staging.dropUnchanged(name, unchanged) };
    },

    write: (lastLine) => staging.write(upsert, lastLine),
  };
}
