import { Client } from 'pg';
import { importLines } from './import-lines';
import type { BenchStack } from './stack';

export interface BenchMember {
  readonly username: string;
  readonly email: string;
}

/** Imports this many members, with earlier passwords that share one hash. */
export async function importMembers(
  stack: Pick<BenchStack, 'databaseUrl' | 'peppers' | 'folder'>,
  howMany: number,
  earlierPasswords = { howMany: 0, hash: '' },
): Promise<BenchMember[]> {
  const members = Array.from({ length: howMany }, (_, index) => ({
    username: `bench${letters(index)}`,
    email: `member-${index}@bench.example`,
  }));
  await importLines(
    stack,
    'members',
    'memberId,username,email,firstName,lastName,language',
    members.map(({ username, email }, index) => `B-${index},${username},${email},Ada,Bench,en`),
  );
  if (earlierPasswords.howMany > 0) await addEarlierPasswords(stack.databaseUrl, earlierPasswords);
  return members;
}

/** Gives every member a password, and turns two-step verification on. */
export async function turnTwoStepOn(
  { databaseUrl }: Pick<BenchStack, 'databaseUrl'>,
  hash: string,
): Promise<void> {
  await addEarlierPasswords(databaseUrl, { howMany: 1, hash });
  await onDatabase(databaseUrl, (client) =>
    client.query("UPDATE accounts SET two_step_since = now() WHERE portal = 'member'"),
  );
}

/** The newest is the current one; the others were retired when the next was set, a week later each. */
async function addEarlierPasswords(
  databaseUrl: string,
  { howMany, hash }: { readonly howMany: number; readonly hash: string },
): Promise<void> {
  await onDatabase(databaseUrl, (client) =>
    client.query(
      `INSERT INTO credentials (id, account_id, hash, set_at, retired_at)
       SELECT gen_random_uuid(), id, $2, now() - weeks * interval '7 days',
              CASE WHEN weeks > 1 THEN now() - (weeks - 1) * interval '7 days' END
       FROM accounts, generate_series(1, $1::int) AS weeks WHERE portal = 'member'`,
      [howMany, hash],
    ),
  );
}

async function onDatabase(databaseUrl: string, work: (client: Client) => Promise<unknown>): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

/** Usernames may not have many digits in a row. */
function letters(index: number): string {
  const rest = Math.floor(index / 26);
  return (rest > 0 ? letters(rest - 1) : '') + String.fromCharCode(97 + (index % 26));
}
