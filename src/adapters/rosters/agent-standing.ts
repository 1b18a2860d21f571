/**
 * The agent-standing roster: agents' licences, appointments and certifications, with effective dates (spec.md 7). A line's key is
 * agent, type, state or plan year, and first day; another import may move its last day.
 */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { foldAgentNumber } from '../../domain/accounts/names';
import { agentNumber, date, optionalDate, trimmed, word } from './fields';
import { refuseUnknownAgents } from './known-agents';
import type { RosterKind, RosterStore } from './roster-kind';
import { createStaging } from './staging';
import { US_STATES } from './us-states';

const types = ['licence', 'appointment', 'certification'] as const;

/** The column with the scope of a standing of this type; an appointment needs none. */
const scopes = {
  licence: {
    column: 'state',
    isScope: (scope: string) => US_STATES.has(scope),
    reason: 'is not a US state or territory of two capital letters',
  },
  certification: {
    column: 'planYear',
    isScope: (scope: string) => /^[1-9][0-9]{3}$/.test(scope),
    reason: 'is not a year of four digits',
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
    const refuse = (path: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [path], message });
    for (const [type, { column, isScope, reason }] of Object.entries(scopes)) {
      if (row.type !== type && row[column] !== '') refuse(column, `belongs to a ${type} only`);
      if (row.type === type && !isScope(row[column]))
        refuse(column, row[column] === '' ? 'is empty' : reason);
    }
    if (row.to !== null && row.to < row.from) refuse('to', 'is before from');
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
      return { accepted, unchanged: await staging.dropUnchanged('agent_standing', UNCHANGED) };
    },

    write: (lastLine) => staging.write(UPSERT, lastLine),
  };
}

const UNCHANGED = `
  (t.agent_key, t.type, t.scope, t.valid_from) = (s.agent_key, s.type, s.scope, s.valid_from)
  AND t.valid_to IS NOT DISTINCT FROM s.valid_to`;

const UPSERT = `
  INSERT INTO agent_standing (agent_key, type, scope, valid_from, valid_to)
  SELECT agent_key, type, scope, valid_from, valid_to FROM staged_standing WHERE line > $1 AND line <= $2
  ON CONFLICT (agent_key, type, scope, valid_from) DO UPDATE SET valid_to = excluded.valid_to
  RETURNING xmax = 0 AS created`;
