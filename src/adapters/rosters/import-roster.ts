/**
 * Imports a roster: one transaction, so that an import that is stopped leaves nothing half written, and flat memory, for
 * lines wait in a temporary table. A bad line is reported and the others go in.
 */
import { Client, type ClientBase } from 'pg';
import type { NamedKey } from '../../config';
import { claimKeyIds } from '../key-fingerprints';
import { readCsv, type CsvRecord } from './csv';
import { checkFile } from './lines';
import { RosterError } from './roster-error';
import type { Refusal, RosterKind, StagedLine } from './roster-kind';

export interface RosterSummary {
  readonly created: number;
  readonly updated: number;
  readonly unchanged: number;
  /** Lines that did not go in. */
  readonly refused: number;
  /** What was wrong with the first of them, by line. */
  readonly refusals: readonly Refusal[];
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
  /** Of how many refused lines the reasons are told. */
  readonly maxRefusedLines: number;
  readonly onProgress?: (progress: RosterProgress) => void;
}

const WRITE_LINES = 5000;
/** Two imports at once would stand in each other's way; the second waits. */
const IMPORT_LOCK = 733_206_813;

/**
 * Throws `RosterError` when the file cannot be imported at all, `ConfigError` when a pepper's id belongs to another key;
 * nothing was imported then, nor after any other error.
 */
export async function importRoster(roster: RosterImport): Promise<RosterSummary> {
  const size = await checkFile(roster.path);
  const client = new Client({ connectionString: roster.databaseUrl });
  // A connection that breaks fails the statement under way; unheard, the event would end the process first.
  client.on('error', () => {});
  await client.connect();
  try {
    if (roster.peppers.length > 0) await claimKeyIds(client, roster);
    await client.query('BEGIN');
    const summary = await importInTransaction(client, roster, size);
    await client.query('COMMIT');
    return summary;
  } finally {
    await client.end();
  }
}

async function importInTransaction(
  client: ClientBase,
  roster: RosterImport,
  size: number,
): Promise<RosterSummary> {
  const store = roster.kind.store(client, roster.peppers);
  await client.query(
    'CREATE TEMPORARY TABLE refused_lines (line int, field text, reason text) ON COMMIT DROP',
  );
  await store.prepare();

  let header: Header | undefined;
  let lines = 0;
  let lastLine = 0;
  for await (const { records, bytes } of readCsv(roster.path)) {
    const [first, ...others] = records;
    const body = header === undefined ? others : records;
    if (header === undefined && first !== undefined) header = readHeader(roster.kind, first);
    if (header === undefined || body.length === 0) continue;
    const { staged, refusals } = sortRecords(roster.kind, header, body);
    if (staged.length > 0) await store.stage(staged);
    await storeRefusals(client, refusals);
    lines += body.length;
    lastLine = body.at(-1)!.line;
    roster.onProgress?.({ phase: 'reading', done: bytes / size, lines });
  }
  if (header === undefined) throw new RosterError(`${roster.path} has blank lines only: no header line.`);
  if (lines === 0) throw new RosterError(`${roster.path} has a header line and nothing below it.`);

  await client.query('SELECT pg_advisory_xact_lock($1)', [IMPORT_LOCK]);
  const { unchanged } = await store.settle();
  const counts = { created: 0, updated: 0, unchanged };
  for (let upTo = WRITE_LINES; upTo < lastLine + WRITE_LINES; upTo += WRITE_LINES) {
    const { created, updated } = await store.write(upTo);
    counts.created += created;
    counts.updated += updated;
    roster.onProgress?.({ phase: 'writing', done: Math.min(1, upTo / lastLine), lines });
  }
  return { ...counts, ...(await loadRefusals(client, roster.maxRefusedLines)) };
}

type Header = readonly string[];

/** Throws `RosterError` naming every column that is missing, unknown or there twice. */
function readHeader({ kind, columns }: RosterKind<unknown>, { line, fields }: CsvRecord): Header {
  if (fields === null) throw new RosterError(`The quotes of the header line (line ${line}) do not match.`);
  const header = fields.map((name) => name.trim());
  const missing = columns.filter((column) => !header.includes(column));
  const unknown = header.filter((name) => !columns.includes(name));
  const repeated = header.filter((name, index) => header.indexOf(name) !== index && columns.includes(name));
  const faults = [
    ['lacks', missing],
    ['has unknown', unknown],
    ['repeats', repeated],
  ] as const;
  const told = faults
    .filter(([, names]) => names.length > 0)
    .map(([fault, names]) => `${fault} ${names.map((name) => JSON.stringify(name.slice(0, 40))).join(', ')}`);
  if (told.length > 0)
    throw new RosterError(
      `The header line ${told.join(', and ')}. The columns of a ${kind} roster are ${columns.join(',')}.`,
    );
  return header;
}

function sortRecords(
  { schema }: RosterKind<unknown>,
  header: Header,
  records: readonly CsvRecord[],
): { staged: StagedLine<unknown>[]; refusals: Refusal[] } {
  const staged: StagedLine<unknown>[] = [];
  const refusals: Refusal[] = [];
  for (const { line, fields } of records) {
    if (fields === null) {
      refusals.push({ line, field: null, reason: 'its quotes do not match' });
      continue;
    }
    if (fields.length !== header.length) {
      const reason = `has ${fields.length} fields where the header line has ${header.length}`;
      refusals.push({ line, field: null, reason });
      continue;
    }
    const parsed = schema.safeParse(
      Object.fromEntries(header.map((column, index) => [column, fields[index]!])),
    );
    if (parsed.success) staged.push({ line, row: parsed.data });
    else refusals.push(...firstOfEachField(line, parsed.error.issues));
  }
  return { staged, refusals };
}

function firstOfEachField(
  line: number,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
): Refusal[] {
  const byField = new Map<string, Refusal>();
  for (const { path, message } of issues) {
    const field = String(path[0]);
    if (!byField.has(field)) byField.set(field, { line, field, reason: message });
  }
  return [...byField.values()];
}

async function storeRefusals(client: ClientBase, refusals: readonly Refusal[]): Promise<void> {
  if (refusals.length === 0) return;
  await client.query('INSERT INTO refused_lines SELECT * FROM unnest($1::int[], $2::text[], $3::text[])', [
    refusals.map(({ line }) => line),
    refusals.map(({ field }) => field),
    refusals.map(({ reason }) => reason),
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
