/** SQL about agents `g` of the roster. Constants only; no value is ever inserted. */
import { Prisma } from '../generated/client';

/**
 * Agent `x` is `g`, or the same person under another company's number (spec.md 2): the same digits of the SSN, the same first
 * name, and a common last name. A corporation equals only itself.
 */
export const isSamePerson = Prisma.sql`
  x.ssn_digest = g.ssn_digest AND x.first_name_key = g.first_name_key AND (
    x.agent_key = g.agent_key
    OR (x.kind = 'agent' AND g.kind = 'agent' AND x.last_name_keys && g.last_name_keys))`;

/** Joins `p`: the person who registers and whose name is compared. For a corporation that is its licensed principal. */
export const joinPerson = Prisma.sql`JOIN agents p ON p.agent_key = coalesce(g.principal_key, g.agent_key)`;
