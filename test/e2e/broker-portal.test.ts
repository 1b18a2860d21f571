import { randomUUID } from 'node:crypto';
import { DAY_MS } from '../../src/domain/time';
import { expectNoSecrets, readableText, secret } from '../../lab/system/secrets';
import {
  agentRow,
  agentRows,
  brokerRunId,
  changePassword,
  codeTo,
  enrol,
  invite,
  mailAbout,
  namesTypedSloppily,
  newBroker,
  newBrokerPassword,
  openReset,
  register,
  remind,
  signIn,
  spaced,
  tryToOpenReset,
  typedSloppily,
  verify,
  type Broker,
  type BrokerKind,
} from '../../lab/system/brokers';
import { importRoster, issueApiKey, revokeApiKey, type IssuedKey } from '../../lab/system/commands';
import type { Answer } from '../../lab/system/json-client';
import { patiently } from '../../lab/system/reset-page';
import type { Stack } from '../../lab/system/stack';
import { withStack } from './support/with-stack';

let stack: Stack;
let apiKey: IssuedKey;

withStack(async (started) => {
  stack = started;
  apiKey = await issueApiKey(stack, 'Onboarding desk', 'accounts');
});

const codeOf = ({ status, body }: Answer): string => `${status} ${body?.code ?? body?.stage}`;

const changedMail = /your password was changed/i;
const remindedMail = /your username was looked up/i;

const wrongAnswers = ({ answers }: Broker): Broker['answers'] =>
  answers.map(({ questionId }) => ({ questionId, answer: secret('Wrongdoggo the First') }));

/** An agent on the roster. */
async function listed(name: string, kind: BrokerKind = 'agent'): Promise<Broker> {
  const broker = newBroker(name, kind);
  const { code, err } = await importRoster(stack, 'agents', agentRows([broker]));
  if (code !== 0) throw new Error(`not imported: ${err}`);
  return broker;
}

/** A person who is not an agent, with the code from the newest mail. */
async function invited(name: string): Promise<Broker> {
  const person = newBroker(name, 'other');
  const invitation = await invite(stack, apiKey, person);
  if (invitation.status !== 201) throw new Error(`not invited: ${codeOf(invitation)}`);
  return { ...person, accessCode: await codeTo(stack, person.email) };
}

const newcomer = (name: string, kind: BrokerKind): Promise<Broker> =>
  kind === 'other' ? invited(name) : listed(name, kind);

/** A broker with an account. */
async function enrolled(name: string, kind: BrokerKind = 'agent'): Promise<Broker & { accountId: string }> {
  const broker = await newcomer(name, kind);
  return { ...broker, accountId: await enrol(stack, broker) };
}

const sessionOf = (token: string): Promise<Answer> => stack.call('GET', '/v1/session', { token });

/** Backdates the account's password so that its 90 days are over. */
const expirePassword = (accountId: string): Promise<unknown> =>
  stack.database.credential.updateMany({
    where: { accountId },
    data: { setAt: new Date(Date.now() - 90 * DAY_MS) },
  });

/** The parts of an answer that are comparable between people: everything except ids, times and the choice of questions. */
function faceOf({ status, headers, body }: Answer): object {
  const volatile = ['id', 'token', 'expiresAt', 'questions', 'instance'];
  return {
    status,
    headers: [...headers.keys()].filter((name) => name !== 'content-length').toSorted(),
    keys: Object.keys(body ?? {}),
    values: Object.entries(body ?? {}).filter(([key]) => !volatile.includes(key)),
    questions: (body?.questions ?? []).map((question: object) => Object.keys(question)),
  };
}

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

