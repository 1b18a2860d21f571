/** Distinguishes an unavailable database from an invalid statement. */

import { DatabaseError } from 'pg';
import { Prisma } from '../generated/client';

/** Prisma: cannot reach, timed out, closed, pool exhausted. PostgreSQL: shutting down, starting up, ended a frozen transaction. Sockets. */
const AWAY_CODES = new Set([
  ...['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028'],
  ...['57P01', '57P02', '57P03', '25P03', '53300', '08000', '08001', '08003', '08004', '08006'],
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'],
]);

/** Driver errors without a code: only their texts identify them. */
const AWAY_TEXT =
  /Connection terminated|timeout exceeded when trying to connect|Can't reach database server|Server has closed the connection|Client has encountered a connection error|the database system is (starting up|shutting down)/;

/** Whether `error` or its cause means that the database is unavailable now. */
export function isDatabaseAway(error: unknown, depth = 5): boolean {
  if (depth === 0 || typeof error !== 'object' || error === null) return false;
  const { code, originalCode, message, cause, meta, driverAdapterError } = error as Record<string, unknown>;
  if ([code, originalCode].some((value) => typeof value === 'string' && AWAY_CODES.has(value))) return true;
  if (typeof message === 'string' && AWAY_TEXT.test(message)) return true;
  return [cause, meta, driverAdapterError].some((inner) => isDatabaseAway(inner, depth - 1));
}

const UNIQUE_VIOLATION = '23505';

/** Whether a statement violated a unique constraint; it then changed nothing. In a transaction Prisma tells. */
export const isUniqueViolation = (error: unknown): boolean =>
  (error instanceof DatabaseError && error.code === UNIQUE_VIOLATION) ||
  (error instanceof Prisma.PrismaClientKnownRequestError &&
    JSON.stringify(error.meta).includes(UNIQUE_VIOLATION));
