/**
 * Imports a roster in one transaction, so that a stopped import writes nothing. Memory use is constant, because lines wait in a
 * temporary table. Invalid lines are reported and the others imported. The audit log records who imported what.
 */
import { Client, type ClientBase } from 'pg';
import type { NamedKey } from '../../config';
import { claimKeyIds } from '../postgres/key-fingerprints';
import { readCsv, type CsvRecord } from './csv';
import { isBlank, readHeader, type Header } from './header';
import { auditFailedImport, auditImport } from './import-audit';
import { checkFile, type RosterFile } from './lines';
import { RosterError } from './roster-error';
import type { Refusal, RosterKind, StagedLine } from './roster-kind';
import { SET_KNOWN_FROM } from './staging';
import { readReason, reason } from './reason';

export interface RosterSummary {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Lines that were not imported. */
  readonly refused: number;
  /** The errors of the first of them, by line. */
  readonly refusals: readonly Refusal[];
  readonly oddities: RosterOddities;
}

/** Other findings in the file that are worth reporting. */
export interface RosterOddities {
  /** Rows without a value, and unnamed empty columns at the right: spreadsheets leave both. */
  readonly emptyRows: number;
  readonly emptyColumns: number;
  /** Lines with U+FFFD, the sign of letters lost before the file was made, and the first such line. */
  readonly lossy: number;
  readonly firstLossy: readonly number[];
}

export interface RosterProgress {
  readonly phase: 'reading' | 'writing';
  /** From 0 to 1: of the file's bytes, or of its lines. */
  readonly done: number;
  readonly lines: number;
}

export interface RosterImport {
  readonly databaseUrl: string;
  /** The current one first; none for a kind that needs none. */
  readonly peppers: readonly NamedKey[];
  readonly kind: RosterKind<unknown>;
  readonly path: string;
  /** The person who imports it. */
  readonly operator: string;
  /** How many refused lines are reported with reasons. */
  readonly maxRefusedLines: number;
  readonly onProgress?: (progress: RosterProgress) => void;
}

const WRITE_LINES = 5000;
const MAX_LOSSY_LINES = 10;
const REPLACEMENT_CHARACTER = '\ufffd';
/** Serialises imports: a second one waits. */
const IMPORT_LOCK = 733_206_813;

/**
 * Throws `RosterError` if the file cannot be imported at all, `ConfigError` if a pepper's id belongs to another key. Nothing is
 * imported then, nor after any other error.
 */
