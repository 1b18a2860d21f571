import { DAY_MS, MINUTE_MS } from '../../../src/domain/time';
import { startApi, type Api, type Called } from '../api';
import {
  check,
  entries,
  goodFields,
  invite,
  register,
  registerWith,
  rightCode,
  verify,
} from './broker-calls';
import { AppError } from '../../../src/api/http/problems';
import { fakeHash } from '../fakes';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const invited = { email: 'Ana@Example.com', firstName: 'Ana', lastName: 'de la Cruz' };

describe('Access code verification', () => {
  it('Verifying an agent’s access code is answered 200 with a token and the kind', async () => {
    api.brokers.addAgent();

    expect(await verify(api)).toMatchObject({
      status: 200,
      body: { token: expect.any(String), kind: 'agent' },
    });
  });

  it('A corporation is verified by SYS and its principal’s name and digits', async () => {
    api.brokers.addAgent({ agentNumber: 'CORP9', kind: 'corporation', lastNames: ['Vance'] });

    expect(await verify(api, { lastName: 'Vance', accessCode: 'CSYSCORP9445566A' })).toMatchObject({
      status: 200,
      body: { kind: 'corporation' },
    });
  });

  it('An invited person is verified by the code of the email', async () => {
    const { code } = await invite(api, invited);

    expect(await verify(api, { lastName: 'De La Cruz', accessCode: code })).toMatchObject({
      status: 200,
      body: { kind: 'other' },
    });
  });

  it('An agent’s access code is valid through the termination date, in the portal’s time zone', async () => {
    api.brokers.addAgent({ terminatedOn: '2026-03-02' });

    api.nowMs.value = Date.parse('2026-03-03T04:59:59Z');
    expect(await verify(api)).toMatchObject({ status: 200 });
    api.nowMs.value = Date.parse('2026-03-03T05:00:00Z');
    expect(await verify(api)).toMatchObject({ status: 422 });
  });

  it('A person who has an account is sent to sign in, but only after a correct access code', async () => {
    api.brokers.addAgent({ hasAccount: true });

    expect(await verify(api)).toMatchObject({
      status: 409,
      body: { code: 'already_registered', detail: expect.stringContaining('sign in') },
    });
    expect(await verify(api, { ...rightCode, lastName: 'Other' })).toMatchObject({
      status: 422,
      body: { code: 'access_code_refused' },
    });
  });

  it('A person whose invitation was used is sent to sign in', async () => {
    const { code } = await invite(api, invited);
    const typed = { lastName: invited.lastName, accessCode: code };
    await registerWith(api, typed, { email: invited.email });

    expect(await verify(api, typed)).toMatchObject({ status: 409, body: { code: 'already_registered' } });
  });
});

describe('Refused access codes', () => {
  const cases: [string, () => Promise<object> | object][] = [
    ['an unknown number', () => ({ ...rightCode, accessCode: 'CZZ999445566A' })],
    ['wrong digits', () => ({ ...rightCode, accessCode: 'CAB123445567A' })],
    ['a wrong name', () => ({ ...rightCode, lastName: 'Dwyer' })],
    ['a first name for the last', () => ({ ...rightCode, lastName: 'Séamus' })],
    ['an agent who was never welcomed', () => ({ ...rightCode, accessCode: 'CNEW1445566A' })],
    ['an agent who was terminated', () => ({ ...rightCode, accessCode: 'COLD1445566A' })],
    [
      'a corporation whose principal was terminated',
      () => ({ ...rightCode, accessCode: 'CSYSCORP8445566A' }),
    ],
    ['a corporation without SYS', () => ({ ...rightCode, accessCode: 'CCORP9445566A' })],
    ['an agent with SYS', () => ({ ...rightCode, accessCode: 'CSYSAB123445566A' })],
    ['SYS twice', () => ({ ...rightCode, accessCode: 'CSYSSYSCORP9445566A' })],
    ['a digit too few', () => ({ ...rightCode, accessCode: 'CAB12344556A' })],
    ['no A', () => ({ ...rightCode, accessCode: 'CAB123445566' })],
    ['nonsense', () => ({ ...rightCode, accessCode: '\u{1F436}' })],
    ['an invitation nobody issued', () => ({ ...rightCode, accessCode: 'T2222222222222222' })],
    [
      'an invitation of another name',
      async () => ({ lastName: 'Cruz', accessCode: (await invite(api, invited)).code }),
    ],
    [
      'an invitation that a newer one replaced',
      async () => {
        const { code } = await invite(api, invited);
        await invite(api, { ...invited, email: 'ana@example.com' });
        return { lastName: invited.lastName, accessCode: code };
      },
    ],
    [
      'an invitation of 14 days ago',
      async () => {
        const { code } = await invite(api, invited);
        api.nowMs.value += 14 * DAY_MS;
        return { lastName: invited.lastName, accessCode: code };
      },
    ],
  ];
  beforeEach(() => {
    api.brokers.addAgent();
    api.brokers.addAgent({ agentNumber: 'NEW1', wasWelcomed: false });
    api.brokers.addAgent({ agentNumber: 'OLD1', terminatedOn: '2026-03-01' });
    api.brokers.addAgent({ agentNumber: 'CORP9', kind: 'corporation' });
    const principalTerminatedOn = '2026-03-01';
    api.brokers.addAgent({ agentNumber: 'CORP8', kind: 'corporation', principalTerminatedOn });
  });

  it.each(cases)(
    'A refused access code (%s) always gets the same answer at the same cost',
    async (_, typed) => {
      const body = await typed();
      api.brokers.asked.length = 0;
      api.limiter.taken.clear();
      api.events.length = 0;

      const answer = await verify(api, body);

      expect(answer).toMatchObject({ status: 422, body: { code: 'access_code_refused' } });
      expect(answer.body).toEqual((await verify(api, { lastName: 'Nobody', accessCode: 'X' })).body);
      expect(api.brokers.asked).toHaveLength(2);
      expect([...api.limiter.taken.keys()].filter((key) => key.startsWith('access-codes'))).toHaveLength(2);
      expect(api.events).toEqual(
        Array.from({ length: 2 }, () => ({
          atMs: api.nowMs.value,
          action: 'access-code-refused',
          outcome: 'access_code_refused',
          address: expect.any(String),
        })),
      );
    },
  );
});

