/** One pool of connections for a process, shared by Prisma and by the request limiter. */
import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { Pool } from 'pg';
import { PrismaClient } from '../generated/client';

/** Prisma's client over a pool that others may use too; `$disconnect` ends both. */
export class Database extends PrismaClient {
  constructor(readonly pool: Pool) {
    // A crowd that waits for one person's lock is no outage: each gets its turn.
    const adapter = new PrismaPg(pool, { statementNameGenerator: ({ sql }) => nameOf(sql) });
    super({ adapter, transactionOptions: { maxWait: 10_000, timeout: 15_000 } });
    // A connection that dies while idle is replaced by the next statement; unheard, the event would end the process.
    pool.on('error', () => {});
  }

  /** Waits for statements under way, then ends every connection. May be called twice. */
  override async $disconnect(): Promise<void> {
    await super.$disconnect();
    if (!this.pool.ended) await this.pool.end();
  }
}

/** Planned once by each connection: planning anew costs PostgreSQL as much as the rest of a short statement. */
const nameOf = (sql: string): string => createHash('sha256').update(sql).digest('base64url');

/** Connects on first use; `databasePoolSize` is the most connections this process opens. */
export function createDatabase(config: {
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
}): Database {
  return new Database(
    new Pool({
      connectionString: config.databaseUrl,
      max: config.databasePoolSize,
      connectionTimeoutMillis: 10_000,
    }),
  );
}
