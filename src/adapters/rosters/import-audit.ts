/**
 * Who imported which roster, in the audit log. Not the file's name: it is a text that somebody typed. Its digest, but for a roster with
 * columns of which only keyed digests are kept: with a file of one line, everything else of it known, six digits are found in a moment.
 */
import type { ClientBase } from 'pg';
import type { AuditAction } from '../../contracts/audit';
import type { RosterImport, RosterSummary } from './import-roster';
import type { RosterFile } from './lines';

type Import = Pick<RosterImport, 'kind' | 'operator'>;
type Counts = Pick<RosterSummary, 'created' | 'updated' | 'unchanged' | 'refused'>;

const ACTION: AuditAction = 'roster-imported';

/** In the transaction of the import: it is there when the lines are. */
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

/** Ends the transaction of an import that failed. Where the database is away it leaves nothing: the failure itself is told. */
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
