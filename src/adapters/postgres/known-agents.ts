/** What the rosters tell of the agents that a customer's history is decided from. */
import { agentsToLookUp, type CustomerFacts, type KnownAgents } from '../../domain/plan-change/history';
import { NO_RECORDS, type AgentRecords } from '../../domain/plan-change/agent-standing';
import type { Statements } from './database';
import { createPlanChangeFacts } from './plan-change-facts';
import { query } from './query';
import { isSamePerson } from './same-person';

const NOBODY: KnownAgents = {
  records: () => {
    throw new Error('an agent who was not looked up');
  },
  isOnePerson: () => false,
};

/** Everybody whom `whatHolds` may ask for. */
export async function findKnownAgents(statements: Statements, facts: CustomerFacts): Promise<KnownAgents> {
  const { agent } = createPlanChangeFacts(statements);
  const records = new Map<string, AgentRecords>();
  const lookedUp = agentsToLookUp(facts);
  if (lookedUp.length === 0) return NOBODY;
  for (const { agentKey, knownAtMs } of lookedUp)
    records.set(`${agentKey} ${knownAtMs}`, (await agent(agentKey, knownAtMs)) ?? NO_RECORDS);
  const keys = [...new Set(lookedUp.map(({ agentKey }) => agentKey))];
  const pairs = await query(statements, { agentKey: 'string', otherKey: 'string' })`
    SELECT g.agent_key AS "agentKey", x.agent_key AS "otherKey" FROM agents g JOIN agents x ON ${isSamePerson}
    WHERE g.agent_key = ANY (${keys}) AND x.agent_key = ANY (${keys})`;
  return {
    records(agentKey, knownAtMs) {
      const found = records.get(`${agentKey} ${knownAtMs}`);
      if (found === undefined) throw new Error('an agent who was not looked up');
      return found;
    },
    isOnePerson: (agentKey, otherKey) =>
      pairs.some((pair) => pair.agentKey === agentKey && pair.otherKey === otherKey),
  };
}