describe('forgotten password', () => {
  it.each<[BrokerKind, string, 'lastName' | 'previousLastName']>([
    ['agent', 'natalinetta', 'lastName'],
    ['agent', 'octavianno', 'previousLastName'],
    ['corporation', 'pantaleona', 'lastName'],
    ['corporation', 'quintiliana', 'previousLastName'],
    ['other', 'rosalindetta', 'lastName'],
  ])(
    'A broker of kind %s (%s) replaces a forgotten password with both answers, found by %s',
    async (kind, name, field) => {
      const broker = await enrolled(name, kind);
      const [chosen, typed] = [
        newBrokerPassword(),
        namesTypedSloppily({ firstName: broker.firstName, lastName: broker[field] }),
      ];
      const session = (await signIn(stack, broker)).body;

      const page = await openReset(stack, { username: broker.username.toUpperCase(), ...typed });
      const proved = await page.submitAnswers(typedSloppily(broker));
      const refused = await page.choose(broker.password);
      const completed = await page.choose(chosen);
      const notice = await mailAbout(stack, broker.email, changedMail);
      const after = [
        await sessionOf(session.token),
        await signIn(stack, broker),
        await signIn(stack, { ...broker, password: chosen }),
        await signIn(stack, { ...broker, password: chosen }, 'express-app'),
      ];

      expect(page.opening.body).toMatchObject({
        portal: 'broker',
        stage: 'answers',
        progressPercent: 33,
        triesLeft: 3,
        questions: broker.answers.map(({ questionId }) => ({ id: questionId, text: expect.any(String) })),
      });
      expect(page.opening.body).not.toHaveProperty('username');
      expect(proved).toMatchObject({ status: 200, body: { stage: 'password', progressPercent: 66 } });
      expect(codeOf(refused)).toBe('422 password_refused');
      expect(completed).toMatchObject({
        status: 200,
        body: { stage: 'completed', progressPercent: 100, username: broker.username },
      });
      expect(after.map(({ status, body }) => body.code ?? status)).toEqual([
        'unauthorized',
        'credentials_wrong',
        201,
        201,
      ]);
      expect(notice.messageId).toMatch(/^<password-changed\./);
      expect(`${notice.text}${notice.html}`).toContain('877.454.0923');
    },
  );

  it('A broker who registered in Spanish replaces a forgotten password in Spanish', async () => {
    const broker = await listed('serafinella');
    const spanish = { 'accept-language': 'es' };
    const verified = await verify(stack, broker);
    await register(stack, verified.body.token, broker, spanish);
    const { username, firstName, lastName } = broker;

    const opening = await stack.call('POST', '/v1/portals/broker/password-resets', {
      body: { username, firstName, lastName },
      headers: spanish,
    });
    const page = await openReset(stack, broker);
    await page.submitAnswers(typedSloppily(broker));
    await page.choose(newBrokerPassword());
    const notice = await mailAbout(stack, broker.email, /su contraseña/i);

    expect(opening.body.questions).toEqual([
      { id: 'first-pet', text: '¿Cómo se llamaba su primera mascota?' },
      { id: 'first-car', text: '¿De qué marca y modelo fue su primer auto?' },
    ]);
    expect(notice).toMatchObject({ language: 'es', subject: expect.stringMatching(/su contraseña/i) });
  });

  it('Only as many simultaneous wrong answers as the budget allows are compared, on all pages of a reset', async () => {
    const broker = await enrolled('theodorinna');
    const codes: string[] = [];
    let sent = 0;
    for (const [reset, atOnce] of [60, 12, 12].entries()) {
      const pages = [
        await openReset(stack, broker),
        await openReset(stack, broker),
        await openReset(stack, broker),
      ];
      const answers = await Promise.all(
        Array.from({ length: atOnce }, (_, index) =>
          pages[index % pages.length]!.submitAnswers(wrongAnswers(broker)),
        ),
      );

      codes.push(...answers.map(codeOf));
      sent += atOnce;
      const compared = 3 * (reset + 1);
      expect(new Set(pages.map(({ id }) => id)).size).toBe(1);
      expect(codes.filter((code) => code === '422 answers_wrong')).toHaveLength(compared);
      expect(codes.filter((code) => code === '429 reset_exhausted')).toHaveLength(sent - compared);
      expect(await stack.database.resetUse.count({ where: { resetId: pages[0]!.id, kind: 'wrong' } })).toBe(
        3,
      );
    }

    const over = await tryToOpenReset(stack, broker);
    const signedIn = await signIn(stack, broker);

    expect(codeOf(over)).toBe('429 reset_exhausted');
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(23 * 3600);
    expect(signedIn.status).toBe(201);
  });
});

