/** Passwords in their last days: which have a run, their current status, and the reminders sent. */
import type { DueCredential, Rotations } from '../../ports/password-rotation';
import type { ListedRotation, RotationList } from '../../ports/password-rotation';
import type { RotationState } from '../../domain/password-rotation/password-rotation';
import type { CredentialStatus } from '../../domain/password-rotation/password-rotation';
import type { PortalPolicy } from '../../domain/portal';
import { rotationWindow } from '../../domain/password-rotation/rotation-calendar';
import { epochMs, timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { execute, query, type Columns } from './query';

interface StatusRow {
  readonly retired: boolean;
  readonly closed: boolean;
}

type ListQuery = Parameters<RotationList['list']>[0];
type ListedRow = Omit<ListedRotation, 'state'>;

export function createRotations(prisma: Database): Rotations & RotationList {
  return {
    findDue: ({ portal, setAfterMs, setUntilMs, limit }) => query<DueCredential>(prisma, dueColumns)`
      SELECT ${dueExpressions} FROM credentials
      WHERE portal = ${portal} AND retired_at IS NULL AND rotation_started_at IS NULL
        AND set_at > ${timestamp(setAfterMs)} AND set_at <= ${timestamp(setUntilMs)}
      ORDER BY set_at, id LIMIT ${limit}`,

    async markStarted(credentialIds, atMs) {
      const rows = await query<DueCredential & { readonly retired: boolean }>(prisma, {
        ...dueColumns,
        retired: 'boolean',
      })`
        UPDATE credentials SET rotation_started_at = coalesce(rotation_started_at, ${timestamp(atMs)})
        WHERE id = ANY (${[...credentialIds]}::uuid[])
        RETURNING ${dueExpressions}, retired_at IS NOT NULL AS retired`;
      return rows.filter(({ retired }) => retired);
    },

    async status(credentialId) {
      const [row] = await query<StatusRow>(prisma, { retired: 'boolean', closed: 'boolean' })`
        SELECT c.retired_at IS NOT NULL AS retired, a.closed_at IS NOT NULL AS closed
        FROM credentials c JOIN accounts a ON a.id = c.account_id WHERE c.id = ${credentialId}::uuid`;
      return toStatus(row);
    },

    async recordReminder({ credentialId, accountId, reminder, atMs }) {
      await execute(prisma)`
        WITH audited AS (
          INSERT INTO audit_events (key, at, action, outcome, account_id)
          VALUES (${`reminder:${credentialId}:${reminder}`}, ${timestamp(atMs)}, 'reminder-sent', 'success', ${accountId}::uuid)
          ON CONFLICT (key) DO NOTHING RETURNING at
        )
        UPDATE credentials SET reminded_at = audited.at FROM audited WHERE id = ${credentialId}::uuid`;
    },

    async list(wanted) {
      const parts = Object.values(wanted.policies).flatMap((policy) => partsOf(policy, wanted));
      if (parts.length === 0) return [];
      const rows = await query<ListedRow>(prisma, {
        credentialId: 'string',
        accountId: 'string',
        username: 'string',
        portal: 'string',
        setAtMs: 'number',
        expiresAtMs: 'number',
        remindedAtMs: 'number?',
      })`
        SELECT * FROM (${Prisma.join(parts, ' UNION ALL ')}) AS parts ORDER BY "expiresAtMs", "credentialId" LIMIT ${wanted.limit}`;
      return rows.map((row) => ({ ...row, state: stateOf(row, wanted.nowMs) }));
    },
  };
}

/** The current passwords of one portal, first those without a run, then those with one: an index scan each, oldest first. */
function partsOf(policy: PortalPolicy, { state, after, nowMs, limit }: ListQuery): Prisma.Sql[] {
  const window = rotationWindow(policy, nowMs);
  if (window === null) return [];
  const lifetimeMs = nowMs - window.setAfterMs;
  const inLastDays = Prisma.sql`c.set_at > ${timestamp(window.setAfterMs)}`;
  const inState = {
    due: Prisma.sql`${inLastDays} AND c.reminded_at IS NULL`,
    reminded: Prisma.sql`${inLastDays} AND c.reminded_at IS NOT NULL`,
    expired: Prisma.sql`NOT ${inLastDays}`,
    any: Prisma.sql`true`,
  }[state ?? 'any'];
  const isBehind =
    after === undefined
      ? Prisma.sql`true`
      : Prisma.sql`(c.set_at, c.id) > (${timestamp(after.atMs - lifetimeMs)}, ${after.id}::uuid)`;
  return [Prisma.sql`IS NULL`, Prisma.sql`IS NOT NULL`].map(
    (started) => Prisma.sql`(
      SELECT c.id AS "credentialId", c.account_id AS "accountId", a.username, c.portal,
             ${epochMs('c.set_at')} AS "setAtMs", ${epochMs('c.set_at')} + ${lifetimeMs} AS "expiresAtMs",
             ${epochMs('c.reminded_at')} AS "remindedAtMs"
      FROM credentials c JOIN accounts a ON a.id = c.account_id AND a.closed_at IS NULL
      WHERE c.portal = ${policy.portal} AND c.retired_at IS NULL AND c.rotation_started_at ${started}
        AND c.set_at <= ${timestamp(window.setUntilMs)} AND ${inState} AND ${isBehind}
      ORDER BY c.set_at, c.id LIMIT ${limit})`,
  );
}

function stateOf({ expiresAtMs, remindedAtMs }: ListedRow, nowMs: number): RotationState {
  if (nowMs >= expiresAtMs) return 'expired';
  return remindedAtMs === null ? 'due' : 'reminded';
}

const dueExpressions = Prisma.sql`id AS "credentialId", account_id AS "accountId", ${epochMs('set_at')} AS "setAtMs"`;

const dueColumns: Columns<DueCredential> = { credentialId: 'string', accountId: 'string', setAtMs: 'number' };

/** A credential is deleted only with its account. */
function toStatus(row: StatusRow | undefined): CredentialStatus {
  if (row === undefined || row.closed) return 'account-closed';
  return row.retired ? 'rotated' : 'current';
}
