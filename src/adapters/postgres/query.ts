/** Raw statements that return rows, with the rows' types (ADR 42). */
import type { Database, Statements } from './database';
import { Prisma } from '../generated/client';

/** Possible column types. `json`: whatever the statement builds. */
interface Kinds {
  string: string;
  number: number;
  boolean: boolean;
  'string[]': readonly string[];
  'number[]': readonly number[];
  json: unknown;
}

type Kind = keyof Kinds;

/** `?`: nullable. */
export type Column = Kind | `${Kind}?`;

/** The columns of a row by name. */
export type Columns<Row> = {
  readonly [Name in keyof Row]-?: `${KindOf<NonNullable<Row[Name]>>}${null extends Row[Name] ? '?' : ''}`;
};

/** The first kind that fits. */
type KindOf<
  Value,
  Rest extends readonly Kind[] = ['string', 'number', 'boolean', 'string[]', 'number[]'],
> = Rest extends readonly [infer First extends Kind, ...infer Others extends readonly Kind[]]
  ? [Value] extends [Kinds[First]]
    ? First
    : KindOf<Value, Others>
  : 'json';

type RowOf<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends `${infer K extends Kind}?`
    ? Kinds[K] | null
    : Shape[Name] extends Kind
      ? Kinds[Shape[Name]]
      : never;
};

type Statement<Row> = (strings: TemplateStringsArray, ...values: readonly unknown[]) => Promise<Row[]>;

/**
 * The template tag for a statement that returns rows with these columns. The row type is derived from them,
 * or given explicitly where string unions matter. The statement carries the columns: tests compare them with
 * what PostgreSQL returns (test/support/checked-rows.ts).
 */
export function query<Shape extends Readonly<Record<string, Column>>>(
  statements: Statements,
  columns: Shape,
): Statement<RowOf<Shape>>;
export function query<Row extends object>(statements: Statements, columns: Columns<Row>): Statement<Row>;
export function query(statements: Statements, columns: object): Statement<object> {
  return async (strings, ...values) => {
    const { rows } = await statements.send(Object.assign(Prisma.sql(strings, ...values), { columns }));
    return rows as object[];
  };
}

/** The template tag for a statement that returns none: gives how many it wrote or deleted. */
export function execute(
  database: Pick<Database, 'send'>,
): (strings: TemplateStringsArray, ...values: readonly unknown[]) => Promise<number> {
  return async (strings, ...values) => (await database.send(Prisma.sql(strings, ...values))).count;
}