describe('forgotten username', () => {
  it.each<[BrokerKind, string, 'lastName' | 'previousLastName']>([
    ['agent', 'ulrikellina', 'lastName'],
    ['agent', 'valentinetta', 'previousLastName'],
    ['corporation', 'wilhelminka', 'lastName'],
    ['corporation', 'xaverianna', 'previousLastName'],
    ['other', 'yolandellina', 'lastName'],
  ])(
    'A broker of kind %s (%s) is shown a forgotten username, found by %s, and is notified',
    async (kind, name, field) => {
      const broker = await enrolled(name, kind);
      const names = namesTypedSloppily({ firstName: broker.firstName, lastName: broker[field] });
      const own =
        kind === 'other'
          ? { notAnAgent: true, email: broker.email.toUpperCase() }
          : { agentNumber: spaced(broker.agentNumber) };

      const reminded = await remind(stack, { ...names, ...own });
      const notice = await mailAbout(stack, broker.email, remindedMail);
      const signedIn = await signIn(stack, { ...broker, username: reminded.body.username });

      expect(reminded).toMatchObject({ status: 200, body: { username: broker.username } });
      expect(Object.keys(reminded.body)).toEqual(['username']);
      expect(notice.messageId).toMatch(/^<username-reminded\./);
      expect(`${notice.text}${notice.html}`).not.toContain(broker.username);
      expect(signedIn.status).toBe(201);
    },
  );
});

describe('unknown brokers', () => {
  it('An unknown broker gets the same statuses, headers and keys as a known one at every step', async () => {
    const known = await enrolled('zacharietta');
    const invented = newBroker('adalbertina');
    const otherNames = { ...newBroker('bonaventura'), username: known.username };
    const faces = async (broker: Broker): Promise<Answer[]> => {
      const page = await openReset(stack, broker);
      const answers = page.opening.body.questions.map(({ id }: { id: string }) => ({
        questionId: id,
        answer: broker.answers[0]!.answer,
      }));
      const wrong = wrongAnswers({ ...broker, answers });
      const joined = await openReset(stack, broker);
      const { agentNumber, firstName, email } = broker;
      const lastName = secret('Nosuchname');
      return [
        page.opening,
        await page.look(),
        await page.choose('Abcd4567_'),
        await page.submitAnswers(wrong),
        joined.opening,
        await joined.submitAnswers([answers[0]!, wrong[1]!]),
        await page.look(),
        await page.submitAnswers(wrong),
        await page.submitAnswers(answers),
        await joined.look(),
        await joined.cancel(),
        await signIn(stack, { ...broker, password: secret('Wrong4_word') }),
        await signIn(stack, { ...broker, password: secret('Wrong4_word') }, 'express-app'),
        await changePassword(stack, { ...broker, password: secret('Wrong4_word') }, newBrokerPassword()),
        await verify(stack, { ...broker, lastName }),
        await remind(stack, { firstName, lastName, agentNumber }),
        await remind(stack, { firstName, lastName, notAnAgent: true, email }),
      ];
    };

    const answers = await faces(known);
    const unknown = await faces(invented);
    const misnamed = await faces(otherNames);

    expect(answers.map(codeOf)).toEqual(
      expect.arrayContaining([
        '202 answers',
        '422 answers_wrong',
        '429 reset_exhausted',
        '401 credentials_wrong',
        '422 access_code_refused',
        '404 no_match',
      ]),
    );
    expect(unknown.map(faceOf)).toEqual(answers.map(faceOf));
    expect(misnamed.map(faceOf)).toEqual(answers.map(faceOf));
    const mails = await stack.mailbox.mailsTo(known.email);
    expect(mails.filter(({ messageId }) => !messageId.startsWith('<account-registered.'))).toEqual([]);
    expect(await stack.mailbox.mailsTo(invented.email)).toEqual([]);
  });

  it('An unknown broker is asked the same two questions each time, whatever names come with the username', async () => {
    const [one, other] = [newBroker('clementinja'), newBroker('dorotheanna')];
    const asked = async (broker: Broker): Promise<unknown> => {
      const { opening } = await openReset(stack, broker);
      return opening.body.questions;
    };

    const questions = await asked(one);

    expect(questions).toHaveLength(2);
    expect(await asked(one)).toEqual(questions);
    expect(await asked({ ...other, username: one.username.toUpperCase() })).toEqual(questions);
  });

  it('A known broker’s answers prove nothing under another name', async () => {
    const known = await enrolled('emmerentia');
    const page = await openReset(stack, { ...known, firstName: 'Somebody' });

    const guess = await page.submitAnswers(known.answers);

    expect(codeOf(guess)).toBe('422 answers_wrong');
  });
});

