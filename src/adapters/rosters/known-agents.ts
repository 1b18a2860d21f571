import type { Staging } from './staging';
import { reason } from './reason';

/** Refuses each staged line whose `agent_key`, if it has one, is in no imported agents roster. */
export const refuseUnknownAgents = ({ refuseWhere }: Pick<Staging<never>, 'refuseWhere'>): Promise<void> =>
  refuseWhere(
    's.agent_key IS NOT NULL AND NOT EXISTS (SELECT FROM agents a WHERE a.agent_key = s.agent_key)',
    'agentNumber',
    reason('unknown-agent'),
  );
