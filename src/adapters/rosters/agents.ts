/**
 * The agents roster: who may register with the broker portal, as agent or as corporation (spec.md 2). Of the SSN only a keyed
 * digest of the last six digits is kept.
 *
 * Equal digits have equal digests, so that one person is recognised under several agent numbers: a line keeps the digest that its
 * digits have in the database, whichever pepper produced it. So a new pepper alone changes nothing; an import with only the new
 * pepper recomputes the digests.
 */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import type { NamedKey } from '../../config';
import { foldAgentNumber, foldName, lastNameKeys } from '../../domain/accounts/names';
import { createKeyring } from '../keys/keyring';
import {
  agentNumber,
  comparedName,
  email,
  optionalDate,
  optionalText,
  text,
  trimmed,
  trimmedList,
  word,
} from './fields';
import { createKeyedStore } from './keyed-table';
import type { RosterKind, RosterStore } from './roster-kind';
import { reason, type Reason } from './reason';

const kinds = ['agent', 'corporation'] as const;

/** A corporation has one name and a person who acts for it. */
const agentRow = z
  .object({
    agentNumber: agentNumber(),
    kind: word(kinds),
    firstName: optionalText(100),
    lastName: comparedName(),
    previousLastNames: z.string().transform(trimmedList).pipe(z.array(comparedName())),
    principalAgentNumber: optionalText(40),
    ssnLast6: trimmed().regex(/^[0-9]{6}$/, reason('wrong-digits')),
    email: email(),
    welcomedOn: optionalDate(),
    company: text(200),
    terminatedOn: optionalDate(),
  })
  .superRefine(({ kind, firstName, principalAgentNumber }, context) => {
    const refuse = (path: string, message: Reason): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (kind === 'agent') {
      if (firstName === '') refuse('firstName', reason('empty'));
      else if (foldName(firstName) === '') refuse('firstName', reason('no-letter'));
      if (principalAgentNumber !== '') refuse('principalAgentNumber', reason('corporations-only'));
    } else if (principalAgentNumber === '') {
      refuse('principalAgentNumber', reason('no-principal'));
    }
  });

export type AgentRow = z.output<typeof agentRow>;

export const agentsRoster: RosterKind<AgentRow> = {
  kind: 'agents',
  columns: Object.keys(agentRow.shape),
  needsPeppers: true,
  schema: agentRow,
  store: createAgentStore,
};

function createAgentStore(client: ClientBase, peppers: readonly NamedKey[]): RosterStore<AgentRow> {
  const keyring = createKeyring(peppers);
  const digests = ({ ssnLast6 }: AgentRow): string[] =>
    keyring.ids.map((id) => keyring.ssnDigest(id, ssnLast6));
  return createKeyedStore<AgentRow>(client, {
    name: 'agents',
    key: 'agent_key',
    keyField: 'agentNumber',
    keyOf: (row) => foldAgentNumber(row.agentNumber),
    columns: {
      agent_number: { type: 'text', value: (row) => row.agentNumber },
      kind: { type: 'text', value: ({ kind }) => kind },
      first_name: { type: 'text', value: ({ firstName }) => firstName },
      last_name: { type: 'text', value: ({ lastName }) => lastName },
      first_name_key: { type: 'text', value: ({ firstName }) => foldName(firstName) },
      last_name_keys: {
        type: 'text[]',
        value: (row) => lastNameKeys([row.lastName, ...row.previousLastNames]),
      },
      previous_last_names: { type: 'text[]', value: (row) => row.previousLastNames },
      principal_key: { type: 'text', value: (row) => foldAgentNumber(row.principalAgentNumber) || null },
      ssn_digest: { type: 'text', value: (row) => digests(row)[0]! },
      pepper_id: { type: 'text', value: () => keyring.currentId },
      email: { type: 'text', value: (row) => row.email },
      welcomed_on: { type: 'date', value: ({ welcomedOn }) => welcomedOn },
      company: { type: 'text', value: ({ company }) => company },
      terminated_on: { type: 'date', value: ({ terminatedOn }) => terminatedOn },
    },
    stagedOnly: { retired_digests: { type: 'text[]', value: (row) => digests(row).slice(1) } },
    async settle(staging) {
      await staging.refuseWhere(IS_OF_ANOTHER_KIND, 'kind', reason('other-kind'));
      await staging.refuseWhere(LACKS_PRINCIPAL, 'principalAgentNumber', reason('unknown-principal'));
      await client.query(KEEP_DIGESTS);
    },
  });
}

/** Account, principal and access code depend on the kind, so it cannot change. */
const IS_OF_ANOTHER_KIND =
  'EXISTS (SELECT FROM agents a WHERE a.agent_key = s.agent_key AND a.kind <> s.kind)';

const LACKS_PRINCIPAL = `
  s.kind = 'corporation'
  AND NOT EXISTS (SELECT FROM staged_agents p WHERE p.agent_key = s.principal_key AND p.kind = 'agent')
  AND NOT EXISTS (SELECT FROM agents p WHERE p.agent_key = s.principal_key AND p.kind = 'agent')`;

/** The line's own agent first, then any agent with the same digits. */
const KEEP_DIGESTS = `
  UPDATE staged_agents s SET ssn_digest = kept.ssn_digest, pepper_id = kept.pepper_id
  FROM (
    SELECT DISTINCT ON (c.line) c.line, a.ssn_digest, a.pepper_id
    FROM (SELECT line, agent_key, unnest(ssn_digest || retired_digests) AS digest FROM staged_agents) c
    JOIN agents a ON a.ssn_digest = c.digest
    ORDER BY c.line, a.agent_key = c.agent_key DESC
  ) kept
  WHERE kept.line = s.line AND kept.ssn_digest <> s.ssn_digest`;
