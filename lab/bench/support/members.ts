import { Client } from 'pg';
import { importLines } from './import-lines';
import type { BenchStack } from './stack';

export interface BenchMember {
  readonly email: string;
}

/** Imports this many members, with earlier passwords that share one hash. */
export async function importMembers(
  stack: Pick<BenchStack, 'databaseUrl' | 'peppers' | 'folder'>,
  howMany: number,
  earlierPasswords = { howMany: 0, hash: '' },
): Promise<BenchMember[]> {
  const members = Array.from({ length: howMany }, (_, index) => ({ email: `member-${index}@bench.example` }));
  await importLines(
    stack,
    'members',
    'memberId,username,email,firstName,lastName,language',
    members.map(({ email }, index) => `B-${index},bench${letters(index)},${email},Ada,Bench,en`),
  );
  if (earlierPasswords.howMany > 0) await addEarlierPasswords(stack.databaseUrl, earlierPasswords);
  return members;
}

/** The newest is the current one; the others were retired when the next was set, a week later each. */
async function addEarlierPasswords(
  databaseUrl: string,
  { howMany, hash }: { readonly howMany: number; readonly hash: string },
): Promise<void> {
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

/** Usernames may not have many digits in a row. */
function letters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letters(rest - 1) : '') + String.fromCharCode(97 + (index % 26));
}