describe('Wrong access codes', () => {
  const wrong = (digits: number): object => ({ ...rightCode, accessCode: `C-ab123-${digits}-A` });

  beforeEach(() => {
    api.brokers.addAgent();
    api.limiter.sizes['access-codes'] = 5;
  });

  it('Five wrong access codes block an agent number, whatever the addresses', async () => {
    for (let i = 0; i < 5; i++) {
      expect(await verify(api, wrong(100_000 + i), { 'x-forwarded-for': `192.0.2.${i}` })).toMatchObject({
        status: 422,
      });
    }

    const { status, body, headers } = await verify(api);

    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'too_many_requests', '2']);
    expect(await verify(api, { ...rightCode, accessCode: 'CZZ999445566A' })).toMatchObject({ status: 422 });
  });

  it('Wrong access codes are counted before the comparison, so concurrent tries gain nothing', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => verify(api, wrong(100_000 + i))));

    expect(answers.filter(({ status }) => status === 422)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(95);
    expect(api.brokers.asked).toHaveLength(5);
  });

  it('Wrong access codes are also counted for an unknown agent number', async () => {
    const unknown = { ...rightCode, accessCode: 'CZZ999445566A' };
    for (let i = 0; i < 5; i++) await verify(api, unknown);

    expect(await verify(api, unknown)).toMatchObject({ status: 429 });
  });

  it('Correct access codes are not counted as wrong, even for a person who has an account', async () => {
    api.brokers.addAgent({ agentNumber: 'HAS1', hasAccount: true });
    for (let i = 0; i < 12; i++) {
      expect(await verify(api)).toMatchObject({ status: 200 });
      expect(await verify(api, { ...rightCode, accessCode: 'CHAS1445566A' })).toMatchObject({ status: 409 });
    }
  });

  it('Wrong invitation codes are counted per address', async () => {
    const typed = { ...rightCode, accessCode: 'T2222222222222222' };
    const from = (address: string): Promise<Called> => verify(api, typed, { 'x-forwarded-for': address });
    for (let i = 0; i < 5; i++) await from('192.0.2.1');

    expect(await from('192.0.2.1')).toMatchObject({ status: 429 });
    expect(await from('192.0.2.2')).toMatchObject({ status: 422 });
  });
});

