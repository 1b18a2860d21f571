/**
 * Gauges read from the database on each scrape. Every API process reports the same values: take the maximum, not the sum.
 * If a statement fails or takes too long, only its gauges are missing.
 */
import { Gauge, type Registry } from 'prom-client';
import type { PlanChangeStage } from '../../../domain/plan-change/plan-change';
import type { Portal, PortalPolicies } from '../../../domain/portal';
import { DAY_MS, MINUTE_MS } from '../../../domain/time';
import { rotationWindow } from '../../../domain/password-rotation/rotation-calendar';
import { timestamp } from '../../postgres/epoch';
import { findOtherBrands } from '../../postgres/brand-records';
import { Prisma } from '../../generated/client';
import type { Database } from '../../postgres/database';
import { query } from '../../postgres/query';
import { createReading, type Reading } from './reading';

export interface DatabaseGaugesDeps {
  readonly database: Database;
  readonly brand: { readonly policies: PortalPolicies; readonly fingerprint: string };
  /** Epoch milliseconds. */
  readonly clock: () => number;
  /** How long a result is cached. */
  readonly keepMs?: number;
}

const KEEP_MS = 10_000;
/** A cold scrape waits for several statements, and Prometheus waits ten seconds. */
const WITHIN_MS = 3_000;
/** By then the mail server has usually accepted an email. */
const OVERDUE_AFTER_MS = 5 * MINUTE_MS;

/** The baseline is the daily average of this many days: whole weeks, because weekends have fewer. */
const USUAL_DAYS = 28;

const OPEN_STAGES: readonly PlanChangeStage[] = ['queued', 'claimed', 'with-facilitator', 'held'];

