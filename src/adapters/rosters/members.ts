/**
 * The members roster: who may use the member portal. Members come without a password and set their first one by a reset.
 * Usernames are as in the older system (spec.md 1). Folded usernames and email addresses are unique among members. Only the state
 * after the import counts: an address that one member gives up may go to another in the same file, in any order of lines.
 */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { Language } from '../../domain/portal';
import { foldEmail, foldUsername, hasHiddenCharacter } from '../../domain/accounts/text';
import { email, personName, text, word } from './fields';
import type { RosterKind, RosterStore } from './roster-kind';
import { createStaging } from './staging';
import { reason } from './reason';

const MAX_USERNAME_LENGTH = 254;

const memberRow = (languages: readonly Language[]) =>
  z.object({
    memberId: text(64),
    // Anything that can be typed to sign in: the portal's rule applies to new usernames only.
    username: text(MAX_USERNAME_LENGTH).refine(
      (username) => !hasHiddenCharacter(username),
      reason('hidden-character'),
    ),
    email: email(),
    firstName: personName(),
    lastName: personName(),
    language: word(languages),
  });

export type MemberRow = z.output<ReturnType<typeof memberRow>>;

export function membersRoster(languages: readonly Language[]): RosterKind<MemberRow> {
  const schema = memberRow(languages);
  const columns = Object.keys(schema.shape);
  return { kind: 'members', columns, needsPeppers: false, schema, store: createMemberStore };
}

function createMemberStore(client: ClientBase): RosterStore<MemberRow> {
  const staging = createStaging<MemberRow>(client, 'staged_members', {
    member_id: { type: 'text', value: ({ memberId }) => memberId },
    username: { type: 'text', value: ({ username }) => username },
    username_key: { type: 'text', value: ({ username }) => foldUsername(username) },
    email: { type: 'text', value: ({ email: typed }) => typed },
    email_key: { type: 'text', value: ({ email: typed }) => foldEmail(typed) },
    first_name: { type: 'text', value: ({ firstName }) => firstName },
    last_name: { type: 'text', value: ({ lastName }) => lastName },
    language: { type: 'text', value: ({ language }) => language },
  });
  return {
    prepare: staging.prepare,
    stage: staging.stage,

    async settle() {
      await staging.index();
      await staging.refuseRepeats(['member_id'], 'memberId');
      await staging.refuseRepeats(['username_key'], 'username');
      await staging.refuseRepeats(['email_key'], 'email');
      await refuseWhatOthersHold(client);
      const accepted = await staging.count();
      const unchanged = await staging.dropUnchanged('accounts', UNCHANGED);
      await giveUpKeys(client, 'username_key');
      await giveUpKeys(client, 'email_key');
      return { accepted, unchanged };
    },

    write: (lastLine) => staging.write(UPSERT, lastLine),
  };
}

/** The member of a refused line keeps their key, which may cause another refusal: so repeat until none is refused. */
async function refuseWhatOthersHold(client: ClientBase): Promise<void> {
  let refused: number;
  do {
    refused = await refuseHeld(client, 'username_key', 'username');
    refused += await refuseHeld(client, 'email_key', 'email');
  } while (refused > 0);
}

/** Refuses lines whose key belongs to another member who does not give it up in this file. */
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
     INSERT INTO refused_lines SELECT line, $1, $2 FROM gone`,
    [field, reason('of-another-member')],
  );
  return rowCount ?? 0;
}

/** When a key moves from one member to another, its old owner gives it up first: no two may have it at any time. */
async function giveUpKeys(client: ClientBase, column: 'username_key' | 'email_key'): Promise<void> {
  await client.query(`
    UPDATE accounts a SET ${column} = 'given up by ' || a.id FROM staged_members m
    WHERE m.member_id = a.member_id AND m.${column} <> a.${column}
      AND EXISTS (SELECT FROM staged_members s WHERE s.${column} = a.${column})`);
}

const UNCHANGED = `
  t.member_id = s.member_id
  AND (t.username, t.username_key, t.email, t.email_key, t.first_name, t.last_name, t.language)
    = (s.username, s.username_key, s.email, s.email_key, s.first_name, s.last_name, s.language)`;

const UPSERT = `
  INSERT INTO accounts
    (id, portal, username, username_key, email, email_key, first_name, last_name, language, member_id)
  SELECT gen_random_uuid(), 'member', username, username_key, email, email_key, first_name, last_name, language, member_id
  FROM staged_members WHERE line > $1 AND line <= $2
  ON CONFLICT (member_id) DO UPDATE SET
    username = excluded.username, username_key = excluded.username_key,
    email = excluded.email, email_key = excluded.email_key,
    first_name = excluded.first_name, last_name = excluded.last_name,
    language = excluded.language, updated_at = now()
  RETURNING xmax = 0 AS created`;
