/** Points in time are passed to and from SQL as epoch milliseconds: no driver, session or server time zone can shift them. */
import { Prisma } from '../generated/client';

/** An SQL expression of type timestamptz. */
export const timestamp = (epochMs: number): Prisma.Sql => Prisma.sql`to_timestamp(${epochMs}::float8 / 1000)`;

/** Epoch milliseconds of a column of type timestamptz(3), as float8: exact for every possible date. */
export const epochMs = (column: string): Prisma.Sql =>
  Prisma.raw(`round(extract(epoch FROM ${column}) * 1000)::float8`);

/** A column of type date as `YYYY-MM-DD`; null stays null. */
export const day = (column: string): Prisma.Sql => Prisma.raw(`to_char(${column}, 'YYYY-MM-DD')`);
