import { Pool, types, type ClientBase, type Connection, type FieldDef } from 'pg';
import type { Prisma } from '../../src/adapters/generated/client';
import { Database, type Statements } from '../../src/adapters/postgres/database';
import type { Column } from '../../src/adapters/postgres/query';

const { TEXT, UUID, INT4, FLOAT8, BOOL, JSON, JSONB } = types.builtins;

/** What Prisma and its driver make of PostgreSQL's types; of any other they make something that no raw statement gives. */
const KINDS = new Map<number, string>([
  ...[TEXT, UUID].map((oid) => [oid, 'string'] as const),
  ...[INT4, FLOAT8].map((oid) => [oid, 'number'] as const),
  ...[JSON, JSONB].map((oid) => [oid, 'json'] as const),
  [BOOL, 'boolean'],
  // Arrays of text, int4 and float8 have no names there.
  [1009, 'string[]'],
  [1007, 'number[]'],
  [1022, 'number[]'],
]);

type Row = Readonly<Record<string, unknown>>;
type Declared = Readonly<Record<string, Column>>;

/**
 * A database that refuses a raw statement whose rows are not what its columns say (src/adapters/postgres/query.ts): PostgreSQL
 * describes each statement once, and no value may be null that is not said to be.
 */
export function createCheckedDatabase(url: string): Database {
  return new CheckedDatabase(new Pool({ connectionString: url, max: 10 }));
}

class CheckedDatabase extends Database {
  readonly described = new Map<string, Promise<string[]>>();
  /** Beside the pool, whose connections may all wait for one that is asked about. */
  readonly describer = new Pool({ ...this.pool.options, max: 1 })
    // Dropping a database ends its idle connections; without a listener that would fail whatever test runs.
    .on('error', () => undefined);

  override async send(statement: Prisma.Sql) {
    return this.checked(statement, await super.send(statement));
  }

  override within(transaction: Prisma.TransactionClient): Statements {
    const { send } = super.within(transaction);
    return { send: async (statement) => this.checked(statement, await send(statement)) };
  }

  async checked<R extends { readonly rows: unknown[] }>(statement: Prisma.Sql, result: R): Promise<R> {
    const { text, columns } = statement as Prisma.Sql & { readonly columns?: Declared };
    if (columns === undefined) return result;
    if (!this.described.has(text)) this.described.set(text, faultsOf(this.describer, text, columns));
    const faults = [...(await this.described.get(text)!), ...nullsIn(result.rows as Row[], columns)];
    if (faults.length > 0) throw new Error(`Rows are not as declared: ${faults.join('; ')}\n${text}`);
    return result;
  }

  override async $disconnect(): Promise<void> {
    await super.$disconnect();
    if (!this.describer.ended) await this.describer.end();
  }
}

async function faultsOf(describer: Pool, text: string, columns: Declared): Promise<string[]> {
  const client = await describer.connect();
  const fields = await fieldsOf(client, text).finally(() => client.release());
  const { rows } = await describer.query<{ column: string }>(
    `SELECT attrelid || '.' || attnum AS column FROM pg_attribute WHERE NOT attnotnull AND attrelid = ANY ($1)`,
    [fields.map(({ tableID }) => tableID)],
  );
  const mayBeNull = new Set(rows.map(({ column }) => column));
  return [
    ...Object.entries(columns).flatMap(([name, column]) => {
      const field = fields.find((each) => each.name === name);
      if (field === undefined) return [`${name}: not given`];
      const kind = KINDS.get(field.dataTypeID) ?? `type ${field.dataTypeID}`;
      if (kind !== column.replace('?', '')) return [`${name}: ${column}, but ${kind} is given`];
      // Prisma's schema cannot say NOT NULL of a list.
      const isSafe = /[?\]]$/.test(column) || !mayBeNull.has(`${field.tableID}.${field.columnID}`);
      return isSafe ? [] : [`${name}: ${column}, but it may be null`];
    }),
    ...fields.filter(({ name }) => !(name in columns)).map(({ name }) => `${name}: not declared`),
  ];
}

const nullsIn = (rows: readonly Row[], columns: Declared): string[] =>
  Object.entries(columns)
    .filter(([name, column]) => !column.endsWith('?') && rows.some((row) => row[name] === null))
    .map(([name, column]) => `${name}: ${column}, but it is null`);

/** Has PostgreSQL say what a statement would give, without running it. */
function fieldsOf(client: ClientBase, text: string): Promise<readonly FieldDef[]> {
  return new Promise((resolve, reject) => {
    let fields: readonly FieldDef[] = [];
    const description = {
      submit(connection: Connection): void {
        connection.parse({ name: '', text, types: [] }, true);
        connection.describe({ type: 'S', name: '' }, true);
        connection.sync();
      },
      handleRowDescription(message: { readonly fields: readonly FieldDef[] }): void {
        fields = message.fields;
      },
      handleReadyForQuery: () => resolve(fields),
      handleError: reject,
    };
    client.query(description);
  });
}
