/** SQL about agents `g` of the roster. Words of this program only; no value is ever put into it. */
import { Prisma } from '../generated/client';

/**
 * Agent `x` is `g`, or the same person under the number of another company (spec.md 2): the same digits of the SSN, the same
 * first name, and a last name in common. Corporations are themselves only.
 */
export const isSamePerson = Prisma.sql`
  x.ssn_digest = g.ssn_digest AND x.first_name_key = g.first_name_key AND (
    x.agent_key = g.agent_key
    OR (x.kind = 'agent' AND g.kind = 'agent' AND x.last_name_keys && g.last_name_keys))`;

/** Joins `p`: who registers and is asked for a name. For a corporation that is its licensed principal. */
export const joinPerson = Prisma.sql`JOIN agents p ON p.agent_key = coalesce(g.principal_key, g.agent_key)`;
