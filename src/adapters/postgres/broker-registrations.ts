/** Creates brokers' accounts. The database ensures that nobody gets two. */
import type { BrokerRegistrations, NewBrokerAccount, RegistrationRefusal } from '../../ports/registration';
import { foldEmail, foldUsername } from '../../domain/accounts/text';
import { timestamp } from './epoch';
import type { Database } from './database';
import { Prisma } from '../generated/client';
import { query } from './query';
import { isSamePerson } from './same-person';

interface Refusable {
  readonly refusal: RegistrationRefusal | null;
}

/** Idempotent by account id: the same registration returns the same result. */
export function createBrokerRegistrations(prisma: Database): BrokerRegistrations {
  return {
    async create(account) {
      // The lock is a separate statement, so that the next one sees registrations made while this one waited.
      const [standing] = await prisma.$transaction(async (transaction) => {
        await transaction.$executeRaw(lockPerson(account));
        await transaction.$executeRaw(insertAll(account));
        return query<Refusable & { created: boolean }>(prisma.within(transaction), {
          created: 'boolean',
          refusal: 'string?',
        })`
          SELECT EXISTS (SELECT FROM accounts WHERE id = ${account.accountId}::uuid) AS created,
                 ${refusalOf(account)} AS refusal`;
      });
      if (standing!.created) return 'created';
      // Nothing else than the username's index can have refused it.
      return standing!.refusal ?? 'username-taken';
    },

    async check(account) {
      const [standing] = await query<Refusable>(prisma, { refusal: 'string?' })`
        SELECT ${refusalOf(account)} AS refusal`;
      return standing!.refusal;
    },
  };
}

/**
 * Serialises two registrations of one person. All agent numbers of a person have the same SSN digest, so it represents the
 * person. An invitation's row represents the invited person, and nobody can replace the invitation meanwhile.
 */
const lockPerson = ({ agentKey, invitationId }: NewBrokerAccount): Prisma.Sql =>
  invitationId === null
    ? Prisma.sql`
        SELECT pg_advisory_xact_lock(hashtextextended('person ' || ssn_digest, 0)) FROM agents
        WHERE agent_key = ${agentKey}`
    : Prisma.sql`SELECT id FROM access_invitations WHERE id = ${invitationId}::uuid FOR UPDATE`;

type Registering = Parameters<BrokerRegistrations['check']>[0];

/** An SQL condition: nobody has registered as this person. */
const mayRegister = ({ agentKey, invitationId, atMs }: Registering): Prisma.Sql =>
  invitationId === null
    ? Prisma.sql`NOT EXISTS (
        SELECT FROM agents g JOIN agents x ON ${isSamePerson} JOIN accounts a ON a.agent_key = x.agent_key
        WHERE g.agent_key = ${agentKey})`
    : Prisma.sql`EXISTS (
        SELECT FROM access_invitations
        WHERE id = ${invitationId}::uuid AND used_at IS NULL AND replaced_at IS NULL AND expires_at > ${timestamp(atMs)})`;

/** An SQL expression: why the account cannot be created, or NULL. */
const refusalOf = (account: Registering): Prisma.Sql => Prisma.sql`CASE
    WHEN EXISTS (SELECT FROM access_invitations WHERE id = ${account.invitationId}::uuid AND used_at IS NULL
                 AND (replaced_at IS NOT NULL OR expires_at <= ${timestamp(account.atMs)})) THEN 'invitation-over'
    WHEN NOT (${mayRegister(account)}) THEN 'already-registered'
    WHEN EXISTS (SELECT FROM accounts WHERE portal = 'broker' AND username_key = ${foldUsername(account.username)})
      THEN 'username-taken' END`;

/** Every insert depends on the account's row, which a taken username prevents. */
function insertAll(account: NewBrokerAccount): Prisma.Sql {
  const { accountId, credentialId, atMs, answers } = account;
  const at = timestamp(atMs);
  return Prisma.sql`
    WITH fresh AS (
      INSERT INTO accounts (id, portal, username, username_key, email, email_key, first_name, last_name, language,
                            broker_kind, agent_key, phone, terms_version, terms_accepted_at, created_at)
      SELECT ${accountId}::uuid, 'broker', ${account.username}, ${foldUsername(account.username)}, ${account.email},
             ${foldEmail(account.email)}, ${account.firstName}, ${account.lastName}, ${account.language},
             ${account.kind}, ${account.agentKey}, ${account.phone}, ${account.termsVersion}, ${at}, ${at}
      WHERE ${mayRegister(account)}
      ON CONFLICT DO NOTHING RETURNING id
    ), credential AS (
      INSERT INTO credentials (id, account_id, hash, set_at)
      SELECT ${credentialId}::uuid, id, ${account.passwordHash}, ${at} FROM fresh
    ), answered AS (
      INSERT INTO security_answers (account_id, position, question_id, salt, stretched, fold_version)
      SELECT fresh.id, a.position, a.question_id, a.salt, a.stretched, a.fold_version
      FROM fresh, unnest(${answers.map(({ questionId }) => questionId)}::text[], ${answers.map(({ salt }) => salt)}::text[],
                         ${answers.map(({ stretched }) => stretched)}::text[],
                         ${answers.map(({ foldVersion }) => foldVersion)}::int[])
        WITH ORDINALITY AS a(question_id, salt, stretched, fold_version, position)
    ), used AS (
      UPDATE access_invitations SET used_at = ${at}
      WHERE id = ${account.invitationId}::uuid AND EXISTS (SELECT FROM fresh)
    )
    INSERT INTO audit_events (key, at, action, outcome, account_id, address)
    SELECT 'registered:' || id, ${at}, 'registered', 'success', id, ${account.address} FROM fresh`;
}
