/** A table of many passwords, written directly to the database: importing a million would take too long. */
import { Client } from 'pg';
import type { Prisma } from '../../../src/adapters/generated/client';
import type { Database } from '../../../src/adapters/postgres/database';
import { createRotations } from '../../../src/adapters/postgres/rotations';
import { portalPolicies } from '../../system/brand';
import { HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import { rotationCalendar, rotationWindow } from '../../../src/domain/password-rotation/rotation-calendar';
import type { Progress } from './progress';

/** When passwords were set, epoch milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What PostgreSQL has read from `credentials` so far. */
export interface TableReads {
  /** Entries of the index of passwords without a run, dead ones included, and rows found by any index. */
  readonly dueIndexEntries: number;
  readonly rowsByIndex: number;
  readonly rowsByScan: number;
}

export interface Credentials {
  /** Creates this many brokers with a current password each: `due` of them set within `span`, the others in no window. */
  fill(howMany: number, due: number, span: Span): Promise<void>;
  /** Moves this many of the others into `span`. */
  makeDue(howMany: number, span: Span): Promise<void>;
  /** How many passwords have a run. */
  started(): Promise<number>;
  /** PostgreSQL reports the worker's connections seconds late. */
  reads(): Promise<TableReads>;
  /** The nodes of the plan of the sweep's own query, the outermost first. */
  planOfDueQuery(limit: number): Promise<string[]>;
  close(): Promise<void>;
}

const policy = portalPolicies.broker;
/** How long the bench may run before a password enters or leaves the window by itself. */
const MARGIN_MS = 2 * HOUR_MS;
const TICK_MS = 500;
/** Looks like an argon2id hash; never verified here. */
const HASH = `$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2E$${'aGFzaA'.repeat(7)}`;

const NUMBERED = 'numbered.n - 0.5';
const within = (from: string, to: string, howMany: string) =>
  `to_timestamp((${from}::float8 + (${to}::float8 - ${from}::float8) * (${NUMBERED}) / ${howMany}) / 1000)`;

/** The whole window: passwords whose reminders have begun, most of them, as a first sweep finds them. */
export function wholeWindow(nowMs = Date.now()): Span {
  const { setAfterMs, setUntilMs } = windowAt(nowMs);
  return { fromMs: setAfterMs + MARGIN_MS, toMs: setUntilMs };
}

/** The youngest part of the window, 9 to 24 hours long: no reminder is due within an hour, so a run sets a timer and waits. */
export function nothingToSendYet(nowMs = Date.now()): Span {
  const { setUntilMs } = windowAt(nowMs);
  const isAhead = (setAtMs: number) =>
    rotationCalendar(policy, setAtMs)!.reminders[0]!.atMs > nowMs + HOUR_MS;
  let fromMs = setUntilMs;
  while (isAhead(fromMs - MINUTE_MS)) fromMs -= MINUTE_MS;
  return { fromMs, toMs: setUntilMs };
}

const windowAt = (nowMs: number) => rotationWindow(policy, nowMs)!;

export async function openCredentials(
  databaseUrl: string,
  progress: Progress,
  signal: AbortSignal,
): Promise<Credentials> {
  const [client, watching] = [databaseUrl, databaseUrl].map(
    (connectionString) => new Client({ connectionString }),
  ) as [Client, Client];
  for (const each of [client, watching]) {
    each.on('error', () => {});
    await each.connect();
  }
  // Cancels a statement.
  const onAbort = () => void client.end();
  signal.addEventListener('abort', onAbort, { once: true });

  /** A slow statement, with the size of its table as progress. */
  const run = async (table: string, sql: string, values: readonly number[] | readonly string[]) => {
    signal.throwIfAborted();
    const ticking = setInterval(() => {
      watching.query<{ mb: number }>(`SELECT pg_table_size('${table}') / 1048576 AS mb`).then(
        ({ rows }) => progress.update(`${table} has ${rows[0]?.mb} MB`),
        () => undefined,
      );
    }, TICK_MS);
    try {
      return await client.query(sql, [...values]);
    } finally {
      clearInterval(ticking);
    }
  };

  return {
    async fill(howMany, due, span) {
      progress.step(`filling in ${howMany} accounts`);
      await run(
        'accounts',
        `INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language, broker_kind)
         SELECT gen_random_uuid(), 'broker', name, name, name || '@bench.example', name || '@bench.example', 'Ada', 'Bench', 'en', 'other'
         FROM (SELECT 'bench' || translate(n::text, '0123456789', 'abcdefghij') AS name FROM generate_series(1, $1::int) AS n)`,
        [howMany],
      );
      progress.step(`filling in ${howMany} passwords, ${due} of them due`);
      const nowMs = Date.now();
      // Random ids, inserted in another random order, so that due rows are spread over the table.
      await run(
        'credentials',
        `INSERT INTO credentials (id, account_id, portal, hash, set_at)
         SELECT gen_random_uuid(), account_id, 'broker', '${HASH}',
                CASE WHEN n <= $2::int THEN ${within('$3', '$4', '$2')} ELSE ${within('$5', '$6', '$1::int')} END
         FROM (SELECT id AS account_id, row_number() OVER (ORDER BY id) AS n FROM accounts) AS numbered ORDER BY random()`,
        [howMany, due, span.fromMs, span.toMs, windowAt(nowMs).setUntilMs + MARGIN_MS, nowMs],
      );
      progress.step('analysing both tables');
      await run('credentials', 'VACUUM (ANALYZE) accounts, credentials', []);
      await client.query('CHECKPOINT');
    },

    async makeDue(howMany, { fromMs, toMs }) {
      progress.step(`making ${howMany} passwords due`);
      const { rowCount } = await run(
        'credentials',
        `UPDATE credentials SET set_at = ${within('$2', '$3', '$1::int')}
         FROM (SELECT id, row_number() OVER () AS n
               FROM (SELECT id FROM credentials WHERE rotation_started_at IS NULL ORDER BY random() LIMIT $1::int)) AS numbered
         WHERE credentials.id = numbered.id`,
        [howMany, fromMs, toMs],
      );
      if (rowCount !== howMany) throw new Error(`only ${rowCount} of ${howMany} passwords were left`);
    },

    async started() {
      const { rows } = await client.query<{ started: string }>(
        'SELECT count(*) AS started FROM credentials WHERE rotation_started_at IS NOT NULL',
      );
      return Number(rows[0]!.started);
    },

    async reads() {
      await client.query('SELECT pg_stat_force_next_flush()');
      const { rows } = await client.query<Record<keyof TableReads, string>>(
        `SELECT i.idx_tup_read AS "dueIndexEntries", t.idx_tup_fetch AS "rowsByIndex", t.seq_tup_read AS "rowsByScan"
         FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid)
         WHERE t.relname = 'credentials' AND i.indexrelname = 'credentials_without_rotation_idx'`,
      );
      const { dueIndexEntries, rowsByIndex, rowsByScan } = rows[0]!;
      return {
        dueIndexEntries: Number(dueIndexEntries),
        rowsByIndex: Number(rowsByIndex),
        rowsByScan: Number(rowsByScan),
      };
    },

    async planOfDueQuery(limit) {
      const { text, values } = await dueQuery(limit);
      const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(
        `EXPLAIN (FORMAT JSON) ${text}`,
        [...values],
      );
      return nodesOf(rows[0]!['QUERY PLAN'][0]!.Plan);
    },

    async close() {
      signal.removeEventListener('abort', onAbort);
      await Promise.all([client.end(), watching.end()]);
    },
  };
}

/** The product's own statement, taken from its adapter, so that the plan is of the original. */
async function dueQuery(limit: number): Promise<Prisma.Sql> {
  let sent: Prisma.Sql | undefined;
  const prisma = {
    send: (statement: Prisma.Sql) => {
      sent = statement;
      return Promise.resolve({ rows: [] });
    },
  } as unknown as Database;
  await createRotations(prisma).findDue({ portal: 'broker', ...windowAt(Date.now()), limit });
  return sent!;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

function nodesOf(node: PlanNode): string[] {
  const index = node['Index Name'];
  const name = index === undefined ? node['Node Type'] : `${node['Node Type']} using ${index}`;
  return [name, ...(node.Plans ?? []).flatMap(nodesOf)];
}
