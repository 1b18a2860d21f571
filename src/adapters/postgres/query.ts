/** Raw statements that give rows, with their rows' types (ADR 42). */
import { Prisma, type PrismaClient } from '../generated/client';

/** What a column may be. `json`: whatever the statement builds. */
interface Kinds {
  string: string;
  number: number;
  boolean: boolean;
  'string[]': readonly string[];
  'number[]': readonly number[];
  json: unknown;
}

type Kind = keyof Kinds;

/** `?`: it may be null. */
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
 * The tag of a statement that gives rows of these columns. A row's type follows from them, or is given where its words matter. The
 * statement carries them: tests hold them against what PostgreSQL gives (test/support/checked-rows.ts).
 */
export function query<Shape extends Readonly<Record<string, Column>>>(
  client: Client,
  columns: Shape,
): Statement<RowOf<Shape>>;
export function query<Row extends object>(client: Client, columns: Columns<Row>): Statement<Row>;
export function query(client: Client, columns: object): Statement<object> {
  return (strings, ...values) => client.$queryRaw(Object.assign(Prisma.sql(strings, ...values), { columns }));
}
