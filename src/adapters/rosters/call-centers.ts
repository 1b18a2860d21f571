/**
 * The call-centers roster: external call centers, each by the appointed agent or agency that it works under and that a customer
 * passes to when it facilitates a change (spec.md 7).
 */
import type { ClientBase } from 'pg';
import { z } from 'zod';
import { foldAgentNumber } from '../../domain/accounts/names';
import { agentNumber, text } from './fields';
import { sameRow, upsertRows, type KeyedTable } from './keyed-table';
import { refuseUnknownAgents } from './known-agents';
import type { RosterKind, RosterStore } from './roster-kind';
import { createStaging } from './staging';

const callCenterRow = z.object({ agentNumber: agentNumber(), name: text(200) });

export type CallCenterRow = z.output<typeof callCenterRow>;

export const callCentersRoster: RosterKind<CallCenterRow> = {
  kind: 'call-centers',
  columns: ['agentNumber', 'name'],
  needsPeppers: false,
  schema: callCenterRow,
  store: createCallCenterStore,
};

const CALL_CENTERS: KeyedTable = {
  name: 'call_centers',
  staged: 'staged_call_centers',
  key: 'agent_key',
  columns: ['name'],
};

function createCallCenterStore(client: ClientBase): RosterStore<CallCenterRow> {
  const staging = createStaging<CallCenterRow>(client, CALL_CENTERS.staged, {
    agent_key: { type: 'text', value: (row) => foldAgentNumber(row.agentNumber) },
    name: { type: 'text', value: ({ name }) => name },
  });
  return {
    prepare: staging.prepare,
    stage: staging.stage,

    async settle() {
      await staging.index();
      await staging.refuseRepeats([CALL_CENTERS.key], 'agentNumber');
      await refuseUnknownAgents(staging);
      const accepted = await staging.count();
      return { accepted, unchanged: await staging.dropUnchanged(CALL_CENTERS.name, sameRow(CALL_CENTERS)) };
    },

    write: (lastLine) => staging.write(upsertRows(CALL_CENTERS), lastLine),
  };
}
