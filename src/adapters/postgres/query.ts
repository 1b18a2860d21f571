/** Raw statements that return rows, with the rows' types (ADR 42). */
import { Prisma, type PrismaClient } from '../generated/client';

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

type Statement<Row> = (
  strings: TemplateStringsArray,
  ...values: readonly unknown[]
) => Prisma.PrismaPromise<Row[]>;

type Client = Pick<PrismaClient, '$queryRaw'>;

/**
 * The template tag for a statement that returns rows with these columns. The row type is derived from them,
 * or given explicitly where string unions matter. The statement carries the columns: tests compare them with
 * what PostgreSQL returns (test/support/checked-rows.ts).
 */
export function query<Shape extends Readonly<Record<string, Column>>>(
  client: Client,
  columns: Shape,
): Statement<RowOf<Shape>>;
export function query<Row extends object>(client: Client, columns: Columns<Row>): Statement<Row>;
export function query(client: Client, columns: object): Statement<object> {
  return (strings, ...values) => client.$queryRaw(Object.assign(Prisma.sql(strings, ...values), { columns }));
}
