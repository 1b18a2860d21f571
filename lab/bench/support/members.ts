import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { Client } from 'pg';
import { importRoster } from '../../../src/adapters/rosters/import-roster';
import { rosterKinds } from '../../../src/adapters/rosters/registry';

export interface BenchMember {
  readonly email: string;
}

/** Imports so many members as `npm run import -- members` does, and gives them earlier passwords of one hash. */
export async function importMembers(options: {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly howMany: number;
  readonly earlierPasswords: number;
  readonly hash: string;
}): Promise<BenchMember[]> {
  const { databaseUrl, folder, howMany, earlierPasswords, hash } = options;
  const path = join(folder, 'members.csv');
  const members = Array.from({ length: howMany }, (_, index) => ({ email: `member-${index}@bench.example` }));
  const file = createWriteStream(path);
  file.write('memberId,username,email,firstName,lastName,language\n');
  members.forEach(({ email }, index) =>
    file.write(`B-${index},bench${letters(index)},${email},Ada,Bench,en\n`),
  );
  file.end();
  await once(file, 'close');

  const kind = rosterKinds.find((each) => each.kind === 'members')!;
  const { created, refusals } = await importRoster({
    databaseUrl,
    peppers: [],
    kind,
    path,
    operator: 'bench',
    maxRefusedLines: 1,
  });
  if (created !== howMany) throw new Error(`the import refused a line: ${refusals[0]?.reason}`);
  if (earlierPasswords > 0) await addEarlierPasswords(databaseUrl, earlierPasswords, hash);
  return members;
}

/** The newest is the current one; the others were retired when the next was set, a week later each. */
async function addEarlierPasswords(databaseUrl: string, howMany: number, hash: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(
      `INSERT INTO credentials (id, account_id, hash, set_at, retired_at)
       SELECT gen_random_uuid(), id, $2, now() - weeks * interval '7 days',
              CASE WHEN weeks > 1 THEN now() - (weeks - 1) * interval '7 days' END
       FROM accounts, generate_series(1, $1::int) AS weeks`,
      [howMany, hash],
    );
  } finally {
    await client.end();
  }
}

/** Usernames may not hold many digits in a row. */
function letters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letters(rest - 1) : '') + String.fromCharCode(97 + (index % 26));
}
