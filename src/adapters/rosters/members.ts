/**
 * The members roster: who may use the member portal. Members come without a password; the reset gives them their first.
 * Usernames and email addresses are unique among members, folded. What counts is how things stand after the import: an address
 * that one member gives up in the same file may go to another, in whatever order they stand.
 */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { typedEmail } from '../../contracts/http/fields';
import { portalPolicies } from '../../domain/portal';
import { foldEmail, foldUsername } from '../../domain/text';
import { usernameViolations, type UsernameViolation } from '../../domain/username-policy';
import type { RosterKind, RosterStore, StagedLine } from './roster-kind';

const policy = portalPolicies.member;
const rule = policy.username;

const usernameReasons: Readonly<Record<UsernameViolation, string>> = {
  too_short: `has fewer than ${rule.minLength} characters`,
  too_long: `has more than ${rule.maxLength} characters`,
  letter_missing: 'has no letter',
  too_many_digits_in_a_row: `has more than ${rule.maxDigitsInARow} digits in a row`,
  character_not_accepted: `has a character other than A-Z, a-z, 0-9 and ${rule.symbols}`,
};

/** What a person may type when a reset is opened is what may stand here, and an address on the internet has a dot. */
const emailShape = typedEmail().regex(/@[^@]+\.[^@.]{2,}$/);

/** Not control characters, line ends or marks that turn the direction of writing: the text goes into emails. */
const plainText = /^[^\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]*$/u;

const text = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1, 'is empty')
    .max(maxLength, `has more than ${maxLength} characters`)
    .regex(plainText, 'has a control character');

const memberRow = z.object({
  memberId: text(64),
  username: z
    .string()
    .trim()
    .superRefine((username, context) => {
      const [violation] = usernameViolations(rule, username);
      if (violation !== undefined) context.addIssue({ code: 'custom', message: usernameReasons[violation] });
    }),
  email: text(254).refine((email) => emailShape.safeParse(email).success, 'is not an email address'),
  firstName: text(100),
  lastName: text(100),
  language: z
    .string()
    .trim()
    .pipe(z.enum(policy.languages, `is none of ${policy.languages.join(', ')}`)),
});

export type MemberRow = z.output<typeof memberRow>;

export const membersRoster: RosterKind<MemberRow> = {
  kind: 'members',
  columns: ['memberId', 'username', 'email', 'firstName', 'lastName', 'language'],
  schema: memberRow,
  store: createMemberStore,
};

function createMemberStore(client: ClientBase): RosterStore<MemberRow> {
  let writtenUpTo = 0;
  return {
    async prepare() {
      await client.query(`
        CREATE TEMPORARY TABLE staged_members (
          line int, member_id text, username text, username_key text, email text, email_key text,
          first_name text, last_name text, language text
        ) ON COMMIT DROP`);
    },

    async stage(lines: readonly StagedLine<MemberRow>[]) {
      const column = (value: (row: MemberRow) => string): string[] => lines.map(({ row }) => value(row));
      await client.query(
        `INSERT INTO staged_members SELECT * FROM unnest(
           $1::int[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[])`,
        [
          lines.map(({ line }) => line),
          column(({ memberId }) => memberId),
          column(({ username }) => username),
          column(({ username }) => foldUsername(username)),
          column(({ email }) => email),
          column(({ email }) => foldEmail(email)),
          column(({ firstName }) => firstName),
          column(({ lastName }) => lastName),
          column(({ language }) => language),
        ],
      );
    },

    async settle() {
      await client.query('CREATE INDEX ON staged_members (line)');
      await client.query('ANALYZE staged_members');
      await refuseRepeats(client, 'member_id', 'memberId');
      await refuseRepeats(client, 'username_key', 'username');
      await refuseRepeats(client, 'email_key', 'email');
      await refuseWhatOthersHold(client);
      const accepted = await countOf(client, 'SELECT count(*) FROM staged_members');
      const unchanged = await dropUnchanged(client);
      await giveUpKeys(client, 'username_key');
      await giveUpKeys(client, 'email_key');
      return { accepted, unchanged };
    },

    async write(lastLine) {
      const { rows } = await client.query<{ created: number; updated: number }>(UPSERT, [
        writtenUpTo,
        lastLine,
      ]);
      writtenUpTo = lastLine;
      return rows[0]!;
    },
  };
}

