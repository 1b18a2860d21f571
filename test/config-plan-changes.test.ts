import { ConfigError, loadServerConfig, loadWorkerConfig, type ServerConfig } from '../src/config';

const required = {
  DATABASE_URL: 'postgres://localhost/tenure',
  TEMPORAL_ADDRESS: 'localhost:7233',
  TENURE_PEPPERS: `p1:${Buffer.alloc(32, 7).toString('base64')}`,
};
const load = (env: Record<string, string>): ServerConfig => loadServerConfig({ ...required, ...env });

/** The names of the settings that are refused. */
function refused(env: Record<string, string>): string[] {
  try {
    load(env);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return [...error.message.matchAll(/^ {2}(\w+): /gm)].map(([, name = '']) => name);
  }
}

describe('the settings of plan changes', () => {
  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['empty variables', { UNIT_HOURS: '', UNIT_LEAD_EMAIL: '', PLAN_CHANGE_CLAIM_MINUTES: '' }],
  ])('are as documented where %s is set', (_what, env) => {
    const { unitLeadEmail, brandFolder } = load(env);

    expect(unitLeadEmail).toBe('plan-change-unit@tenure.example');
    expect(brandFolder).toBeUndefined();
  });

  it('are the same for the worker as for the API', () => {
    const env = { ...required, TENURE_BRAND: '/etc/brand', UNIT_LEAD_EMAIL: 'lead@example.com' };
    const worker = loadWorkerConfig({ ...env, SMTP_URL: 'smtp://localhost:25' });

    expect(worker).toMatchObject(loadServerConfig(env));
  });

  it('UNIT_LEAD_EMAIL is an email address', () => {
    expect(load({ UNIT_LEAD_EMAIL: 'lead@example.com' }).unitLeadEmail).toBe('lead@example.com');
    for (const wrong of ['lead', 'lead@', 'Lead <lead@example.com>', 'a@example.com, b@example.com'])
      expect({ wrong, refused: refused({ UNIT_LEAD_EMAIL: wrong }) }).toEqual({
        wrong,
        refused: ['UNIT_LEAD_EMAIL'],
      });
  });

  it('Compliance is told nothing and accounts stay open, unless COMPLIANCE_EMAIL and TERMINATED_AGENTS say otherwise', () => {
    const told = (env: Record<string, string>) => {
      const { complianceEmail, terminatedAgents } = load(env);
      return { complianceEmail, terminatedAgents };
    };

    expect(told({})).toEqual({ complianceEmail: undefined, terminatedAgents: 'sign-out' });
    expect(told({ COMPLIANCE_EMAIL: 'rules@example.com', TERMINATED_AGENTS: 'close' })).toEqual({
      complianceEmail: 'rules@example.com',
      terminatedAgents: 'close',
    });
    expect(refused({ COMPLIANCE_EMAIL: 'rules', TERMINATED_AGENTS: 'delete' })).toEqual([
      'COMPLIANCE_EMAIL',
      'TERMINATED_AGENTS',
    ]);
  });

  it('are all named that are wrong', () => {
    const wrong = { UNIT_LEAD_EMAIL: 'nobody', COMPLIANCE_EMAIL: 'rules' };

    expect(refused(wrong).toSorted()).toEqual(Object.keys(wrong).toSorted());
  });
});

describe('rules that were settings', () => {
  it.each([
    ['MEMBER_PASSWORD_DAYS', 'portals.member.password.lifetimeDays'],
    ['UNIT_HOURS', 'planChanges.unitHours'],
    ['PLAN_CHANGE_WAITING_MINUTES', 'planChanges.waitingMinutes'],
    ['PLAN_CHANGE_OVERDUE_HOURS', 'planChanges.overdueHours'],
    ['PLAN_CHANGE_CLAIM_MINUTES', 'planChanges.claimMinutes'],
    ['PLAN_CHANGE_ABANDON_DAYS', 'planChanges.abandonAfterDays'],
    ['PLAN_CHANGE_REVERSIBLE_DAYS', 'planChanges.reversibleDays'],
  ])('%s is refused by API and worker, with where it is now', (name, key) => {
    const env = { ...required, SMTP_URL: 'smtp://localhost:25', [name]: '30' };

    for (const start of [loadServerConfig, loadWorkerConfig])
      expect(() => start(env)).toThrow(
        `  ${name}: is ${key} in portal.yaml of the folder that TENURE_BRAND names`,
      );
  });

  it('are all named that are set', () => {
    expect(refused({ UNIT_HOURS: 'mon-fri 8-20', MEMBER_PASSWORD_DAYS: '30' })).toEqual([
      'MEMBER_PASSWORD_DAYS',
      'UNIT_HOURS',
    ]);
  });
});
