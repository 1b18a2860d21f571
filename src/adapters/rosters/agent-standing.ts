/**
 * The agent-standing roster: agents' licences, appointments and certifications, with effective dates (spec.md 7). A line's key is
 * agent, type, state or plan year, and first day; another import may move its last day, and what was known before stays on record.
 */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { foldAgentNumber } from '../../domain/accounts/names';
import { agentNumber, date, optionalDate, trimmed, word } from './fields';
import { refuseUnknownAgents } from './known-agents';
import type { RosterKind, RosterStore } from './roster-kind';
import { createStaging, KNOWN_FROM } from './staging';
import { US_STATES } from './us-states';
import { reason, type Reason } from './reason';

const types = ['licence', 'appointment', 'certification'] as const;

/** The column with the scope of a standing of this type; an appointment needs none. */
const scopes = {
  licence: {
    column: 'state',
    isScope: (scope: string) => US_STATES.has(scope),
    wrong: reason('not-a-state'),
  },
  certification: {
    column: 'planYear',
    isScope: (scope: string) => /^[1-9][0-9]{3}$/.test(scope),
    wrong: reason('not-a-year'),
  },
} as const;

const standingRow = z
  .object({
    agentNumber: agentNumber(),
    type: word(types),
    state: trimmed(),
    planYear: trimmed(),
    from: date(),
    to: optionalDate(),
  })
  .superRefine((row, context) => {
    const refuse = (path: string, message: Reason): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    for (const [type, { column, isScope, wrong }] of Object.entries(scopes)) {
      if (row.type !== type && row[column] !== '') refuse(column, reason('only-for', { type }));
      if (row.type === type && !isScope(row[column]))
        refuse(column, row[column] === '' ? reason('empty') : wrong);
    }
    if (row.to !== null && row.to < row.from) refuse('to', reason('before', { column: 'from' }));
  });

export type StandingRow = z.output<typeof standingRow>;

export const agentStandingRoster: RosterKind<StandingRow> = {
  kind: 'agent-standing',
  columns: Object.keys(standingRow.shape),
  needsPeppers: false,
  schema: standingRow,
  store: createStandingStore,
};

function createStandingStore(client: ClientBase): RosterStore<StandingRow> {
  const staging = createStaging<StandingRow>(client, 'staged_standing', {
    agent_key: { type: 'text', value: (row) => foldAgentNumber(row.agentNumber) },
    type: { type: 'text', value: ({ type }) => type },
    scope: { type: 'text', value: ({ state, planYear }) => state + planYear },
    valid_from: { type: 'date', value: ({ from }) => from },
    valid_to: { type: 'date', value: ({ to }) => to },
  });
  return {
    prepare: staging.prepare,
    stage: staging.stage,

    async settle() {
      await staging.index();
      await staging.refuseRepeats(['agent_key', 'type', 'scope', 'valid_from'], null);
      await refuseUnknownAgents(staging);
      const accepted = await staging.count();
      return { accepted, unchanged: await staging.dropUnchanged(KNOWN, UNCHANGED) };
    },

    write: (lastLine) => staging.write(INSERT, lastLine),
  };
}

/** The latest known row of each standing. */
const KNOWN = `(
  SELECT DISTINCT ON (agent_key, type, scope, valid_from) * FROM agent_standing
  ORDER BY agent_key, type, scope, valid_from, known_from DESC)`;

const UNCHANGED = `
  (t.agent_key, t.type, t.scope, t.valid_from) = (s.agent_key, s.type, s.scope, s.valid_from)
  AND t.valid_to IS NOT DISTINCT FROM s.valid_to`;

/** Nothing known is rewritten: a new last day is another row, known from this import on. */
const INSERT = `
  INSERT INTO agent_standing (agent_key, type, scope, valid_from, valid_to, known_from)
  SELECT s.agent_key, s.type, s.scope, s.valid_from, s.valid_to,
         greatest(${KNOWN_FROM}, max(t.known_from) + interval '1 millisecond')
  FROM staged_standing s LEFT JOIN agent_standing t
    ON (t.agent_key, t.type, t.scope, t.valid_from) = (s.agent_key, s.type, s.scope, s.valid_from)
  WHERE s.line > $1 AND s.line <= $2
  GROUP BY s.line, s.agent_key, s.type, s.scope, s.valid_from, s.valid_to
  RETURNING NOT EXISTS (
    SELECT FROM agent_standing t
    WHERE (t.agent_key, t.type, t.scope, t.valid_from)
      = (agent_standing.agent_key, agent_standing.type, agent_standing.scope, agent_standing.valid_from)
  ) AS created`;