type KeyColumn = 'member_id' | 'username_key' | 'email_key';

/** The first line of the file that has a key keeps it. */
async function refuseRepeats(client: ClientBase, column: KeyColumn, field: string): Promise<void> {
  await client.query(
    `WITH ranked AS (
       SELECT line, min(line) OVER (PARTITION BY ${column}) AS first FROM staged_members
     ), gone AS (
       DELETE FROM staged_members s USING ranked r WHERE r.line = s.line AND r.first < s.line RETURNING s.line, r.first
     )
     INSERT INTO refused_lines SELECT line, $1, 'is on line ' || first || ' already' FROM gone`,
    [field],
  );
}

/** A line that is refused keeps what its member had, which may refuse another: so until nothing moves any more. */
async function refuseWhatOthersHold(client: ClientBase): Promise<void> {
  let refused: number;
  do {
    refused = await refuseHeld(client, 'username_key', 'username');
    refused += await refuseHeld(client, 'email_key', 'email');
  } while (refused > 0);
}

/** Refuses lines whose key belongs to somebody else who does not give it up in this file. */
async function refuseHeld(
  client: ClientBase,
  column: 'username_key' | 'email_key',
  field: string,
): Promise<number> {
  const { rowCount } = await client.query(
    `WITH gone AS (
       DELETE FROM staged_members s USING accounts a
       WHERE a.portal = 'member' AND a.${column} = s.${column} AND a.member_id IS DISTINCT FROM s.member_id
         AND NOT EXISTS (SELECT FROM staged_members m WHERE m.member_id = a.member_id AND m.${column} <> a.${column})
       RETURNING s.line
     )
     INSERT INTO refused_lines SELECT line, $1, 'belongs to another member' FROM gone`,
    [field],
  );
  return rowCount ?? 0;
}

async function dropUnchanged(client: ClientBase): Promise<number> {
  const { rowCount } = await client.query(`
    DELETE FROM staged_members s USING accounts a
    WHERE a.member_id = s.member_id
      AND (a.username, a.username_key, a.email, a.email_key, a.first_name, a.last_name, a.language)
        = (s.username, s.username_key, s.email, s.email_key, s.first_name, s.last_name, s.language)`);
  return rowCount ?? 0;
}

/** Where a key moves from one member to another, its old owner lets go first: at no moment may two have it. */
async function giveUpKeys(client: ClientBase, column: 'username_key' | 'email_key'): Promise<void> {
  await client.query(`
    UPDATE accounts a SET ${column} = 'given up by ' || a.id FROM staged_members m
    WHERE m.member_id = a.member_id AND m.${column} <> a.${column}
      AND EXISTS (SELECT FROM staged_members s WHERE s.${column} = a.${column})`);
}

const UPSERT = `
  WITH written AS (
    INSERT INTO accounts
      (id, portal, username, username_key, email, email_key, first_name, last_name, language, member_id)
    SELECT gen_random_uuid(), 'member', username, username_key, email, email_key, first_name, last_name, language, member_id
    FROM staged_members WHERE line > $1 AND line <= $2
    ON CONFLICT (member_id) DO UPDATE SET
      username = excluded.username, username_key = excluded.username_key,
      email = excluded.email, email_key = excluded.email_key,
      first_name = excluded.first_name, last_name = excluded.last_name,
      language = excluded.language, updated_at = now()
    RETURNING xmax = 0 AS created
  )
  SELECT count(*) FILTER (WHERE created)::int AS created, count(*) FILTER (WHERE NOT created)::int AS updated FROM written`;

async function countOf(client: ClientBase, query: string): Promise<number> {
  const { rows } = await client.query<{ count: string }>(query);
  return Number(rows[0]!.count);
}
