import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { importRoster } from '../../../src/adapters/rosters/import-roster';
import { rosterKinds } from '../../../src/adapters/rosters/registry';
import type { NamedKey } from '../../../src/config';
import { portalPolicies } from '../../../src/domain/portal';
import type { JsonClient } from './json-client';

export interface BenchAgent {
  readonly agentNumber: string;
  readonly ssnLast6: string;
  readonly username: string;
}

export const AGENT_NAMES = { firstName: 'Ada', lastName: 'Bench' };

const COLUMNS =
  'agentNumber,kind,firstName,lastName,previousLastNames,principalAgentNumber,ssnLast6,email,welcomedOn,company,terminatedOn';
const PASSWORD = 'Sunny_day7';

/** Imports agents as `npm run import -- agents` does: welcomed, and without an account. */
export async function importAgents(options: {
  readonly databaseUrl: string;
  readonly folder: string;
  readonly peppers: readonly NamedKey[];
  readonly agents: readonly BenchAgent[];
}): Promise<void> {
  const { folder, agents, ...database } = options;
  const path = join(folder, 'agents.csv');
  const { firstName, lastName } = AGENT_NAMES;
  const lines = agents.map(
    ({ agentNumber, ssnLast6, username }) =>
      `${agentNumber},agent,${firstName},${lastName},,,${ssnLast6},${username}@bench.example,2026-01-12,Bench Life,`,
  );
  await writeFile(path, `${[COLUMNS, ...lines].join('\n')}\n`);
  const kind = rosterKinds.find((each) => each.kind === 'agents')!;
  const { created, refusals } = await importRoster({
    ...database,
    ...{ kind, path, operator: 'bench', maxRefusedLines: 1 },
  });
  if (created !== agents.length) throw new Error(`the import refused a line: ${refusals[0]?.reason}`);
}

/** Makes the account of an imported agent, as a front end does. */
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
