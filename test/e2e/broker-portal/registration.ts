/** Rosters of agents, and registration with an agent’s own access code or an emailed one. */
import { randomUUID } from 'node:crypto';
import { secret } from '../../../lab/system/secrets';
import {
  agentRow,
  agentRows,
  codeTo,
  enrol,
  invite,
  newBroker,
  register,
  signIn,
  spaced,
  verify,
  type Broker,
  type BrokerKind,
} from '../../../lab/system/brokers';
import { importRoster } from '../../../lab/system/commands';
import { patiently } from '../../../lab/system/reset-page';
import { apiKey, codeOf, faceOf, listed, newcomer, sessionOf, stack } from './brokers';

describe('rosters', () => {
  it('Rosters of agents and their standing are imported by command, and a second import changes nothing', async () => {
    const [ana, firma] = [newBroker('anselmitta'), newBroker('firmabella', 'corporation')];
    const agents = agentRows([ana, firma]);
    const none = { state: '', planYear: '', to: '' };
    const standing = [
      { agentNumber: ana.agentNumber, type: 'licence', ...none, state: 'TX', from: '2024-05-01' },
      { agentNumber: ana.agentNumber, type: 'certification', ...none, planYear: '2026', from: '2025-09-02' },
      { agentNumber: spaced(firma.agentNumber), type: 'appointment', ...none, from: '2024-06-10' },
    ];

    const first = [
      await importRoster(stack, 'agents', agents),
      await importRoster(stack, 'agent-standing', standing),
    ];
    const second = [
      await importRoster(stack, 'agents', agents),
      await importRoster(stack, 'agent-standing', standing),
    ];

    expect(first).toMatchObject([
      { code: 0, out: expect.stringMatching(/^3 created, 0 updated, 0 unchanged, 0 refused/) },
      { code: 0, out: expect.stringMatching(/^3 created, 0 updated, 0 unchanged, 0 refused/) },
    ]);
    expect(second).toMatchObject([
      { code: 0, out: expect.stringMatching(/^0 created, 0 updated, 3 unchanged, 0 refused/) },
      { code: 0, out: expect.stringMatching(/^0 created, 0 updated, 3 unchanged, 0 refused/) },
    ]);
  });
});

