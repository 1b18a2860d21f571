/** Decisions about one customer take turns. */
import type { Database, Statements } from './database';
import { Prisma } from '../generated/client';

/** Each turn shares this lock; whoever decides about many customers has it alone. It comes before the lock of the customer. */
const ALL_DECISIONS = Prisma.sql`hashtextextended('all decisions', 0)`;

/**
 * Runs `work` in one transaction, while nobody else decides about the customer of this change. The lock is no row of `customers`: a
 * roster's import holds those it changes until its end. It comes before the lock on the change, which moves take alone.
 */
export const inCustomersTurn = <Result>(
  prisma: Database,
  planChangeId: string,
  work: (statements: Statements) => Promise<Result>,
): Promise<Result> =>
  prisma.$transaction(async (transaction) => {
    await transaction.$executeRaw`
      SELECT pg_advisory_xact_lock_shared(${ALL_DECISIONS}), pg_advisory_xact_lock(hashtextextended('decisions about ' || customer_id, 0))
      FROM plan_changes WHERE id = ${planChangeId}::uuid`;
    return work(prisma.within(transaction));
  });

/**
 * Waits for all turns; then nobody else decides about any customer until the transaction ends. One lock: the server has no room for
 * those of thousands of customers.
 */
export const takeEverybodysTurn = (statements: Statements): Promise<unknown> =>
  statements.send(Prisma.sql`SELECT pg_advisory_xact_lock(${ALL_DECISIONS})`);