export async function importRoster(roster: RosterImport): Promise<RosterSummary> {
  const file = await checkFile(roster.path);
  const client = new Client({ connectionString: roster.databaseUrl });
  // A broken connection fails the running statement; without a listener, the event would end the process first.
  client.on('error', () => {});
  await client.connect().catch(({ message, code }: NodeJS.ErrnoException) => {
    // A connection refused at every address of a host name has a code and no message.
    const cause = message || (code ?? '');
    throw new RosterError((say) => say('commands.import.failed', { cause }));
  });
  try {
    if (roster.peppers.length > 0) await claimKeyIds(client, roster);
    // People wait for the rows that an import changes: one that was suspended is undone.
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = '5min'`);
    const summary = await importInTransaction(client, roster, file);
    await auditImport(client, roster, file, summary);
    await client.query('COMMIT');
    return summary;
  } catch (error) {
    await auditFailedImport(client, roster, file);
    throw error;
  } finally {
    await client.end();
  }
}

async function importInTransaction(
  client: ClientBase,
  roster: RosterImport,
  file: RosterFile,
): Promise<RosterSummary> {
  const store = roster.kind.store(client, roster.peppers);
  await client.query(
    'CREATE TEMPORARY TABLE refused_lines (line int, field text, reason text) ON COMMIT DROP',
  );
  await store.prepare();

  let header: Header | undefined;
  let lines = 0;
  let lastLine = 0;
  let oddities: RosterOddities = { emptyRows: 0, emptyColumns: 0, lossy: 0, firstLossy: [] };
  for await (const { records, bytes } of readCsv(file)) {
    const filled = records.filter(({ fields }) => fields === null || !fields.every(isBlank));
    const [first, ...others] = filled;
    const body = header === undefined ? others : filled;
    if (header === undefined && first !== undefined) header = readHeader(roster.kind, first);
    oddities = { ...oddities, emptyRows: oddities.emptyRows + records.length - filled.length };
    if (header === undefined || body.length === 0) continue;
    const { staged, refusals } = sortRecords(roster.kind, header, body);
    if (staged.length > 0) await store.stage(staged);
    await storeRefusals(client, refusals);
    oddities = addOddities(oddities, header, body);
    lines += body.length;
    lastLine = body.at(-1)!.line;
    roster.onProgress?.({ phase: 'reading', done: bytes / file.bytes, lines });
  }
  if (header === undefined)
    throw new RosterError((say) => say('commands.import.file.blank', { path: roster.path }));
  if (lines === 0)
    throw new RosterError((say) => say('commands.import.file.header-only', { path: roster.path }));

  await client.query('SELECT pg_advisory_xact_lock($1)', [IMPORT_LOCK]);
  await client.query(SET_KNOWN_FROM);
  // Shortly after a first import the planner expects tables to be as small as before, and would look at all their rows for each line.
  await client.query('SET LOCAL enable_nestloop = off');
  const { unchanged } = await store.settle();
  await client.query('SET LOCAL enable_nestloop = on');
  const counts = { created: 0, updated: 0, unchanged };
  for (let upTo = WRITE_LINES; upTo < lastLine + WRITE_LINES; upTo += WRITE_LINES) {
    const { created, updated } = await store.write(upTo);
    counts.created += created;
    counts.updated += updated;
    roster.onProgress?.({ phase: 'writing', done: Math.min(1, upTo / lastLine), lines });
  }
  await store.finish?.();
  return { ...counts, ...(await loadRefusals(client, roster.maxRefusedLines)), oddities };
}

function sortRecords(
  { schema }: RosterKind<unknown>,
  { columns }: Header,
  records: readonly CsvRecord[],
): { staged: StagedLine<unknown>[]; refusals: Refusal[] } {
  const staged: StagedLine<unknown>[] = [];
  const refusals: Refusal[] = [];
  for (const record of records) {
    const { line, fields } = record;
    if (fields === null) {
      refusals.push({ line, field: null, reason: record.reason });
      continue;
    }
    if (fields.length < columns.length || !fields.slice(columns.length).every(isBlank)) {
      const counts = { fields: fields.length, columns: columns.length };
      refusals.push({ line, field: null, reason: reason('field-count', counts) });
      continue;
    }
    const parsed = schema.safeParse(
      Object.fromEntries(columns.map((column, index) => [column, fields[index]!])),
    );
    if (parsed.success) staged.push({ line, row: parsed.data });
    else refusals.push(...firstOfEachField(line, parsed.error.issues));
  }
  return { staged, refusals };
}

function addOddities(before: RosterOddities, header: Header, records: readonly CsvRecord[]): RosterOddities {
  let emptyColumns = Math.max(before.emptyColumns, header.emptyColumns);
  const lossy: number[] = [];
  for (const { line, fields } of records) {
    if (fields === null) continue;
    const surplus = fields.slice(header.columns.length);
    if (surplus.every(isBlank)) emptyColumns = Math.max(emptyColumns, surplus.length);
    if (fields.some((field) => field.includes(REPLACEMENT_CHARACTER))) lossy.push(line);
  }
  return {
    ...before,
    emptyColumns,
    lossy: before.lossy + lossy.length,
    firstLossy: [...before.firstLossy, ...lossy].slice(0, MAX_LOSSY_LINES),
  };
}

function firstOfEachField(
  line: number,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Refusal[] {
  const byField = new Map<string, Refusal>();
  for (const { path, message } of issues) {
    const field = String(path[0]);
    if (!byField.has(field)) byField.set(field, { line, field, reason: readReason(message) });
  }
  return [...byField.values()];
}

async function storeRefusals(client: ClientBase, refusals: readonly Refusal[]): Promise<void> {
  if (refusals.length === 0) return;
  await client.query('INSERT INTO refused_lines SELECT * FROM unnest($1::int[], $2::text[], $3::text[])', [
    refusals.map(({ line }) => line),
    refusals.map(({ field }) => field),
    refusals.map((refusal) => refusal.reason),
  ]);
}

async function loadRefusals(
  client: ClientBase,
  maxLines: number,
): Promise<Pick<RosterSummary, 'refused' | 'refusals'>> {
  const { rows: counted } = await client.query<{ refused: number }>(
    'SELECT count(DISTINCT line)::int AS refused FROM refused_lines',
  );
  const { rows: refusals } = await client.query<Refusal>(
    `SELECT line, field, reason FROM refused_lines
     WHERE line IN (SELECT DISTINCT line FROM refused_lines ORDER BY line LIMIT $1) ORDER BY line`,
    [maxLines],
  );
  return { refused: counted[0]!.refused, refusals };
}
