import { portalPolicies } from '../../system/brand';
import { importLines } from './import-lines';
import type { JsonClient } from '../../system/json-client';

export interface BenchAgent {
  readonly agentNumber: string;
  readonly ssnLast6: string;
  readonly username: string;
}

export const AGENT_NAMES = { firstName: 'Ada', lastName: 'Bench' };

const COLUMNS =
  'agentNumber,kind,firstName,lastName,previousLastNames,principalAgentNumber,ssnLast6,email,welcomedOn,company,terminatedOn';
const PASSWORD = 'Sunny_day7';

/** Imports agents: welcomed, and without an account. */
export function importAgents(
  stack: Parameters<typeof importLines>[0],
  agents: readonly BenchAgent[],
): Promise<void> {
  const { firstName, lastName } = AGENT_NAMES;
  const lines = agents.map(
    ({ agentNumber, ssnLast6, username }) =>
      `${agentNumber},agent,${firstName},${lastName},,,${ssnLast6},${username}@bench.example,2026-01-12,Bench Life,`,
  );
  return importLines(stack, 'agents', COLUMNS, lines);
}

/** Creates the account of an imported agent, like a front end. */
export async function registerAgent(
  api: JsonClient,
  { agentNumber, ssnLast6, username }: BenchAgent,
): Promise<void> {
  const { securityQuestions, termsVersion } = portalPolicies.broker;
  const { token } = await api.post<{ token: string }>('/v1/portals/broker/registrations/verifications', {
    lastName: AGENT_NAMES.lastName,
    accessCode: `C${agentNumber}${ssnLast6}A`,
  });
  await api.post('/v1/portals/broker/registrations', {
    token,
    username,
    password: PASSWORD,
    confirmation: PASSWORD,
    email: `${username}@bench.example`,
    phone: '(212) 555-0123',
    securityAnswers: securityQuestions
      .slice(0, 2)
      .map(({ id }, index) => ({ questionId: id, answer: ['Biscuit', 'Alder Lane'][index] })),
    termsVersion,
  });
}
