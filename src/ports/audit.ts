/** The audit log. */
import type { AuditEvent } from '../contracts/audit';

export interface AuditLog {
  /** Appends an event. An event whose `key` already exists is left unchanged. */
  record(event: AuditEvent): Promise<void>;
}