describe('expired password', () => {
  it('An expired password allows nothing but choosing a new one', async () => {
    const broker = await enrolled('fredegunda');
    const chosen = newBrokerPassword();
    const session = (await signIn(stack, broker)).body;
    await expirePassword(broker.accountId);

    const refused = [await signIn(stack, broker), await signIn(stack, broker, 'express-app')];
    const wrong = await signIn(stack, { ...broker, password: secret('Wrong4_word') });
    const oldSession = await sessionOf(session.token);
    const same = await changePassword(stack, broker, broker.password);
    const changed = await changePassword(stack, broker, chosen);
    const after = [
      await signIn(stack, broker),
      await signIn(stack, { ...broker, password: chosen }),
      await signIn(stack, { ...broker, password: chosen }, 'express-app'),
    ];
    const notice = await mailAbout(stack, broker.email, changedMail);

    expect(refused.map(codeOf)).toEqual(['403 password_expired', '403 password_expired']);
    for (const { body } of refused)
      expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'code', 'detail']);
    expect([wrong, oldSession, same].map(codeOf)).toEqual([
      '401 credentials_wrong',
      '401 unauthorized',
      '422 password_refused',
    ]);
    expect(changed.status).toBe(204);
    expect(after.map(({ status }) => status)).toEqual([401, 201, 201]);
    expect(notice.messageId).toMatch(/^<password-changed\./);
  });

  it('An expired password can also be reset as forgotten', async () => {
    const broker = await enrolled('gundelindis');
    await expirePassword(broker.accountId);
    const password = newBrokerPassword();

    const page = await openReset(stack, broker);
    await page.submitAnswers(typedSloppily(broker));
    const completed = await page.choose(password);

    expect(completed).toMatchObject({ status: 200, body: { stage: 'completed' } });
    expect((await signIn(stack, { ...broker, password })).status).toBe(201);
  });
});

