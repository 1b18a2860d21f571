/**
 * The call-centers roster: external call centers, each with the appointed agent or agency that it works under. A customer passes
 * to that agent or agency when the call center facilitates a change (spec.md 7).
 */
import { z } from 'zod';
import { foldAgentNumber } from '../../domain/accounts/names';
import { agentNumber, text } from './fields';
import { createKeyedStore } from './keyed-table';
import { refuseUnknownAgents } from './known-agents';
import type { RosterKind } from './roster-kind';

const callCenterRow = z.object({ agentNumber: agentNumber(), name: text(200) });

export type CallCenterRow = z.output<typeof callCenterRow>;

export const callCentersRoster: RosterKind<CallCenterRow> = {
  kind: 'call-centers',
  columns: Object.keys(callCenterRow.shape),
  needsPeppers: false,
  schema: callCenterRow,
  store: (client) =>
    createKeyedStore<CallCenterRow>(client, {
      name: 'call_centers',
      key: 'agent_key',
      keyField: 'agentNumber',
      keyOf: (row) => foldAgentNumber(row.agentNumber),
      columns: { name: { type: 'text', value: ({ name }) => name } },
      settle: refuseUnknownAgents,
    }),
};
