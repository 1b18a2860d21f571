import { ConfigError, loadServerConfig, loadWorkerConfig, type ServerConfig } from '../src/config';
import { planChangePolicy } from '../src/domain/plan-change/deadlines';

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

const COUNTS = [
  ['PLAN_CHANGE_CLAIM_MINUTES', 'claimMinutes', 1440],
  ['PLAN_CHANGE_WAITING_MINUTES', 'waitingMinutes', 1440],
  ['PLAN_CHANGE_OVERDUE_HOURS', 'overdueHours', 720],
  ['PLAN_CHANGE_ABANDON_DAYS', 'abandonAfterDays', 365],
] as const;

describe('the settings of plan changes', () => {
  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['empty variables', { UNIT_HOURS: '', UNIT_LEAD_EMAIL: '', PLAN_CHANGE_CLAIM_MINUTES: '' }],
  ])('are as documented where %s is set', (_what, env) => {
    const { planChanges, unitLeadEmail } = load(env);

    expect(planChanges).toEqual({
      unitHours: { timeZone: 'America/New_York', fromWeekday: 1, toWeekday: 5, fromHour: 8, toHour: 20 },
      claimMinutes: 60,
      waitingMinutes: 15,
      overdueHours: 24,
      abandonAfterDays: 30,
    });
    expect(planChanges).toEqual(planChangePolicy);
    expect(unitLeadEmail).toBe('plan-change-unit@tenure.example');
  });

  it('are the same for the worker as for the API', () => {
    const env = { ...required, UNIT_HOURS: 'tue-sat 9-17', UNIT_LEAD_EMAIL: 'lead@example.com' };
    const worker = loadWorkerConfig({ ...env, SMTP_URL: 'smtp://localhost:25' });

    expect(worker).toMatchObject(loadServerConfig(env));
  });

  it.each(COUNTS)('%s is a whole number from 1 on', (variable, field, most) => {
    const { planChanges } = load({ [variable]: '7' });

    expect(planChanges).toEqual({ ...planChangePolicy, [field]: 7 });
    for (const good of ['1', String(most)])
      expect(load({ [variable]: good }).planChanges[field]).toBe(Number(good));
    for (const wrong of ['0', '-1', '1.5', String(most + 1), 'soon'])
      expect({ wrong, refused: refused({ [variable]: wrong }) }).toEqual({ wrong, refused: [variable] });
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
    const wrong = { UNIT_HOURS: 'always', UNIT_LEAD_EMAIL: 'nobody', PLAN_CHANGE_CLAIM_MINUTES: '0' };

    expect(refused(wrong).toSorted()).toEqual(Object.keys(wrong).toSorted());
  });
});

describe("the unit's hours", () => {
  it.each([
    ['mon-fri 8-20', 1, 5, 8, 20],
    ['mon-fri 08-20', 1, 5, 8, 20],
    ['tue-sat 9-17', 2, 6, 9, 17],
    ['wed-thu 9-17', 3, 4, 9, 17],
    ['mon-sun 0-24', 1, 7, 0, 24],
    ['sun-sun 23-24', 7, 7, 23, 24],
  ])('are read as they are written: %s', (text, fromWeekday, toWeekday, fromHour, toHour) => {
    expect(load({ UNIT_HOURS: text }).planChanges).toEqual({
      ...planChangePolicy,
      unitHours: { timeZone: 'America/New_York', fromWeekday, toWeekday, fromHour, toHour },
    });
  });

  it.each([
    ['days the wrong way round', 'fri-mon 8-20'],
    ['hours the wrong way round', 'mon-fri 20-8'],
    ['no hour at all', 'mon-fri 8-8'],
    ['an hour that there is not', 'mon-fri 8-25'],
    ['no such first day', 'fry-sat 8-20'],
    ['no such last day', 'mon-fry 8-20'],
    ['no hours', 'mon-fri'],
    ['no days', '8-20'],
    ['minutes', 'mon-fri 8:00-20:00'],
    ['capital letters', 'Mon-Fri 8-20'],
    ['a negative hour', 'mon-fri -1-20'],
    ['something before them', 'from mon-fri 8-20'],
    ['something after them', 'mon-fri 8-20 sat-sun 9-12'],
  ])('are refused by their name: %s', (_what, text) => {
    expect(refused({ UNIT_HOURS: text })).toEqual(['UNIT_HOURS']);
  });
});
