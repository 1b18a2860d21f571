/**
 * Records in the audit log who imported which roster. Not the file's name, which is free text. Its digest, except for a roster
 * with columns that are kept as keyed digests only: for a file of one line whose other fields are known, six digits could be
 * guessed in a moment.
 */
import type { ClientBase } from 'pg';
import type { AuditAction } from '../../contracts/audit';
import type { RosterFile } from './lines';
import type { RosterKind } from './roster-kind';

interface Import {
  readonly kind: RosterKind<unknown>;
  readonly operator: string;
}

type Counts = Readonly<Record<'created' | 'updated' | 'unchanged' | 'refused', number>>;

const ACTION: AuditAction = 'roster-imported';

/** In the transaction of the import: it exists exactly when the lines do. */
export const auditImport = (
  client: ClientBase,
  roster: Import,
  file: RosterFile,
  { created, updated, unchanged, refused }: Counts,
): Promise<void> =>
  record(
    client,
    roster,
    refused === 0 ? 'success' : 'lines_refused',
    `${describe(roster, file)}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`,
  );

/** Ends the transaction of a failed import. If the database is unavailable it records nothing; the failure itself is reported. */
export async function auditFailedImport(client: ClientBase, roster: Import, file: RosterFile): Promise<void> {
  try {
    await client.query('ROLLBACK');
    await record(client, roster, 'import_failed', describe(roster, file));
  } catch {
    return;
  }
}

const describe = ({ kind: { kind, needsPeppers } }: Import, { digest }: RosterFile): string =>
  needsPeppers ? `${kind} roster` : `${kind} roster, SHA-256 ${digest}`;

async function record(
  client: ClientBase,
  { operator }: Import,
  outcome: string,
  about: string,
): Promise<void> {
  await client.query(
    'INSERT INTO audit_events (at, action, outcome, about, operator) VALUES (clock_timestamp(), $1, $2, $3, $4)',
    [ACTION, outcome, about, operator],
  );
}
