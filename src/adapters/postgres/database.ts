/** One connection pool per process, shared by Prisma and the request limiter. */
import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool, type ClientBase } from 'pg';
import { PrismaClient, type Prisma } from '../generated/client';

/** Sends one statement. */
export interface Statements {
  send(statement: Prisma.Sql): Promise<{ readonly rows: unknown[] }>;
}

/** Prisma's client over a pool that others may also use; `$disconnect` ends both. */
export class Database extends PrismaClient {
  constructor(readonly pool: Pool) {
    // Many callers waiting for one person's lock are no outage: each gets its turn.
    const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => nameOf(sql) });
    super({ adapter, transactionOptions: { maxWait: 10_000, timeout: 15_000 } });
    // The next statement replaces a connection that died while idle; without a listener, the event would end the process.
    pool.on('error', () => {});
  }

  /** Past Prisma, whose way to the pool takes this process two to three times as much CPU (ADR 42). */
  async send(statement: Prisma.Sql): Promise<{ readonly rows: unknown[]; readonly count: number }> {
    return sendOn(this.pool, statement);
  }

  /** Sends statements as parts of one of Prisma's transactions. */
  within(transaction: Prisma.TransactionClient): Statements {
    return { send: async (statement) => ({ rows: await transaction.$queryRaw<unknown[]>(statement) }) };
  }

  /** Waits for running statements, then closes every connection. May be called twice. */
  override async $disconnect(): Promise<void> {
    await super.$disconnect();
    if (!this.pool.ended) await this.pool.end();
  }
}

/** Sends statements on one connection, which may be in a transaction. */
export const statementsOn = (client: ClientBase): Statements => ({
  send: (statement) => sendOn(client, statement),
});

async function sendOn(
  connection: Pick<ClientBase, 'query'>,
  { text, values }: Prisma.Sql,
): Promise<{ readonly rows: unknown[]; readonly count: number }> {
  const { rows, rowCount } = await connection.query({ name: nameOf(text), text, values });
  return { rows, count: rowCount ?? 0 };
}

/** Each connection plans a statement once: planning again costs PostgreSQL as much as the rest of a short statement. */
const nameOf = (sql: string): string => createHash('sha256').update(sql).digest('base64url');

/** A process that is frozen within a transaction holds its locks no longer than this. */
const FROZEN_AFTER_MS = 60_000;

/** Connects on first use; `databasePoolSize` is the maximum number of this process's connections. */
export function createDatabase({
  databaseUrl,
  databasePoolSize,
  frozenAfterMs = FROZEN_AFTER_MS,
}: {
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly frozenAfterMs?: number;
}): Database {
  return new Database(
    new Pool({
      connectionString: databaseUrl,
      max: databasePoolSize,
      connectionTimeoutMillis: 10_000,
      // No parameter of the connection: PgBouncer refuses those it does not know.
      // oxlint-disable-next-line typescript/no-misused-promises -- the pool waits for it, which its types do not know
      onConnect: (client) => client.query(`SET idle_in_transaction_session_timeout = ${frozenAfterMs}`),
    }),
  );
}
