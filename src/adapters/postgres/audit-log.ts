/** The audit log. The database refuses to change or delete its entries. */
import type { AuditLog } from '../../ports/audit';
import { timestamp } from './epoch';
import type { Database } from './database';
import { execute } from './query';

export function createAuditLog(prisma: Database): AuditLog {
  return {
    async record({
      key,
      atMs,
      action,
      outcome,
      accountId,
      apiKeyId,
      planChangeId,
      address,
      about,
      reason,
      operator,
    }) {
      await execute(prisma)`
        INSERT INTO audit_events (key, at, action, outcome, account_id, api_key_id, plan_change_id, address, about, reason, operator)
        VALUES (${key ?? null}, ${timestamp(atMs)}, ${action}, ${outcome}, ${accountId ?? null}::uuid,
                ${apiKeyId ?? null}::uuid, ${planChangeId ?? null}::uuid, ${address ?? null}, ${about ?? null}, ${reason ?? null},
                ${operator ?? null})
        ON CONFLICT (key) DO NOTHING`;
    },
  };
}
