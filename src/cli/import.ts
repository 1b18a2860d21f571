/** `npm run import -- <kind> <file.csv>`: imports a roster. Exits with 0 only if every line was imported. */
import '../signals';
import { DatabaseError } from 'pg';
import { loadBrand } from '../adapters/brand/load-brand';
import { isDatabaseAway } from '../adapters/postgres/database-errors';
import { importRoster, type RosterProgress, type RosterSummary } from '../adapters/rosters/import-roster';
import { reasonInWords, type Reason } from '../adapters/rosters/reason';
import { rosterKinds } from '../adapters/rosters/registry';
import { RosterError } from '../adapters/rosters/roster-error';
import type { Refusal } from '../adapters/rosters/roster-kind';
import { ConfigError, loadBrandFolder, loadImportConfig } from '../config';
import type { Language } from '../domain/portal';
import { sayIn, type Say } from '../ports/texts';
import { languageOf } from './command';
import { withRunningStack } from './running-stack';

const MAX_REFUSED_LINES = 100;

/** The command's output: both of a console's streams, and whether the second is a terminal. */
export interface CommandOutput {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  readonly isTerminal: boolean;
}

/** What the person is told, in the language of their environment. */
interface Words {
  readonly say: Say;
  readonly reason: (written: Reason) => string;
}

/** Runs the command with its arguments after the script's name. Returns the exit code; never throws. */
export async function importCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: CommandOutput,
): Promise<number> {
  try {
    const { texts, languages } = loadBrand(loadBrandFolder(env));
    const language = languageOf(env, languages);
    const words: Words = {
      say: sayIn(texts, language),
      reason: (written) => reasonInWords(written, language, texts),
    };
    return await importWith(words, languages, args, env, output);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    output.err(`${error.message}\n`);
    return 1;
  }
}

async function importWith(
  words: Words,
  languages: readonly Language[],
  [kindName, path, ...others]: readonly string[],
  env: NodeJS.ProcessEnv,
  { out, err, isTerminal }: CommandOutput,
): Promise<number> {
  const { say } = words;
  const startedAtMs = performance.now();
  const clear = (): void => (isTerminal ? err(CLEAR_LINE) : undefined);
  const kinds = rosterKinds(languages);
  const known = kinds.map(({ kind }) => kind).join(', ');
  if (kindName === undefined || path === undefined || others.length > 0) {
    err(`Usage: npm run import -- <kind> <file.csv>\nKinds of rosters: ${known}\n`);
    return 1;
  }
  const kind = kinds.find((each) => each.kind === kindName);
  if (kind === undefined) {
    err(`${say('commands.import.unknown-kind', { kind: JSON.stringify(kindName), kinds: known })}\n`);
    return 1;
  }
  try {
    const summary = await importRoster({
      ...loadImportConfig(withRunningStack(env, err), kind),
      kind,
      path,
      maxRefusedLines: MAX_REFUSED_LINES,
      ...(isTerminal ? { onProgress: drawProgress(startedAtMs, say, err) } : {}),
    });
    clear();
    for (const line of describeRefusals(summary, words)) err(`${line}\n`);
    for (const line of describeLoss(summary, words)) err(`${line}\n`);
    const { created, updated, unchanged, refused } = summary;
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    out(`${say('commands.import.counts', { created, updated, unchanged, refused, seconds })}\n`);
    for (const line of describeIgnored(summary, words)) out(`${line}\n`);
    return refused === 0 ? 0 : 1;
  } catch (error) {
    clear();
    err(`${describeError(error, words)}\n`);
    return 1;
  }
}

const CLEAR_LINE = '\r\x1b[K';

function describeRefusals({ refused, refusals }: RosterSummary, words: Words): string[] {
  const told = new Set(refusals.map(({ line }) => line)).size;
  const count = refused - told;
  const more = count > 0 ? [words.say('commands.import.more-lines', { count })] : [];
  return [...refusals.map((refusal) => describeRefusal(refusal, words)), ...more];
}

const describeRefusal = ({ line, field, reason }: Refusal, words: Words): string =>
  field === null
    ? words.say('commands.import.line', { line, reason: words.reason(reason) })
    : words.say('commands.import.field', { line, field, reason: words.reason(reason) });

/** Leftovers of spreadsheets. */
function describeIgnored({ oddities: { emptyRows, emptyColumns } }: RosterSummary, { say }: Words): string[] {
  const ignored = [
    ...(emptyRows > 0 ? [say('commands.import.empty-rows', { count: emptyRows })] : []),
    ...(emptyColumns > 0 ? [say('commands.import.empty-columns', { count: emptyColumns })] : []),
  ];
  return ignored.length === 0 ? [] : [say('commands.import.ignored', { what: ignored.join(', ') })];
}

function describeLoss({ oddities: { lossy, firstLossy } }: RosterSummary, { say }: Words): string[] {
  if (lossy === 0) return [];
  const lines = firstLossy.join(', ') + (lossy > firstLossy.length ? ', ...' : '');
  return [say('commands.import.lossy', { count: lossy, lines })];
}

/** Without values from the file: PostgreSQL's messages about data, and those of unexpected errors, may contain some. */
function describeError(error: unknown, { say, reason }: Words): string {
  if (error instanceof RosterError) return error.tell(say, reason);
  if (error instanceof ConfigError) return error.message;
  return say('commands.import.failed', { cause: describeCause(error, say) });
}

function describeCause(error: unknown, say: Say): string {
  const { name, message, code, syscall } = error as NodeJS.ErrnoException;
  if (error instanceof DatabaseError && !SPEAKS_OF_NO_DATA.test(error.code ?? ''))
    return [say('commands.import.refused-by-database'), error.code, error.constraint]
      .filter((part) => part)
      .join(', ');
  if (error instanceof DatabaseError || isDatabaseAway(error) || syscall !== undefined) return message;
  return say('commands.import.internal-error', { name: [name, code].filter((part) => part).join(', ') });
}

/** SQLSTATE classes: connection, authorization, database name, statements, resources, objects in use, operators, system. */
const SPEAKS_OF_NO_DATA = /^(08|28|3D|42|53|55|57|58)/;

/** One line that is redrawn at most ten times a second. */
function drawProgress(
  startedAtMs: number,
  say: Say,
  draw: (text: string) => void,
): (progress: RosterProgress) => void {
  let drawnAtMs = 0;
  return ({ phase, done, lines }) => {
    const nowMs = performance.now();
    if (nowMs - drawnAtMs < 100) return;
    drawnAtMs = nowMs;
    const percent = `${Math.floor(done * 100)}`.padStart(3);
    const rate = Math.round((lines / (nowMs - startedAtMs)) * 1000);
    draw(`${CLEAR_LINE}${say(`commands.import.${phase}`, { percent, lines, rate })}`);
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