describe('registration', () => {
  it.each<[BrokerKind, string]>([
    ['agent', 'bertrandino'],
    ['corporation', 'corporalina'],
    ['other', 'ottilianne'],
  ])(
    'A broker of kind %s registers and signs in to the portal and to the Express App',
    async (kind, name) => {
      const broker = await newcomer(name, kind);

      const verified = await verify(stack, broker);
      const registered = await register(stack, verified.body.token, broker);
      const sessions = [
        await signIn(stack, broker),
        await signIn(stack, { ...broker, username: broker.username.toUpperCase() }, 'express-app'),
      ];
      const seen = await Promise.all(sessions.map(({ body }) => sessionOf(body.token)));
      const otherCase = await signIn(stack, { ...broker, password: broker.password.toUpperCase() });

      const { id } = registered.body.account;
      expect(verified).toMatchObject({ status: 200, body: { kind } });
      expect(registered).toMatchObject({
        status: 201,
        body: { account: { username: broker.username, firstName: broker.firstName } },
      });
      expect(sessions).toMatchObject([
        { status: 201, body: { account: { id } } },
        { status: 201, body: { account: { id } } },
      ]);
      expect(seen.map(({ body }) => body.application)).toEqual(['portal', 'express-app']);
      expect(codeOf(otherCase)).toBe('401 credentials_wrong');
    },
  );

  it.each<[BrokerKind, string]>([
    ['agent', 'cassiandro'],
    ['corporation', 'desideriana'],
  ])(
    'A broker of kind %s registers under a previous last name, with the code typed in any form',
    async (kind, name) => {
      const broker = await listed(name, kind);
      const typed = {
        lastName: ` ${broker.previousLastName.toUpperCase().replace(' ', '-')} `,
        accessCode: spaced(broker.accessCode),
      };

      const verified = await verify(stack, typed);
      const registered = await register(stack, verified.body.token, broker);
      const signedIn = await signIn(stack, broker);

      expect(verified).toMatchObject({ status: 200, body: { kind } });
      expect(registered.status).toBe(201);
      expect(signedIn.status).toBe(201);
    },
  );

  it('A registration notice goes to the roster’s address, whatever address was typed', async () => {
    const broker = await listed('leocadianna');
    const verified = await verify(stack, broker);

    await register(stack, verified.body.token, { ...broker, email: 'elsewhere@example.com' });
    const notice = await stack.mailbox.mailTo(broker.email);

    expect(notice.messageId).toMatch(/^<account-registered\./);
    expect(notice.text).toContain(broker.agentNumber);
    expect(await stack.mailbox.mailsTo('elsewhere@example.com')).toEqual([]);
  });

  it('An emailed code works in any form, once, and only the newest and only for its own address', async () => {
    const person = newBroker('eleonorina', 'other');
    await invite(stack, apiKey, person);
    const earlier = await codeTo(stack, person.email);
    await invite(stack, apiKey, person);
    const newest = { ...person, accessCode: spaced(await codeTo(stack, person.email, 2)) };

    const withEarlier = await verify(stack, { ...person, accessCode: earlier });
    const verified = await verify(stack, newest);
    const elsewhere = await register(stack, verified.body.token, {
      ...newest,
      email: 'someone.else@example.com',
    });
    const registered = await register(stack, verified.body.token, newest);
    const again = await register(stack, verified.body.token, { ...newest, username: 'another.User7' });
    const verifiedAgain = await verify(stack, newest);

    expect(codeOf(withEarlier)).toBe('422 access_code_refused');
    expect(codeOf(elsewhere)).toBe('422 invalid_fields');
    expect(elsewhere.body.errors).toMatchObject([{ pointer: '/email', code: 'not_the_invited_address' }]);
    expect(registered.status).toBe(201);
    expect([again, verifiedAgain].map(codeOf)).toEqual(['409 already_registered', '409 already_registered']);
  });

  it('A person who has an account cannot register again, even under another company’s number', async () => {
    const broker = await listed('felicianne');
    const otherNumber = newBroker('felicianne');
    const sameDigits = { ...otherNumber, ssnLast6: broker.ssnLast6 };
    const otherCompany = {
      ...sameDigits,
      accessCode: secret(`C${otherNumber.agentNumber}${broker.ssnLast6}A`),
      username: 'second.User7',
    };
    await importRoster(stack, 'agents', [agentRow(otherCompany, { company: 'Sterling Life' })]);
    const early = await verify(stack, otherCompany);
    await enrol(stack, broker);

    const again = await verify(stack, broker);
    const withOtherNumber = await verify(stack, otherCompany);
    const withEarlyToken = await register(stack, early.body.token, otherCompany);

    expect(early.status).toBe(200);
    expect([again, withOtherNumber, withEarlyToken].map(codeOf)).toEqual(
      Array(3).fill('409 already_registered'),
    );
  });

  it('A refused access code gets the same answer whatever was wrong', async () => {
    const welcomed = await listed('gasparinho');
    const firm = await listed('holdingina', 'corporation');
    const unwelcomed = newBroker('ignazietta');
    const terminated = newBroker('jacobelline');
    await importRoster(stack, 'agents', [
      agentRow(unwelcomed, { welcomedOn: '' }),
      agentRow(terminated, { terminatedOn: '2026-01-31' }),
    ]);
    const nobody = newBroker('nobodietta');
    const digits = (broker: Broker, ssn: string): string =>
      broker.accessCode.replace(/\d{6}A$/, `${secret(ssn)}A`);

    const refusals = [
      await verify(stack, unwelcomed),
      await verify(stack, terminated),
      await verify(stack, nobody),
      await verify(stack, { ...welcomed, accessCode: digits(welcomed, '999111') }),
      await verify(stack, { ...welcomed, lastName: nobody.lastName }),
      await verify(stack, { ...welcomed, accessCode: welcomed.accessCode.replace('C', 'CSYS') }),
      await verify(stack, { ...welcomed, accessCode: welcomed.accessCode.slice(0, -1) }),
      await verify(stack, { ...firm, accessCode: firm.accessCode.replace('SYS', '') }),
      await verify(stack, { ...firm, accessCode: firm.accessCode.replace('SYS', 'SYSSYS') }),
      await verify(stack, { ...nobody, accessCode: 'TBCDF-GHJK-MNPQ-RSTV' }),
    ];
    const right = await verify(stack, welcomed);

    expect(codeOf(refusals[0]!)).toBe('422 access_code_refused');
    expect(new Set(refusals.map((refusal) => JSON.stringify(faceOf(refusal)))).size).toBe(1);
    expect(right.status).toBe(200);
  });

  it('Fifty registrations of one agent at once make one account', async () => {
    const broker = await listed('katharinella');
    const tokens: string[] = [];
    while (tokens.length < 50) tokens.push((await verify(stack, broker)).body.token);

    const answers = await Promise.all(
      tokens.map(async (token, index) => {
        const person = { ...broker, username: secret(`katharinella.${index}`) };
        // Retries what a machine busy with hashing could not do in time.
        return patiently(() => register(stack, token, person));
      }),
    );

    const codes = answers.map(({ status, body }) => `${status} ${body.code ?? ''}`);
    const winner = answers.find(({ status }) => status === 201)?.body.account.username;
    expect(codes.filter((code) => code === '201 ')).toHaveLength(1);
    expect(codes.filter((code) => code === '409 already_registered')).toHaveLength(49);
    expect(
      await stack.database.account.findMany({
        where: { agentKey: broker.agentNumber.replace('-', '') },
        select: { username: true },
      }),
    ).toEqual([{ username: winner }]);
    expect((await signIn(stack, { ...broker, username: winner })).status).toBe(201);
  });

  it('A username goes to only one of two people who ask for it at once', async () => {
    const [one, other] = [await listed('leonardetta'), await listed('mirabellino')];
    const tokens = [(await verify(stack, one)).body.token, (await verify(stack, other)).body.token];

    const answers = await Promise.all([
      register(stack, tokens[0], one),
      register(stack, tokens[1], { ...other, username: one.username.toUpperCase() }),
    ]);

    expect(new Set(answers.map(({ status, body }) => body.code ?? status))).toEqual(
      new Set([201, 'username_taken']),
    );
  });
});

describe('Idempotency-Key', () => {
  it('A repeated registration with an Idempotency-Key gets the same answer', async () => {
    const broker = await listed('mathildanna');
    const { token } = (await verify(stack, broker)).body;
    const key = { 'idempotency-key': randomUUID() };

    const first = await register(stack, token, broker, key);
    const same = await register(stack, token, broker, key);
    const withoutKey = await register(stack, token, broker);

    expect(first.status).toBe(201);
    expect(same).toMatchObject({ status: 201, body: first.body });
    expect(codeOf(withoutKey)).toBe('409 already_registered');
  });
});