describe('Registration', () => {
  it('A registration is answered 201 with the account and stores what was typed', async () => {
    api.brokers.addAgent();

    const { status, body } = await registerWith(api, rightCode, { username: ' Seamus.ODwyer ' });

    expect(status).toBe(201);
    expect(body).toEqual({
      account: { id: expect.any(String), username: 'Seamus.ODwyer', firstName: 'Séamus' },
    });
    expect(api.brokers.created).toEqual([
      {
        accountId: body.account.id,
        credentialId: expect.any(String),
        kind: 'agent',
        agentKey: 'AB123',
        invitationId: null,
        username: 'Seamus.ODwyer',
        passwordHash: fakeHash('Sunny_day7'),
        firstName: 'Séamus',
        lastName: 'O’Dwyer',
        email: 'seamus@example.com',
        phone: '+12125550123',
        language: 'en',
        answers: [
          {
            questionId: 'first-pet',
            salt: expect.any(String),
            stretched: expect.stringMatching(/:rex of the hill$/),
            foldVersion: 3,
          },
          {
            questionId: 'first-car',
            salt: expect.any(String),
            stretched: expect.stringMatching(/:ford anglia$/),
            foldVersion: 3,
          },
        ],
        termsVersion: '2026-01',
        atMs: api.nowMs.value,
        address: expect.any(String),
      },
    ]);
    const [first, second] = api.brokers.created[0]!.answers;
    expect(first?.salt).not.toBe(second?.salt);
  });

  it('A registration is announced to an agent by email, but not to an invited person', async () => {
    api.brokers.addAgent();
    const { body } = await registerWith(api);
    const told = [...api.notices];
    const { code } = await invite(api, { email: 'ida@example.com', firstName: 'Ida', lastName: 'Noor' });
    api.notices.length = 0;
    const answer = await registerWith(
      api,
      { lastName: 'Noor', accessCode: code },
      { username: 'ida.noor', email: 'ida@example.com' },
    );

    expect(told).toEqual([body.account.id]);
    expect([answer.status, api.notices]).toEqual([201, []]);
  });

  it('A registration creates no account when its notice cannot be announced', async () => {
    await api.close();
    const nothing = async (): Promise<void> => undefined;
    api = await startApi({
      notices: {
        announcePasswordChanged: nothing,
        announceUsernameReminded: nothing,
        announceInvitation: nothing,
        announceRegistered: async () => {
          throw new AppError('unavailable');
        },
      },
    });
    api.brokers.addAgent();

    const { status } = await registerWith(api);

    expect(status).toBe(503);
    expect(api.brokers.created).toEqual([]);
  });

  it('A new broker account can sign in to both applications', async () => {
    api.brokers.addAgent();
    await registerWith(api);

    for (const application of ['portal', 'express-app']) {
      const { username, password } = goodFields;
      expect(
        await api.call('POST', '/v1/portals/broker/sessions', { body: { username, password, application } }),
      ).toMatchObject({ status: 201 });
    }
  });

  it('A registration stores the language of the page', async () => {
    api.brokers.addAgent();
    const { body } = await verify(api);

    await register(api, body.token, {}, { 'accept-language': 'es' });

    expect(api.brokers.created[0]?.language).toBe('es');
  });

  it('An agent’s account gets the current last name, even if a former one was typed', async () => {
    api.brokers.addAgent({ lastNames: ['O’Dwyer', 'Kelly'] });
    await registerWith(api, { ...rightCode, lastName: 'KELLY' });

    expect(api.brokers.created[0]).toMatchObject({ lastName: 'O’Dwyer' });
  });

  it('An invitation is bound to its email address, in any letter case', async () => {
    const { id, code } = await invite(api, invited);
    const { body } = await verify(api, { lastName: invited.lastName, accessCode: code });

    expect(await register(api, body.token)).toMatchObject({
      status: 422,
      body: { code: 'invalid_fields', errors: [{ pointer: '/email', code: 'not_the_invited_address' }] },
    });
    expect(await register(api, body.token, { email: 'ANA@example.com' })).toMatchObject({ status: 201 });
    expect(api.brokers.created[0]).toMatchObject({ kind: 'other', agentKey: null, invitationId: id });
  });

  it('An invitation is bound to its email address, however the domain is written', async () => {
    const { code } = await invite(api, { ...invited, email: 'ana@correo-m\u00e9xico.example' });
    const { body } = await verify(api, { lastName: invited.lastName, accessCode: code });

    const sent = { email: 'ana@xn--correo-mxico-ieb.example' };
    expect(await register(api, body.token, sent)).toMatchObject({ status: 201 });
  });

  it('A verification token can be used only once', async () => {
    api.brokers.addAgent();
    const { body } = await verify(api);
    await register(api, body.token);

    expect(await register(api, body.token, { username: 'another.one' })).toMatchObject({
      status: 409,
      body: { code: 'already_registered' },
    });
  });

  it('Concurrent registrations of one agent create a single account', async () => {
    api.brokers.addAgent();
    const tokens = [(await verify(api)).body.token, (await verify(api)).body.token];

    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, i) => register(api, tokens[i % 2], { username: `seamus.${i}x` })),
    );

    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ body }) => body.code === 'already_registered')).toHaveLength(99);
    expect(api.brokers.created).toHaveLength(1);
  });

  it('A taken username is answered 409, and the token remains valid for another username', async () => {
    api.accounts.add({ portal: 'broker', username: 'Seamus.ODWYER' });
    api.accounts.add({ portal: 'member', username: 'members.own' });
    api.brokers.addAgent();
    const { body } = await verify(api);

    expect(await register(api, body.token)).toMatchObject({ status: 409, body: { code: 'username_taken' } });
    expect(await register(api, body.token, { username: 'members.own' })).toMatchObject({ status: 201 });
  });

  it('A registration repeated under one Idempotency-Key is answered with the same account', async () => {
    api.brokers.addAgent();
    const { body } = await verify(api);
    const key = { 'idempotency-key': 'registering' };

    const answers = [await register(api, body.token, {}, key), await register(api, body.token, {}, key)];

    expect(answers).toMatchObject([{ status: 201 }, { status: 201 }]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(api.brokers.created).toHaveLength(1);
  });
});

