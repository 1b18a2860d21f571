/** Broker lookups for registration, a reset and a username reminder. */
import type {
  BrokerDirectory,
  BrokerForReset,
  FoundUsername,
  OpenInvitation,
  RegisteringAgent,
} from '../../ports/registration';
import { foldLastName, foldName } from '../../domain/accounts/names';
import { foldUsername } from '../../domain/accounts/text';
import { day, timestamp } from './epoch';
import type { Database } from './database';
import { query } from './query';
import { isSamePerson, joinPerson } from './same-person';

/** The roster's names if there is an agent, including previous ones; otherwise the account's own. */
interface ResetRow extends Pick<BrokerForReset, 'accountId' | 'username' | 'answers'> {
  readonly firstName: string;
  readonly lastName: string;
  readonly firstNameKey: string | null;
  readonly lastNameKeys: readonly string[] | null;
}

/** One statement per query; the seed is read once. A corporation has the names and the digits of its licensed principal. */
export function createBrokerDirectory(prisma: Database): BrokerDirectory {
  let seed: string | undefined;
  return {
    async decoySeed() {
      seed ??= (await prisma.decoySeed.findUniqueOrThrow({ where: { id: 1 } })).seed;
      return seed;
    },

    async findAgent(agentKey) {
      const [agent] = await query<RegisteringAgent>(prisma, {
        agentKey: 'string',
        agentNumber: 'string',
        kind: 'string',
        firstName: 'string',
        lastName: 'string',
        email: 'string',
        lastNameKeys: 'string[]',
        ssnDigest: 'string',
        pepperId: 'string',
        wasWelcomed: 'boolean',
        terminatedOn: 'string?',
        principalTerminatedOn: 'string?',
        hasAccount: 'boolean',
      })`
        SELECT g.agent_key AS "agentKey", g.agent_number AS "agentNumber", g.kind,
               p.first_name AS "firstName", p.last_name AS "lastName", g.email,
               p.last_name_keys AS "lastNameKeys", p.ssn_digest AS "ssnDigest", p.pepper_id AS "pepperId",
               g.welcomed_on IS NOT NULL AS "wasWelcomed",
               ${day('g.terminated_on')} AS "terminatedOn",
               CASE WHEN g.principal_key IS NOT NULL THEN ${day('p.terminated_on')} END AS "principalTerminatedOn",
               EXISTS (SELECT FROM agents x JOIN accounts a ON a.agent_key = x.agent_key WHERE ${isSamePerson}) AS "hasAccount"
        FROM agents g ${joinPerson}
        WHERE g.agent_key = coalesce(
          (SELECT agent_key FROM agents WHERE agent_key = ${agentKey}), (SELECT min(agent_key) FROM agents))`;
      // An unknown number reads another agent, so that it takes as long as a known one.
      return agent?.agentKey === agentKey ? agent : null;
    },

    async findInvitation(codeDigest, nowMs) {
      const [invitation] = await query<OpenInvitation>(prisma, {
        id: 'string',
        email: 'string',
        firstName: 'string',
        lastName: 'string',
        used: 'boolean',
      })`
        SELECT id, email, first_name AS "firstName", last_name AS "lastName", used_at IS NOT NULL AS used
        FROM access_invitations
        WHERE code_digest = ${codeDigest} AND replaced_at IS NULL AND expires_at > ${timestamp(nowMs)}`;
      return invitation ?? null;
    },

    async findForReset(username) {
      const [row] = await query<ResetRow>(prisma, {
        accountId: 'string',
        username: 'string',
        firstName: 'string',
        lastName: 'string',
        firstNameKey: 'string?',
        lastNameKeys: 'string[]?',
        answers: 'json',
      })`
        SELECT a.id AS "accountId", a.username, a.first_name AS "firstName", a.last_name AS "lastName",
               r.first_name_key AS "firstNameKey", r.last_name_keys AS "lastNameKeys",
               coalesce((
                 SELECT json_agg(json_build_object('questionId', question_id, 'salt', salt, 'stretched', stretched,
                                                   'foldVersion', fold_version)
                                 ORDER BY position)
                 FROM security_answers WHERE account_id = a.id), '[]') AS answers
        FROM accounts a
        LEFT JOIN LATERAL (
          SELECT p.first_name_key, p.last_name_keys FROM agents g ${joinPerson} WHERE g.agent_key = a.agent_key
        ) r ON true
        WHERE a.portal = 'broker' AND a.username_key = ${foldUsername(username)} AND a.closed_at IS NULL`;
      return row === undefined ? null : withNames(row);
    },

    async findUsernameOfAgent({ firstNameKey, lastNameKey, agentKey }) {
      const found = await query<FoundUsername>(prisma, { accountId: 'string', username: 'string' })`
        SELECT a.id AS "accountId", a.username
        FROM agents g ${joinPerson}
        JOIN agents x ON ${isSamePerson}
        JOIN accounts a ON a.agent_key = x.agent_key AND a.closed_at IS NULL
        WHERE g.agent_key = ${agentKey} AND p.first_name_key = ${firstNameKey} AND ${lastNameKey} = ANY (p.last_name_keys)`;
      return onlyOne(found);
    },

    async findUsernameByEmail({ firstNameKey, lastNameKey, emailKey }) {
      const sharing = await prisma.account.findMany({
        where: { portal: 'broker', brokerKind: 'other', emailKey, closedAt: null },
        select: { id: true, username: true, firstName: true, lastName: true },
      });
      const found = sharing.filter(
        ({ firstName, lastName }) =>
          foldName(firstName) === firstNameKey && foldLastName(lastName) === lastNameKey,
      );
      return onlyOne(found.map(({ id, username }) => ({ accountId: id, username })));
    },
  };
}

function withNames({ firstName, lastName, firstNameKey, lastNameKeys, ...found }: ResetRow): BrokerForReset {
  return {
    ...found,
    firstNameKey: firstNameKey ?? foldName(firstName),
    lastNameKeys: lastNameKeys ?? [foldLastName(lastName)],
  };
}

const onlyOne = <T>([found, other]: readonly T[]): T | null =>
  found === undefined || other !== undefined ? null : found;
