import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importRoster } from '../../../src/adapters/rosters/import-roster';
import { rosterKinds } from '../../../src/adapters/rosters/registry';
import { languages } from '../../system/brand';
import type { BenchStack } from './stack';

/** Imports a roster as `npm run import` does. Throws when a line is refused. */
export async function importLines(
  { databaseUrl, peppers, folder }: Pick<BenchStack, 'databaseUrl' | 'peppers' | 'folder'>,
  kindName: string,
  columns: string,
  lines: readonly string[],
): Promise<void> {
  const path = join(folder, `${kindName}.csv`);
  await writeFile(path, `${[columns, ...lines].join('\n')}\n`);
  const kind = rosterKinds(languages).find((each) => each.kind === kindName)!;
  const { created, refusals } = await importRoster({
    databaseUrl,
    peppers,
    kind,
    path,
    operator: 'bench',
    maxRefusedLines: 1,
  });
  if (created !== lines.length)
    throw new Error(`the import of ${kindName} refused a line: ${refusals[0]?.reason}`);
}
