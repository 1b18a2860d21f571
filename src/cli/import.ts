/** `npm run import -- <kind> <file.csv>`: imports a roster. Exits with 0 only when every line went in. */
import { importRoster, type RosterProgress, type RosterSummary } from '../adapters/rosters/import-roster';
import { rosterKinds } from '../adapters/rosters/registry';
import { RosterError } from '../adapters/rosters/roster-error';
import type { Refusal } from '../adapters/rosters/roster-kind';
import { ConfigError, loadDatabaseUrl } from '../config';

const MAX_REFUSED_LINES = 100;

async function main([kindName, path, ...others]: readonly string[]): Promise<number> {
  const known = rosterKinds.map(({ kind }) => kind).join(', ');
  if (kindName === undefined || path === undefined || others.length > 0) {
    console.error(`Usage: npm run import -- <kind> <file.csv>\nKinds of rosters: ${known}`);
    return 1;
  }
  const kind = rosterKinds.find((each) => each.kind === kindName);
  if (kind === undefined) {
    console.error(`There is no roster of kind ${JSON.stringify(kindName)}. Kinds of rosters: ${known}`);
    return 1;
  }
  const startedAtMs = performance.now();
  try {
    const summary = await importRoster({
      databaseUrl: loadDatabaseUrl(process.env),
      kind,
      path,
      maxRefusedLines: MAX_REFUSED_LINES,
      ...(process.stderr.isTTY ? { onProgress: drawProgress(startedAtMs) } : {}),
    });
    report(summary, (performance.now() - startedAtMs) / 1000);
    return summary.refused === 0 ? 0 : 1;
  } catch (error) {
    clearProgress();
    console.error(describe(error));
    return 1;
  }
}

function report({ created, updated, unchanged, refused, refusals }: RosterSummary, seconds: number): void {
  clearProgress();
  for (const refusal of refusals) console.error(describeRefusal(refusal));
  const told = new Set(refusals.map(({ line }) => line)).size;
  if (refused > told) console.error(`... and ${refused - told} more lines`);
  const counts = `${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`;
  console.log(`${counts} in ${seconds.toFixed(1)} s`);
}

const describeRefusal = ({ line, field, reason }: Refusal): string =>
  field === null ? `line ${line}: ${reason}` : `line ${line}: ${field}: ${reason}`;

function describe(error: unknown): string {
  if (error instanceof RosterError || error instanceof ConfigError) return error.message;
  const reason = error instanceof Error ? error.message : String(error);
  return `The import failed, and nothing was imported: ${reason}`;
}

/** One line that is drawn over itself, ten times a second at most. */
function drawProgress(startedAtMs: number): (progress: RosterProgress) => void {
  let drawnAtMs = 0;
  return ({ phase, done, lines }) => {
    const nowMs = performance.now();
    if (nowMs - drawnAtMs < 100) return;
    drawnAtMs = nowMs;
    const percent = `${Math.floor(done * 100)}`.padStart(3);
    const perSecond = Math.round((lines / (nowMs - startedAtMs)) * 1000);
    process.stderr.write(`\r\x1b[K${phase} ${percent} %  ${lines} lines  ${perSecond} lines/s`);
  };
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
