/** `npm run import -- <kind> <file.csv>`: imports a roster. Exits with 0 only if every line was imported. */
import { DatabaseError } from 'pg';
import { loadBrand } from '../adapters/brand/load-brand';
import { isDatabaseAway } from '../adapters/postgres/database-errors';
import { importRoster, type RosterProgress, type RosterSummary } from '../adapters/rosters/import-roster';
import { rosterKinds } from '../adapters/rosters/registry';
import { RosterError } from '../adapters/rosters/roster-error';
import type { Refusal } from '../adapters/rosters/roster-kind';
import { ConfigError, loadBrandFolder, loadImportConfig } from '../config';
import { withRunningStack } from './running-stack';

const MAX_REFUSED_LINES = 100;

/** The command's output: both of a console's streams, and whether the second is a terminal. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
}

/** Runs the command with its arguments after the script's name. Returns the exit code; never throws. */
export async function importCommand(
  [kindName, path, ...others]: readonly string[],
  env: NodeJS.ProcessEnv,
  { out, err, isTerminal }: CommandOutput,
): Promise<number> {
  const startedAtMs = performance.now();
  const clear = (): void => (isTerminal ? err(CLEAR_LINE) : undefined);
  try {
    const kinds = rosterKinds(loadBrand(loadBrandFolder(env)).languages);
    const known = kinds.map(({ kind }) => kind).join(', ');
    if (kindName === undefined || path === undefined || others.length > 0) {
      err(`Usage: npm run import -- <kind> <file.csv>\nKinds of rosters: ${known}\n`);
      return 1;
    }
    const kind = kinds.find((each) => each.kind === kindName);
    if (kind === undefined) {
      err(`There is no roster of kind ${JSON.stringify(kindName)}. Kinds of rosters: ${known}\n`);
      return 1;
    }
    const summary = await importRoster({
      ...loadImportConfig(withRunningStack(env, err), kind),
      kind,
      path,
      maxRefusedLines: MAX_REFUSED_LINES,
      ...(isTerminal ? { onProgress: drawProgress(startedAtMs, err) } : {}),
    });
    clear();
    for (const line of describeRefusals(summary)) err(`${line}\n`);
    for (const line of describeLoss(summary)) err(`${line}\n`);
    out(`${describeCounts(summary)} in ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s\n`);
    for (const line of describeIgnored(summary)) out(`${line}\n`);
    return summary.refused === 0 ? 0 : 1;
  } catch (error) {
    clear();
    err(`${describeError(error)}\n`);
    return 1;
  }
}

const CLEAR_LINE = '\r\x1b[K';

const describeCounts = ({ created, updated, unchanged, refused }: RosterSummary): string =>
  `${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`;

function describeRefusals({ refused, refusals }: RosterSummary): string[] {
  const told = new Set(refusals.map(({ line }) => line)).size;
  const more = refused > told ? [`... and ${refused - told} more lines`] : [];
  return [...refusals.map(describeRefusal), ...more];
}

const describeRefusal = ({ line, field, reason }: Refusal): string =>
  field === null ? `line ${line}: ${reason}` : `line ${line}: ${field}: ${reason}`;

/** Leftovers of spreadsheets. */
function describeIgnored({ oddities: { emptyRows, emptyColumns } }: RosterSummary): string[] {
  const ignored = [
    ...(emptyRows > 0 ? [countOf(emptyRows, 'empty row')] : []),
    ...(emptyColumns > 0 ? [`${countOf(emptyColumns, 'empty column')} at the right`] : []),
  ];
  return ignored.length === 0 ? [] : [`ignored: ${ignored.join(', ')}`];
}

function describeLoss({ oddities: { lossy, firstLossy } }: RosterSummary): string[] {
  if (lossy === 0) return [];
  const lines = firstLossy.join(', ') + (lossy > firstLossy.length ? ', ...' : '');
  return [
    `warning: ${countOf(lossy, 'line')} with the replacement character U+FFFD (${lines}): letters were lost before ` +
      'this file was made. Export it again as UTF-8 and import that.',
  ];
}

const countOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Without values from the file: PostgreSQL's messages about data, and those of unexpected errors, may contain some. */
function describeError(error: unknown): string {
  if (error instanceof RosterError || error instanceof ConfigError) return error.message;
  return `The import failed, and nothing was imported: ${describeCause(error)}`;
}

function describeCause(error: unknown): string {
  const { name, message, code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof DatabaseError && !SPEAKS_OF_NO_DATA.test(error.code ?? ''))
    return ['PostgreSQL refused it', error.code, error.constraint].filter((part) => part).join(', ');
  if (error instanceof DatabaseError || isDatabaseAway(error) || syscall !== undefined) return message;
  return `an internal error (${[name, code].filter((part) => part).join(', ')})`;
}

/** SQLSTATE classes: connection, authorization, database name, statements, resources, objects in use, operators, system. */
const SPEAKS_OF_NO_DATA = /^(08|28|3D|42|53|55|57|58)/;

/** One line that is redrawn at most ten times a second. */
function drawProgress(startedAtMs: number, draw: (text: string) => void): (progress: RosterProgress) => void {
  let drawnAtMs = 0;
  return ({ phase, done, lines }) => {
    const nowMs = performance.now();
    if (nowMs - drawnAtMs < 100) return;
    drawnAtMs = nowMs;
    const percent = `${Math.floor(done * 100)}`.padStart(3);
    const perSecond = Math.round((lines / (nowMs - startedAtMs)) * 1000);
    draw(`${CLEAR_LINE}${phase} ${percent} %  ${lines} lines  ${perSecond} lines/s`);
  };
}

async function main(): Promise<void> {
  process.exitCode = await importCommand(process.argv.slice(2), process.env, {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isTerminal: process.stderr.isTTY,
  });
}

if (require.main === module) void main();
