import { startApi, type Api, type Called } from '../api';
import { entries, invite, registerWith, REMINDERS } from './broker-calls';

let api: Api;
beforeEach(async () => {
  api = await startApi();
  api.brokers.addAgent({ lastNames: ['O’Dwyer', 'Kelly'] });
  await registerWith(api);
  api.events.length = 0;
  api.notices.length = 0;
});
afterEach(() => api.close());

const agent = { firstName: 'Seamus', lastName: "o'dwyer", agentNumber: 'ab-123' };
const remind = (body: unknown, headers = {}): Promise<Called> =>
  api.call('POST', REMINDERS, { body, headers });

describe('Username reminder', () => {
  it.each([agent, { ...agent, lastName: 'KELLY' }, { ...agent, notAnAgent: false }])(
    'An agent is shown a forgotten username: %j',
    async (body) => {
      expect(await remind(body)).toMatchObject({ status: 200, body: { username: 'seamus.odwyer' } });
    },
  );

  it.each([
    ['ana@example.com', 'ANA@example.com '],
    ['jos\u00e9@xn--correo-mxico-ieb.example', 'jose\u0301@correo-m\u00e9xico.example'],
  ])(
    'A person who is not an agent is shown a forgotten username by email address: %j as %j',
    async (email, written) => {
      const person = { email, firstName: 'Ana', lastName: 'Cruz' };
      const { code } = await invite(api, person);
      await registerWith(api, { lastName: 'Cruz', accessCode: code }, { username: 'ana.cruz', email });

      expect(await remind({ ...person, email: written, notAnAgent: true })).toMatchObject({
        status: 200,
        body: { username: 'ana.cruz' },
      });
    },
  );

  it('A username reminder is announced to the owner and audited', async () => {
    await remind(agent, { 'x-forwarded-for': '192.0.2.7' });

    const [reminderId] = api.notices.slice(-1);
    expect(api.events).toEqual([
      {
        atMs: api.nowMs.value,
        action: 'username-reminded',
        outcome: 'success',
        accountId: api.brokers.created[0]?.accountId,
        key: `username-reminded:${reminderId}`,
        address: '192.0.2.7',
      },
    ]);
  });

  it('A username is not shown when its owner cannot be notified', async () => {
    await api.close();
    api = await startApi({
      notices: {
        announceRegistered: async () => undefined,
        announcePasswordChanged: async () => undefined,
        announceInvitation: async () => undefined,
        announceUsernameReminded: async () => {
          throw Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
        },
      },
    });
    api.brokers.addAgent();
    await registerWith(api);

    const answer = await remind(agent);

    expect(answer.status).toBe(503);
    expect(JSON.stringify(answer.body)).not.toContain('seamus');
  });

  it.each([
    ['first name', { ...agent, firstName: 'John' }],
    ['last name', { ...agent, lastName: 'Smith' }],
    ['number', { ...agent, agentNumber: 'AB124' }],
    [
      'way: an agent by email',
      { firstName: 'Seamus', lastName: "O'Dwyer", notAnAgent: true, email: 'seamus@example.com' },
    ],
  ])('A username reminder with another %s gets the same 404 as an unknown agent', async (_, body) => {
    const answer = await remind(body);

    expect(answer).toMatchObject({ status: 404, body: { code: 'no_match' } });
    expect(answer.body).toEqual((await remind({ ...agent, agentNumber: 'ZZ1' })).body);
    expect(api.events.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
      Array(2).fill('username-reminder-refused no_match'),
    );
    expect(api.notices).toEqual([]);
  });

  it.each([
    [{}, ['/agentNumber required', '/firstName required', '/lastName required']],
    [
      { notAnAgent: true, agentNumber: 'AB123' },
      ['/agentNumber unknown_field', '/email required', '/firstName required', '/lastName required'],
    ],
    [{ ...agent, email: 'a@example.com' }, ['/email unknown_field']],
    [{ ...agent, notAnAgent: 'yes' }, ['/notAnAgent not_one_of']],
    [{ ...agent, notAnAgent: null }, ['/notAnAgent not_one_of']],
    [{ ...agent, agentNumber: 123 }, ['/agentNumber wrong_type']],
    [{ ...agent, firstName: '1' }, ['/firstName wrong_format']],
    [{ firstName: 'A', lastName: 'B', notAnAgent: true, email: 'x' }, ['/email wrong_format']],
    [[], [' wrong_type']],
  ])('A username reminder refuses malformed fields by name: %j', async (body, expected) => {
    expect(entries(await remind(body)).toSorted()).toEqual(expected);
  });

  it('Username reminders are limited per address', async () => {
    api.limiter.sizes['username-reminders'] = 2;
    await remind(agent);
    await remind({ ...agent, lastName: 'Smith' });

    expect(await remind(agent)).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(await remind(agent, { 'x-forwarded-for': '192.0.2.9' })).toMatchObject({ status: 200 });
  });
});
