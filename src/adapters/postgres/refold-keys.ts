/**
 * Recomputes stored folded keys when the fold has changed: SQL knows neither A-labels nor the fold of names. Part of `npm run
 * migrate`; it may run at any time and any number of times.
 */
import type { Client } from 'pg';
import { foldName, lastNameKeys } from '../../domain/accounts/names';
import { foldEmail } from '../../domain/accounts/text';

export interface RefoldReport {
  /** How many keys were recomputed. */
  readonly refolded: number;
  /**
   * Ids of the members whose address now equals another member's, who keeps it. They cannot be found until a
   * roster gives them another.
   */
  readonly withoutAddress: readonly string[];
}

const BATCH = 5000;

/** Each batch is a separate transaction. */
export async function refoldKeys(client: Client): Promise<RefoldReport> {
  const withoutAddress = new Set<string>();
  let refolded = 0;
  await eachBatch<AddressRow>(client, ACCOUNTS, idOfRow, async (rows) => {
    for (const row of rows.filter(hasOldAddressKey)) {
      const isKept = row.portal !== 'member' || (await takeAddress(client, row, withoutAddress));
      if (isKept)
        await client.query('UPDATE accounts SET email_key = $2 WHERE id = $1', [row.id, keyOf(row)]);
      if (isKept) refolded += 1;
    }
  });
  await eachBatch<AddressRow>(client, INVITATIONS, idOfRow, async (rows) => {
    for (const row of rows.filter(hasOldAddressKey)) {
      await client.query(END_ALL_BUT_THE_NEWEST, [row.id, keyOf(row)]);
      await client.query('UPDATE access_invitations SET email_key = $2 WHERE id = $1', [row.id, keyOf(row)]);
      refolded += 1;
    }
  });
  await eachBatch<AgentRow>(client, AGENTS, agentKeyOf, async (rows) => {
    const changed = rows.map(withNameKeys).filter((row, index) => hasOtherNameKeys(row, rows[index]!));
    if (changed.length > 0) await client.query(UPDATE_NAME_KEYS, [JSON.stringify(changed)]);
    refolded += changed.length;
  });
  return { refolded, withoutAddress: [...withoutAddress] };
}

/** Calls `work` for every row, ordered by id. */
async function eachBatch<Row extends object>(
  client: Client,
  select: string,
  idOf: (row: Row) => string,
  work: (rows: readonly Row[]) => Promise<void>,
): Promise<void> {
  let rows: Row[];
  let after: string | null = null;
  do {
    await client.query('BEGIN');
    ({ rows } = await client.query<Row>(select, [after, BATCH]));
    await work(rows);
    await client.query('COMMIT');
    after = rows.slice(-1).map(idOf)[0] ?? null;
  } while (rows.length === BATCH);
}

interface AddressRow {
  readonly id: string;
  readonly portal: string;
  readonly email: string;
  readonly emailKey: string;
}

/** The fold of ASCII never changes. An address that was given up may be free again. */
const IS_REFOLDED = `(octet_length(email) <> char_length(email) OR email_key LIKE 'given up by %')`;

const ACCOUNTS = `
  SELECT id::text, portal, email, email_key AS "emailKey" FROM accounts
  WHERE ${IS_REFOLDED} AND ($1::uuid IS NULL OR id > $1::uuid) ORDER BY accounts.id LIMIT $2 FOR UPDATE`;

const INVITATIONS = `
  SELECT id::text, '' AS portal, email, email_key AS "emailKey" FROM access_invitations
  WHERE ${IS_REFOLDED} AND ($1::uuid IS NULL OR id > $1::uuid) ORDER BY access_invitations.id LIMIT $2 FOR UPDATE`;

const idOfRow = ({ id }: AddressRow): string => id;
const keyOf = ({ email }: AddressRow): string => foldEmail(email);
const hasOldAddressKey = (row: AddressRow): boolean => keyOf(row) !== row.emailKey;

/**
 * Whether a member may have the key: an open account takes precedence over a closed one, then the oldest. The others lose theirs
 * and are added to `withoutAddress`. No row is lost.
 */
async function takeAddress(client: Client, row: AddressRow, withoutAddress: Set<string>): Promise<boolean> {
  const { rows } = await client.query(
    `SELECT id::text FROM accounts WHERE portal = 'member' AND (id = $1 OR email_key = $2)
     ORDER BY closed_at IS NOT NULL, created_at, accounts.id`,
    [row.id, keyOf(row)],
  );
  const [keeper, other] = rows;
  const loser = keeper?.id === row.id ? other?.id : row.id;
  if (loser !== undefined) {
    await client.query(`UPDATE accounts SET email_key = 'given up by ' || id WHERE id = $1`, [loser]);
    withoutAddress.add(loser);
  }
  return loser !== row.id;
}

/** Of the open invitations for one address, the newest ends the others (spec.md 2). */
const END_ALL_BUT_THE_NEWEST = `
  UPDATE access_invitations SET replaced_at = now()
  WHERE (id = $1 OR email_key = $2) AND used_at IS NULL AND replaced_at IS NULL
    AND id <> (SELECT id FROM access_invitations
               WHERE (id = $1 OR email_key = $2) AND used_at IS NULL AND replaced_at IS NULL
               ORDER BY created_at DESC, id DESC LIMIT 1)`;

interface NameKeys {
  readonly agentKey: string;
  readonly firstNameKey: string;
  readonly lastNameKeys: readonly string[];
}

interface AgentRow extends NameKeys {
  readonly firstName: string;
  readonly lastName: string;
  readonly previousLastNames: readonly string[];
}

const AGENTS = `
  SELECT agent_key AS "agentKey", first_name AS "firstName", last_name AS "lastName", previous_last_names AS "previousLastNames",
         first_name_key AS "firstNameKey", last_name_keys AS "lastNameKeys"
  FROM agents WHERE $1::text IS NULL OR agent_key > $1 ORDER BY agent_key LIMIT $2 FOR UPDATE`;

const agentKeyOf = ({ agentKey }: AgentRow): string => agentKey;

const withNameKeys = ({ agentKey, firstName, lastName, previousLastNames }: AgentRow): NameKeys => ({
  agentKey,
  firstNameKey: foldName(firstName),
  lastNameKeys: lastNameKeys([lastName, ...previousLastNames]),
});

const hasOtherNameKeys = (one: NameKeys, other: NameKeys): boolean =>
  one.firstNameKey !== other.firstNameKey || one.lastNameKeys.join('\n') !== other.lastNameKeys.join('\n');

const UPDATE_NAME_KEYS = `
  UPDATE agents a SET first_name_key = n."firstNameKey", last_name_keys = n."lastNameKeys"
  FROM jsonb_to_recordset($1::jsonb) AS n("agentKey" text, "firstNameKey" text, "lastNameKeys" text[])
  WHERE a.agent_key = n."agentKey"`;