describe('audit log', () => {
  it('The audit log tells a broker’s whole story in order', async () => {
    const broker = await enrolled('hildegardina');
    const { accountId, agentNumber, firstName, lastName } = broker;
    const first = newBrokerPassword();
    const second = newBrokerPassword();
    await signIn(stack, { ...broker, password: secret('Wrong4_word') });
    const { token } = (await signIn(stack, broker)).body;
    await stack.call('DELETE', '/v1/session', { token });
    const page = await openReset(stack, broker);
    await page.submitAnswers(wrongAnswers(broker));
    await page.submitAnswers(broker.answers);
    await page.choose(first);
    await remind(stack, { firstName, lastName, agentNumber });
    await expirePassword(accountId);
    await signIn(stack, { ...broker, password: first });
    await changePassword(stack, { ...broker, password: first }, second);

    const events = await stack.database.auditEvent.findMany({
      where: { accountId },
      orderBy: { id: 'asc' },
    });

    expect(events.map(({ action, outcome }) => `${action}: ${outcome}`)).toEqual([
      'registered: success',
      'sign-in-refused: credentials_wrong',
      'signed-in: success',
      'signed-out: success',
      'reset-opened: success',
      'proof-refused: answers_wrong',
      'proof-accepted: success',
      'password-reset: success',
      'username-reminded: success',
      'sign-in-refused: password_expired',
      'password-changed: success',
    ]);
    // The worker writes a reset's last step, and knows no address.
    const unplaced = events.filter(({ address }) => address === null).map(({ action }) => action);
    expect(unplaced).toEqual(['password-reset']);
  });

  it('The audit log tells what each API key was used for and when it was refused', async () => {
    const key = await issueApiKey(stack, 'Short-lived desk', 'accounts');
    const unscoped = await issueApiKey(stack, 'Auditors', 'audit');
    const person = newBroker('isabellinda', 'other');

    const issued = await invite(stack, key, person);
    const forbidden = await invite(stack, unscoped, person);
    await revokeApiKey(stack, key.id);
    const revoked = await invite(stack, key, person);
    const story = async ({ id }: IssuedKey): Promise<string[]> =>
      (await stack.database.auditEvent.findMany({ where: { apiKeyId: id }, orderBy: { id: 'asc' } })).map(
        ({ action, outcome }) => `${action}: ${outcome}`,
      );

    expect([issued.status, forbidden.status, revoked.status]).toEqual([201, 403, 401]);
    expect(await story(key)).toEqual([
      'api-key-created: success',
      'api-key-used: success',
      'invitation-issued: success',
      'api-key-revoked: success',
      'api-key-used: unauthorized',
    ]);
    expect(await story(unscoped)).toEqual(['api-key-created: success', 'api-key-used: scope_missing']);
  });

  it('The audit log holds no secrets and can be neither changed nor deleted', async () => {
    const { database } = stack;
    const events = await database.auditEvent.findMany();

    expect(events.length).toBeGreaterThan(100);
    expectNoSecrets('the audit log', readableText(events));
    await expect(database.auditEvent.updateMany({ data: { outcome: 'success' } })).rejects.toThrow();
    await expect(database.auditEvent.deleteMany()).rejects.toThrow();
  });
});

describe('stored data', () => {
  it('The database holds no password, answer, access code, SSN digit, key or token in plain text', async () => {
    const broker = await enrolled('jocastinella', 'other');
    const agent = await enrolled('kunigundella');
    const { token } = (await signIn(stack, agent)).body;
    const page = await openReset(stack, agent);
    await page.submitAnswers(agent.answers);
    const chosen = newBrokerPassword();
    await page.choose(chosen);
    const tables = await stack.database.$queryRaw<{ name: string }[]>`
      SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;

    const rows: string[] = [];
    for (const { name } of tables) {
      const found = await stack.database.$queryRawUnsafe<{ row: string }[]>(
        `SELECT to_jsonb(t)::text AS row FROM "${name}" t`,
      );
      rows.push(...found.map(({ row }) => row));
    }
    const kept = rows.join('\n').toLowerCase();
    const plain = [
      ...[broker, agent].flatMap(({ accessCode, password, answers }) => [
        accessCode,
        accessCode.replaceAll('-', ''),
        password,
        ...answers.map(({ answer }) => answer),
      ]),
      ...[agent.ssnLast6, chosen, apiKey.key, token, page.token],
    ];

    expect(kept).toContain(agent.email);
    expect(plain.filter((value) => kept.includes(value.toLowerCase()))).toEqual([]);
  });
});

describe('operators’ view', () => {
  it('Runs are named by opaque keys and fixed identifiers only', async () => {
    const { accountId, ...broker } = await enrolled('leopoldinna');
    const page = await openReset(stack, broker);
    await page.submitAnswers(broker.answers);
    await page.choose(newBrokerPassword());
    await mailAbout(stack, broker.email, changedMail);

    const { raw } = await stack.client.workflow.getHandle(brokerRunId(stack, accountId)).describe();
    const ids = (await stack.runs()).map(({ workflowId }) => workflowId);

    expectNoSecrets('the description', readableText(raw));
    expect(ids).toContain(brokerRunId(stack, accountId));
    expect(ids.filter((id) => !/^(password-reset\/broker|notice)\/[\w.-]+$/.test(id))).toEqual([]);
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
