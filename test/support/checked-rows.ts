import { Pool, types, type ClientBase, type Connection, type FieldDef } from 'pg';
import type { Prisma } from '../../src/adapters/generated/client';
import { Database } from '../../src/adapters/postgres/database';
import type { Column } from '../../src/adapters/postgres/query';

const { TEXT, UUID, INT4, FLOAT8, BOOL, JSON, JSONB } = types.builtins;

/** What Prisma makes of PostgreSQL's types; of any other it makes something that no raw statement gives. */
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

/**
 * A database that refuses a raw statement whose rows are not what its columns say (src/adapters/postgres/query.ts): PostgreSQL
 * describes each statement once, and no value may be null that is not said to be.
 */
export function createCheckedDatabase(url: string): Database {
  const database = new CheckedDatabase(new Pool({ connectionString: url, max: 10 }));
  const described = new Map<string, Promise<string[]>>();

  const checked = database.$extends({
    query: {
      async $queryRaw({ args, query }) {
        const rows = (await query(args)) as Row[];
        const columns = database.columns.get(args.text);
        if (columns === undefined) return rows;
        if (!described.has(args.text))
          described.set(args.text, faultsOf(database.describer, args.text, columns));
        const faults = [...(await described.get(args.text)!), ...nullsIn(rows, columns)];
        if (faults.length > 0)
          throw new Error(`Rows are not as declared: ${faults.join('; ')}\n${args.text}`);
        return rows;
      },
    },
  });
  return checked as unknown as Database;
}

type Row = Readonly<Record<string, unknown>>;
type Declared = Readonly<Record<string, Column>>;

/** Remembers what statements say of their rows: Prisma passes only their text and values on. */
class CheckedDatabase extends Database {
  readonly columns = new Map<string, Declared>();
  /** Beside the pool, whose connections may all wait for one that is asked about. */
  readonly describer = new Pool({ ...this.pool.options, max: 1 })
    // Dropping a database ends its idle connections; without a listener that would fail whatever test runs.
    .on('error', () => undefined);

  override $queryRaw<T>(
    statement: TemplateStringsArray | Prisma.Sql,
    ...values: unknown[]
  ): Prisma.PrismaPromise<T> {
    const { text, columns } = statement as Prisma.Sql & { readonly columns?: Declared };
    if (columns !== undefined) this.columns.set(text, columns);
    return super.$queryRaw<T>(statement, ...values);
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
