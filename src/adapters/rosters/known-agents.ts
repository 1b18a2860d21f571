import type { Staging } from './staging';

/** Refuses each staged line whose `agent_key` is in no agents roster that was imported. */
export const refuseUnknownAgents = ({ refuseWhere }: Pick<Staging<never>, 'refuseWhere'>): Promise<void> =>
  refuseWhere(
    'NOT EXISTS (SELECT FROM agents a WHERE a.agent_key = s.agent_key)',
    'agentNumber',
    'is in no agents roster that was imported',
  );
