/** The audit log. */
import type { AuditEvent } from '../contracts/audit';

export interface AuditLog {
  /** Appends an event; one with a `key` that is there already is left as it is. */
  record(event: AuditEvent): Promise<void>;
}