describe('A check before the terms', () => {
  it('What can be registered is answered 204; nothing is hashed, kept or used up', async () => {
    api.brokers.addAgent();
    const { token } = (await verify(api)).body;
    const eventsBefore = api.events.length;

    expect(await check(api, token)).toMatchObject({ status: 204, body: '' });

    expect(api.hashed).toEqual([]);
    expect(api.notices).toEqual([]);
    expect(api.brokers.created).toEqual([]);
    expect(api.events).toHaveLength(eventsBefore);
    expect(await register(api, token)).toMatchObject({ status: 201 });
  });

  it('A check refuses what a registration refuses, with the same answers and audit events', async () => {
    api.accounts.add({ portal: 'broker', username: 'Seamus.ODWYER' });
    api.brokers.addAgent();
    const { token } = (await verify(api)).body;
    const facesOf = async (fields: object, typedToken: unknown = token): Promise<void> => {
      api.events.length = 0;
      const checked = await check(api, typedToken, fields);
      const registered = await register(api, typedToken, fields);
      expect(checked.status).toBeGreaterThanOrEqual(400);
      expect([checked.status, checked.body]).toEqual([registered.status, registered.body]);
      expect(api.events[0]).toEqual(api.events[1]);
      expect(api.events).toHaveLength(2);
    };
    const free = { username: 'seamus.free' };

    await facesOf({});
    await facesOf({ ...free, password: 'short', confirmation: 'other' });
    await facesOf({ ...free, phone: '1', password: 'short' });
    await facesOf({
      username: 'x',
      securityAnswers: [goodFields.securityAnswers[0], goodFields.securityAnswers[0]],
    });
    await facesOf(free, 'forged');
    api.brokers.addAgent({ lastNames: ['Renamed'] });
    await facesOf(free);
    api.brokers.addAgent({ hasAccount: true });
    await facesOf(free);
    api.nowMs.value += 30 * MINUTE_MS;
    await facesOf(free);
  });

  it('A check takes no terms', async () => {
    api.brokers.addAgent();
    const { token } = (await verify(api)).body;

    expect(entries(await check(api, token, { termsVersion: '2026-01' }))).toEqual([
      '/termsVersion unknown_field',
    ]);
  });
});

describe('Verification token', () => {
  it('A verification token is valid for 30 minutes, then answered 410', async () => {
    api.brokers.addAgent();
    const { body } = await verify(api);

    api.nowMs.value += 30 * MINUTE_MS - 1;
    expect(await register(api, body.token, { username: 'abc' })).toMatchObject({ status: 422 });
    api.nowMs.value += 1;
    expect(await register(api, body.token)).toMatchObject({
      status: 410,
      body: { code: 'verification_expired' },
    });
  });

  it.each([
    ['the agent was terminated', { terminatedOn: '2026-03-01' }],
    ['the agent is no longer welcomed', { wasWelcomed: false }],
    ['the roster has other digits', { ssnLast6: '999999' }],
    ['the roster has another name', { lastNames: ['Somebody'] }],
    ['the number is a corporation’s', { kind: 'corporation' as const }],
  ])('A verification token becomes invalid when %s meanwhile', async (_what, change) => {
    api.brokers.addAgent();
    const { body } = await verify(api);
    api.brokers.addAgent(change);

    const refused = await register(api, body.token);

    expect([refused.status, refused.body.code]).toEqual([410, 'verification_expired']);
    expect(api.brokers.created).toEqual([]);
  });

  it('A verification token that is forged or made for another purpose is answered 401', async () => {
    const { token } = await api.open();
    const other = Buffer.from(JSON.stringify(['flow-token', '{}'])).toString('base64');

    for (const foreign of ['nonsense', token, other]) {
      expect(await register(api, foreign)).toMatchObject({ status: 401, body: { code: 'unauthorized' } });
    }
    expect(api.hashed).toEqual([]);
  });

  it('The answer to a verification reveals nothing about the person', async () => {
    api.brokers.addAgent();

    const { body } = await verify(api);

    expect(Object.keys(body).toSorted()).toEqual(['expiresAt', 'kind', 'token']);
  });
});