export function addDatabaseGauges(
  registry: Registry,
  { database, brand, clock, keepMs = KEEP_MS }: DatabaseGaugesDeps,
): void {
  const reading = <T>(statement: (nowMs: number) => Promise<T>): Reading<T> =>
    createReading(() => statement(clock()), { keepMs, withinMs: WITHIN_MS });

  const { policies } = brand;
  const planChanges = reading(
    (nowMs) =>
      query<PlanChangeRow>(database, {
        stage: 'string',
        changes: 'number',
        oldestSeconds: 'number',
      })`${planChangesByStage(nowMs)}`,
  );
  registry.registerMetric(
    new Gauge({
      name: 'tenure_plan_changes',
      help: 'Open plan changes by stage; a claim that is over counts as queued.',
      labelNames: ['stage'],
      registers: [],
      async collect() {
        const rows = await planChanges();
        this.reset();
        if (rows === undefined) return;
        for (const stage of OPEN_STAGES) this.set({ stage }, 0);
        for (const { stage, changes } of rows) this.set({ stage }, changes);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'tenure_plan_changes_oldest_queued_seconds',
      help: 'For how long the oldest queued plan change has waited; 0 when none is queued.',
      registers: [],
      async collect() {
        const rows = await planChanges();
        setOrRemove(this, rows && (rows.find(({ stage }) => stage === 'queued')?.oldestSeconds ?? 0));
      },
    }),
  );

  registry.registerMetric(
    new Gauge({
      name: 'tenure_plan_changes_oldest_held_seconds',
      help: 'For how long the oldest held plan change, a compliance case, has been held; 0 when none is held.',
      registers: [],
      async collect() {
        const rows = await planChanges();
        setOrRemove(this, rows && (rows.find(({ stage }) => stage === 'held')?.oldestSeconds ?? 0));
      },
    }),
  );

  const transfers = reading(async (nowMs) => {
    const [row] = await query(database, { lastDay: 'number', before: 'number' })`${transfersOfAgents(nowMs)}`;
    return row;
  });
  registry.registerMetric(
    new Gauge({
      name: 'tenure_agent_of_record_transfers',
      help: 'Customers who passed to another agent of record: in the last 24 hours (day), and a day on average in the 28 days before (usual_day).',
      labelNames: ['over'],
      registers: [],
      async collect() {
        const row = await transfers();
        this.reset();
        if (row === undefined) return;
        this.set({ over: 'day' }, row.lastDay);
        this.set({ over: 'usual_day' }, row.before / USUAL_DAYS);
      },
    }),
  );

  const passwords = reading((nowMs) => {
    const parts = Object.values(policies).flatMap((policy) => passwordsOf(policy, nowMs));
    return query<PasswordRow>(database, {
      portal: 'string',
      due: 'number',
      expired: 'number',
    })`${Prisma.join(parts, ' UNION ALL ')}`;
  });
  const anyPasswordEnds = Object.values(policies).some(({ password }) => password.lifetimeDays !== null);
  if (anyPasswordEnds) {
    registry.registerMetric(
      new Gauge({
        name: 'tenure_passwords',
        help: 'Current passwords that are due (in their last days) or expired, those of closed accounts among them.',
        labelNames: ['portal', 'state'],
        registers: [],
        async collect() {
          const rows = await passwords();
          this.reset();
          for (const { portal, due, expired } of rows ?? []) {
            // One row for passwords without a run and one for those with a run.
            this.inc({ portal, state: 'due' }, due);
            this.inc({ portal, state: 'expired' }, expired);
          }
        },
      }),
    );
  }

  const emails = reading(async (nowMs) => {
    const [row] = await query(database, {
      overdue: 'number',
      oldestSeconds: 'number',
    })`${pendingEmails(nowMs)}`;
    return row;
  });
  registry.registerMetric(
    new Gauge({
      name: 'tenure_emails_overdue',
      help: 'Emails that have been pending for more than five minutes and may still go out.',
      registers: [],
      async collect() {
        setOrRemove(this, (await emails())?.overdue);
      },
    }),
  );
  registry.registerMetric(
    new Gauge({
      name: 'tenure_emails_oldest_pending_seconds',
      help: 'For how long the oldest email that may still go out has been pending; 0 when none is.',
      registers: [],
      async collect() {
        setOrRemove(this, (await emails())?.oldestSeconds);
      },
    }),
  );

  const otherBrands = reading(() => findOtherBrands(database.pool, brand));
  registry.registerMetric(
    new Gauge({
      name: 'tenure_brand_mismatch',
      help: 'How many kinds of processes (API, worker, web) were last started with another brand than this one.',
      registers: [],
      async collect() {
        setOrRemove(this, (await otherBrands())?.length);
      },
    }),
  );
}

interface PlanChangeRow {
  readonly stage: PlanChangeStage;
  readonly changes: number;
  readonly oldestSeconds: number;
}

interface PasswordRow {
  readonly portal: Portal;
  readonly due: number;
  readonly expired: number;
}

/** Reads the index of open changes. */
export const planChangesByStage = (nowMs: number): Prisma.Sql => Prisma.sql`
  SELECT CASE WHEN stage = 'claimed' AND claim_until <= ${timestamp(nowMs)} THEN 'queued' ELSE stage END AS stage,
         count(*)::int AS changes,
         ${secondsSince(Prisma.sql`min(CASE WHEN stage = 'held' THEN coalesce(held_at, waiting_since) ELSE waiting_since END)`, nowMs)} AS "oldestSeconds"
  FROM plan_changes WHERE ended_at IS NULL GROUP BY 1`;

/** Reads the index of transfers. */
export const transfersOfAgents = (nowMs: number): Prisma.Sql => {
  const dayBegan = timestamp(nowMs - DAY_MS);
  return Prisma.sql`
    SELECT (count(*) FILTER (WHERE decided_at > ${dayBegan}))::int AS "lastDay",
           (count(*) FILTER (WHERE decided_at <= ${dayBegan}))::int AS before
    FROM aor_decisions WHERE outcome = 'transferred' AND decided_at > ${timestamp(nowMs - (USUAL_DAYS + 1) * DAY_MS)}`;
};

/** The current passwords of one portal, with and without a run: the same as `createRotations` lists, by the same two indexes. */
export function passwordsOf(policy: PortalPolicies[Portal], nowMs: number): Prisma.Sql[] {
  const window = rotationWindow(policy, nowMs);
  if (window === null) return [];
  const inLastDays = Prisma.sql`set_at > ${timestamp(window.setAfterMs)}`;
  return [Prisma.sql`IS NULL`, Prisma.sql`IS NOT NULL`].map(
    (started) => Prisma.sql`
      SELECT ${policy.portal} AS portal, (count(*) FILTER (WHERE ${inLastDays}))::int AS due,
             (count(*) FILTER (WHERE NOT ${inLastDays}))::int AS expired
      FROM credentials
      WHERE portal = ${policy.portal} AND retired_at IS NULL AND rotation_started_at ${started}
        AND set_at <= ${timestamp(window.setUntilMs)}`,
  );
}

/** Reads the index of pending emails that are still valid: expired ones do not count. */
export const pendingEmails = (nowMs: number): Prisma.Sql => Prisma.sql`
  SELECT (count(*) FILTER (WHERE created_at < ${timestamp(nowMs - OVERDUE_AFTER_MS)}))::int AS overdue,
         coalesce(${secondsSince(Prisma.sql`min(created_at)`, nowMs)}, 0)::float8 AS "oldestSeconds"
  FROM mail_deliveries WHERE status = 'pending' AND valid_until > ${timestamp(nowMs)}`;

const secondsSince = (moment: Prisma.Sql, nowMs: number): Prisma.Sql =>
  Prisma.sql`greatest(0, extract(epoch FROM ${timestamp(nowMs)} - ${moment}))::float8`;

function setOrRemove(gauge: Gauge, value: number | undefined): void {
  if (value === undefined) gauge.remove();
  else gauge.set(value);
}
